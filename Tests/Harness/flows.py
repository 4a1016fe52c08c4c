#!/usr/bin/env python3
"""Reassembly with more flows than can be followed: all open at once, some with holes, in bounded memory.

    flows.py --wiretrail BINARY [--flows N] [--limit MIB]

A capture is made up and streamed to `wiretrail decode -`: connections that ask and are answered, and never end. One in ten has a hole
and goes on behind it; one in a hundred repeats bytes differently. Every request has to be told, every conflict, every hole.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time

from captures import ACK, PUSH, SYN, header, packet

REQUEST = b"GET /flow/%07d HTTP/1.1\r\nHost: h\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SERVER = bytes([192, 0, 2, 1])
# So many connections speak by turns: what one says is spread over the packets of the others.
BESIDE = 1000
LOST = 100


def conversation(number):
    """The packets of one connection."""
    client = bytes([10, number >> 16 & 255, number >> 8 & 255, number & 255])
    there, back = (40_000, 80), (80, 40_000)
    request = REQUEST % number
    yield lambda at: packet(at, client, SERVER, there, 0, 0, SYN)
    yield lambda at: packet(at, SERVER, client, back, 0, 1, SYN | ACK)
    yield lambda at: packet(at, client, SERVER, there, 1, 1, ACK | PUSH, request)
    if number % 100 == 1:
        other = request.replace(b"/flow/", b"/evil/")
        yield lambda at: packet(at, client, SERVER, there, 1, 1, ACK | PUSH, other)
    asked = 1 + len(request)
    yield lambda at: packet(at, SERVER, client, back, 1, asked, ACK | PUSH, RESPONSE)
    answered = 1 + len(RESPONSE)
    if number % 10 == 0:
        yield lambda at: packet(at, client, SERVER, there, asked + LOST, answered, ACK | PUSH, b"behind a hole")
        # Whoever acknowledges what stands behind it has got what the capture lacks.
        yield lambda at: packet(at, SERVER, client, back, answered, asked + LOST + 13, ACK)


def write(pipe, flows):
    pipe.write(header())
    micros = 0
    for start in range(0, flows, BESIDE):
        waiting = [conversation(number) for number in range(start, min(start + BESIDE, flows))]
        while waiting:
            chunk = []
            going = []
            for packets in waiting:
                make = next(packets, None)
                if make is not None:
                    micros += 1
                    chunk.append(make(micros))
                    going.append(packets)
            waiting = going
            pipe.write(b"".join(chunk))
    pipe.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("--flows", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=512, help="MiB of resident memory")
    options = parser.parse_args()
    start = time.monotonic()
    process = subprocess.Popen(
        [options.wiretrail, "decode", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    writer = threading.Thread(target=write, args=(process.stdin, options.flows), daemon=True)
    writer.start()
    begun = requests = conflicts = holes = 0
    end = None
    for line in process.stdout:
        begun += b'"type":"flow"' in line
        requests += b'"kind":"http.request"' in line and b'"status":200' in line
        conflicts += b'"kind":"fault"' in line
        holes += b'"kind":"gap"' in line
        if b'"type":"end"' in line:
            end = json.loads(line)
    _, status, usage = os.wait4(process.pid, 0)
    peak = usage.ru_maxrss >> 10
    took = time.monotonic() - start
    print(f"{begun} flows, {requests} requests, {conflicts} conflicts, {holes} holes; "
          f"{end and end['packets']} packets in {took:.0f} s, {peak} MiB at most")
    expected = (options.flows, options.flows, (options.flows + 98) // 100, (options.flows + 9) // 10)
    found = (begun, requests, conflicts, holes)
    if status != 0 or end is None or end["flows"] != options.flows or found != expected or peak > options.limit:
        sys.exit(f"flows: expected {expected} within {options.limit} MiB, found {found}, status {status}, {end}")


main()
