"""Makes calls that wait for a person's answer, with the `mcp` package, version 1 or 2, and prints what came of them.

    mcp_held.py URL TOKEN [sse]

`sse`: by the transport of revision 2024-11-05, in which the package sends one message after the other.
"""

import asyncio
import logging
import sys
from importlib.metadata import version

from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

if version("mcp").startswith("1."):
    import httpx
else:
    import httpx2 as httpx

URL, TOKEN = sys.argv[1:3]
IS_OLD = sys.argv[3:] == ["sse"]
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
logging.disable()


def show(title, value):
    print(f"{title}: {value}", flush=True)


def told(result):
    failed = getattr(result, "isError", None) or getattr(result, "is_error", None)
    return ("failed, " if failed else "") + result.content[0].text


async def on_progress(done, total, message):
    show("progress", message)


async def call(reader, writer):
    async with ClientSession(reader, writer) as session:
        await session.initialize()
        held = asyncio.create_task(session.call_tool("count", {"to": 3}, progress_callback=on_progress))
        if not IS_OLD:
            await asyncio.sleep(0.5)
            show("meanwhile", told(await session.call_tool("add", {"a": 2, "b": 40})))
        show("allowed", told(await held))
        show("denied", told(await session.call_tool("count", {"to": 3})))
        show("afterwards", told(await session.call_tool("add", {"a": 1, "b": 1})))


async def main():
    if IS_OLD:
        async with sse_client(URL, headers=HEADERS) as (reader, writer):
            await call(reader, writer)
        return
    async with httpx.AsyncClient(headers=HEADERS, timeout=60) as http:
        async with streamable_http_client(URL, http_client=http) as (reader, writer, *_):
            await call(reader, writer)


asyncio.run(main())
