"""What a door hears: the page's microphone, opened and closed by the page."""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bot import mp3, phrases
from bot.channel import Admission
from bot.ear import Ear
from bot.message import Part, VoiceNote
from bot.pcm import RATE, Samples
from bot.settings import EarSettings
from bot.store import Full
from bot.vad import Busy, Vads
from bot.web.microphone import Microphone, hearing
from bot.web.wire import Json

CHUNK_BYTES = 2 * 16000
"""A second of sound: a page sends less at a time."""
LATELY = 12
"""Lines of hers that are remembered, to know her own words by when they come back out of the loudspeaker."""


@dataclass(slots=True)
class Ears:
    """Opens and closes a microphone, and turns what it brings into messages."""

    ear: Ear | None
    vads: Vads
    settings: EarSettings
    tell: Callable[[Json], Awaitable[None]]
    control: Callable[[str], None]
    keep: Callable[[bytes], Awaitable[str]]
    """Keeps an MP3 and gives its hash. Raises Full."""
    admit: Callable[[str, tuple[Part, ...]], Awaitable[Admission]]
    """Takes a message's id and parts."""
    group: asyncio.TaskGroup
    microphone: Microphone | None = None
    lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=LATELY))
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def switch(self, frame: Json) -> None:
        """Open the microphone, or close it."""
        await self.close(drop=frame.get("on") is True or frame.get("drop") is True)
        await self.tell(
            await self._opened(push=frame.get("mode") == "push") if frame.get("on") is True else hearing("closed")
        )

    async def _opened(self, *, push: bool) -> Json:
        """Open a microphone; what to tell the page."""
        if self.ear is None:
            return hearing("deaf", notice=f"{phrases.NO_EAR.zh} {phrases.NO_EAR.en}")
        try:
            vad = await self._stack.enter_async_context(self.vads.borrowed())
        except Busy:
            return hearing("deaf", notice=f"{phrases.NO_EARS_FREE.zh} {phrases.NO_EARS_FREE.en}")
        self.microphone = Microphone(self, self.ear, vad, self.settings, self.group, time.monotonic, push)
        return hearing("open")

    async def hear(self, frame: Json, pcm: bytes) -> bool:
        """Take a chunk of sound; False for one that is none."""
        if len(pcm) > CHUNK_BYTES or len(pcm) % 2:
            return False
        played = frame.get("played")
        if self.microphone:
            await self.microphone.hear(pcm, float(played) if isinstance(played, int | float) else 0.0)
        return True

    async def close(self, *, drop: bool) -> None:
        """Close the microphone; what was said up to now counts, unless it is dropped."""
        microphone, self.microphone = self.microphone, None
        if microphone:
            await microphone.close(drop=drop)
        await self._stack.aclose()

    # The microphone's room

    def hold(self, on: bool) -> None:
        """Let her begin no further line, or go on."""
        self.control("hold" if on else "resume")

    async def take(self, samples: Samples, text: str) -> str:
        """Take what was said as a voice note; a notice where it was refused."""
        seconds = round(len(samples) / RATE, 3)
        try:
            note = VoiceNote(await self.keep(await mp3.encoded(samples)), "audio/mpeg", seconds, text)
        except Full:
            note = VoiceNote("", "", seconds, text)
        return (await self.admit(uuid.uuid4().hex, (note,))).notice

    def lately(self) -> str:
        """What she said lately."""
        return "".join(self.lines)
