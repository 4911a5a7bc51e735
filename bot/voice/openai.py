"""Any OpenAI-compatible speech service (``/audio/speech``) as a voice: samples as they are made."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, VoiceError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

RATE = 24000
"""Samples a second of ``response_format=pcm``."""
CONNECT_S = 3.0
WAV_HEADER = 44
"""Bytes of a plain RIFF header."""


def open(settings: VoiceSettings, phonetics: Phonetics) -> "OpenAIVoice":
    """The service the settings name."""
    return OpenAIVoice(settings)


class OpenAIVoice:
    """Speaks through a service."""

    name = "openai"
    reason = ""

    def __init__(self, settings: VoiceSettings) -> None:
        self.settings = settings
        self.client: AsyncOpenAI | None = None

    def engine(self, language: str, manner: Manner) -> str:
        """Model and voice."""
        return f"openai-{self.settings.model}/{manner.openai}"

    async def warm(self) -> None:
        """Load the library, which takes half a second, off the loop."""
        await asyncio.to_thread(self._client)

    async def close(self) -> None:
        """Let go of connections."""
        if self.client:
            await self.client.close()

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line's sound."""
        if not any(map(str.isalnum, text)):
            raise VoiceError("nothing to pronounce")
        patience = self.settings.first_sound_s * (1 if first else 2)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.settings.whole_line_s
        async with aclosing(self._sound(text, manner)) as sound:
            started = False
            while True:
                wait = min(deadline - loop.time(), self.settings.whole_line_s if started else patience)
                try:
                    async with asyncio.timeout(wait):
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

    def _client(self) -> "AsyncOpenAI":
        import openai

        if self.client is None:
            key = self.settings.api_key.get_secret_value() or "none"
            timeout = openai.Timeout(self.settings.whole_line_s, connect=CONNECT_S)
            self.client = openai.AsyncOpenAI(
                api_key=key, base_url=self.settings.base_url or None, timeout=timeout, max_retries=0
            )
        return self.client

    async def _sound(self, text: str, manner: Manner) -> AsyncGenerator[bytes]:
        """Samples as the service sends them. Raises VoiceError."""
        client = self.client or await asyncio.to_thread(self._client)
        import httpx2
        import openai

        request = client.audio.speech.with_streaming_response.create(
            model=self.settings.model, voice=manner.openai, input=text, response_format="pcm",
            speed=1 + manner.rate / 100,
        )  # fmt: skip
        try:
            async with request as response:
                kind = response.headers.get("content-type", "")
                if kind.startswith(("text/", "application/json")):
                    raise VoiceError(f"the service sent {kind} instead of sound")
                async for data in _bare(response.iter_bytes()):
                    yield data
        except (openai.OpenAIError, httpx2.HTTPError) as error:  # the body's errors come as they are
            raise VoiceError(_reason(error)) from error


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


def _reason(error: Exception) -> str:
    """What went wrong, without what was sent."""
    status = getattr(error, "status_code", "")
    cause = error.__cause__
    return f"{type(error).__name__} {status}".strip() + (f": {type(cause).__name__}" if cause else "")
