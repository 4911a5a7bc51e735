"""A server of the Model Context Protocol as most still are: it knows the handshake of 2025 and no later word.

Run as ``python -m tests.standins.mcp_old`` it talks over standard input and output, with ``--http`` over HTTP in
sessions, which it forgets when it is told to (``/forget``). Its tool ``grow`` adds a tool and says that there is one.
"""

import argparse
import asyncio
import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
READS = {"readOnlyHint": True}
CHANGED = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}


@dataclass(slots=True)
class Old:
    """What both ways of talking to it share."""

    tools: list[str] = field(default_factory=lambda: ["hello", "grow"])
    sessions: set[str] = field(default_factory=set[str])

    def answer(self, asked: Mapping[str, Any]) -> list[Json]:
        """What it says to a message."""
        if "id" not in asked:
            return []
        reply: Json = {"jsonrpc": "2.0", "id": asked["id"]}
        match asked["method"]:
            case "initialize":
                info = {"name": "old", "version": "0"}
                result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {"listChanged": True}}, "serverInfo": info}  # fmt: skip
                return [{**reply, "result": result}]
            case "tools/list":
                first = not asked.get("params", {}).get("cursor")  # it has two pages
                names = self.tools[:1] if first else self.tools[1:]
                tools = [{"name": name, "inputSchema": {"type": "object"}, "annotations": READS} for name in names]
                return [{**reply, "result": {"tools": tools, **({"nextCursor": "2"} if first else {})}}]
            case "tools/call":
                name = asked["params"]["name"]
                done = {**reply, "result": {"content": [{"type": "text", "text": f"{name}!"}]}}
                if name != "grow":
                    return [done]
                self.tools.append("grown")
                return [CHANGED, done]
            case _:
                return [{**reply, "error": {"code": -32601, "message": "Method not found"}}]

    async def post(self, asked: web.Request) -> web.Response:
        """A message over HTTP."""
        message = await asked.json()
        session = asked.headers.get("Mcp-Session-Id", "")
        if message["method"] == "initialize":
            session = uuid.uuid4().hex
            self.sessions.add(session)
        elif session and session not in self.sessions:
            return web.Response(status=404)
        answers = [each for each in self.answer(message) if "id" in each]
        headers = {"Mcp-Session-Id": session} if session else {}
        return web.json_response(answers[0], headers=headers) if answers else web.Response(status=202)

    async def forget(self, _: web.Request) -> web.Response:
        """All sessions are over."""
        self.sessions.clear()
        return web.Response()


async def serve(old: Old) -> None:
    """Talk over HTTP until killed."""
    app = web.Application()
    app.router.add_post("/mcp", old.post)
    app.router.add_post("/forget", old.forget)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("READY", json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed, or until its input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--http", action="store_true")
    old = Old()
    if parser.parse_args().http:
        asyncio.run(serve(old))
    for line in sys.stdin:
        for each in old.answer(json.loads(line)):
            print(json.dumps(each), flush=True)


if __name__ == "__main__":
    main()
