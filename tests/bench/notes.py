"""What a voice note costs: ten seconds of her voice as the formats that channels take."""

import time

import numpy as np

from bot.pcm import RATE
from bot.phonetics import Phonetics
from bot.recital import joined
from bot.settings import VoiceSettings
from bot.utterance import Take
from bot.voice import Manner, espeak
from bot.voicenote import encoded
from tests.bench.figures import Figures, median

TEXT = "今天天气真不错，我们出去走一走，好不好？"
RUNS = 5


async def formats(figures: Figures) -> None:
    """From ten seconds of samples to a file."""
    async with Phonetics() as phonetics:
        samples = await spoken(phonetics)
    for format in ("amr", "silk", "mp3"):
        await encoded(samples[:RATE], format)  # loads the library
        took: list[float] = []
        for _ in range(RUNS):
            began = time.monotonic()
            await encoded(samples, format)
            took.append((time.monotonic() - began) * 1000)
        figures.add(f"{format}_10s_ms", median(took), "ms", "<= 500")


async def spoken(phonetics: Phonetics) -> np.ndarray:
    """Ten seconds of espeak."""
    from bot.director import Director
    from bot.message import Line

    director, voice = Director(()), espeak.open(VoiceSettings(), phonetics)
    lines = [each for each in (*director.feed(TEXT * 3), *director.close()) if isinstance(each, Line)]
    pieces: list[np.ndarray] = []
    for line in lines:
        take = Take(line, lambda shown: None)
        await take.record(voice, Manner(), first=False)
        pieces.append(take.samples)
    whole = joined(pieces, 10**9)[0]
    return np.resize(whole, 10 * RATE)
