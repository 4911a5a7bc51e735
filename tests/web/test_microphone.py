"""The page's microphone: who speaks makes her fall silent; what was said becomes a message; what was nothing lets her go on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from bot import phrases
from bot.clauses import clauses
from bot.ear import Ear, EarError, Transcript
from bot.message import State, VoiceNote
from bot.pcm import Samples
from bot.phonetics import Phonetics, Timbre, Tuning
from bot.settings import EarSettings, Settings
from bot.vad import RATE
from bot.web import wire
from bot.web.access import Access
from bot.web.door import Foyer
from bot.web.server import Server
from tests.fakes import PERSONA, EchoBrain, HumVoice, soon
from tests.stage import Stage, stage
from tests.visitor import Visitor, visit

CHUNK = 1024
TUNING = Tuning(160, 50, 50)


@dataclass
class ScriptEar:
    """Writes down what the script says, in turn."""

    texts: list[str | EarError] = field(default_factory=list[str | EarError])
    heard: list[float] = field(default_factory=list[float])
    """Seconds of each recording."""
    name: str = "script"

    async def hear(self, samples: Samples) -> Transcript:
        self.heard.append(len(samples) / 24000)
        text = self.texts.pop(0) if self.texts else ""
        if isinstance(text, EarError):
            raise text
        return Transcript(text)

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Room:
    page: Visitor
    running: Stage
    ear: ScriptEar

    async def open(self, mode: str = "free") -> None:
        await self.page.send({"type": "mic", "on": True, "mode": mode})
        assert await self.state() == "open"

    async def hear(self, samples: Samples, played: float = 0.0) -> None:
        for at in range(0, len(samples), CHUNK):
            chunk = samples[at : at + CHUNK].astype("<i2").tobytes()
            await self.page.ws.send_bytes(wire.binary({"type": "hear", "played": played}, chunk))

    async def state(self) -> str:
        return (await soon(self.page.until("hearing")))["state"]


@asynccontextmanager
async def room(
    *texts: str | EarError, ear: Ear | None = None, deaf: bool = False, **settings: object
) -> AsyncGenerator[Room]:
    script = ScriptEar(list(texts))
    chosen = Settings(ear=EarSettings.model_validate({"kind": "openai", **settings}))
    async with stage(EchoBrain(), voice=HumVoice(), listen=False) as running:
        foyer = Foyer(
            "page", running.store, running.bus, chosen, running.page.take, lambda: PERSONA, lambda: "/m.json",
            None if deaf else ear or script,
        )  # fmt: skip
        server = Server(foyer, Access(chosen.web), Path("nowhere"), Path("nowhere"))
        async with server.serve("127.0.0.1", 0) as port, visit(f"http://127.0.0.1:{port}") as page:
            welcome = await soon(page.hello())
            assert welcome["ears"] is not deaf
            yield Room(page, running, script)


def silence(seconds: float) -> Samples:
    return np.random.default_rng(3).normal(0, 20, round(seconds * RATE)).astype(np.int16)


def cough(seconds: float) -> Samples:
    """A burst of noise."""
    noise = np.random.default_rng(5).normal(0, 9000, round(seconds * RATE))
    return np.clip(noise * np.hanning(len(noise)), -32000, 32000).astype(np.int16)


@pytest.fixture(scope="module")
def speech() -> Samples:
    """A sentence of a voice, at the microphone's rate."""

    async def said() -> Samples:
        async with Phonetics() as phonetics:
            whole = await phonetics.say(clauses("你好，今天天气怎么样？")[-1], "zh", Timbre("", TUNING, TUNING))
        samples = np.frombuffer(whole.pcm, "<i2")
        times = np.arange(round(len(samples) * RATE / whole.rate)) * whole.rate / RATE
        return np.interp(times, np.arange(len(samples)), samples).astype(np.int16)

    return asyncio.run(said())


async def test_a_spoken_sentence_is_answered(speech: Samples) -> None:
    async with room("今天天气怎么样？") as here:
        await here.open()
        await here.hear(np.concatenate((silence(0.5), speech, silence(1.0))))
        assert [await here.state() for _ in range(3)] == ["speech", "writing", "said"]
        end = await soon(here.page.until("end"))
        assert end["entry"]["parts"][0]["text"] == "你说：今天天气怎么样？。"
        asked = next(
            e for e in await here.running.store.history(end["entry"]["turn"] and here.page.welcome["conversation"])
        )
        assert isinstance(asked.parts[0], VoiceNote)
        assert asked.parts[0].transcript == "今天天气怎么样？"
        assert await here.running.store.media(asked.conversation, asked.parts[0].media)
        assert abs(here.ear.heard[-1] - len(speech) / RATE) < 0.7


