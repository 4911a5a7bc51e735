"""The brain that is there: a service when a key or address is given, else a local Ollama, else her notes."""

import logging
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import aiohttp

from bot.brain import Brain, BrainError, Finish, Prompt, Thought
from bot.brain.offline import OfflineBrain
from bot.brain.openai import OpenAIBrain
from bot.persona import Persona
from bot.settings import BrainSettings

log = logging.getLogger(__name__)

OLLAMA = "http://127.0.0.1:11434"
PROBE_S = 0.3
AGAIN_S = 60.0
"""Seconds before it is looked for a better brain again."""


def open(settings: BrainSettings, personas: Callable[[str], Persona]) -> "AutoBrain":
    """The best brain this machine can have."""
    return AutoBrain(settings, personas)


class AutoBrain:
    """Chooses, and looks again when a turn failed."""

    def __init__(
        self,
        settings: BrainSettings,
        personas: Callable[[str], Persona],
        *,
        ollama: str = OLLAMA,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.ollama, self.clock = settings, ollama, clock
        self.notes = OfflineBrain(personas)
        self.service: OpenAIBrain | None = None
        self.looked = float("-inf")
        """When Ollama was last looked for."""
        key = settings.api_key.get_secret_value() or os.environ.get("OPENAI_API_KEY")
        if key or settings.base_url or os.environ.get("OPENAI_BASE_URL"):
            self.service = OpenAIBrain(settings)
            self.looked = float("inf")  # chosen by the operator: nothing to look for

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
        return f"没有密钥，{self.ollama} 上也没有 Ollama：凭笔记回答 / no key, no Ollama: answers from her notes"

    async def warm(self) -> None:
        """Look for a brain, and load what the first turn would wait for."""
        await self._look()
        if self.service:
            await self.service.warm()

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
                    if isinstance(thought, Finish):
                        return
        except BrainError as error:
            if self.service and self.looked != float("inf") and error.kind in ("unreachable", "refused"):
                log.warning("Ollama is gone: %s", error)
                await self.service.close()
                self.service = None
            raise

    async def _look(self) -> None:
        """See whether an Ollama is there now, at most once a minute."""
        if self.service or self.clock() - self.looked < AGAIN_S:
            return
        self.looked = self.clock()
        timeout = aiohttp.ClientTimeout(total=PROBE_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"{self.ollama}/api/version") as answer,
            ):
                there = answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            there = False
        if there:
            log.info("thinking with Ollama at %s", self.ollama)
            self.service = OpenAIBrain(self.settings, f"{self.ollama}/v1", "ollama")
