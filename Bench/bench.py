#!/usr/bin/env python3
"""Measures Wiretrail against pgbouncer, HAProxy, nginx, tshark and the server alone: ratios of medians of interleaved rounds.

    Bench/bench.py [--only NAME[,NAME]] [--rounds N] [--seconds S] [--wiretrail BINARY]
"""

import argparse
import os
import subprocess
import time
from functools import cached_property
from pathlib import Path

import contenders as field
import decode_measurements
import measurements
import rulebook
import web_measurements
from report import Goals
from sandbox import Postgres, temporary_directory


class Bench:
    """The PostgreSQL server under test, and every relay in front of it, started when first asked for."""

    def __init__(self, options):
        self.rounds, self.seconds = options.rounds, options.seconds
        self.idle_connections, self.recording_gib = options.idle, options.gib
        self.running = {}
        self.binary = options.wiretrail or field.build()

    @cached_property
    def server(self):
        server = Postgres(method="trust", shared_buffers="1GB", synchronous_commit="off", max_wal_size="4GB")
        subprocess.run(["pgbench", "-i", "-q", "-s", "10"], env=measurements.libpq(server.port), check=True,
                       stderr=subprocess.DEVNULL)
        return server

    def contender(self, make):
        if make.__name__ not in self.running:
            self.running[make.__name__] = make(self.server)
        return self.running[make.__name__]

    def recorded(self, server):
        return field.wiretrail(server, self.binary)

    def strict(self, server):
        return field.wiretrail(server, self.binary, "wiretrail, strict", ["--durability", "strict"])

    def unrecorded(self, server):
        """A build whose recorder is compiled out; no switch of the product does that."""
        binary = field.build("-Xswiftc", "-DWIRETRAIL_BENCH_UNRECORDED", scratch=".build/unrecorded")
        return field.wiretrail(server, binary, "without recording")

    def ruleless(self, server):
        return field.gateway(server, self.binary, "no rules")

    def one_rule(self, server):
        return field.gateway(server, self.binary, "one rule", more=rulebook.text(1))

    def ruled(self, server):
        return field.gateway(server, self.binary, "10,000 rules", more=rulebook.text(10_000))

    def ruled_by_hours(self, server):
        return field.gateway(server, self.binary, "10,000 rules, hours", more=rulebook.text(10_000, hours=100))

    def crowded_server(self, connections):
        return Postgres(method="trust", max_connections=connections, shared_buffers="16MB", autovacuum="off")

    def disk_speed(self):
        """MiB/s of 2 GiB written and synced where recordings go."""
        directory = temporary_directory("disk")
        block, start = os.urandom(1 << 20), time.monotonic()
        with open(directory / "file", "wb", 0) as file:
            for _ in range(2048):
                file.write(block)
            os.fsync(file.fileno())
        speed = 2048 / (time.monotonic() - start)
        (directory / "file").unlink()
        directory.rmdir()
        return speed

    def close(self):
        for contender in self.running.values():
            contender.stop()
        if "server" in self.__dict__:
            self.server.close()


ALL = measurements.ALL | web_measurements.ALL | decode_measurements.ALL


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(ALL), help="of " + ", ".join(ALL))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="per pgbench run")
    parser.add_argument("--idle", type=int, default=5000, help="connections held idle")
    parser.add_argument("--gib", type=int, default=10, help="size of the recording that is searched and verified")
    parser.add_argument("--wiretrail", type=Path, help="a release build that exists already")
    options = parser.parse_args()

    field.raise_file_limit()
    model = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if "model name" in line), "unknown")
    print(f"{os.cpu_count()} × {model}, Linux {os.uname().release}, load average {os.getloadavg()[0]:.1f}")
    print(f"medians of {options.rounds} interleaved rounds of {options.seconds} s; everything on loopback, "
          "recordings and journal on one disk", flush=True)
    goals, bench = Goals(), Bench(options)
    try:
        print(f"the disk of {Path('/tmp')}: {bench.disk_speed():,.0f} MiB/s written and synced", flush=True)
        for name in options.only.split(","):
            ALL[name](bench, goals)
    finally:
        bench.close()
    goals.print()


main()
