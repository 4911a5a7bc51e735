"""Talking to her: how soon she falls silent at a voice, and how soon she answers when it ends."""

import asyncio
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.clauses import clauses
from bot.ear import Transcript
from bot.pcm import Samples
from bot.phonetics import Phonetics, Timbre, Tuning
from bot.settings import EarSettings, Settings
from bot.vad import RATE
from bot.web import wire
from bot.web.access import Access
from bot.web.door import Foyer
from bot.web.server import Server
from tests.bench.figures import Figures, median
from tests.fakes import PERSONA, EchoBrain, HumVoice
from tests.stage import stage
from tests.visitor import Visitor, visit

CHUNK = 512
FADE_S = 0.06
"""The page fades her out within this."""
TRIALS = 12


class ReadyEar:
    """Knows at once what was said: its own time is not ours."""

    name = "ready"

    async def hear(self, samples: Samples) -> Transcript:
        """The same words for everything."""
        return Transcript("今天天气怎么样？")

    async def close(self) -> None:
        """Nothing to let go of."""


async def sentence() -> Samples:
    """A spoken sentence at the microphone's rate, from its first sound to its last."""
    tuning = Tuning(160, 50, 50)
    async with Phonetics() as phonetics:
        said = await phonetics.say(clauses("你好，今天天气怎么样？")[-1], "zh", Timbre("f2", tuning, tuning))
    samples = np.frombuffer(said.pcm, "<i2")
    times = np.arange(round(len(samples) * RATE / said.rate)) * said.rate / RATE
    speech = np.interp(times, np.arange(len(samples)), samples).astype(np.int16)
    loud = np.flatnonzero(np.abs(speech.astype(int)) > 300)
    return speech[loud[0] : loud[-1] + 1]


async def spoken(page: Visitor, speech: Samples, before: float) -> tuple[float, float]:
    """Speak into the page's microphone as time goes by; when the first and the last sound were made."""
    quiet = np.random.default_rng(1).normal(0, 15, round(before * RATE)).astype(np.int16)
    whole = np.concatenate((quiet, speech, np.random.default_rng(2).normal(0, 15, RATE).astype(np.int16)))
    began = time.monotonic()
    for at in range(0, len(whole) - CHUNK, CHUNK):
        await asyncio.sleep(
            max(0.0, began + (at + CHUNK) / RATE - time.monotonic())
        )  # a chunk is there when it is full
        await page.ws.send_bytes(wire.binary({"type": "hear", "played": 0}, whole[at : at + CHUNK].tobytes()))
    return began + before, began + before + len(speech) / RATE


async def measure(figures: Figures) -> None:
    """Both, in real time over a real socket."""
    speech = await sentence()
    settings = Settings(ear=EarSettings(kind="openai"))
    stops: list[float] = []
    answers: list[float] = []
    chance = random.Random(7)
    async with stage(EchoBrain(), voice=HumVoice(), listen=False) as running:
        foyer = Foyer(
            "page", running.store, running.bus, settings, running.page.take, lambda: PERSONA, lambda: "/m.json",
        )  # fmt: skip
        server = Server(replace(foyer, ear=ReadyEar()), Access(settings.web), Path("nowhere"), Path("nowhere"))
        async with server.serve("127.0.0.1", 0) as port, visit(f"http://127.0.0.1:{port}") as page:
            await page.hello()
            await page.send({"type": "mic", "on": True, "mode": "free"})
            for _ in range(TRIALS):
                page.frames.clear()
                page.sounds.clear()
                reading = asyncio.create_task(page.until("end"))
                first, last = await spoken(page, speech, 0.6 + chance.random() * 0.2)
                await reading
                heard = next(frame["_at"] for frame in page.frames if frame.get("state") == "speech")
                stops.append(heard - first + FADE_S)
                answers.append(page.sounds[0].at - last)
    note = f"{TRIALS} sentences, the page's fade of {FADE_S * 1000:.0f} ms included"
    figures.add("stop_on_voice_ms", 1000 * sorted(stops)[len(stops) * 95 // 100], "ms", "<= 200", note)
    pause = settings.ear.pause_s
    note = f"{pause:.2f} s of it the pause that ends a sentence; ear, brain and voice take no time here"
    figures.add("speech_end_to_first_sound_s", median(answers), "s", "", note)


if __name__ == "__main__":
    asyncio.run(measure(Figures()))
