"""An ear at any service that speaks OpenAI's ``/v1/audio/transcriptions``."""

import asyncio
from typing import Any

import aiohttp

from bot import mp3
from bot.ear import EarError, Transcript
from bot.pcm import Samples
from bot.settings import EarSettings


def open(settings: EarSettings) -> "OpenAIEar":
    """An ear at the service the settings name."""
    return OpenAIEar(settings)


class OpenAIEar:
    """Sends recordings away and gets words back."""

    name = "openai"

    def __init__(self, settings: EarSettings) -> None:
        self.settings = settings
        self.url = f"{(settings.base_url or 'https://api.openai.com/v1').rstrip('/')}/audio/transcriptions"
        self.session: aiohttp.ClientSession | None = None

    async def hear(self, samples: Samples) -> Transcript:
        """Write down a recording. Raises EarError."""
        form = aiohttp.FormData()
        form.add_field("file", await mp3.encoded(samples), filename="note.mp3", content_type="audio/mpeg")
        form.add_field("model", self.settings.model)
        form.add_field("response_format", "json")
        try:
            async with asyncio.timeout(self.settings.whole_s), self._session().post(self.url, data=form) as response:
                if response.status != 200:
                    raise EarError(f"HTTP {response.status}")
                answer: Any = await response.json(content_type=None)
        except TimeoutError as error:
            raise EarError(f"no answer within {self.settings.whole_s:.0f} s") from error
        except (aiohttp.ClientError, ValueError, UnicodeDecodeError) as error:
            raise EarError(type(error).__name__) from error
        if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
            raise EarError("the answer has no text")
        return Transcript(answer["text"].strip(), str(answer.get("language") or ""))

    async def close(self) -> None:
        """Let go of the connection."""
        if self.session:
            await self.session.close()

    def _session(self) -> aiohttp.ClientSession:
        if self.session is None:
            key = self.settings.api_key.get_secret_value()
            self.session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"} if key else None)
        return self.session
