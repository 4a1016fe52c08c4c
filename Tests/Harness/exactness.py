#!/usr/bin/env python3
"""Byte-exactness: random workloads with a tap, a process of its own, on either side of the gateway.

    exactness.py --wiretrail BINARY [--seeds N] [--first SEED] [--large BYTES]

For each connection: the client leg that the tap saw is `wiretrail raw` of both directions and what a reader of our own finds
in the file, secrets aside; client leg plus NOTEs is the upstream leg after authentication. One seed in four is cut into
single bytes on both legs, two at random.
"""

import argparse
import json
import logging
import signal
import subprocess
import sys
from pathlib import Path

import legs
import recording as wtr
from sandbox import USER, Gateway, Postgres, temporary_directory
from workload import Workload

TAP = Path(__file__).with_name("tap.py")
CUTS = ("whole", "random:{seed}", "random:{seed}", "bytes")


class Tap:
    """tap.py as a separate process; `legs()` are what it saw of each connection, and what names that."""

    def __init__(self, port, cut="whole"):
        self.directory = temporary_directory("tap")
        words = [str(TAP), "--to", f"127.0.0.1:{port}", "--log", str(self.directory), "--cut", cut]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def legs(self):
        for description in self.directory.glob("*.json"):
            up, down = (description.with_suffix(suffix).read_bytes() for suffix in (".up", ".down"))
            yield json.loads(description.read_text()), {wtr.UP: up, wtr.DOWN: down}

    def drain(self):
        """Waits until its last connection has ended, so that all is written down."""
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)
            raise

    def close(self):
        self.process.kill()
        self.process.wait()
        subprocess.run(["rm", "-rf", str(self.directory)], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def check(gateway, client_tap, upstream_tap, partial=False, known=()):
    """Compares every connection that a tap knows with its recording; returns (connections, bytes of their client legs).

    Recordings in `known` are of earlier rounds. With `partial` the gateway was killed: what anyone received must be there, what nobody received may be.
    """
    seen = {(facts["server"], facts["opened"]): leg for facts, leg in client_tap.legs()}
    upstream = {legs.server_process(leg): leg for _, leg in upstream_tap.legs()}
    connections = total = 0
    for path in gateway.recordings.rglob("*.wtr"):
        if path in known:
            continue
        recording = wtr.read(path)
        if wtr.is_rejected(recording):
            continue
        leg = seen.pop(same_connection(recording, seen))
        legs.compare_client_leg(recording, leg, partial)
        process = legs.server_process(leg)
        if process:
            legs.compare_upstream_leg(recording, leg, upstream[process], partial)
        connections += 1
        total += sum(map(len, leg.values()))
    lost = [port for (port, _), leg in seen.items() if (legs.was_received(leg) or not partial) and not is_refusal(leg)]
    if lost:
        raise legs.Mismatch(f"{len(lost)} connections were never recorded, from ports {lost[:5]}")
    return connections, total


def same_connection(recording, keys):
    """The port and the opening time of the tap's connection. A port may be used again; the nearest in time is meant."""
    return min((key for key in keys if key[0] == recording.client_port), key=lambda key: abs(key[1] - recording.begun))


def is_refusal(leg):
    """Nothing was said but that nothing can be recorded (58030): the upstream was never asked."""
    return legs.server_process(leg) is None and b"C58030\0" in leg[wtr.DOWN]


def compare_raw(gateway):
    """The product's own way to the streams says the same as our reader."""
    for path in gateway.recordings.rglob("*.wtr"):
        recording = wtr.read(path)
        for direction, name in ((wtr.UP, "client"), (wtr.DOWN, "server")):
            raw = gateway.run("raw", path, "--direction", name)
            if raw.returncode or raw.stdout != recording.bytes[direction]:
                raise legs.Mismatch(f"{path}: wiretrail raw --direction {name} differs: {raw.stderr.decode()}")


def run(wiretrail, server, seed, cut, largest):
    with Tap(server.port, cut) as upstream_tap, Gateway(wiretrail, upstream_tap.port) as gateway:
        gateway.start().wait_until_listening()
        with Tap(gateway.port, cut) as client_tap:
            dsn = f"host=127.0.0.1 port={client_tap.port} user={USER} dbname=postgres"
            steps = 10 if cut == "bytes" else 40
            for part in range(1 if largest else 3):
                Workload(seed * 100 + part, steps, largest).run(dsn, f"workload-{seed}-{part}")
            client_tap.drain()
            gateway.drain()
            upstream_tap.drain()
            report(gateway, seed, cut, check(gateway, client_tap, upstream_tap))


def report(gateway, seed, cut, counts):
    """The legs agree; the product's own tools must, too."""
    compare_raw(gateway)
    verification = gateway.verify()
    if verification.returncode:
        raise legs.Mismatch(f"verify: {verification.stdout.decode()}{verification.stderr.decode()}")
    connections, total = counts
    print(f"seed {seed}, cut {cut}: {connections} connections, {total:,} bytes: the same on both legs", flush=True)


def main(description, server, run):
    """Calls `run` with the binary, the server, and each seed, cut and size."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--large", type=int, default=0, help="one more run with so many bytes at once each way")
    options = parser.parse_args()
    with server() as server:
        for seed in range(options.first, options.first + options.seeds):
            run(options.wiretrail, server, seed, CUTS[seed % len(CUTS)].format(seed=seed), 0)
        if options.large:
            run(options.wiretrail, server, 0, "whole", options.large)


if __name__ == "__main__":
    logging.disable()  # psycopg logs what it ignores when it leaves a broken pipeline
    sys.exit(main(__doc__, Postgres, run))
