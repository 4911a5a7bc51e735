"""Reading an operator's documents: each in a process of its own, whose time and memory are limited."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.chunks import Chunk
from bot.folder import Unreadable
from bot.reader import ENDINGS, Notice

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60.0
"""How long reading one document may take."""
LARGEST = 200_000_000
"""Bytes of an answer: what a reader's own limits allow never comes near."""
PIECE = 1 << 16
KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TEMP",
    "SYSTEMROOT",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
)
"""Variables a reader gets: no keys are among them."""
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
"""Threads would take address space that is limited."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a document says."""

    chunks: tuple[Chunk, ...]
    """In reading order; never empty."""
    notices: tuple[Notice, ...] = ()
    """What was left out, for the operator."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a reader writes."""

    chunks: tuple[Chunk, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    unreadable: tuple[str, str] | None = None


async def read(path: Path, data: bytes, *, seconds: float = SECONDS) -> Read:
    """The passages of a document: ``data``, whose kind ``path``'s ending tells. Raises bot.folder.Unreadable.

    A reader takes up to a gigabyte and a processor: read one document at a time.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise Unreadable(
            f"读不了这种文件，可以放：{' '.join(ENDINGS)}", f"No such file is read; known: {' '.join(ENDINGS)}"
        )
    try:
        async with asyncio.timeout(seconds):
            written = await _written(data, ending, ceil(seconds) + 1)
    except TimeoutError:
        raise Unreadable(
            f"读了 {seconds:g} 秒还没读完：请拆成几个文件，或者另存一份",
            f"It was not read within {seconds:g} seconds: split it, or save it anew",
        ) from None
    try:
        answer = await asyncio.to_thread(_adapter().validate_json, written)
    except ValidationError:  # it died, most often because its memory was up
        raise Unreadable(
            "读到一半失败了，可能太大或者坏了：请拆成几个文件，或者另存一份",
            "Reading broke off, perhaps it is too large or broken: split it, or save it anew",
        ) from None
    if answer.unreadable:
        raise Unreadable(*answer.unreadable)
    return Read(answer.chunks, tuple(Notice(zh, en) for zh, en in answer.notices))


@cache
def _adapter() -> TypeAdapter[_Answer]:
    return TypeAdapter(_Answer)


def environment() -> Mapping[str, str]:
    """What a reader process knows of ours."""
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, **ALONE}


async def _written(data: bytes, ending: str, seconds: int) -> bytes:
    """What a reader process writes; it is gone when this returns, or raises."""
    command = (sys.executable, "-m", "bot.reader", ending, str(seconds))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment(), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_feed(process, data))
            taken = group.create_task(_take(process))
        await process.wait()
        return taken.result()
    finally:
        await _end(process)


async def _feed(process: Process, data: bytes) -> None:
    assert process.stdin
    with suppress(BrokenPipeError, ConnectionResetError):  # it died early: its answer, or none, will tell
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()


async def _take(process: Process) -> bytes:
    assert process.stdout
    taken = bytearray()
    while piece := await process.stdout.read(PIECE):
        taken += piece
        if len(taken) > LARGEST:
            process.kill()
            return b""
    return bytes(taken)


async def _end(process: Process) -> None:
    """Whatever happened, nothing is left running."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
