"""A server that is a program of this machine: started, spoken to line by line, and gone with all its children."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from bot.settings import McpServer
from bot.tool._trimming import TOO_LARGE, Endless, Lines, numbered, shortened

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

    Incoming = MemoryObjectSendStream[SessionMessage | Exception]
    Outgoing = MemoryObjectReceiveStream[SessionMessage]

INHERITED = ("PATH", "HOME", "LANG")
"""All a server sees of our environment."""
GRACE_S = 2.0
"""Seconds to end by itself once its input is closed, and again once it was asked to."""
LAST_WORDS = 2_000
"""Bytes of what it complained about that are kept."""


class Process:
    """One start of a server's program."""

    def __init__(self, settings: McpServer, ended: Callable[[], None]) -> None:
        self._settings = settings
        self._ended = ended
        self._complaints = bytearray()

    @property
    def last_words(self) -> str:
        """The last line it complained with."""
        lines = self._complaints.decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    @asynccontextmanager
    async def running(self) -> "AsyncGenerator[TransportStreams]":
        """The program from its start to its end, as what its client reads and writes. Raises OSError."""
        import anyio

        child = await asyncio.create_subprocess_exec(
            *self._settings.command,
            cwd=self._settings.cwd,
            env=_environment(self._settings.env),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # so that its children end with it
        )
        assert child.stdin
        assert child.stdout
        assert child.stderr
        into, incoming = anyio.create_memory_object_stream[Any](0)
        outgoing, out_of = anyio.create_memory_object_stream[Any](0)
        with into, incoming, outgoing, out_of:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._hear(child.stdout, into)),
                    group.create_task(self._listen(child.stderr)),
                    group.create_task(_speak(child.stdin, out_of)),
                ]
                try:
                    yield incoming, outgoing
                finally:
                    incoming.close()
                    await _end(child)
                    await asyncio.wait(tasks, timeout=GRACE_S / 4)  # its last words may still be on their way
                    for task in tasks:
                        task.cancel()

    async def _hear(self, stdout: asyncio.StreamReader, into: "Incoming") -> None:
        """Pass on what it says; then take what still comes, so that it is not stuck with it."""
        try:
            await self._lines(stdout, into)
        finally:
            self._ended()
        while await stdout.read(65536):
            pass

    async def _lines(self, stdout: asyncio.StreamReader, into: "Incoming") -> None:
        import anyio

        lines = Lines()
        async with into:
            try:
                while heard := await stdout.read(65536):
                    for line, whole in lines.feed(heard):
                        if message := _message(line, whole=whole):
                            await into.send(message)
            except Endless:
                self._complaints[:] = b"a line that never ends"
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                return  # nobody listens any more

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        """Keep the end of what it complains about."""
        while heard := await stderr.read(65536):
            self._complaints += heard
            del self._complaints[:-LAST_WORDS]


def _message(line: bytes, *, whole: bool) -> "SessionMessage | None":
    """What a line says; None where it says nothing: a greeting, or whatever else programs print."""
    from mcp.shared.message import SessionMessage
    from mcp_types import INTERNAL_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

    if not whole:
        if (number := numbered(line)) is None:
            return None
        error = ErrorData(code=INTERNAL_ERROR, message=TOO_LARGE)
        return SessionMessage(JSONRPCError(jsonrpc="2.0", id=number, error=error))
    try:
        return shortened(SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False)))
    except ValueError:
        return None


def _environment(chosen: Mapping[str, Any]) -> dict[str, str]:
    """What the program sees: enough to run, and what the operator gave it; none of our keys."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {"PATH": os.defpath, **inherited, **{name: value.get_secret_value() for name, value in chosen.items()}}


async def _speak(stdin: asyncio.StreamWriter, out_of: "Outgoing") -> None:
    """Write what the client says, a line each."""
    async with out_of:
        async for message in out_of:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            try:
                stdin.write(text.encode() + b"\n")
                await stdin.drain()
            except OSError:
                return  # it has ended, which its output tells as well


async def _end(child: asyncio.subprocess.Process) -> None:
    """End it politely, then for good, with all it started."""
    assert child.stdin
    child.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await child.wait()
                break
        _signal(child.pid, number)
    else:
        with suppress(TimeoutError):  # what it left behind may hold its output open
            async with asyncio.timeout(GRACE_S):
                await child.wait()
    _signal(child.pid, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    """To a process and all its children."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
