#!/usr/bin/env python3
"""An HTTP/1.1 origin for the tests, written on bare sockets so that every byte of an answer is decided here.

    origin.py [--certificate PEM --key PEM] [--websockets PORT]

Prints the port it listens on. ROUTES lists what it serves; every path tells in its answer what the origin has read. A
request's X-Id comes back in its answer.
"""

import argparse
import asyncio
import base64
import gzip
import hashlib
import signal
import ssl
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGE = Path(__file__).with_name("page.html")
HOP = {"via", "forwarded", "connection", "keep-alive", "x-request-id"}  # what a proxy may add or handle by itself


class Request:
    """A request head, and its body on demand."""

    def __init__(self, head, reader, writer):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ")
        self.fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
        parts = urlsplit(self.target)
        self.path, self.query = parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.reader, self.writer = reader, writer
        self.keeps = self.version == "HTTP/1.1" and self.field("connection").lower() != "close"
        self.body_read = False
        self.trailers = []

    def field(self, name):
        return ", ".join(value for key, value in self.fields if key == name)

    async def body(self):
        """The whole body, in pieces as they come."""
        self.body_read = True
        if self.field("transfer-encoding").lower() == "chunked":
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                yield await self.reader.readexactly(size)
                assert await self.reader.readexactly(2) == b"\r\n"
            while (line := await self.reader.readuntil(b"\r\n")) != b"\r\n":
                self.trailers.append(line.decode("latin-1").strip())
            return
        left = int(self.field("content-length") or 0)
        while left:
            piece = await self.reader.read(min(left, 1 << 16))
            if not piece:
                raise ConnectionError("the body ended early")
            left -= len(piece)
            yield piece

    def answer(self, status, body=b"", *fields, length=None):
        lines = [f"HTTP/1.1 {status}", "Date: Sat, 21 Nov 2026 12:00:00 GMT", "Server: origin", *self.echo(), *fields]
        if length is None and not status.startswith(("1", "204", "304")):
            length = len(body)
        if length is not None:
            lines.append(f"Content-Length: {length}")
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if self.method == "HEAD" else body))

    def begin(self, *fields, status="200 OK"):
        self.writer.write("\r\n".join([f"HTTP/1.1 {status}", *self.echo(), *fields]).encode() + b"\r\n\r\n")

    def echo(self):
        return [f"X-Id: {value}" for name, value in self.fields if name == "x-id"]

    async def chunk(self, data):
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    def tell_fields(self):
        return "".join(f"{name}: {value}\n" for name, value in self.fields
                       if name not in HOP and not name.startswith("x-forwarded-"))


