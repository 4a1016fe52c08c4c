"""200 MCP clients at once, each in a session of its own, and what all of them together have seen.

    mcp_crowd.py URL [legacy|auto] [CLIENTS]
"""

import asyncio
import logging
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL, MODE, COUNT = sys.argv[1], (sys.argv[2:] or ["legacy"])[0], int((sys.argv[3:] or [200])[0])
logging.disable()


async def one(number, gate):
    """Waits in its session until all have theirs; then calls, one after the other, with answers that are its own."""
    steps = []

    async def on_progress(done, total, message):
        steps.append(done)

    http = httpx2.AsyncClient(verify=False, timeout=120)  # the authorities of TLS, read 200 times, would take most of the time
    async with http, Client(streamable_http_client(URL, http_client=http), mode=MODE) as client:
        gate.arrived += 1
        if gate.arrived == COUNT:
            gate.opened.set()
        await gate.opened.wait()
        for turn in range(3):
            result = await client.call_tool("add", {"a": number, "b": turn})
            assert result.content[0].text == str(number + turn), result
        await client.call_tool("count", {"to": 2}, progress_callback=on_progress)
    return len(steps)


class Gate:
    def __init__(self):
        self.arrived, self.opened = 0, asyncio.Event()


async def main():
    gate = Gate()
    steps = await asyncio.gather(*(one(number, gate) for number in range(COUNT)))
    print(f"{COUNT} clients, {sum(steps)} steps of progress")


asyncio.run(main())
