#!/usr/bin/env python3
"""One MCP server, served by whichever library is asked for: every kind of thing that MCP knows.

    mcp_server.py sdk1|sdk2|fastmcp [--json] [--sse]

`sdk1` and `sdk2` are the versions of the `mcp` package, which need virtual environments of their own. `--json`: answers are JSON
where they can be; `--sse`: the transport of 2024-11-05. Prints the port it listens on; the endpoint is /mcp (or /sse).
"""

import argparse
import asyncio
import hashlib
import logging
import socket
import sys
import warnings

import uvicorn
from mcp.server.streamable_http import EventMessage, EventStore
from mcp.types import SamplingMessage, TextContent
from pydantic import BaseModel

logging.disable()
warnings.simplefilter("ignore")  # the newest revision deprecates what older clients use


class Answer(BaseModel):
    """What is asked of the user."""

    colour: str
    count: int = 1


class Weather(BaseModel):
    """A structured result."""

    city: str
    degrees: float
    warnings: list[str]


class Memory(EventStore):
    """Events of every stream, so that a client can resume where its connection broke."""

    def __init__(self):
        self.events = []

    async def store_event(self, stream_id, message):
        self.events.append((stream_id, message))
        return str(len(self.events))

    async def replay_events_after(self, last_event_id, send_callback):
        last = int(last_event_id)
        stream_id = self.events[last - 1][0]
        for number, (stream, message) in list(enumerate(self.events, 1))[last:]:
            if stream == stream_id and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream_id


def furnish(server, Context):
    """Puts all tools, resources and prompts on a server; `Context` is the library's own class."""
    cancelled = set()

    @server.tool()
    def add(a: int, b: int) -> int:
        """Adds two numbers."""
        return a + b

    @server.tool()
    def weather(city: str) -> Weather:
        """Tells the weather."""
        return Weather(city=city, degrees=-1.5, warnings=["snow ☃", "ice"])

    @server.tool()
    def large(size: int) -> str:
        """Returns much text."""
        return "0123456789abcdef" * (size // 16)

    @server.tool()
    def measure(text: str) -> str:
        """Tells the digest of what it was given."""
        return f"{len(text)} {hashlib.sha256(text.encode()).hexdigest()}"

    @server.tool()
    def fail(reason: str) -> str:
        """Fails."""
        raise ValueError(reason)

    @server.tool()
    async def count(to: int, ctx: Context) -> str:
        """Counts, and reports progress."""
        for number in range(to):
            await ctx.report_progress(number + 1, to, f"step {number + 1}")
            await asyncio.sleep(0.02)
        return f"counted to {to}"

    @server.tool()
    async def chat(ctx: Context) -> str:
        """Logs while it works."""
        await ctx.info("about to begin")
        await ctx.warning("nearly done")
        return "done"

    @server.tool()
    async def wait(name: str, seconds: float) -> str:
        """Waits, and remembers whether it was cancelled meanwhile."""
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            cancelled.add(name)
            raise
        return "waited"

    @server.tool()
    async def was_cancelled(name: str) -> bool:
        """Tells, within five seconds, whether a call of `wait` was cancelled."""
        for _ in range(250):
            if name in cancelled:
                return True
            await asyncio.sleep(0.02)
        return False

    @server.tool()
    async def ask(ctx: Context) -> str:
        """Asks the user."""
        answer = await ctx.elicit("Which colour, and how many?", Answer)
        return f"{answer.action}: {getattr(answer, 'data', None)!r}"

    @server.tool()
    async def sample(question: str, ctx: Context) -> str:
        """Asks the client's model."""
        message = SamplingMessage(role="user", content=TextContent(type="text", text=question))
        result = await ctx.session.create_message(
            [message], max_tokens=100, system_prompt="be short", related_request_id=ctx.request_id)
        return f"{result.model} says {result.content.text}"

    @server.tool()
    async def interrupted(ctx: Context) -> str:
        """Breaks its own stream off in the middle; the client resumes it by Last-Event-ID."""
        await ctx.report_progress(1, 2, "before")
        await asyncio.sleep(0.5)  # without an event's id nobody resumes
        await ctx.close_sse_stream()
        await asyncio.sleep(0.3)
        await ctx.report_progress(2, 2, "while nobody listened")
        return "resumed"

    @server.resource("file:///readme")
    def readme() -> str:
        """A fixed resource."""
        return "Read me.\n" * 100

    @server.resource("user://{name}/profile")
    def profile(name: str) -> str:
        """A resource by template."""
        return f"profile of {name}"

    @server.resource("bytes:///blob", mime_type="application/octet-stream")
    def blob() -> bytes:
        """Binary."""
        return bytes(range(256))

    @server.prompt()
    def review(code: str) -> str:
        """A prompt with an argument."""
        return f"Please review: {code}"


def furnish_newest(server, Context):
    """What only the revision without sessions knows: a call that is answered with a question, and made again with its answer."""
    from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

    @server.tool()
    async def ask_again(ctx: Context) -> str | InputRequiredResult:
        """Asks the user before it does anything."""
        if ctx.input_responses:
            return f"answered {ctx.input_responses['colour'].content}, {ctx.request_state}"
        question = ElicitRequestFormParams(message="Which colour?", requested_schema=Answer.model_json_schema())
        return InputRequiredResult(
            input_requests={"colour": ElicitRequest(params=question)}, request_state="remembered")


def application(library, json, sse):
    if library == "fastmcp":
        from fastmcp import Context, FastMCP
        server = FastMCP("everything")
        furnish(server, Context)
        return server.http_app(path="/mcp", json_response=json, event_store=None if json else Memory(), retry_interval=100)
    if library == "sdk2":
        from mcp.server.mcpserver import Context, MCPServer
        server = MCPServer("everything", log_level="ERROR")
        furnish(server, Context)
        furnish_newest(server, Context)
        if sse:
            return server.sse_app()
        return server.streamable_http_app(
            json_response=json, event_store=None if json else Memory(), retry_interval=None if json else 100)
    from mcp.server.fastmcp import Context, FastMCP
    server = FastMCP("everything", log_level="ERROR", json_response=json, event_store=None if json else Memory(),
                     retry_interval=None if json else 100)
    furnish(server, Context)
    return server.sse_app() if sse else server.streamable_http_app()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("library", choices=("sdk1", "sdk2", "fastmcp"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sse", action="store_true")
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        # Of itself uvicorn closes what has rested for 5 s, however busy the machine: a request that comes then gets 502.
        configuration = uvicorn.Config(
            application(options.library, options.json, options.sse), log_level="critical", timeout_graceful_shutdown=1,
            timeout_keep_alive=600)
        uvicorn.Server(configuration).run([listener])


if __name__ == "__main__":
    sys.exit(main())
