"""The process that reads documents (bot/knowledge/__main__.py), seen from the one that talks."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.persona import Persona


@asynccontextmanager
async def reading(path: Path, persona: Persona) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process that reads a persona's documents; it and its readers are gone afterwards."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.knowledge", str(path), str(persona.folder / "knowledge"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**20,
        cwd=Path(__file__).resolve().parents[2], start_new_session=True,
    )  # fmt: skip
    try:
        assert child.stdin
        child.stdin.write(json.dumps(dict(persona.documents)).encode())
        child.stdin.write_eof()
        yield child
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
