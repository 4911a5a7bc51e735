"""The bus within one process: queues, nothing copied."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.message import Begin, Control, End, Piece

ROOM = 8192
"""Pieces a door may lag behind: a long reply with all its sound."""


def open() -> "MemoryBus":
    """A bus for this process."""
    return MemoryBus()


@dataclass(eq=False)
class MemoryListener:
    """A door's place in a conversation."""

    sound: bool
    whole: bool = False
    seen: bool = True
    queue: asyncio.Queue[Piece | None] = field(default_factory=lambda: asyncio.Queue(ROOM))

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """The pieces in order; ends when the door was too slow."""
        while (piece := await self.queue.get()) is not None:
            yield piece

    def close(self) -> None:
        """No more pieces come."""
        if self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)

    def offer(self, piece: Piece) -> bool:
        """Whether there was room for the piece; without room the door loses its place."""
        try:
            self.queue.put_nowait(piece)
        except asyncio.QueueFull:
            self.queue.get_nowait()
            self.queue.put_nowait(None)
            return False
        return True


@dataclass(eq=False)
class Inbox:
    """What doors tell a turn; waiting for the next may be cancelled and tried again, which a generator would not bear."""

    queue: asyncio.Queue[Control] = field(default_factory=asyncio.Queue[Control])

    def __aiter__(self) -> "Inbox":
        return self

    async def __anext__(self) -> Control:
        return await self.queue.get()


@dataclass(eq=False)
class Topic:
    """One conversation's doors, the running turn's pieces and the turn's ears."""

    doors: list[MemoryListener] = field(default_factory=list[MemoryListener])
    kept: list[Piece] = field(default_factory=list[Piece])
    turns: list[Inbox] = field(default_factory=list[Inbox])

    @property
    def idle(self) -> bool:
        """Whether nobody would miss it."""
        return not (self.doors or self.kept or self.turns)


class MemoryBus:
    """Keeps the running turn's pieces and hands them on."""

    def __init__(self) -> None:
        self.topics: defaultdict[str, Topic] = defaultdict(Topic)

    def publish(self, piece: Piece) -> None:
        """Hand a piece to every door; Begin starts what is kept afresh, End drops it."""
        topic = self.topics[piece.conversation]
        if isinstance(piece.shown, Begin):
            topic.kept.clear()
        topic.kept.append(piece)
        topic.doors = [door for door in topic.doors if door.offer(piece)]
        if isinstance(piece.shown, End):
            topic.kept.clear()
            self._tidy(piece.conversation)

    @asynccontextmanager
    async def listen(
        self, conversation: str, *, sound: bool, whole: bool = False, seen: bool = True
    ) -> AsyncGenerator[MemoryListener]:
        """Follow a conversation from the running turn's first piece on."""
        listener = MemoryListener(sound, whole, seen)
        topic = self.topics[conversation]
        for piece in topic.kept:
            listener.offer(piece)
        topic.doors.append(listener)
        try:
            yield listener
        finally:
            topic.doors = [door for door in topic.doors if door is not listener]
            self._tidy(conversation)

    def listeners(self, conversation: str) -> int:
        """How many doors show words."""
        return sum(door.seen for door in self.topics[conversation].doors) if conversation in self.topics else 0

    def ears(self, conversation: str) -> int:
        """How many doors follow with sound."""
        return sum(door.sound for door in self.topics[conversation].doors) if conversation in self.topics else 0

    def whole(self, conversation: str) -> bool:
        """Whether a door with sound wants later lines whole."""
        doors = self.topics[conversation].doors if conversation in self.topics else []
        return any(door.sound and door.whole for door in doors)

    def control(self, control: Control) -> None:
        """Tell the running turn something."""
        if control.conversation in self.topics:
            for turn in self.topics[control.conversation].turns:
                turn.queue.put_nowait(control)

    @asynccontextmanager
    async def controls(self, conversation: str) -> AsyncGenerator[AsyncIterator[Control]]:
        """Follow what doors tell."""
        inbox = Inbox()
        topic = self.topics[conversation]
        topic.turns.append(inbox)
        try:
            yield inbox
        finally:
            topic.turns.remove(inbox)
            self._tidy(conversation)

    def _tidy(self, conversation: str) -> None:
        if conversation in self.topics and self.topics[conversation].idle:
            del self.topics[conversation]
