"""The worker as the bot sees it: a child process that is asked and answers, or dies and says so."""

import asyncio
import os
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, cast

from bot.phonetics_worker.wire import Frames, Head, pack

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 10.0
"""A clause takes milliseconds; a worker that needs longer is stuck and is ended."""
CLOSE_S = 2.0
SECRETS = ("ZHIYIN_", "OPENAI_")
"""Variables that are none of the worker's business."""


class PhoneticsError(Exception):
    """The worker cannot answer now."""


class Worker(asyncio.SubprocessProtocol):
    """One worker process and the requests it has not answered."""

    def __init__(self) -> None:
        self.alive = True
        self.answered = 0
        self._frames = Frames()
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[tuple[Head, bytes]]] = {}
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.SubprocessTransport | None = None

    @classmethod
    async def start(cls) -> "Worker":
        """A new process. Raises PhoneticsError."""
        command = (sys.executable, "-m", "bot.phonetics_worker")
        env = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
        try:
            loop = asyncio.get_running_loop()
            _, worker = await loop.subprocess_exec(cls, *command, cwd=ROOT, env=env, stderr=None)
        except OSError as error:
            raise PhoneticsError(f"the worker does not start: {error}") from error
        return worker

    @property
    def process(self) -> int | None:
        """Its process id."""
        return self._transport.get_pid() if self._transport else None

    async def ask(self, request: Mapping[str, Any]) -> tuple[Head, bytes]:
        """The answer to a request. Raises PhoneticsError, also when the worker dies meanwhile."""
        if not self.alive or self._transport is None:
            raise PhoneticsError("the worker died")
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        pipe = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        pipe.write(pack({**request, "id": number}))
        try:
            async with asyncio.timeout(DEADLINE_S):
                head, body = await answer
        except TimeoutError:
            self._kill("the worker is stuck")
            raise PhoneticsError("the worker is stuck") from None
        finally:
            self._waiting.pop(number, None)
        if "error" in head:
            raise PhoneticsError(head["error"])
        return head, body

    async def close(self) -> None:
        """End the process: politely, then for good."""
        self.alive = False
        if self._transport is None:
            return
        if pipe := self._transport.get_pipe_transport(0):
            pipe.close()
        try:
            async with asyncio.timeout(CLOSE_S):
                await asyncio.shield(self._ended)
        except TimeoutError:
            self._transport.kill()
            await self._ended
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once the process runs."""
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Called with what the worker writes."""
        try:
            for head, body in self._frames.feed(data):
                self.answered += 1
                answer = self._waiting.get(head["id"])
                if answer and not answer.done():  # nobody waits for a cancelled request
                    answer.set_result((head, body))
        except ValueError:
            self._kill("the worker talks nonsense")

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Called when a pipe closes: the worker is dying, or does so once its stdin is closed."""
        self._fail("the worker died")
        if self._transport and (pipe := self._transport.get_pipe_transport(0)):
            pipe.close()

    def process_exited(self) -> None:
        """Called when the process is gone and was waited for."""
        self._fail("the worker died")
        if not self._ended.done():
            self._ended.set_result(None)
        if self._transport:
            self._transport.close()

    def _fail(self, reason: str) -> None:
        """Tell those who wait that nothing will come."""
        self.alive = False
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(PhoneticsError(reason))

    def _kill(self, reason: str) -> None:
        """End a process that runs but is of no use."""
        if self.alive and self._transport and self._transport.get_returncode() is None:
            self._transport.kill()
        self._fail(reason)
