"""Works an MCP server over with fastmcp and prints what it saw; the same transcript is due directly and through Wiretrail.

    fastmcp_client.py URL [legacy|auto]
"""

import asyncio
import logging
import os
import sys

from fastmcp import Client

URL, MODE = sys.argv[1], (sys.argv[2:] or ["auto"])[0]
# Seconds after which a call is left: once more and later where a slow machine had not yet begun it, which nobody can cancel.
PATIENCE = (0.5, 5, 30)
logging.disable()


def show(title, value):
    print(f"{title}: {value!r}"[:2000], flush=True)


async def on_progress(done, total, message):
    show("progress", (done, total, message))


async def on_elicitation(message, response_type, parameters, context):
    show("elicitation", message)
    return {"colour": "grün", "count": 3}


async def on_sampling(messages, parameters, context):
    show("sampling", messages[0].content.text)
    return "forty-two"


async def attempt(title, call):
    try:
        show(title, await call)
    except Exception as error:
        show(title, f"{type(error).__name__}: {error}")


async def main():
    handlers = {"elicitation_handler": on_elicitation, "sampling_handler": on_sampling, "progress_handler": on_progress}
    async with Client(URL, mode=MODE, **handlers) as client:
        show("connected", client.protocol_version)
        show("tools", [tool.name for tool in await client.list_tools()])
        show("resources", [str(resource.uri) for resource in await client.list_resources()])
        show("prompts", [prompt.name for prompt in await client.list_prompts()])
        calls = [("add", {"a": 2, "b": 40}), ("weather", {"city": "Zürich"}), ("fail", {"reason": "on purpose"}), ("count", {"to": 3})]
        for name, arguments in calls + ([("sample", {"question": "What is it?"}), ("ask", {})] if MODE == "legacy" else []):
            await attempt(f"call {name}", called(client, name, arguments))
        await attempt("read", client.read_resource("user://alice/profile"))
        await attempt("prompt", client.get_prompt("review", {"code": "let x = 1"}))
        for patience in PATIENCE:
            answer = await leave(client, patience)
            if "true" in repr(answer).lower():
                break
        show("the server knows of the cancellation", answer)


async def leave(client, patience):
    """Leaves a call after so many seconds, and returns what the server knows of that."""
    name = f"call-{os.getpid()}-{patience}"
    call = asyncio.ensure_future(client.call_tool("wait", {"name": name, "seconds": 120}))
    await asyncio.sleep(patience)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return await called(client, "was_cancelled", {"name": name})


async def called(client, name, arguments):
    result = await client.call_tool(name, arguments)
    return result.structured_content, [getattr(block, "text", None) for block in result.content]


asyncio.run(main())
print("-- ended")
