"""Toolboxes of MCP servers that are real processes."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.settings import McpServer
from bot.tool import Occasion, Result, ToolError
from bot.tool import mcp as tool
from bot.tool.mcp import McpToolbox, Pace
from tests.fakes import soon
from tests.processes import ROOT, process

SERVER = "tests.standins.mcp_server"
QUICK = Pace(rest_s=0.01, longest_rest_s=0.05, breath_s=0.001)
OCCASION = Occasion("page:room", "page", "lee", "lee", "ayin", "", "zh", datetime(2026, 5, 1, tzinfo=UTC), "1")
TRANSPORTS = ("stdio", "http", "json")
KEY = "canary-0123456789-key"
READING = {
    "broken", "exact_count", "heavy", "huge", "liar", "measures", "odd_name", "orders", "picture", "route", "slow",
    "surroundings", "weather",
}  # fmt: skip


async def until(truth: Callable[[], object]) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(30):
        while not truth():
            await asyncio.sleep(0.005)


@dataclass
class Told:
    """What the operator was told."""

    words: list[str] = field(default_factory=list[str])

    async def __call__(self, text: str) -> None:
        self.words.append(text)


def program(*arguments: str, **settings: Any) -> McpServer:  # noqa: ANN401 — whatever a server may be told
    """The stand-in as a program."""
    return McpServer(command=(sys.executable, "-m", SERVER, *arguments), cwd=ROOT, **settings)


@asynccontextmanager
async def tended(
    server: McpServer, pace: Pace = QUICK, call_s: float = 20.0
) -> AsyncGenerator[tuple[McpToolbox, Told]]:
    """A toolbox that is kept up."""
    told = Told()
    box = tool.open("shop", server, told, call_s=call_s, pace=pace)
    async with asyncio.TaskGroup() as group:
        tending = group.create_task(box.tend())
        try:
            yield box, told
        finally:
            tending.cancel()
    await box.close()
    assert box.tools == ()


@asynccontextmanager
async def rig(transport: str, *arguments: str, call_s: float = 20.0, **settings: Any) -> AsyncGenerator[McpToolbox]:  # noqa: ANN401
    """A toolbox of the stand-in that is there."""
    if transport == "stdio":
        async with tended(program(*arguments, **settings), call_s=call_s) as (box, _):
            await until(lambda: box.tools)
            yield box
    else:
        flags = ["--http", *(["--json"] if transport == "json" else []), *arguments]
        async with (
            process(SERVER, *flags) as started,
            tended(McpServer(url=started.url, **settings), call_s=call_s) as (box, _),
        ):
            await until(lambda: box.tools)
            yield box


async def call(box: McpToolbox, name: str, **arguments: object) -> Result:
    """Call one of the server's tools."""
    return await soon(box.call(f"shop__{name}", arguments, OCCASION), 30)


async def refused(box: McpToolbox, name: str, **arguments: object) -> str:
    """Why a call cannot be done."""
    with pytest.raises(ToolError) as caught:
        await call(box, name, **arguments)
    return str(caught.value)


def alive(pid: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def started(pids: Path) -> list[int]:
    """The starts of a stand-in."""
    return [int(line) for line in pids.read_text().split()] if pids.is_file() else []
