"""Comes to an MCP server that asks for a token with none, gets one where the server says, and calls a tool: the `mcp` package, version 1.

    mcp_oauth.py URL
"""

import asyncio
import logging
import sys
from urllib.parse import parse_qs, urlsplit

import httpx
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

URL = sys.argv[1]
logging.disable()


class Memory:
    """Where tokens are kept."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Browser:
    """Somebody who logs in: follows the redirect as far as to the client's own address."""

    async def open(self, url):
        async with httpx.AsyncClient() as http:
            self.query = parse_qs(urlsplit((await http.get(url)).headers["Location"]).query)

    async def come_back(self):
        return self.query["code"][0], self.query["state"][0]


async def main():
    browser = Browser()
    metadata = OAuthClientMetadata(
        client_name="test", redirect_uris=["http://localhost:1/callback"], token_endpoint_auth_method="none",
        grant_types=["authorization_code"], response_types=["code"])
    login = OAuthClientProvider(URL, metadata, Memory(), browser.open, browser.come_back)
    async with httpx.AsyncClient(auth=login, timeout=60) as http:
        async with streamable_http_client(URL, http_client=http) as (reader, writer, *_):
            async with ClientSession(reader, writer) as session:
                await session.initialize()
                print("add:", (await session.call_tool("add", {"a": 2, "b": 40})).content[0].text)


asyncio.run(main())
