#!/usr/bin/env python3
"""A disk that fills up and system calls that fail, under a live gateway; needs root (tmpfs) and strace (injection).

    faults.py --wiretrail BINARY

After each fault the gateway starts again in health. Then every recording must verify, what was received on either side must
be recorded, files sealed before the fault must be the files they were, and the cause must have been said in plain words.
"""

import argparse
import hashlib
import logging
import os
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import psycopg

from exactness import Tap, check
from sandbox import USER, Gateway, Postgres, temporary_directory, wait_for
from workload import Workload

SAID = "Wiretrail cannot go on recording"
FULL = "No space left on device"
BROKEN = "Input/output error"


class Clients:
    """Connections that come again and again, and one that sends noise without end; they keep what they were told."""

    def __init__(self, port, number=6):
        self.dsn = f"host=127.0.0.1 port={port} user={USER} dbname=postgres connect_timeout=10"
        self.told, self.stopped, self.poured = [], threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=self.come_and_go, args=(seed,)) for seed in range(number)]
        self.threads.append(threading.Thread(target=self.pour))
        for thread in self.threads:
            thread.start()

    def come_and_go(self, seed):
        for again in count():
            if self.stopped.is_set():
                return
            try:
                Workload(seed + 100 * again, steps=5).run(self.dsn, "load")
            except psycopg.Error as error:
                self.told.append(str(error))
            self.stopped.wait(0.2)

    def pour(self):
        try:
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                while not self.stopped.is_set():
                    connection.execute("SELECT length(%b::bytea)", [os.urandom(1 << 20)])
        except psycopg.Error as error:
            self.told.append(str(error))
            self.poured.set()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(timeout=60)


def sealed(gateway):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in gateway.recordings.rglob("*.wtr")}


def quiet_session(gateway):
    """One recording that is sealed before the fault."""
    gateway.start().wait_until_listening()
    Workload(1).run(f"host=127.0.0.1 port={gateway.port} user={USER} dbname=postgres", "before")
    gateway.drain()


def trial(title, wiretrail, server, directory, cause, prefix=(), relieve=lambda: None):
    """Runs the gateway in `directory`, under `prefix`, until it has ended every connection and its log names the `cause`.

    Then it runs in health.
    """
    gateway = Gateway(wiretrail, server.port, directory)
    try:
        run_trial(title, gateway, server, cause, prefix, relieve)
    finally:
        gateway.stop_traced()


def run_trial(title, gateway, server, cause, prefix, relieve):
    def log():
        return gateway.log_path.read_text()

    quiet_session(gateway)
    before = sealed(gateway)
    with Tap(server.port) as upstream_tap:
        gateway.upstream_port, gateway.prefix = upstream_tap.port, prefix
        gateway.start().wait_until_listening()
        with Tap(gateway.port) as client_tap:
            clients = Clients(client_tap.port)

            def is_told():
                return clients.poured.is_set() and any(SAID in words for words in clients.told) and cause in log()
            try:
                wait_for(is_told, f"{title}: everybody to be told", 120)
            except TimeoutError:
                raise AssertionError(f"{title}: clients were told {set(clients.told)}; the log says: {log()}") from None
            finally:
                clients.stop()
            survived = gateway.process.poll() is None
            if not survived and gateway.process.returncode < 0:
                raise AssertionError(f"{title}: the gateway died of signal {-gateway.process.returncode}\n{log()}")
            line = next(line for line in log().splitlines() if cause in line)
            gateway.stop_traced()
            client_tap.drain()
            upstream_tap.drain()
            relieve()
            gateway.prefix = ()
            gateway.start().wait_until_listening()
            wait_for(lambda: gateway.verify().returncode == 0, f"{title}: all recordings to verify", 60)
            connections, received = check(gateway, client_tap, upstream_tap, partial=True, known=before)
    for path, digest in before.items():
        assert hashlib.sha256(path.read_bytes()).digest() == digest, f"{title}: {path} has changed"
    gateway.drain()
    print(f"{title}: ok, the gateway {'went on' if survived else 'stopped'}, {connections} connections, "
          f"{received:,} bytes received, none missing; it said: {line.strip()[:250]}", flush=True)


def full_disk(wiretrail, server, mebibytes):
    directory = temporary_directory("full")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", directory], check=True)
    try:
        trial("full disk", wiretrail, server, directory, FULL,
              relieve=lambda: subprocess.run(["mount", "-o", f"remount,size={4 * mebibytes}m", directory], check=True))
    finally:
        subprocess.run(["umount", "-l", directory], check=True)
        directory.rmdir()


def injected(wiretrail, server, calls, error, when):
    """strace makes every one of these calls fail, from the `when`-th on."""
    directory = temporary_directory("injected")
    names = ",".join(calls)
    prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={names}",
              "-e", f"inject={names}:error={error}:when={when}+"]
    cause = FULL if error == "ENOSPC" else BROKEN
    trial(f"{names} failing with {error} from call {when} on", wiretrail, server, directory, cause, prefix)
    subprocess.run(["rm", "-rf", directory], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wiretrail", required=True, type=Path)
    parser.add_argument("--mebibytes", type=int, default=512, help="size of the disk that fills up")
    options = parser.parse_args()
    logging.disable()
    with Postgres() as server:
        full_disk(options.wiretrail, server, options.mebibytes)
        for calls, error, when in ((["fdatasync"], "EIO", 20), (["fsync"], "EIO", 20), (["pwrite64"], "EIO", 30),
                                   (["pwrite64"], "ENOSPC", 30), (["fallocate"], "ENOSPC", 3)):
            injected(options.wiretrail, server, calls, error, when)


if __name__ == "__main__":
    sys.exit(main())
