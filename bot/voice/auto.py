"""The best voice there is now: edge while it can be reached, else the offline voice, line by line."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from bot import voice
from bot.adapters import adapter
from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Manner, Spoke, Voice, VoiceError

log = logging.getLogger(__name__)

PATIENCE = 2
"""So many lines in a row may fail before the others no longer try."""
REST_S = 60.0
"""Until it is tried again, by a line that nobody hears: no line that somebody waits for pays for the try."""


def open(settings: VoiceSettings, phonetics: Phonetics) -> Voice:
    """Edge and the offline voice as one."""
    return AutoVoice(*(adapter(voice, name).open(settings, phonetics) for name in ("edge", "espeak")))


class AutoVoice:
    """Says lines with a voice from the network, or, before anything of the line was heard, with one that needs none."""

    name = "auto"

    def __init__(self, online: Voice, offline: Voice, clock: Callable[[], float] = time.monotonic) -> None:
        self._online, self._offline, self._clock = online, offline, clock
        self._failures = 0
        self._rests_until = 0.0
        self._trial: asyncio.Task[None] | None = None
        self._why = ""
        self.reason = ""
        """Why the offline voice speaks, in both languages; empty: it does not, as far as is known."""

    async def warm(self) -> None:
        """Load both."""
        await asyncio.gather(self._online.warm(), self._offline.warm())

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line. Raises VoiceError, also when the voice failed after something was heard."""
        failure: VoiceError | None = None
        heard = False
        if self._trusted:
            try:
                async with aclosing(_from_sound_on(self._online.speak(text, language, manner, first=first))) as items:
                    async for item in items:
                        heard = True
                        yield item
                self._reached()
                return
            except VoiceError as error:
                failure = error
                if heard:
                    self._missed(failure)
                    raise
        async with aclosing(_from_sound_on(self._offline.speak(text, language, manner, first=first))) as items:
            async for item in items:
                if not heard:  # only now: what neither can say tells nothing about the network
                    heard = True
                    self._excuse(failure)
                    self._try_again(text, language, manner)
                yield item

    def engine(self, language: str, manner: Manner) -> str:
        """That of the voice which is asked first."""
        return (self._online if self._trusted else self._offline).engine(language, manner)

    async def close(self) -> None:
        """Close both."""
        if self._trial:
            self._trial.cancel()
            await asyncio.wait([self._trial])
        await self._online.close()
        await self._offline.close()

    @property
    def _trusted(self) -> bool:
        """Whether lines go out to the network."""
        return self._failures < PATIENCE

    def _try_again(self, text: str, language: str, manner: Manner) -> None:
        """Let the online voice say a line for nobody, once it has rested."""
        if self._trusted or self._clock() < self._rests_until or (self._trial and not self._trial.done()):
            return
        # No group of a line or a turn could hold it: it outlives them, and ends with the voice.
        self._trial = asyncio.get_running_loop().create_task(self._tried(text, language, manner))

    async def _tried(self, text: str, language: str, manner: Manner) -> None:
        try:
            async with aclosing(self._online.speak(text, language, manner, first=True)) as items:
                async for item in items:
                    if isinstance(item, Bytes):
                        self._reached()
                        break
        except VoiceError as error:
            self._excuse(error)

    def _missed(self, error: VoiceError) -> None:
        self._failures += 1
        self._why = f"连不上在线声音，先用离线声音说话 offline voice: {error}"
        if self._failures >= PATIENCE:
            self._rests_until = self._clock() + REST_S

    def _excuse(self, error: VoiceError | None) -> None:
        """The offline voice speaks, because of this failure or one before."""
        if error:
            self._missed(error)
        if self._failures:
            if not self.reason:
                log.warning(self._why)
            self.reason = self._why

    def _reached(self) -> None:
        if self.reason:
            log.info("在线声音恢复了 the online voice speaks again")
        self._failures, self.reason = 0, ""


async def _from_sound_on(items: AsyncGenerator[Spoke]) -> AsyncGenerator[Spoke]:
    """The same items, nothing of them before there is sound: until then another voice may take over."""
    early: list[Spoke] = []
    sounds = False
    async with aclosing(items):
        async for item in items:
            sounds = sounds or isinstance(item, Bytes)
            if not sounds:
                early.append(item)
                continue
            for each in early:
                yield each
            early.clear()
            yield item
    if not sounds:
        raise VoiceError("no sound came")
