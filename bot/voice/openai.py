"""Any OpenAI-compatible speech service (``/audio/speech``) as a voice: samples as they are made.

Spoken to by aiohttp: the ``openai`` library needs 2 to 3 ms of processor time for each of these small requests (measured),
which fifty people talking at once would hear.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, Voice, VoiceError
from bot.voice._wrapping import Wrapping, wrapping

CONNECT_S = 3.0
KEPT_S = 60.0
"""Seconds a connection is kept for the next line: a new one would cost it several round trips."""
LATER = 2
"""Times ``first_sound_s``: the patience with lines nobody waits for yet, and with gaps in the sound."""
PLACE = "https://api.openai.com/v1"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WORDS = ("text/", "application/json", "application/xml")
"""Types of answers that are no sound."""


def open(settings: VoiceSettings, phonetics: Phonetics) -> Voice:
    """The service that settings and environment name."""
    return OpenAIVoice(settings)


class OpenAIVoice:
    """Speaks through a service."""

    name = "openai"
    reason = ""

    def __init__(self, settings: VoiceSettings) -> None:
        self._settings = settings
        place = (settings.base_url or os.environ.get("OPENAI_BASE_URL", "")).strip() or PLACE
        self._url = f"{place.rstrip('/')}/audio/speech"
        self._key = (settings.api_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")).strip()
        self._session: aiohttp.ClientSession | None = None

    def engine(self, language: str, manner: Manner) -> str:
        """Model and voice; the service tells no version."""
        return f"openai-{self._settings.model}/{manner.openai}"

    async def warm(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Let go of connections."""
        if self._session:
            await self._session.close()

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line's sound in the format the service chose. Raises VoiceError."""
        said = text.encode("utf-8", "ignore").decode()
        if not any(map(str.isalnum, said)):
            raise VoiceError("openai: nothing to pronounce")
        clock = asyncio.get_running_loop().time
        gap, left = LATER * self._settings.first_sound_s, self._settings.whole_line_s
        patience = self._settings.first_sound_s if first else gap
        async with aclosing(self._asked(said, manner)) as items:
            while True:
                began = clock()
                try:
                    async with asyncio.timeout(min(left, patience)):
                        item = await anext(items, None)
                except TimeoutError as error:
                    raise VoiceError(f"openai: silent for {max(0.0, min(left, patience)):.1f} s") from error
                left -= clock() - began
                if item is None:
                    return
                patience = gap
                yield item if isinstance(item, Bytes) else self._format(item, language, manner)

    def _format(self, found: Wrapping, language: str, manner: Manner) -> Format:
        return Format(found.codec, found.rate, self.engine(language, manner), found.channels)

    async def _asked(self, text: str, manner: Manner) -> AsyncGenerator[Wrapping | Bytes]:
        """What the service sends, as it comes. Raises VoiceError."""
        body = {"model": self._settings.model, "voice": manner.openai, "input": text, "response_format": "pcm"}
        try:
            async with AsyncExitStack() as stack:
                response = await self._response(stack, body if not manner.rate else body | _speed(manner))
                if response.status != 200:
                    raise VoiceError(f"openai: refused ({response.status})")
                if response.content_type.startswith(WORDS):
                    raise VoiceError(f"openai: the service sent {response.content_type} instead of sound")
                async with aclosing(_unwrapped(response.content.iter_any())) as items:
                    async for item in items:
                        yield item
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Without its words: an address or a key may stand in them. ValueError: an address or a key that is none.
            raise VoiceError(f"openai: {type(error).__name__}") from error

    async def _response(self, stack: AsyncExitStack, body: dict[str, Any]) -> aiohttp.ClientResponse:
        """The service's answer, up to its headers."""
        session = self._opened()
        try:
            return await stack.enter_async_context(session.post(self._url, json=body))
        except aiohttp.ServerDisconnectedError:  # the kept connection ended just now
            return await stack.enter_async_context(session.post(self._url, json=body))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
                trust_env=urlsplit(self._url).hostname not in LOOPBACK,
            )
        return self._session


def _speed(manner: Manner) -> dict[str, Any]:
    return {"speed": 1 + manner.rate / 100}


async def _unwrapped(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Wrapping | Bytes]:
    """What the sound is, then the sound itself. Raises VoiceError."""
    head, found, left, sounded = b"", None, None, False
    async for data in _and_end(chunks):
        if found is None:
            head += data
            found = wrapping(head, ended=not data)
            if found is None:
                continue
            data, left = head[found.at :], found.size
            yield found
        if left is not None:  # what follows the sound in a WAV is none
            data = data[:left]
            left -= len(data)
        if data:
            sounded = True
            yield Bytes(data)
    if left or not sounded:
        raise VoiceError("openai: the sound was cut short")


async def _and_end(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, then an empty one."""
    async for data in chunks:
        if data:
            yield data
    yield b""
