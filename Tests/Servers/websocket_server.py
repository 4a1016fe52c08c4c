#!/usr/bin/env python3
"""A WebSocket server for the tests: /echo says everything back, /pieces sends one message in fragments, /close ends with 4001.

Prints the port it listens on.
"""

import asyncio

from websockets.asyncio.server import serve


async def answer(connection):
    path = connection.request.path
    if path == "/pieces":
        await connection.send(["one ", "two ", "three"])
        await connection.send([b"\x00" * 100_000, b"\xff" * 100_000])
    elif path == "/close":
        return await connection.close(4001, "that is all")
    async for message in connection:
        await connection.send(message)


async def main():
    async with serve(answer, "127.0.0.1", 0, max_size=1 << 26) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.wait_closed()


asyncio.run(main())
