"""The brain that is there: a service when a key or an address is given, else a local Ollama, else her notes."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from urllib.parse import urlsplit

import aiohttp

from bot.brain import Brain, BrainError, Prompt, Thought
from bot.brain._request import chosen
from bot.brain.offline import OfflineBrain
from bot.brain.openai import OpenAIBrain
from bot.knowledge import Knowledge
from bot.settings import BrainSettings

log = logging.getLogger(__name__)

OLLAMA = "http://127.0.0.1:11434"
PROBE_S = 0.3
AGAIN_S = 60.0
"""Seconds before it is looked for a better brain again."""
WHY = {
    "no Ollama": ("{} 上没有 Ollama", "no Ollama on {}"),
    "no model": ("{} 上的 Ollama 还没有模型（ollama pull）", "the Ollama on {} has no model (ollama pull)"),
}
"""What was found instead of a brain, Chinese and English."""


def open(settings: BrainSettings, knowledge: Knowledge) -> "AutoBrain":
    """The best brain this machine can have."""
    return AutoBrain(settings, knowledge)


class AutoBrain:
    """Chooses at start, and looks again when a turn failed or none but her notes was there."""

    def __init__(
        self,
        settings: BrainSettings,
        knowledge: Knowledge,
        *,
        ollama: str = OLLAMA,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.ollama, self.clock = settings, ollama, clock
        self.notes = OfflineBrain(knowledge)
        self.service: OpenAIBrain | None = None
        key = settings.api_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")
        self.given = bool(key.strip() or settings.base_url or os.environ.get("OPENAI_BASE_URL"))
        """The operator named a service: there is nothing to look for."""
        if self.given:
            self.service = OpenAIBrain(settings)
        self._doubted = True
        """What is chosen may not be the best any more."""
        self._looked = float("-inf")
        self._looking = asyncio.Lock()
        self._found = "no Ollama"

    @property
    def name(self) -> str:
        """Who thinks now."""
        return self.service.name if self.service else self.notes.name

    @property
    def last_resort(self) -> Brain | None:
        """Who answers when the service will not."""
        return self.notes if self.service else None

    @property
    def reason(self) -> str:
        """Why this brain."""
        if self.service:
            return self.service.reason
        where = urlsplit(self.ollama).netloc
        zh, en = WHY[self._found]
        return f"没有密钥，{zh.format(where)}，凭笔记回答 / no key, {en.format(where)}: answers from her notes"

    async def warm(self) -> None:
        """Look for a brain, and load what the first turn would wait for."""
        await self._look()
        await (self.service or self.notes).warm()

    async def close(self) -> None:
        """Let go of connections."""
        if self.service:
            await self.service.close()

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer of whoever thinks now. Raises BrainError."""
        await self._look()
        try:
            async with aclosing((self.service or self.notes).think(prompt)) as thoughts:
                async for thought in thoughts:
                    yield thought
        except BrainError:
            if not self._doubted:  # this turn's further attempts fail alike, and her notes then say so; the next looks
                self._doubted, self._looked = True, self.clock()
            raise

    async def _look(self) -> None:
        """See who is there; at most once a minute, and all who ask meanwhile wait for the same answer."""
        async with self._looking:
            if self.given or not self._doubted or self.clock() - self._looked < AGAIN_S:
                return
            self._looked = self.clock()
            self._found = await self._probe()
            there = self._found == "Ollama"
            self._doubted = not there
            if there and not self.service:
                log.info("thinking with Ollama at %s", self.ollama)
                self.service = OpenAIBrain(self.settings, base_url=f"{self.ollama}/v1", api_key="ollama", name="ollama")
            elif not there and self.service:
                log.warning("Ollama at %s is gone", self.ollama)
                service, self.service = self.service, None
                await service.close()

    async def _probe(self) -> str:
        """``Ollama`` with a model to chat with, ``no model``, or ``no Ollama``."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PROBE_S)) as session,
                session.get(f"{self.ollama}/v1/models") as answer,
            ):
                told = await answer.json(content_type=None) if answer.status == 200 else None
        except TimeoutError:
            return "Ollama" if self.service else "no Ollama"  # one that thinks hard may be slow to say so
        except (aiohttp.ClientError, ValueError):
            return "no Ollama"
        if not isinstance(told, dict) or "data" not in told:
            return "no Ollama"
        offered = [str(model.get("id")) for model in told["data"] or () if isinstance(model, dict)]
        return "Ollama" if chosen(offered, self.settings.models) else "no model"
