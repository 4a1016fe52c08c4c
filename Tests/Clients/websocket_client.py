"""Works a WebSocket server over and prints what it saw; the same transcript is due directly and through Wiretrail."""

import asyncio
import hashlib
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

URL = sys.argv[1]


def show(title, value):
    print(f"{title}: {value!r}", flush=True)


def digest(message):
    text = isinstance(message, str)
    return "text" if text else "binary", len(message), hashlib.sha256(message.encode() if text else message).hexdigest()


async def echo(**options):
    async with connect(URL + "/echo", max_size=1 << 26, **options) as socket:
        show("protocol", socket.subprotocol)
        for message in ("hello", "", "☃" * 5000, b"", b"\x00\xff" * 50_000, "x" * 125, "x" * 126, b"y" * 65_535, b"y" * 65_536):
            await socket.send(message)
            show("echo", digest(await socket.recv()))
        await socket.send(["in ", "three ", "pieces"])
        show("fragments", await socket.recv())
        waiter = await socket.ping(b"are you there")
        await waiter
        show("pong", True)
        big = bytes(range(256)) * (1 << 14)
        await asyncio.gather(socket.send(big), socket.send("in its wake"))
        show("big", digest(await socket.recv()))
        show("after it", await socket.recv())
    show("closed", (socket.close_code, socket.close_reason))


async def server_sends():
    async with connect(URL + "/pieces", max_size=1 << 26) as socket:
        show("pieces", await socket.recv())
        show("pieces", digest(await socket.recv()))
        await socket.close(1001, "going away")
    show("closed", (socket.close_code, socket.close_reason))


async def server_closes():
    async with connect(URL + "/close") as socket:
        try:
            await socket.recv()
        except ConnectionClosed as closed:
            show("closed by the server", (closed.rcvd.code, closed.rcvd.reason))


async def many():
    """Twenty at once, each with its own answers."""
    async def one(number):
        async with connect(URL + "/echo") as socket:
            for turn in range(50):
                await socket.send(f"{number}:{turn}")
                assert await socket.recv() == f"{number}:{turn}"
        return number

    show("at once", sum(await asyncio.gather(*map(one, range(20)))))


async def main():
    for options in ({"compression": None}, {"compression": "deflate"}):
        print(f"-- echo {options}")
        await echo(**options)
    for part in (server_sends, server_closes, many):
        print(f"-- {part.__name__}")
        await part()


asyncio.run(main())