def noise(length):
    """`length` bytes that every run makes alike."""
    piece = b"".join(hashlib.sha256(number.to_bytes(8)).digest() for number in range(min(length, 1 << 20) // 32 + 1))
    return (piece * (length // len(piece) + 1))[:length]


async def page(request):
    request.answer("200 OK", PAGE.read_bytes(), "Content-Type: text/html")


async def hello(request):
    request.answer("200 OK", b"hello\n", "Content-Type: text/plain", 'ETag: "hello"', "X-Empty:", "X-Twice: a", "X-Twice: b")


async def fields(request):
    request.answer("200 OK", request.tell_fields().encode(), "Content-Type: text/plain")


async def data(request):
    """`size` bytes; a Range is honoured."""
    body = noise(int(request.query["size"]))
    asked = request.field("range").removeprefix("bytes=")
    if not asked:
        return request.answer("200 OK", body, "Accept-Ranges: bytes")
    first, last = (int(end) if end else len(body) - 1 for end in asked.split("-"))
    request.answer("206 Partial Content", body[first:last + 1], f"Content-Range: bytes {first}-{last}/{len(body)}")


async def chunked(request):
    """`size` bytes in chunks of very different lengths; the last ones carry extensions and trailers."""
    body, position, sizes = noise(int(request.query["size"])), 0, (1, 7, 4096, 100_000)
    request.begin("Transfer-Encoding: chunked", "Trailer: X-Digest")
    while request.method != "HEAD" and position < len(body):
        piece = body[position:position + sizes[position % 4]]
        await request.chunk(piece)
        position += len(piece)
    if request.method != "HEAD":
        request.writer.write(b"0\r\nX-Digest: " + hashlib.sha256(body).hexdigest().encode() + b"\r\n\r\n")


async def until_close(request):
    request.begin("Content-Type: application/octet-stream", "Connection: close")
    request.writer.write(noise(int(request.query["size"])))
    request.keeps = False


async def compressed(request):
    request.answer("200 OK", gzip.compress(noise(1000) * 50, mtime=0), "Content-Encoding: gzip", "Vary: Accept-Encoding")


async def upload(request):
    """Tells length, digest and framing of what came."""
    if request.field("expect"):
        request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    digest, length = hashlib.sha256(), 0
    async for piece in request.body():
        digest.update(piece)
        length += len(piece)
    framing = "chunked" if request.field("transfer-encoding") else "length"
    told = f"{request.method} {length} {digest.hexdigest()} {framing} {request.trailers}\n"
    request.answer("201 Created", told.encode(), "Content-Type: text/plain")


async def refuse(request):
    """An early final answer: the body is not wanted."""
    request.answer("413 Content Too Large", b"too large\n", "Connection: close")
    request.keeps = False


async def status(request):
    code = request.query["code"]
    body = b"" if code in ("204", "304") else f"status {code}\n".encode()
    reasons = {"204": "No Content", "304": "Not Modified", "404": "Not Found", "500": "Internal Server Error", "401": "Unauthorized"}
    extra = ['WWW-Authenticate: Basic realm="origin"'] if code == "401" else []
    request.answer(f"{code} {reasons.get(code, '')}", body, 'ETag: "status"', *extra)


async def redirect(request):
    request.answer("302 Found", b"", f"Location: {request.query['to']}", "Set-Cookie: way=round; Path=/")


async def early(request):
    request.begin("Link: </style.css>; rel=preload", status="103 Early Hints")
    request.begin(status="102 Processing")
    await request.writer.drain()
    await asyncio.sleep(0.05)
    request.answer("200 OK", b"after two interim answers\n")


async def events(request):
    """`count` server-sent events, `pause` seconds apart, with all that WHATWG allows in a stream; then for ever, if asked."""
    request.begin("Content-Type: text/event-stream", "Cache-Control: no-store", "Transfer-Encoding: chunked")
    last = int(request.field("last-event-id") or 0)
    await request.chunk(b"retry: 50\n: a comment\n\n")
    for number in range(last + 1, last + 1 + int(request.query.get("count", 3))):
        await request.chunk(f"id: {number}\r\nevent: tick\r\nda".encode())  # a chunk ends wherever it likes
        await request.chunk(f"ta: line one of {number}\r\ndata: line two\r\n\r\n".encode())
        await asyncio.sleep(float(request.query.get("pause", 0.02)))
    if "idle" in request.query:
        await request.reader.read(1)
    request.writer.write(b"0\r\n\r\n")


async def slow(request):
    await asyncio.sleep(float(request.query["seconds"]))
    request.answer("200 OK", b"at last\n")


async def basic(request):
    wanted = "Basic " + base64.b64encode(b"alice:secret").decode()
    if request.field("authorization") == wanted:
        return request.answer("200 OK", b"welcome alice\n")
    request.answer("401 Unauthorized", b"who are you?\n", 'WWW-Authenticate: Basic realm="origin"')


class Barrier:
    """A picture that is not there until the page has said what it saw: a browser's load event waits for it."""

    def __init__(self):
        self.seen = asyncio.Event()

    async def wait(self, request):
        await self.seen.wait()
        self.seen.clear()
        request.answer("204 No Content")

    async def open(self, request):
        async for _ in request.body():
            pass
        self.seen.set()
        request.answer("204 No Content")


barrier = Barrier()
ROUTES = {
    "/": page, "/hello": hello, "/fields": fields, "/data": data, "/chunked": chunked, "/until-close": until_close,
    "/gzip": compressed, "/upload": upload, "/refuse": refuse, "/status": status, "/redirect": redirect, "/early": early,
    "/events": events, "/slow": slow, "/basic": basic, "/barrier": barrier.wait, "/done": barrier.open,
}


async def pump(reader, writer):
    while piece := await reader.read(1 << 16):
        writer.write(piece)
        await writer.drain()
    writer.close()


async def serve(reader, writer, websockets):
    """One connection, request after request."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            request = Request(head[:-4], reader, writer)
            if request.field("upgrade").lower() == "websocket":
                other = await asyncio.open_connection("127.0.0.1", websockets)
                other[1].write(head)
                await asyncio.gather(pump(reader, other[1]), pump(other[0], writer))
                break
            route = ROUTES.get(request.path)
            if route:
                await route(request)
            else:
                request.answer("404 Not Found", b"nothing here\n")
            await writer.drain()
            if not request.body_read and request.keeps:
                async for _ in request.body():
                    pass
            if not request.keeps:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client has left
    finally:
        writer.close()


async def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--websockets", type=int, help="where what asks for an upgrade is sent on to")
    options = parser.parse_args()
    encryption = None
    if options.certificate:
        encryption = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        encryption.load_cert_chain(options.certificate, options.key)
    server = await asyncio.start_server(lambda *ends: serve(*ends, options.websockets), "127.0.0.1", 0, ssl=encryption, limit=1 << 20, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
    await asyncio.Event().wait()


asyncio.run(main())
