#!/usr/bin/env python3
"""Exports of large recordings: each in bounded memory, whatever the format.

    exports.py --wiretrail BINARY [--bytes N] [--limit MIB] [--folder DIR]

A capture of one connection is made up, of HTTP and then of Postgres, and imported; both files together need twice the bytes on the disk
of DIR. What the exports write is counted, and not kept.
"""

import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from captures import Connection, header

CLIENT, SERVER = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
FORMATS = {"http": ["html", "har", "pcapng"], "postgres": ["html", "pcapng", "sql"]}
# Contents that a log holds whole.
BODY = 4 << 20


class Noise:
    """Bytes that no compression makes less, without making each anew."""

    def __init__(self, alphabet=None):
        pool = os.urandom(16 << 20)
        self.pool = pool if alphabet is None else pool.translate(alphabet)
        self.place = 0

    def take(self, count):
        self.place = (self.place + 1_000_003) % (len(self.pool) - count)
        return self.pool[self.place:self.place + count]


def http(total):
    """Requests whose answers have bodies of 4 MiB: half of them text, half binary."""
    letters = Noise(bytes(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"[byte & 63] for byte in range(256)))
    noise = Noise()
    connection = Connection(CLIENT, SERVER, 40_000, 80)
    yield connection.open()
    for number in range(max(1, total // BODY)):
        yield connection.say(0, b"GET /%d HTTP/1.1\r\nHost: large\r\n\r\n" % number)
        kind = b"text/plain" if number % 2 else b"application/octet-stream"
        yield connection.say(
            1, b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, BODY)
            + (letters if number % 2 else noise).take(BODY))
    yield connection.close()


def message(tag, content):
    return tag + struct.pack(">I", len(content) + 4) + content


def postgres(total):
    """Statements, results of wide rows, and copies in."""
    letters = Noise(bytes(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -"[byte & 63] for byte in range(256)))
    connection = Connection(CLIENT, SERVER, 40_000, 5432)
    ready = message(b"Z", b"I")
    column = struct.pack(">H", 1) + b"c\0" + struct.pack(">IHIhih", 0, 0, 25, -1, -1, 0)
    yield connection.open()
    startup = struct.pack(">I", 196_608) + b"user\0ada\0\0"
    yield connection.say(0, struct.pack(">I", len(startup) + 4) + startup)
    settings = message(b"S", b"client_encoding\0UTF8\0")
    yield connection.say(1, message(b"R", struct.pack(">I", 0)) + settings + ready)
    for number in range(max(1, total // BODY)):
        if number % 2:
            yield connection.say(0, message(b"Q", b"COPY t FROM STDIN\0"))
            yield connection.say(1, message(b"G", b"\0" + struct.pack(">HH", 1, 0)))
            rows = b"".join(message(b"d", letters.take(8191) + b"\n") for _ in range(BODY // 8192))
            yield connection.say(0, rows + message(b"c", b""))
            yield connection.say(1, message(b"C", b"COPY %d\0" % (BODY // 8192)) + ready)
        else:
            yield connection.say(0, message(b"Q", b"SELECT %d\0" % number))
            value = letters.take(65_536)
            row = message(b"D", struct.pack(">HI", 1, len(value)) + value)
            rows = BODY // len(row)
            yield connection.say(1, message(b"T", column) + row * rows + message(b"C", b"SELECT %d\0" % rows) + ready)
    yield connection.close()


def run(words, output=subprocess.DEVNULL):
    """Exit status, seconds, and MiB of resident memory at most."""
    start = time.monotonic()
    process = subprocess.Popen(words, stdout=output)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return status, time.monotonic() - start, usage.ru_maxrss >> 10


def check(wiretrail, protocol, make, total, limit, folder):
    capture = f"{folder}/{protocol}.pcap"
    with open(capture, "wb") as file:
        file.write(header())
        for piece in make(total):
            file.write(piece)
    size = os.path.getsize(capture)
    place = ["--recordings", f"{folder}/{protocol}", "--state", f"{folder}/{protocol}.state"]
    status, took, peak = run([wiretrail, "import", capture] + place)
    os.remove(capture)
    print(f"{protocol}: {size / 1e9:.2f} GB imported in {took:.0f} s, {peak} MiB at most", flush=True)
    failures = 0 if status == 0 else 1
    for name in FORMATS[protocol]:
        target = f"{folder}/export.{name}"
        words = [wiretrail, "export", "1", "--format", name, "--output", target] + place
        if name == "html":
            # Further pages are written only beside a first one.
            os.mkdir(f"{folder}/pages")
            words[words.index(target)] = f"{folder}/pages/1.html"
            status, took, peak = run(words)
            written = sum(entry.stat().st_size for entry in os.scandir(f"{folder}/pages"))
            shutil.rmtree(f"{folder}/pages")
        else:
            words[words.index("--output"):words.index(target) + 1] = []
            counter = subprocess.Popen(["wc", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            status, took, peak = run(words, counter.stdin)
            counter.stdin.close()
            written = int(counter.stdout.read())
            counter.wait()
        verdict = "" if status == 0 and peak <= limit else "  FAILED"
        failures += verdict != ""
        print(f"  {name:8} {written / 1e9:8.3f} GB in {took:5.0f} s, {peak:4} MiB at most{verdict}", flush=True)
    shutil.rmtree(f"{folder}/{protocol}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("--bytes", type=int, default=10_000_000_000)
    parser.add_argument("--limit", type=int, default=256, help="MiB of resident memory")
    parser.add_argument("--folder", default="/var/tmp")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="wiretrail-exports-") as folder:
        failures = sum(
            check(options.wiretrail, protocol, make, options.bytes, options.limit, folder)
            for protocol, make in (("http", http), ("postgres", postgres)))
    sys.exit(f"exports: {failures} failed" if failures else 0)


main()
