#!/usr/bin/env python3
"""Byte-exactness of HTTP: random requests with a tap, a process of its own, on either side of the gateway.

    http_exactness.py --wiretrail BINARY [--seeds N] [--first SEED] [--large BYTES]

The client leg that the tap saw is what the recording holds, secrets aside. Client leg plus NOTEs is what the upstream got and
said: connections to it are shared, so it is compared request by request, by the ids that the workload gave them.
"""

import subprocess
import sys
import threading
from pathlib import Path

import http_messages
import legs
import recording as wtr
from exactness import Tap, main, report, same_connection
from http_workload import Workload
from sandbox import HTTPGateway

ORIGIN = Path(__file__).parent.parent / "Servers/origin.py"


class Origin:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, ORIGIN], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def check(gateway, client_tap, upstream_tap, partial=False, known=()):
    """Compares every connection that a tap knows with its recording; returns (connections, bytes of their client legs).

    As exactness.check: recordings in `known` are of earlier rounds; with `partial` the gateway was killed.
    """
    seen = {(facts["server"], facts["opened"]): leg for facts, leg in client_tap.legs()}
    upstream = exchanges(leg for _, leg in upstream_tap.legs())
    connections = total = 0
    for path in gateway.recordings.rglob("*.wtr"):
        recording = None if path in known else wtr.read(path)
        if recording is None or wtr.is_rejected(recording):
            continue
        leg = seen.pop(same_connection(recording, seen))
        legs.compare_client_leg(recording, leg, partial)
        for direction in (wtr.UP, wtr.DOWN):
            compare_upstream(recording, leg, direction, upstream[direction], partial)
        connections += 1
        total += sum(map(len, leg.values()))
    lost = [port for (port, _), leg in seen.items() if legs.was_received(leg) or not partial and leg[wtr.UP]]
    if lost:
        raise legs.Mismatch(f"{len(lost)} connections were never recorded, from ports {lost[:5]}")
    unknown = [message.id for message in upstream[wtr.UP].values() if not message.is_due]
    if unknown:
        raise legs.Mismatch(f"the upstream received requests that no recording knows: {unknown[:5]}")
    return connections, total


def exchanges(upstream_legs):
    """What the upstream got and said, by id; a request that was repeated once more is the same twice."""
    found = {wtr.UP: {}, wtr.DOWN: {}}
    for leg in upstream_legs:
        requests = list(http_messages.split(leg[wtr.UP], is_answer=False))
        methods = [request.bytes.partition(b" ")[0] for request in requests]
        for direction, messages in (wtr.UP, requests), (wtr.DOWN, http_messages.split(leg[wtr.DOWN], True, methods)):
            for message in messages:
                if message.id:
                    found[direction][message.id] = message
    return found


def compare_upstream(recording, client, direction, upstream, partial):
    """With `partial` the upstream may have received less than is recorded, and have said more."""
    kept = {direction: client[direction][:len(recording.bytes[direction])]} if partial else client
    wanted, secrets = legs.expected_upstream(recording, kept, direction, skip=0)
    methods = [message.bytes.partition(b" ")[0] for message in http_messages.split(client[wtr.UP], False)]
    for message in http_messages.split(bytes(wanted), direction == wtr.DOWN, methods):
        due, what = bytearray(message.bytes), f"{recording.path}: {legs.NAMES[direction]}, {message.id}"
        passed = upstream.get(message.id)
        if passed is None:
            if not partial:
                raise legs.Mismatch(f"{what}: never passed the upstream's leg: {message.bytes[:200]!r}")
            continue
        passed.is_due = True
        for place in secrets:
            if 0 <= place - message.start < min(len(due), len(passed.bytes)):
                due[place - message.start] = passed.bytes[place - message.start]
        if partial and direction == wtr.UP and len(passed.bytes) > len(due):
            raise legs.Mismatch(f"{what}: {len(passed.bytes) - len(due)} bytes that the upstream received are missing")
        length = min(len(due), len(passed.bytes)) if partial else max(len(due), len(passed.bytes))
        if due[:length] != passed.bytes[:length]:
            raise legs.Mismatch(f"{what}: {bytes(due[:300])!r} due, {passed.bytes[:300]!r} seen")


def run(wiretrail, origin, seed, cut, largest):
    with Tap(origin.port, cut) as upstream_tap, HTTPGateway(wiretrail, upstream_tap.port) as gateway:
        gateway.start().wait_until_listening()
        with Tap(gateway.port, cut) as client_tap:
            faults = []
            work = [threading.Thread(target=work_off, args=(seed * 100 + part, cut, largest, client_tap.port, faults))
                    for part in range(1 if largest else 4)]
            for thread in work:
                thread.start()
            for thread in work:
                thread.join()
            if faults:
                raise faults[0]
            client_tap.drain()
            gateway.drain()
            upstream_tap.drain()
            report(gateway, seed, cut, check(gateway, client_tap, upstream_tap))


def work_off(seed, cut, largest, port, faults):
    """Two connections, one after the other, so that the second may get the first one's upstream."""
    try:
        for turn in range(1 if largest else 2):
            Workload(seed * 10 + turn, 6 if cut == "bytes" else 40, largest).run(port, "exact")
    except Exception as fault:
        faults.append(fault)


if __name__ == "__main__":
    sys.exit(main(__doc__, Origin, run))
