"""Prints the tools that the `mcp` package, version 1, is shown, and what a call of one that may be hidden comes to.

    mcp_tools.py URL TOKEN [sse]
"""

import asyncio
import logging
import sys

import httpx
from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

URL, TOKEN = sys.argv[1:3]
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
logging.disable()


async def show(reader, writer, *_):
    async with ClientSession(reader, writer) as session:
        await session.initialize()
        print("tools:", *sorted(tool.name for tool in (await session.list_tools()).tools))
        result = await session.call_tool("add", {"a": 1, "b": 2})
        print("add:", result.isError, result.content[0].text)


async def main():
    if sys.argv[3:] == ["sse"]:
        async with sse_client(URL, headers=HEADERS) as streams:
            return await show(*streams)
    async with httpx.AsyncClient(headers=HEADERS, timeout=60) as http:
        async with streamable_http_client(URL, http_client=http) as streams:
            await show(*streams)


asyncio.run(main())
