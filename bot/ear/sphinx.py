"""An offline ear: PocketSphinx with the English model it brings along. For tests and demonstrations; it hears no Chinese."""

import asyncio
from typing import Any

import numpy as np

from bot.ear import EarError, Transcript
from bot.pcm import RATE, Samples
from bot.settings import EarSettings
from bot.voicenote import MISSING

HEARD_RATE = 16000


def open(settings: EarSettings) -> "SphinxEar":
    """An ear on this machine."""
    return SphinxEar()


class SphinxEar:
    """Listens on a thread, one recording at a time."""

    name = "sphinx"

    def __init__(self) -> None:
        self.decoder: Any = None
        self.turn = asyncio.Lock()

    async def hear(self, samples: Samples) -> Transcript:
        """Write down English speech. Raises EarError."""
        async with self.turn:
            return Transcript(await asyncio.to_thread(self._heard, samples), "en")

    async def close(self) -> None:
        """Let go of the model."""
        self.decoder = None

    def _heard(self, samples: Samples) -> str:
        if self.decoder is None:
            try:
                from pocketsphinx import Decoder
            except ImportError as error:
                raise EarError(MISSING.format(extra="sphinx")) from error
            self.decoder = Decoder(samprate=HEARD_RATE, loglevel="FATAL")
        count = len(samples) * HEARD_RATE // RATE
        tones = np.fft.rfft(samples)[: count // 2 + 1]  # what the lower rate can hold, so that nothing folds back
        sound = np.clip(np.fft.irfft(tones, count) * count / len(samples), -32768, 32767).astype("<i2")
        self.decoder.start_utt()
        self.decoder.process_raw(sound.tobytes(), full_utt=True)
        self.decoder.end_utt()
        found = self.decoder.hyp()
        return found.hypstr if found else ""
