#!/usr/bin/env python3
"""Whatever the gateway makes of a request that servers disagree about, nginx, Apache, lighttpd and h11 read it alike.

    smuggling.py --wiretrail BINARY < CASES

A case is a line of JSON: {"name": …, "bytes": hexadecimal, "refused": whether the gateway shall refuse it}. What it passes on is
played to every judge with a canary behind it: that must be one request, and then the canary. Of what it refuses, nobody may have
got a request that was complete.
"""

import argparse
import json
import socket
import sys
import threading
from collections import Counter

import judges
from sandbox import HTTPGateway, wait_for

LEAST_FORWARDED = 50  # of the corpus, at least, is good HTTP/1.1 that the gateway passes on


class NamedGateway(HTTPGateway):
    """A gateway that is called by the names that the cases use."""

    @property
    def command(self):
        configuration = self.directory / "wiretrail.yaml"
        configuration.write_text(f"""\
version: 1
listeners:
  - address: 127.0.0.1:0
    protocol: http
    hosts: [x, "[::1]"]
    logins: [local]
targets:
  - name: judged
    protocol: http
    url: http://127.0.0.1:{self.upstream_port}
""")
        return ["gateway", "--config", str(configuration)]


class Upstream:
    """Keeps what each connection brings, and answers every request by the framing that the gateway itself has written."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            connection = {"seen": b"", "ended": False}
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(peer, connection), daemon=True).start()

    def _serve(self, peer, connection):
        """One request and no more: the answer ends the connection."""
        try:
            with peer:
                while not is_whole(connection["seen"]) and (piece := peer.recv(65536)):
                    connection["seen"] += piece
                if is_whole(connection["seen"]):
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                    peer.shutdown(socket.SHUT_WR)
                while piece := peer.recv(65536):
                    connection["seen"] += piece
        except OSError:
            pass  # whoever refuses a request may reset its way to the server
        finally:
            connection["ended"] = True

    def take(self):
        """What the connections of one case brought, once they have ended; one that is kept for later has brought nothing yet."""
        wait_for(lambda: all(connection["ended"] or not connection["seen"] for connection in self.connections),
                 f"the gateway to leave the upstream: {self.connections}")
        ended = [connection for connection in self.connections if connection["ended"]]
        self.connections = [connection for connection in self.connections if not connection["ended"]]
        return [connection["seen"] for connection in ended]


def is_whole(stream):
    head, end, rest = stream.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if b"transfer-encoding" in fields:
        return rest.endswith(b"\r\n\r\n") and b"\r\n0\r\n" in b"\r\n" + rest  # trailers may follow the last chunk
    return bool(end) and len(rest) >= int(fields.get(b"content-length", 0))


def ask(gateway, stream, count):
    """The status that the gateway answers with, once `count` final answers are there; None if it only closes."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as client:
        client.sendall(stream)
        answered = b""
        try:
            while piece := client.recv(65536):
                answered += piece
                if answered.count(b"HTTP/1.1 ") - answered.count(b"HTTP/1.1 1") >= count and answered.endswith((b"ok", b"\n")):
                    break
        except OSError:
            pass
    return int(answered.split()[1]) if answered.startswith(b"HTTP/") else None


class Trial:
    """All cases, one after the other."""

    def __init__(self, gateway, upstream, bench):
        self.gateway, self.upstream, self.judges = gateway, upstream, bench
        self.refused = self.forwarded = 0
        self.declined, self.faults = Counter(), []

    def run(self, case):
        sent = bytes.fromhex(case["bytes"])
        head, _, behind = sent.partition(b"\r\n\r\n")
        # What stands behind an upgrade that the server does not make is the next request (RFC 9110 §7.8).
        count = 2 if b"\r\nupgrade:" in head.lower() and behind.startswith(b"GET ") else 1
        status = ask(self.gateway, sent, count)
        seen = [stream for stream in self.upstream.take() if stream]
        if case["refused"]:
            self.refused += 1
            for stream in seen:
                self.demand_nothing_complete(case, stream)
            if not seen and status is not None and status < 400:
                self.faults.append(f"{case['name']}: shall be refused, and was answered {status}")
            return
        seen = [stream for stream in seen if is_whole(stream)]  # of a case before, the beginning may come late
        if len(seen) > count:
            self.faults.append(f"{case['name']}: passed on {len(seen)} times: {seen}")
        elif not seen:
            self.refused += 1
            if status is None or status < 400:
                self.faults.append(f"{case['name']}: neither passed on nor refused: {status}")
        else:
            self.forwarded += 1
            for stream in seen:
                self.demand_one(case, stream)

    def demand_one(self, case, stream):
        method, target = stream.split(b"\r\n")[0].decode().split(" ")[:2]
        for judge in self.judges:
            understood = judges.understood(judge, stream)
            if len(understood) == 1 and (understood[0][0] >= 400 or understood[0][2]):
                self.declined[f"{judge.name} {understood[0][0]}"] += 1  # it reads no more: nothing is smuggled
                continue
            told = [body for _, body, _ in understood]
            right = len(told) == 2 and "GET /canary" in told[1]
            if right and judge.tells and understood[0][0] in (200, 404) and method not in ("HEAD", "OPTIONS"):
                right = told[0].startswith(f"{method} {target}")
            if not right:
                self.faults.append(f"{case['name']}: {judge.name} reads {stream[:200]!r} as {understood}")

    def demand_nothing_complete(self, case, stream):
        """The head may be on its way before the content turns out to be wrong; then the request never ends. What comes behind a
        request that says it is the last one is not read at all, and that request is as good as any."""
        first = bytes.fromhex(case["bytes"]).partition(b"\r\n\r\n")[0].lower()
        if b"http/1.0" in first or b"connection: close" in first:
            self.demand_one(case, stream)
        elif is_whole(stream):
            self.faults.append(f"{case['name']}: shall be refused, and was passed on whole: {stream[:200]!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wiretrail", required=True)
    options = parser.parse_args()
    cases = [json.loads(line) for line in sys.stdin]
    upstream, bench = Upstream(), [make() for make in (judges.nginx, judges.apache, judges.lighttpd, judges.H11)]
    try:
        with NamedGateway(options.wiretrail, upstream.port) as gateway:
            gateway.start().wait_until_listening()
            trial = Trial(gateway, upstream, bench)
            for case in cases:
                trial.run(case)
            if trial.forwarded < LEAST_FORWARDED:
                trial.faults.append(f"only {trial.forwarded} cases were passed on")
            gateway.drain()
            verification = gateway.verify()
            if verification.returncode:
                trial.faults.append(f"verify: {verification.stdout.decode()}{verification.stderr.decode()}")
    finally:
        for judge in bench:
            judge.close()
    print(f"{len(cases)} cases: {trial.refused} refused, {trial.forwarded} passed on and judged; "
          f"not read further by judges: {dict(trial.declined)}")
    print("\n".join(trial.faults))
    return bool(trial.faults)


if __name__ == "__main__":
    sys.exit(main())
