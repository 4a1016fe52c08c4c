"""Works an MCP server over with the `mcp` package, version 1 or 2, and prints what it saw; the same transcript is due directly and
through Wiretrail.

    mcp_client.py URL [legacy|auto|sse]

Version 2 speaks the newest revision, without sessions, unless told `legacy`.
"""

import asyncio
import hashlib
import logging
import os
import sys
from contextlib import asynccontextmanager
from importlib.metadata import version

import anyio
from mcp.types import (CancelledNotification, CancelledNotificationParams, ClientNotification, CreateMessageResult,
                       ElicitResult, TextContent)

URL, MODE = sys.argv[1], (sys.argv[2:] or ["legacy"])[0]
IS_FIRST = version("mcp").startswith("1.")
NAME = f"call-{os.getpid()}"  # of the call that is cancelled, so that nobody else's is meant
HAS_SESSION = MODE != "auto"
# Seconds after which the call is left: once more and later where a slow machine had not yet begun it, which nobody can cancel.
PATIENCE = (0.5, 5, 30)
logging.disable()


def show(title, value):
    text = value if isinstance(value, str) else repr(value)
    if len(text) > 600:
        text = f"{len(text)} characters, {hashlib.sha256(text.encode()).hexdigest()}"
    print(f"{title}: {text}", flush=True)


def plain(model):
    return model.model_dump(mode="json", exclude_none=True)


async def attempt(title, call):
    try:
        show(title, plain(await call))
    except Exception as error:
        show(title, f"{type(error).__name__}: {error}")


async def on_sampling(context, parameters):
    show("sampling", (parameters.messages[0].content.text, getattr(parameters, "systemPrompt", None) or parameters.system_prompt))
    return CreateMessageResult(role="assistant", content=TextContent(type="text", text="forty-two"), model="a-model")


async def on_elicitation(context, parameters):
    show("elicitation", parameters.message)
    return ElicitResult(action="accept", content={"colour": "grün", "count": 3})


async def on_log(parameters):
    show("log", (parameters.level, parameters.data))


@asynccontextmanager
async def connect():
    callbacks = {"sampling_callback": on_sampling, "elicitation_callback": on_elicitation, "logging_callback": on_log}
    if not IS_FIRST and MODE != "sse":
        from mcp import Client
        async with Client(URL, mode=MODE, **callbacks) as client:
            show("connected", (client.server_info.name, client.protocol_version))
            yield client
        return
    from mcp import ClientSession
    if MODE == "sse":
        from mcp.client.sse import sse_client as transport
    else:
        from mcp.client.streamable_http import streamable_http_client as transport
    async with transport(URL) as (reader, writer, *_), ClientSession(reader, writer, **callbacks) as session:
        answer = plain(await session.initialize())
        show("connected", (answer.get("serverInfo", answer.get("server_info"))["name"],
                           answer.get("protocolVersion", answer.get("protocol_version"))))
        yield session


async def tools(client):
    show("tools", [(tool.name, tool.description) for tool in (await client.list_tools()).tools])
    calls = [("add", {"a": 2, "b": 40}), ("weather", {"city": "Zürich ☃"}), ("large", {"size": 400_000}),
             ("measure", {"text": "ä" * 300_000}), ("fail", {"reason": "on purpose"}), ("add", {"a": "no number"}),
             ("missing", {}), ("chat", {})]
    for name, arguments in calls:
        await attempt(f"call {name}", client.call_tool(name, arguments))


async def resources(client):
    show("resources", [str(resource.uri) for resource in (await client.list_resources()).resources])
    templates = await client.list_resource_templates()
    show("templates", [plain(template)["name"] for template in templates.model_dump(mode="json") and
                       (getattr(templates, "resourceTemplates", None) or templates.resource_templates)])
    for address in ("file:///readme", "user://alice/profile", "bytes:///blob", "file:///missing"):
        await attempt(f"read {address}", client.read_resource(address))


async def prompts(client):
    show("prompts", [prompt.name for prompt in (await client.list_prompts()).prompts])
    await attempt("prompt", client.get_prompt("review", {"code": "let x = 1"}))
    await attempt("no such prompt", client.get_prompt("missing", {}))


async def progress(client):
    async def on_progress(done, total, message):
        show("progress", (done, total, message))
    await attempt("count", client.call_tool("count", {"to": 5}, progress_callback=on_progress))


async def questions(client):
    """What the server asks its client in the midst of a call."""
    await attempt("sample", client.call_tool("sample", {"question": "What is it?"}))
    await attempt("ask", client.call_tool("ask", {}))


async def resumption(client):
    async def on_progress(done, total, message):
        show("progress", (done, total, message))
    await attempt("interrupted", client.call_tool("interrupted", {}, progress_callback=on_progress))


async def cancellation(client):
    """The call is left, another one goes on meanwhile, and the session lives."""
    for patience in PATIENCE:
        answer = await leave(client, patience)
        if "true" in answer.lower():
            break
    show("the server knows", answer)
    await attempt("after it", client.call_tool("add", {"a": 1, "b": 1}))


async def leave(client, patience):
    """Leaves a call after so many seconds, and returns what the server knows of that."""
    number = client._request_id if IS_FIRST else None  # the next request's; the package tells it nowhere else
    name = f"{NAME}-{patience}"
    with anyio.move_on_after(patience) as scope:
        await client.call_tool("wait", {"name": name, "seconds": 120})
    assert scope.cancelled_caught
    if IS_FIRST:  # version 1 leaves it to its user to say so
        parameters = CancelledNotificationParams(requestId=number)
        notification = CancelledNotification(method="notifications/cancelled", params=parameters)
        await client.send_notification(ClientNotification(notification))
    return repr(plain(await client.call_tool("was_cancelled", {"name": name})))


async def many(client):
    async def one(number):
        result = plain(await client.call_tool("add", {"a": number, "b": number}))
        return int(result["content"][0]["text"])
    show("at once", sum(await asyncio.gather(*map(one, range(50)))))


async def questions_by_retry(client):
    await attempt("ask_again", client.call_tool("ask_again", {}))


def parts():
    yield from (tools, resources, prompts, progress)
    if HAS_SESSION:
        yield from (questions, resumption)
    else:
        yield questions_by_retry
    yield from (cancellation, many)


async def main():
    async with connect() as client:
        for part in parts():
            print(f"-- {part.__name__}")
            await part(client)
    print("-- ended")


asyncio.run(main())
