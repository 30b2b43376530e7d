"""A real client of the Model Context Protocol lists and calls every tool of `passdown mcp`, and reads a resource.

Usage: mcp_client.py PASSDOWN LOG HOME - HOME is an empty folder, in which the log becomes a session.
"""

import asyncio
import json
import pathlib
import re
import shutil
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

ID = "7e5dcce0-0000-4000-8000-000000000001"


def check(what, holds):
    print("ok  " if holds else "FAIL", what)
    if not holds:
        sys.exit(1)


async def main(passdown, log, home):
    home = pathlib.Path(home).resolve()
    folder = home / ".claude/projects/p"
    folder.mkdir(parents=True)
    session = folder / f"{ID}.jsonl"
    shutil.copyfile(log, session)
    # The sessions of the folder that the server is started in are the ones it lists as resources.
    text = session.read_text()
    project = re.search(r'"cwd": ?"([^"]+)"', text)[1]
    session.write_text(text.replace(project, str(home)))
    server = StdioServerParameters(
        command=str(pathlib.Path(passdown).resolve()), args=["mcp"], cwd=str(home), env={"HOME": str(home)}
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
        hello = await client.initialize()
        info = getattr(hello, "server_info", None) or hello.serverInfo
        check(f"connected to {info.name} {info.version}", info.name == "passdown")

        async def call(name, **arguments):
            result = await client.call_tool(name, arguments)
            failed = getattr(result, "is_error", None) or getattr(result, "isError", None) or False
            return failed, result.content[0].text

        tools = (await client.list_tools()).tools
        names = [tool.name for tool in tools]
        check(f"tools: {', '.join(names)}", len(names) == 6 and all(tool.description for tool in tools))
        calls = {
            "list_sessions": {},
            "handoff": {"session": ID, "budget": 800, "goal": "event bus"},
            "show": {"cite": f"{ID[:8]}:L14", "context": 2},
            "open_items": {"kind": "failure"},
            "search": {"text": "pytest", "kind": "command"},
            "check": {"text": "# Task: the tests\n**Current Status:** red\n", "session": ID},
        }
        check("each tool is called", sorted(calls) == sorted(names))
        for name, arguments in calls.items():
            failed, text = await call(name, **arguments)
            check(f"{name} {json.dumps(arguments)}: {len(text)} characters: {text[:60]!r}", not failed and text)
        failed, text = await call("handoff", session="ffffffff")
        check(f"an unknown session: {text[:60]!r}", failed)
        failed, text = await call("handoff", nonsense=1)
        check(f"an unknown argument: {text[:60]!r}", failed)

        resources = (await client.list_resources()).resources
        check(f"resources: {resources[0].uri}", len(resources) == 1)
        contents = (await client.read_resource(resources[0].uri)).contents
        check(f"read: {contents[0].text[:60]!r}", contents[0].text.startswith("# Task: "))


asyncio.run(main(*sys.argv[1:]))
