#!/usr/bin/env python3
"""A TCP relay in a process of its own that writes down every byte of each connection before it passes it on.

    tap.py --to HOST:PORT --log DIRECTORY [--cut whole|bytes|random:SEED]

Prints the port it listens on. Connection n leaves `n.json` (its two ports, and when it was opened), `n.up`
(what came from the client side) and `n.down` (what came from the server side). `--cut` splits what it passes on, in both
directions. SIGTERM: it stops listening, and ends with its last connection.
"""

import argparse
import faulthandler
import itertools
import json
import random
import signal
import socket
import sys
import threading
import time
from pathlib import Path


def whole(piece):
    yield piece


def single_bytes(piece):
    for i in range(len(piece)):
        yield piece[i:i + 1]


def randomly(seed):
    generator = random.Random(seed)

    def cut(piece):
        while piece:
            length = generator.choice((1, 2, 3, 5, 64, 1000, len(piece)))
            yield piece[:length]
            piece = piece[length:]
    return cut


def cutter(name):
    kind, _, seed = name.partition(":")
    return {"whole": lambda: whole, "bytes": lambda: single_bytes, "random": lambda: randomly(int(seed))}[kind]()


def pump(source, destination, log, cut):
    """Logged first, then passed on: what is in the log has been received, whatever happens next."""
    buffer = memoryview(bytearray(1 << 18))
    try:
        while count := source.recv_into(buffer):
            log.write(buffer[:count])
            for piece in cut(buffer[:count]):
                destination.sendall(piece)
    except OSError:
        pass  # a reset: the other direction ends by itself
    finally:
        try:
            destination.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def relay(client, target, directory, number, cut):
    name = str(directory / str(number))
    opened = time.time_ns()
    try:
        server = socket.create_connection(target)
    except OSError:
        client.close()
        return
    if server.getsockname() == server.getpeername():  # nobody listens, and TCP has met itself (RFC 9293 §3.5, figure 7)
        client.close()
        server.close()
        return
    with client, server, open(name + ".up", "wb", 0) as up, open(name + ".down", "wb", 0) as down:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        facts = {"client": client.getpeername()[1], "server": server.getsockname()[1], "opened": opened}
        Path(name + ".json").write_text(json.dumps(facts))
        back = threading.Thread(target=pump, args=(server, client, down, cut))
        back.start()
        pump(client, server, up, cut)
        back.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", required=True)
    parser.add_argument("--log", required=True, type=Path)
    parser.add_argument("--cut", default="whole")
    options = parser.parse_args()
    faulthandler.register(signal.SIGUSR1)  # shows where each thread is
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # threads that still relay are waited for
    host, port = options.to.rsplit(":", 1)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        print(listener.getsockname()[1], flush=True)
        for number in itertools.count():
            client, _ = listener.accept()
            arguments = (client, (host, int(port)), options.log, number, cutter(options.cut))
            threading.Thread(target=relay, args=arguments).start()


main()
