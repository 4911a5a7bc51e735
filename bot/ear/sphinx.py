"""An offline ear: PocketSphinx with the English model it brings along, or with the operator's own for another language."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bot.ear import EarError, Transcript
from bot.pcm import RATE, Samples
from bot.settings import EarSettings
from bot.voicenote import MISSING

HEARD_RATE = 16000
TRIAL, TRIAL_S = "import json, sys, pocketsphinx; pocketsphinx.Decoder(**json.loads(sys.argv[1]))", 60.0
"""A broken model ends the process that loads it: another one goes first."""


def open(settings: EarSettings) -> "SphinxEar":
    """An ear on this machine."""
    return SphinxEar(settings.models)


def model(folder: Path) -> dict[str, str]:
    """The decoder's options for a model's folder: acoustic model, dictionary, language model. Raises EarError."""
    inside = [each for level in ("*", "*/*") for each in sorted(folder.glob(level))]
    acoustic = next((each.parent for each in inside if each.name.startswith("mdef")), None)
    words = next((each for each in inside if each.suffix in (".dict", ".dic")), None)
    grammar = next((each for each in inside if ".lm" in each.name and "phone" not in each.name), None)
    if not (acoustic and words and grammar):
        lacking = [name for name, found in (("mdef", acoustic), (".dict", words), (".lm", grammar)) if not found]
        raise EarError(f"ear.models: {folder} 里没有 / has no {', '.join(lacking)}")
    options = {"hmm": str(acoustic), "dict": str(words), "lm": str(grammar)}
    trial = [sys.executable, "-c", TRIAL, json.dumps(options)]
    if subprocess.run(trial, capture_output=True, timeout=TRIAL_S, check=False).returncode:
        raise EarError(f"ear.models: {folder} 的模型坏了 / holds a broken model")
    return options


class SphinxEar:
    """Listens on a thread, one recording at a time."""

    name = "sphinx"

    def __init__(self, models: str = "") -> None:
        self.models = models
        """Folder of the operator's own model; empty: the English one."""
        self.decoder: Any = None
        self.turn = asyncio.Lock()

    async def hear(self, samples: Samples) -> Transcript:
        """Write down speech of the model's language. Raises EarError."""
        async with self.turn:
            return Transcript(await asyncio.to_thread(self._heard, samples), "" if self.models else "en")

    async def close(self) -> None:
        """Let go of the model."""
        self.decoder = None

    def _heard(self, samples: Samples) -> str:
        if self.decoder is None:
            try:
                from pocketsphinx import Decoder
            except ImportError as error:
                raise EarError(MISSING.format(extra="sphinx")) from error
            own = model(Path(self.models)) if self.models else {}
            self.decoder = Decoder(samprate=HEARD_RATE, loglevel="FATAL", **own)
        count = len(samples) * HEARD_RATE // RATE
        tones = np.fft.rfft(samples)[: count // 2 + 1]  # what the lower rate can hold, so that nothing folds back
        sound = np.clip(np.fft.irfft(tones, count) * count / len(samples), -32768, 32767).astype("<i2")
        self.decoder.start_utt()
        self.decoder.process_raw(sound.tobytes(), full_utt=True)
        self.decoder.end_utt()
        found = self.decoder.hyp()
        return found.hypstr if found else ""
