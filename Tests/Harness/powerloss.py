#!/usr/bin/env python3
"""Power failures at random moments under load, with `--durability strict`: nothing that anyone received is missing.

    powerloss.py --wiretrail BINARY [--losses N] [--connections N] [--seed S]

The gateway is killed, and its files become what a disk may hold after a power failure: of every page the newest or the one of
the last sync, of every name whether its folder was synced. Then the gateway starts again, and what the taps on both legs
saw must be recorded and verify. Drained, it loses power once more: then everything must be the same.
"""

import argparse
import logging
import random
import sys
import time

from disk import Disk
from exactness import Tap, check
from kills import Load, digests, make_server, verified
from sandbox import Gateway, temporary_directory


class Losses:
    def __init__(self, wiretrail, server, connections, seed):
        self.wiretrail, self.server, self.connections = wiretrail, server, connections
        self.random = random.Random(seed)
        self.checked = self.received = self.pages = self.names = 0

    def run(self):
        with Gateway(self.wiretrail, None, options=["--durability", "strict"]) as gateway:
            shadow = temporary_directory("disk")
            disk = Disk(gateway.directory, shadow, self.random)
            gateway.prefix = disk.prefix
            self.lose(gateway, disk)
            verified(gateway)
            gateway.drain()
            before = digests(gateway)
            disk.fail()
            assert digests(gateway) == before, f"{gateway.directory}: a drained gateway's recordings have changed"
            self.pages, self.names = self.pages + disk.lost_pages, self.names + disk.lost_names

    def lose(self, gateway, disk):
        with Tap(self.server.port) as upstream_tap:
            gateway.upstream_port = upstream_tap.port
            gateway.start().wait_until_listening()
            with Tap(gateway.port) as client_tap:
                load = Load(client_tap.port, self.connections, self.random.randrange(1 << 30))
                time.sleep(self.random.uniform(0.0, 6.0))
                gateway.kill()
                load.wait()
                client_tap.drain()
                upstream_tap.drain()
                disk.fail()
                gateway.start().wait_until_listening(120)
                verified(gateway)
                connections, received = check(gateway, client_tap, upstream_tap, partial=True)
        self.checked += connections
        self.received += received


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("--losses", type=int, default=50)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    logging.disable()
    print(f"{options.losses} power failures under {options.connections} connections, seed {options.seed}", flush=True)
    with make_server() as server:
        losses = Losses(options.wiretrail, server, options.connections, options.seed)
        for number in range(1, options.losses + 1):
            losses.run()
            print(f"  {number} power failures took {losses.pages} pages and {losses.names} names: {losses.checked} "
                  f"connections, {losses.received:,} bytes received, none missing", flush=True)
    print("powerloss: ok")


if __name__ == "__main__":
    sys.exit(main())
