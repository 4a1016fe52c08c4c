#!/usr/bin/env python3
"""What Wireshark reads in captures, and what `wiretrail decode` tells of them, connection by connection.

    wireshark.py --wiretrail BINARY FILE|DIR...

Compared are the connections, the packets of each, and the key fields of what is said in them, in order: Postgres' statements,
command tags and SQLSTATEs; HTTP's methods, targets and statuses; HTTP/2's and gRPC's paths and statuses; SSH's identifications and
HASSH. The messages themselves, with types and lengths, are compared by the tests of each protocol (…TsharkTests). A difference
that docs/wireshark.md explains is listed with its number there; any other makes the exit status 1.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

SEPARATOR = "\x1f"
# tshark's name of each protocol, and the fields of the client and of the server.
DISSECTORS = {
    "postgres": ("pgsql", ["pgsql.query"], ["pgsql.tag", "pgsql.severity", "pgsql.code"]),
    "http": ("http", ["http.request.full_line"], ["http.response.code"]),
    "http2": ("http2", ["http2.headers.path"], ["http2.headers.status"]),
    "ssh": ("ssh", ["ssh.protocol", "ssh.kex.hassh"], ["ssh.protocol", "ssh.kex.hasshserver"]),
}
FIELDS = {"http": (["http.request.method", "http.request.uri"], ["http.response.code"])}

# By the end of a capture's name: the number in docs/wireshark.md of the reason why it is read in another way.
EXPLAINED = {
    "te_cl_desync.pcap": 4, "server-pre-banner-data.pcap": 5,
}


def tshark(path, words):
    command = ["tshark", "-r", str(path)] + words
    # Of a file that is cut off it reads what is there, and fails.
    return subprocess.run(command, capture_output=True, text=True, errors="replace").stdout


def rows(path, fields, display, decode):
    words = decode + ["-Y", display, "-T", "fields", "-E", "separator=/t", "-E", f"aggregator={SEPARATOR}"]
    for line in tshark(path, words + [word for field in fields for word in ("-e", field)]).splitlines():
        yield [column.split(SEPARATOR) if column else [] for column in line.split("\t")]


class Flow:
    """One connection: packets, and what client and server say."""

    def __init__(self, protocol="", server=""):
        self.protocol, self.server = protocol, server
        self.upgraded = False
        self.packets = self.all = 0
        self.said = ([], [])


def ours(wiretrail, path):
    flows = {}
    output = subprocess.run([wiretrail, "decode", "--json", str(path)], capture_output=True, text=True).stdout
    for line in output.splitlines():
        line = json.loads(line)
        if line["type"] == "flow":
            flows[line["flow"]] = Flow(line["protocol"], line["server"])
        elif line["type"] == "flowEnd":
            flows[line["flow"]].packets = line["packets"]
        elif line["type"] == "event":
            tell(flows[line["flow"]], line)
    return flows


def tell(flow, event):
    """The key fields of one event."""
    client, server = flow.said
    kind, fields, outcome = event["kind"], event.get("fields", {}), event["outcome"]
    if kind in ("postgres.statement", "postgres.copy"):
        # Reason 2: of a statement that was prepared before, there is no text to be seen.
        if not event["title"].startswith("("):
            client.append(event["title"])
        server += [fields["tag"]] if fields.get("tag", "(empty)") != "(empty)" else []
    if kind.startswith("postgres.") and "code" in outcome:
        server.append(outcome["code"])
    if kind.startswith("postgres.") and outcome["status"] == "cancelled":
        server.append("57014")
    # Reason 3: what is no error has no code in a timeline.
    server += ["(notice)" for _ in fields.get("notices", [])]
    # Behind an upgrade, an HTTP/1.1 connection speaks HTTP/2: stream 1 was asked before it (RFC 7540 §3.2).
    protocol = "http2" if flow.protocol == "http" and kind.startswith(("http2.", "grpc.")) else flow.protocol
    flow.upgraded = flow.upgraded or protocol != flow.protocol
    if protocol in ("http", "http2") and ("method" in fields or "status" in fields):
        table = dict(row for row in fields.get("requestFields", {}).get("rows", []) if row[0])
        target = fields.get("target") if protocol == "http" else table.get(":path")
        if target is not None and not (flow.upgraded and event.get("stream") == 1):
            client.append(f"{fields.get('method')} {target}" if protocol == "http" else target)
    if protocol == "http":
        server += [str(status) for status in fields.get("interim", [])]
        server += [str(fields["status"])] if "status" in fields else []
    if protocol == "http2":
        if kind == "grpc.call" and "method" not in fields:
            client.append("/" + event["title"])
        server += [str(status) for status in fields.get("interim", [])]
        status = dict(row for row in fields.get("responseFields", {}).get("rows", []) if row[0]).get(":status")
        server += [status] if status else []
    if kind == "ssh.greeting":
        client += [fields["client"]] if "client" in fields else []
        server += [fields["server"]] if "server" in fields else []
    if kind.startswith("ssh.key"):
        client += [fields["hassh"]] if "hassh" in fields else []
        server += [fields["hasshServer"]] if "hasshServer" in fields else []


def codes(severities, codes):
    """SQLSTATEs of errors; those of notices are not told."""
    errors = {"ERROR", "FATAL", "PANIC"}
    # A severity comes twice: in the server's language, and in English.
    names = [name for name in severities if name in errors or name in ("NOTICE", "WARNING", "INFO", "LOG", "DEBUG")]
    step = max(1, len(names) // max(1, len(codes)))
    return [code if name in errors else "(notice)" for name, code in zip(names[::step], codes)]


def theirs(path, flows):
    found, ended = {}, {}
    for stream, port, fin in rows(path, ["tcp.stream", "tcp.srcport", "tcp.flags.fin"], "tcp && !icmp && !icmpv6", []):
        number = int(stream[0])
        flow = found.setdefault(number, Flow())
        # Reason 1: a connection is over with the second FIN, unless something before it is still to come.
        flow.packets += len(ended.get(number, ())) < 2
        flow.all += 1
        if fin[0] in ("1", "True"):
            ended.setdefault(number, set()).add(port[0])
    decode = []
    for flow in flows.values():
        if flow.protocol in DISSECTORS:
            decode += ["-d", f"tcp.port=={flow.server.rsplit(':', 1)[1]},{DISSECTORS[flow.protocol][0]}"]
    read = {(flow.protocol, flow.protocol) for flow in flows.values() if flow.protocol in DISSECTORS}
    read |= {("http", "http2") for flow in flows.values() if flow.upgraded}
    for protocol, dissected in read:
        display, client, server = DISSECTORS[dissected]
        client, server = FIELDS.get(dissected, (client, server))
        # A field that is asked for twice is told once.
        names = list(dict.fromkeys(client + server))
        for stream, port, *values in rows(path, ["tcp.stream", "tcp.srcport"] + names, display, decode):
            number = int(stream[0])
            if number not in flows or flows[number].protocol != protocol:
                continue
            is_server = port[0] == flows[number].server.rsplit(":", 1)[1]
            values = [values[names.index(name)] for name in (server if is_server else client)]
            if protocol == "postgres" and is_server:
                values = [values[0], codes(*values[1:])]
            if dissected == "http" and not is_server:
                values = [[" ".join(pair) for pair in zip(*values)]]
            found[number].said[is_server].extend(value for part in values for value in part)
    return found


def shown(text):
    """On one line. Reason 6: tshark has a replacement character for each byte that is not ASCII."""
    text = "".join(character for character in text if character.isascii())
    for escape, blank in (("\\n", " "), ("\\t", " "), ("\\r", " ")):
        text = text.replace(escape, blank)
    return " ".join(text.split())


def differences(path, mine, other):
    if len(mine) != len(other):
        yield f"{len(other)} connections in Wireshark, {len(mine)} here"
    for number in sorted(mine.keys() & other.keys()):
        here, there = mine[number], other[number]
        if not there.packets <= here.packets <= there.all:
            yield f"connection {number}: {there.packets} packets in Wireshark, {here.packets} here"
        for side, left, right in (("client", here.said[0], there.said[0]), ("server", here.said[1], there.said[1])):
            # Streams, and the two names of SSH's greeting, come in any order.
            left, right = Counter(map(shown, left)), Counter(map(shown, right))
            for what, rest in (("only here", left - right), ("only in Wireshark", right - left)):
                for text, count in rest.items():
                    yield f"connection {number}, the {here.protocol} {side}, {what}: {count} × {text[:100]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("paths", nargs="+", type=Path)
    options = parser.parse_args()
    captures = sorted(
        file for path in options.paths
        for file in ([path] if path.is_file() else [*path.rglob("*.pcap"), *path.rglob("*.pcapng")]))
    unexplained = fields = 0
    for path in captures:
        mine = ours(options.wiretrail, path)
        found = list(differences(path, mine, theirs(path, mine)))
        fields += sum(len(side) for flow in mine.values() for side in flow.said)
        why = next((number for name, number in EXPLAINED.items() if str(path).endswith(name)), None)
        for text in found:
            print(f"{path.name}: {text}" + (f"  [{why}]" if why else ""))
        unexplained += 0 if why else len(found)
    print(f"{len(captures)} captures, {fields} fields; {unexplained} differences are not explained")
    sys.exit(1 if unexplained or not captures else 0)


main()
