"""What all conversations share, and what is written down at a turn's end."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from bot import mp3
from bot.bus import Bus
from bot.channel import Capabilities, Channel
from bot.knowledge import FAQ_NAME
from bot.label import Labels
from bot.message import Attachment, Entry, Part, Picture, Recital, State, Text, VoiceNote
from bot.mind import Mind
from bot.packing import packed
from bot.pcm import Samples
from bot.settings import Channeled, Settings
from bot.store import Claim, Full, Reply, SpokenLine, Store
from bot.turn import Cast
from bot.unpacking import Unpacker

HOLD_S = 2.0
"""A hold that nobody ends turns into going on."""
RETRY_S = 5.0
"""Seconds between tries to write a reply while the disk is full."""
SOURCES = 3
"""Sources that a text message names at most."""
SITTINGS = 10_000
"""Conversations whose length of talk is remembered."""


@dataclass(slots=True)
class Sitting:
    """One stretch of talk without a long break."""

    began: float
    last: float


async def nobody_else(conversation: str, forgotten: bool) -> None:
    """Nobody has a page open."""


@dataclass(frozen=True, slots=True)
class House:
    """What all conversations share."""

    store: Store
    bus: Bus
    settings: Settings
    cast: Callable[[str], Cast]
    """Who answers at a channel."""
    channels: Mapping[str, Channel]
    keys: Callable[[str], Channeled]
    """What the operator chose for a channel."""
    answered: Callable[[str, int], None]
    """Told how many messages of a conversation got their answer."""
    turns: asyncio.Semaphore
    """Turns at once."""
    unpacker: Unpacker
    escort: Callable[[Claim], AbstractAsyncContextManager[None]]
    """Lets the claim's door show that she is at it, while a turn runs."""
    mind: Mind
    show_out: Callable[[str, bool], Awaitable[None]] = nobody_else
    """Closes the pages of those who came into a conversation by a link; where it is forgotten, all of its pages."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    hold_s: float = HOLD_S
    sittings: OrderedDict[str, Sitting] = field(default_factory=OrderedDict[str, Sitting])

    def capabilities(self, door: str) -> Capabilities:
        """What a door can carry; one that is not there any more carries nothing."""
        channel = self.channels.get(door)
        return channel.capabilities if channel else Capabilities()

    @property
    def labels(self) -> Labels:
        """What the law asks to be written."""
        return Labels(self.settings.label)


@dataclass(slots=True)
class Ledger:
    """Writes a turn's end into the store."""

    house: House
    first: bool = True
    """Whether she says something in the conversation for the first time."""
    enclosures: tuple[Part, ...] = ()
    """What goes with the reply."""

    async def write(self, claim: Claim, reply: Reply) -> Entry | None:
        """Finish the claim; while the disk is full this waits for room, since what was said must not be lost."""
        reply = replace(reply, deliveries=self._deliveries(claim, reply))
        while True:
            try:
                entry = await self.house.store.finish(claim, reply)
            except Full:
                await self.house.sleep(RETRY_S)
            else:
                self.house.answered(claim.conversation, len(claim.entries))
                return entry

    def _deliveries(self, claim: Claim, reply: Reply) -> tuple[Part, ...]:
        """What the door shall send: texts first, since words never wait for sound."""
        door = claim.entries[0].door
        capabilities = self.house.capabilities(door)
        if capabilities.live or not reply.parts:
            return ()
        text = "\n".join(part.text for part in reply.parts if isinstance(part, Text))
        drawn = tuple(part for part in reply.parts if isinstance(part, Picture)) if capabilities.pictures else ()
        label = self.house.labels.words(capabilities, first=self.first)
        told = "\n".join(filter(None, (text, named(reply.detail.get("sources", ())))))
        texts = tuple(Text(piece) for piece in packed(told, capabilities, label))
        spoken = (Recital(text),) if self._voiced(claim, capabilities) and reply.state is State.ANSWERED else ()
        return (*texts, *drawn, *self.enclosures, *spoken)

    def _voiced(self, claim: Claim, capabilities: Capabilities) -> bool:
        wanted = self.house.keys(claim.entries[0].door).voice
        asked = any(_spoken(part) for entry in claim.entries for part in entry.parts)
        return bool(capabilities.voice) and (wanted == "always" or (wanted == "asked" and asked))

    async def amend(self, claim: Claim, detail: dict[str, Any], state: State | None, heard: int | None) -> Entry | None:
        """Add to the finished reply; on a full disk the additions are lost, the reply is not."""
        try:
            if heard is not None:
                await self.house.store.heard(claim.conversation, claim.turn, heard)
            return await self.house.store.amend(claim.conversation, claim.turn, detail=detail, state=state)
        except Full:
            return None

    def shelf(self, claim: Claim) -> "LineShelf":
        """Where the conversation's spoken lines are kept."""
        house = self.house
        return LineShelf(house.store, claim.conversation, house.labels, house.settings.voice.cache)


def named(sources: Sequence[Mapping[str, Any]]) -> str:
    """The sources of a reply, a line each, for places that show nothing but text."""
    lines = {each["number"]: f"〔{each['number']}〕{_titled(each)}" for each in sources}
    return "\n".join(lines[number] for number in sorted(lines)[:SOURCES])


def _titled(source: Mapping[str, Any]) -> str:
    file = "常见问题 FAQ" if source["file"] == FAQ_NAME else str(source["file"])
    return " › ".join(filter(None, (file, str(source["heading"]))))


def _spoken(part: Part) -> bool:
    return isinstance(part, VoiceNote) or (isinstance(part, Attachment) and part.what == "voice")


@dataclass(frozen=True, slots=True)
class LineShelf:
    """A conversation's spoken lines; on a full disk they are not kept."""

    store: Store
    conversation: str
    labels: Labels
    again: bool
    """Whether lines are found again."""

    async def encoded(self, samples: Samples) -> bytes:
        """A line's sound as MP3, with the record of its origin."""
        return self.labels.labelled(await mp3.encoded(samples), "audio/mpeg")

    async def find(self, key: str) -> SpokenLine | None:
        """A line spoken before."""
        try:
            return await self.store.line(self.conversation, key) if self.again else None
        except Full:
            return None

    async def keep(self, key: str, line: SpokenLine) -> str:
        """Keep a line; the hash of its sound, empty when there is no room."""
        try:
            if key:
                return await self.store.keep_line(self.conversation, key, line)
            return await self.store.keep(self.conversation, line.mp3, "audio/mpeg")
        except Full:
            return ""