async def test_a_cough_is_nothing(speech: Samples) -> None:
    async with room("嗯") as here:
        await here.open()
        await here.hear(np.concatenate((silence(0.5), cough(0.3), silence(1.0), cough(0.1), silence(0.5))))
        await here.hear(np.concatenate((speech, silence(1.0))))
        assert await here.state() == "speech"  # the first that is heard of is the voice
        assert len(here.ear.heard) <= 1


async def test_her_turn_is_held_while_somebody_speaks_and_goes_on_after_a_false_start(speech: Samples) -> None:
    async with room("") as here:
        await here.open()
        async with here.running.bus.controls(here.page.welcome["conversation"]) as controls:
            await here.hear(np.concatenate((silence(0.3), speech, silence(1.0))))
            kinds = [(await soon(anext(aiter(controls)))).kind]
            while kinds[-1] == "hold":
                kinds.append((await soon(anext(aiter(controls)))).kind)
            assert kinds[-1] == "resume"
        states = [await here.state() for _ in range(3)]
        assert states == ["speech", "writing", "nothing"]
        assert await here.running.store.history(here.page.welcome["conversation"]) == []


async def test_the_button_takes_what_was_said_between_pressing_and_letting_go(speech: Samples) -> None:
    async with room("你好") as here:
        await here.open("push")
        await here.hear(np.concatenate((speech, silence(0.8), speech)))
        await here.page.send({"type": "mic", "on": False})
        states = [await here.state() for _ in range(3)]
        assert sorted(states) == ["closed", "said", "writing"]
        assert abs(here.ear.heard[0] - (2 * len(speech) / RATE + 0.8)) < 0.1
        assert (await soon(here.page.until("end")))["state"] == State.ANSWERED


async def test_what_is_dropped_or_silent_is_nothing(speech: Samples) -> None:
    async with room("你好") as here:
        await here.open("push")
        await here.hear(speech)
        await here.page.send({"type": "mic", "on": False, "drop": True})
        assert [await here.state(), await here.state()] == ["nothing", "closed"]
        await here.open("push")
        await here.hear(silence(1.0))
        await here.page.send({"type": "mic", "on": False})
        assert [await here.state(), await here.state()] == ["nothing", "closed"]
        assert here.ear.heard == []


async def test_an_ear_that_fails_is_told(speech: Samples) -> None:
    async with room(EarError("HTTP 500"), EarError("HTTP 500"), EarError("HTTP 500")) as here:
        await here.open()
        await here.hear(np.concatenate((speech, silence(1.0))))
        assert [await here.state(), await here.state()] == ["speech", "writing"]
        deaf = await soon(here.page.until("hearing"))
        assert (deaf["state"], phrases.DEAF.zh in deaf["notice"]) == ("deaf", True)


async def test_without_an_ear_the_page_is_told() -> None:
    async with room(deaf=True) as here:
        await here.page.send({"type": "mic", "on": True, "mode": "free"})
        deaf = await soon(here.page.until("hearing"))
        assert (deaf["state"], phrases.NO_EAR.zh in deaf["notice"]) == ("deaf", True)


async def test_where_a_wake_word_is_wanted_other_talk_is_not_for_her(speech: Samples) -> None:
    async with room(wake=["阿音"]) as here:
        await here.open()
        # After an exchange none is needed for a while.
        for text, expected in (("今天吃什么", "nothing"), ("阿音，你好", "said"), ("你几岁", "said")):
            here.ear.texts = [text] * 3
            await here.hear(np.concatenate((speech[: RATE * 4 // 5], silence(0.7))))
            assert [await here.state() for _ in range(3)][-1] == expected


async def test_her_own_words_out_of_the_loudspeaker_are_not_a_message(speech: Samples) -> None:
    async with room("你说：你好呀") as here:
        await here.page.say("你好呀，我们聊聊")
        await soon(here.page.until("end"))
        await here.open()
        await here.hear(np.full(CHUNK, 300, np.int16), 0.05)
        await here.hear(np.concatenate((speech, silence(1.0))))
        assert [await here.state() for _ in range(3)] == ["speech", "writing", "nothing"]


@pytest.mark.parametrize("chunk", [b"\0", bytes(40000)])
async def test_a_chunk_that_is_none_closes_the_page(chunk: bytes) -> None:
    async with room() as here:
        await here.open()
        await here.page.ws.send_bytes(wire.binary({"type": "hear"}, chunk))
        with pytest.raises(ConnectionError, match="4400"):
            await soon(here.page.until("never"))


async def test_a_flood_of_sound_is_dropped(speech: Samples) -> None:
    async with room() as here:
        await here.open()
        await here.hear(silence(30.0))
        await here.hear(np.concatenate((speech, silence(1.0))))
        await here.page.send({"type": "ping", "t": 1})
        await soon(here.page.until("pong"))
        assert not any(frame.get("state") == "speech" for frame in here.page.frames)
