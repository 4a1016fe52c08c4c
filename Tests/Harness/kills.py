#!/usr/bin/env python3
"""kill -9 at random moments under load: nothing that anyone received is missing from recordings that verify.

    kills.py --wiretrail BINARY [--protocol postgres|http] [--kills N] [--connections N] [--seed S]

Taps on both legs write down what each peer received. After each kill the gateway starts again, in one round of four after
being killed once more during its recovery. Then every recording must verify, hold all that was received on either side,
and those of earlier rounds must be the files they were.
"""

import argparse
import hashlib
import logging
import random
import subprocess
import sys
import threading
import time
from itertools import count

import psycopg

import exactness
import http_exactness
import http_workload
from exactness import Tap
from sandbox import USER, Gateway, HTTPGateway, Postgres, wait_for
from workload import Workload

ROUNDS_PER_DIRECTORY = 25


class PostgresLoad:
    """Most connections are pgbench's, for speed; the rest are random workloads, for variety."""

    def __init__(self, port, connections, seed):
        self.dsn = f"host=127.0.0.1 port={port} user={USER} dbname=postgres"
        varied = max(1, connections // 5)
        words = ["pgbench", "-n", "-M", random.Random(seed).choice(("simple", "extended", "prepared")),
                 "-c", str(connections - varied), "-j", "2", "-T", "600", self.dsn]
        self.pgbench = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.threads = [threading.Thread(target=self.work, args=(seed * 1000 + i,)) for i in range(varied)]
        for thread in self.threads:
            thread.start()

    def work(self, seed):
        """Again and again, until the gateway is gone."""
        try:
            for again in count():
                Workload(seed + again * 100, steps=20).run(self.dsn, "load")
        except psycopg.OperationalError:
            pass

    def wait(self):
        self.pgbench.wait(timeout=60)
        for thread in self.threads:
            thread.join(timeout=60)


class HTTPLoad:
    """Pipelines, uploads, event streams: random requests on every connection."""

    def __init__(self, port, connections, seed):
        self.port, self.faults = port, []
        self.threads = [threading.Thread(target=self.work, args=(seed * 1000 + i,)) for i in range(connections)]
        for thread in self.threads:
            thread.start()

    def work(self, seed):
        """Again and again, until the gateway is gone."""
        try:
            while True:
                http_workload.Workload(seed, steps=20).run(self.port, "load")
        except (OSError, ValueError):
            pass  # ValueError: an answer was cut off in the midst of a number
        except http_workload.NotFromOrigin as fault:
            self.faults.append(fault)

    def wait(self):
        for thread in self.threads:
            thread.join(timeout=60)
        if self.faults:
            raise self.faults[0]


def verified(gateway):
    """Once it has recovered, every recording verifies."""
    try:
        wait_for(lambda: gateway.verify().returncode == 0, "all recordings to verify", 120)
    except TimeoutError:
        result = gateway.verify()
        raise AssertionError(result.stdout.decode() + result.stderr.decode() + gateway.log_path.read_text()) from None


def digests(gateway):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in gateway.recordings.rglob("*.wtr")}


def make_postgres():
    """With pgbench's tables."""
    server = Postgres()
    server.psql("CREATE EXTENSION IF NOT EXISTS pgcrypto")
    subprocess.run(["pgbench", "-i", "-q", "-h", str(server.directory), "-p", str(server.port), "-U", "postgres", "postgres"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server


class Rounds:
    """`protocol` is the gateway, the load and the comparison that belong to the server."""

    def __init__(self, wiretrail, server, protocol, connections, seed):
        self.wiretrail, self.server, self.connections = wiretrail, server, connections
        self.make_gateway, self.make_load, self.check = protocol
        self.random = random.Random(seed)
        self.gateway, self.digests = None, {}
        self.recovery_seconds, self.slowest_recovery = 0.2, 0.0
        self.kills = self.kills_in_recovery = self.checked = self.received = 0

    def run(self, number):
        if number % ROUNDS_PER_DIRECTORY == 0:
            self.renew()
        with Tap(self.server.port) as upstream_tap:
            self.gateway.upstream_port = upstream_tap.port
            self.gateway.start().wait_until_listening()
            with Tap(self.gateway.port) as client_tap:
                load = self.make_load(client_tap.port, self.connections, self.random.randrange(1 << 30))
                time.sleep(self.random.uniform(0.0, 2.0))
                self.gateway.kill()
                self.kills += 1
                load.wait()
                client_tap.drain()
                upstream_tap.drain()
                if number % 4 == 3:
                    self.kill_in_recovery()
                self.recover()
                connections, received = self.check(self.gateway, client_tap, upstream_tap, partial=True, known=self.digests)
        self.demand_unchanged()
        self.gateway.drain()
        self.checked += connections
        self.received += received

    def renew(self):
        if self.gateway:
            self.gateway.close()
        self.gateway, self.digests = self.make_gateway(self.wiretrail, None), {}

    def kill_in_recovery(self):
        """Before it listens, recovery is not over."""
        while True:
            self.gateway.start()
            time.sleep(self.random.uniform(0, self.recovery_seconds))
            was_listening = "127.0.0.1:" in self.gateway.log_path.read_text()
            self.gateway.kill()
            if not was_listening:
                self.kills_in_recovery += 1
                return
            self.recovery_seconds /= 2

    def recover(self):
        start = time.monotonic()
        self.gateway.start().wait_until_listening(120)
        self.recovery_seconds = time.monotonic() - start
        self.slowest_recovery = max(self.slowest_recovery, self.recovery_seconds)
        verified(self.gateway)

    def demand_unchanged(self):
        for path, digest in digests(self.gateway).items():
            assert self.digests.setdefault(path, digest) == digest, f"{path} has changed"


PROTOCOLS = {
    "postgres": (make_postgres, (Gateway, PostgresLoad, exactness.check)),
    "http": (http_exactness.Origin, (HTTPGateway, HTTPLoad, http_exactness.check)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("--protocol", choices=PROTOCOLS, default="postgres")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    logging.disable()
    print(f"{options.protocol}: {options.kills} kills under {options.connections} connections, seed {options.seed}", flush=True)
    make_server, protocol = PROTOCOLS[options.protocol]
    with make_server() as server:
        rounds = Rounds(options.wiretrail, server, protocol, options.connections, options.seed)
        try:
            for number in range(options.kills):
                rounds.run(number)
                print(f"  {rounds.kills} kills, {rounds.kills_in_recovery} more during recovery: {rounds.checked} "
                      f"connections, {rounds.received:,} bytes received, none missing", flush=True)
        except BaseException:
            print(f"kept for a look: {rounds.gateway.directory}", flush=True)
            raise
        rounds.gateway.close()
    print(f"kills: ok, {rounds.kills} + {rounds.kills_in_recovery} during recovery (slowest recovery "
          f"{rounds.slowest_recovery:.2f} s), {rounds.checked} connections, {rounds.received:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
