"""Random but repeatable HTTP requests on one connection: pipelines, uploads in both framings, event streams, secrets, errors."""

import itertools
import random
import re
import socket

import http_messages

COUNTER = itertools.count()
INTERIM = re.compile(rb"\A(HTTP/1\.1 1\d\d [^\r]*\r\n([^\r]+\r\n)*\r\n)+")


class NotFromOrigin(AssertionError):
    """The gateway has answered by itself."""


class Workload:
    """`largest` is the size of one body each way, in bytes; 0 for none. Every request has an id of its own."""

    def __init__(self, seed, steps=40, largest=0):
        self.random, self.seed = random.Random(seed), seed
        self.steps, self.largest = steps, largest

    def run(self, port, name):
        self.port, self.prefix = port, f"{name}-{self.seed}-{next(COUNTER)}"
        self.numbers = itertools.count()
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            self.connection, self.file = connection, connection.makefile("rb")
            choices = (self.get, self.pipeline, self.upload, self.upload_in_chunks, self.expect, self.head, self.chunked, self.events,
                       self.early, self.missing, self.empty)
            for _ in range(self.steps):
                self.random.choice(choices)()
            if self.largest:
                self.send("POST", "/upload", self.noise(1 << 20) * (self.largest >> 20))
                self.receive()
                self.ask(f"/data?size={self.largest}")

    def noise(self, length):
        return self.random.randbytes(length)

    def send(self, method, target, body=b"", *fields, chunks=()):
        head = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"X-Id: {self.prefix}-{next(self.numbers)}", *fields]
        if self.random.random() < 0.3:
            head.append(f"Authorization: Bearer {self.random.randbytes(20).hex()}")
        if self.random.random() < 0.3:
            head.append(f"Cookie: session={self.random.randbytes(10).hex()}; other=1")
        if self.random.random() < 0.3:
            head.append("Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5")
        if chunks:
            head.append("Transfer-Encoding: chunked")
        elif body:
            head.append(f"Content-Length: {len(body)}")
        self.connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        for chunk in chunks:
            self.connection.sendall(b"%x%b\r\n%b\r\n" % (len(chunk), self.random.choice((b"", b";a=b")), chunk))
        if chunks:
            self.connection.sendall(b"0\r\n\r\n")

    def receive(self, is_head=False):
        answer = http_messages.read(self.file, True, is_head)
        final = INTERIM.sub(b"", answer)
        if b"\r\n\r\n" not in final:
            raise ConnectionError(f"no answer, but {final[:100]!r}")
        if b"X-Id: " + self.prefix.encode() not in answer:
            raise NotFromOrigin(answer[:500])

    def ask(self, target):
        self.send("GET", target)
        self.receive()

    def get(self):
        self.ask(f"/data?size={self.random.randrange(5000)}")

    def pipeline(self):
        count = self.random.randrange(2, 10)
        for _ in range(count):
            self.send("GET", self.random.choice(("/hello", "/fields", "/data?size=3000")))
        for _ in range(count):
            self.receive()

    def upload(self):
        self.send("PUT", "/upload", self.noise(self.random.randrange(1, 100_000)))
        self.receive()

    def upload_in_chunks(self):
        self.send("POST", "/upload", chunks=[self.noise(self.random.randrange(1, 9000)) for _ in range(self.random.randrange(1, 9))])
        self.receive()

    def expect(self):
        self.send("POST", "/upload", self.noise(2000), "Expect: 100-continue")
        self.receive()

    def head(self):
        self.send("HEAD", "/data?size=5000")
        self.receive(is_head=True)

    def chunked(self):
        self.ask(f"/chunked?size={self.random.randrange(200_000)}")

    def events(self):
        self.ask(f"/events?count={self.random.randrange(1, 6)}&pause=0.002")

    def early(self):
        self.ask("/early")

    def missing(self):
        self.ask(f"/{self.noise(10).hex()}")

    def empty(self):
        self.ask("/status?code=" + self.random.choice(("204", "304", "500")))
