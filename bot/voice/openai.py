"""Any OpenAI-compatible speech service (``/audio/speech``) as a voice: samples as they are made.

Spoken to by aiohttp: the ``openai`` library needs 2 to 3 ms of processor time for each of these small requests (measured),
which fifty people talking at once would hear.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import aiohttp

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, VoiceError

RATE = 24000
"""Samples a second of ``response_format=pcm``."""
CONNECT_S = 3.0
WAV_HEADER = 44
"""Bytes of a plain RIFF header."""
PLACE = "https://api.openai.com/v1"


def open(settings: VoiceSettings, phonetics: Phonetics) -> "OpenAIVoice":
    """The service that settings and environment name."""
    return OpenAIVoice(settings)


class OpenAIVoice:
    """Speaks through a service."""

    name = "openai"
    reason = ""

    def __init__(self, settings: VoiceSettings) -> None:
        self.settings = settings
        place = settings.base_url or os.environ.get("OPENAI_BASE_URL", PLACE)
        self.url = f"{place.rstrip('/')}/audio/speech"
        key = settings.api_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.session: aiohttp.ClientSession | None = None

    def engine(self, language: str, manner: Manner) -> str:
        """Model and voice."""
        return f"openai-{self.settings.model}/{manner.openai}"

    async def warm(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Let go of connections."""
        if self.session:
            await self.session.close()

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line's sound."""
        if not any(map(str.isalnum, text)):
            raise VoiceError("nothing to pronounce")
        patience = self.settings.first_sound_s * (1 if first else 2)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.settings.whole_line_s
        started = False
        async with aclosing(self._sound(text, manner)) as sound:
            while True:
                left = deadline - loop.time()
                try:
                    async with asyncio.timeout(left if started else min(left, patience)):
                        data = await anext(sound, None)
                except TimeoutError:
                    raise VoiceError("the service is too slow") from None
                if data is None:
                    break
                if not started:
                    started = True
                    yield Format("pcm", RATE, self.engine(language, manner))
                yield Bytes(data)
        if not started:
            raise VoiceError("the service sent no sound")

    async def _sound(self, text: str, manner: Manner) -> AsyncGenerator[bytes]:
        """Samples as the service sends them. Raises VoiceError."""
        if self.session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self.session = aiohttp.ClientSession(connector=connector, timeout=timeout, headers=self.headers)
        asked = {
            "model": self.settings.model,
            "voice": manner.openai,
            "input": text,
            "response_format": "pcm",
            "speed": 1 + manner.rate / 100,
        }
        try:
            async with self.session.post(self.url, json=asked) as response:
                if response.status != 200:
                    raise VoiceError(f"HTTP {response.status}")
                if response.content_type.startswith(("text/", "application/json")):
                    raise VoiceError(f"the service sent {response.content_type} instead of sound")
                async for data in _bare(response.content.iter_any()):
                    yield data
        except aiohttp.ClientError as error:
            raise VoiceError(type(error).__name__) from error


async def _bare(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The samples without a WAV header, which some services send with every format."""
    head, checked = b"", False
    async for chunk in chunks:
        if checked:
            yield chunk
            continue
        head += chunk
        if len(head) >= WAV_HEADER or not b"RIFF".startswith(head[:4]):
            checked = True
            if head.startswith(b"RIFF"):
                head = head[head.find(b"data") + 8 :]
            if head.startswith((b"ID3", b"\xff\xf3", b"\xff\xfb")):
                raise VoiceError("the service sent MP3 although samples were asked for")
            if head:
                yield head
