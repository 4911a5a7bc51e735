"""The connections of the edge voice: so many at once, each to be cut, and the most urgent line first."""

import asyncio
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

import aiohttp

from bot.voice import VoiceError

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

ADDRESSES_S = 300
"""How long a looked-up address is good: looking it up is part of what a first line waits for."""


class Wire(aiohttp.TCPConnector):
    """A connector for one line at a time that survives the library's closing it, and can be cut.

    edge-tts makes a session of its own for each request, the second after a refusal included, and closes with it
    the connector it was lent; addresses looked up once would be lost.
    """

    def __init__(self) -> None:
        super().__init__(ttl_dns_cache=ADDRESSES_S, force_close=True)  # a spoken line's connection is spent
        self._transport: asyncio.Transport | None = None

    async def connect(self, req: "ClientRequest", traces: "list[Trace]", timeout: "ClientTimeout") -> "Connection":
        """A connection, remembered so that it can be cut."""
        connection = await super().connect(req, traces, timeout)
        self._transport = connection.transport
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Nothing: see ``end``."""

    def abort(self) -> None:
        """Cut the connection at once, without a farewell."""
        if self._transport:
            self._transport.abort()
            self._transport = None

    async def end(self) -> None:
        """Really close."""
        self.abort()
        await super().close()


class Gate:
    """Lends out so many wires at once; those somebody waits for get theirs first."""

    def __init__(self, wires: int) -> None:
        self._unmade = wires
        self._free: list[Wire] = []
        self._waiting: list[tuple[bool, int, asyncio.Future[Wire]]] = []
        self._number = count()

    async def take(self, until: float | None) -> Wire:
        """A wire, by that time of the loop's clock; look-ahead (None) waits longer. Raises VoiceError."""
        if self._free:
            return self._free.pop()
        if self._unmade:
            self._unmade -= 1
            return Wire()
        turn: asyncio.Future[Wire] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (until is None, next(self._number), turn))
        try:
            async with asyncio.timeout_at(until):
                return await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done() and not turn.cancelled():  # given in the very moment
                self.give(turn.result())
            if isinstance(error, TimeoutError):
                raise VoiceError("edge: too many lines at once") from error
            raise

    def give(self, wire: Wire) -> None:
        """Take a wire back, for the next in line."""
        while self._waiting:
            turn = heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(wire)
                return
        self._free.append(wire)

    async def close(self) -> None:
        """Close what is not lent out."""
        while self._free:
            self._unmade += 1
            await self._free.pop().end()
