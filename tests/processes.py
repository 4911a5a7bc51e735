"""The bot and its stand-ins as processes of their own, and what the machine says about them."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
START_S = 60.0


@dataclass(slots=True)
class Started:
    """A process that said READY."""

    url: str
    pid: int
    began: float
    """Monotonic seconds of its exec."""
    child: asyncio.subprocess.Process

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        async with asyncio.timeout(START_S):
            return await self.child.wait()

    async def stats(self) -> dict[str, Any]:
        """What a stand-in counted."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/stats") as response:
            return await response.json()


@asynccontextmanager
async def process(*arguments: str, env: Mapping[str, str] | None = None) -> AsyncGenerator[Started]:
    """A Python module as a process, from its READY line to its end."""
    began = time.monotonic()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ZHIYIN_", "OPENAI_"))}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, cwd=ROOT, env={**clean, **(env or {})}, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout
    try:
        async with asyncio.timeout(START_S):
            while not (line := await child.stdout.readline()).startswith(b"READY "):
                if not line:
                    raise RuntimeError(f"{arguments[0]} ended before it was ready")
        yield Started(json.loads(line[6:])["url"], child.pid, began, child)
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


@asynccontextmanager
async def bot(llm: Started, *, data: Path, speech: Started | None = None, **settings: str) -> AsyncGenerator[Started]:
    """The bot with an LLM and a voice that stand in; further settings by name (``web__host``)."""
    chosen = {
        "web__port": "0",
        "data__dir": str(data),
        "brain__kind": "openai",
        "brain__base_url": f"{llm.url}/v1",
        "brain__model": "stand-in",
        "voice__kind": "openai" if speech else "none",
        "voice__base_url": f"{speech.url}/v1" if speech else "",
        "voice__cache": "false",
        "limits__per_minute": "0",
        "limits__per_day": "0",
        **settings,
    }
    async with process(
        "bot", "run", env={f"ZHIYIN_{name.upper()}": value for name, value in chosen.items()}
    ) as started:
        yield started


@dataclass(slots=True)
class Scene:
    """The bot between its stand-ins."""

    bot: Started
    llm: Started
    speech: Started


@asynccontextmanager
async def scene(*llm: str) -> AsyncGenerator[Scene]:
    """A bot that uses the stand-ins; ``llm`` are arguments of the LLM's."""
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhiyin-")))
        thinks = await stack.enter_async_context(process("tests.standins.llm", *llm))
        speaks = await stack.enter_async_context(process("tests.standins.speech"))
        yield Scene(await stack.enter_async_context(bot(thinks, data=data, speech=speaks)), thinks, speaks)


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """Child processes."""
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
