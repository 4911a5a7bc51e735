"""Talking to her by microphone, in a real browser: she falls silent at a voice, goes on after nothing, answers words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bot.clauses import clauses
from bot.ear import Transcript
from bot.pcm import Samples
from bot.phonetics import Phonetics, Timbre, Tuning
from tests.fakes import EchoBrain, HumVoice
from tests.page.browser import OFF, Home, Seen, browser, home, visit

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

LONG = "从前有一座山，" * 30
RATE = 48000


@dataclass
class ScriptEar:
    """Hears always the same."""

    text: str
    name: str = "script"

    async def hear(self, samples: Samples) -> Transcript:
        return Transcript(self.text)

    async def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What somebody says into the microphone, again and again: two seconds of silence, a sentence, silence."""

    async def said() -> Samples:
        async with Phonetics() as phonetics:
            tuning = Tuning(160, 50, 50)
            whole = await phonetics.say(clauses("你好，今天天气怎么样？")[-1], "zh", Timbre("", tuning, tuning))
        samples = np.frombuffer(whole.pcm, "<i2")
        times = np.arange(round(len(samples) * RATE / whole.rate)) * whole.rate / RATE
        return np.interp(times, np.arange(len(samples)), samples).astype(np.int16)

    speech = asyncio.run(said())
    quiet = np.random.default_rng(1).normal(0, 15, 2 * RATE).astype(np.int16)
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    soundfile.write(path, np.concatenate((quiet, speech, quiet, quiet)), RATE)
    return path


@asynccontextmanager
async def talk(recording: Path, heard: str, query: str = "?body=canvas") -> AsyncGenerator[tuple[Home, Seen]]:
    """A page with a microphone into which the recording is spoken."""
    fake = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}",
    )
    async with (
        browser(*fake) as chromium,
        home(EchoBrain(), HumVoice(), ear=ScriptEar(heard)) as here,
        visit(chromium, here.port, query) as seen,
    ):
        yield here, seen


async def test_she_stops_for_words_and_answers_them(recording: Path) -> None:
    async with talk(recording, "你几岁了？") as (here, seen):
        await seen.say(LONG)
        await seen.until("zhiyin.player.playing")
        await seen.page.locator("button.talk").focus()
        await seen.page.keyboard.press("Enter")
        await seen.until("zhiyin.player.holding")
        await seen.page.get_by_text("正在听…").wait_for()
        await seen.page.get_by_text("你说：你几岁了？。", exact=True).wait_for()
        await seen.page.get_by_text("你几岁了？", exact=True).wait_for()  # what was understood stands in the bubble
        states = [frame["state"] for frame in seen.of_type("hearing")]
        assert states[:4] == ["open", "speech", "writing", "said"]
        told = await here.stage.store.history(seen.of_type("welcome")[0]["conversation"])
        assert told[1].heard is not None
        assert told[1].heard < len(told[1].text)


async def test_after_a_false_start_she_goes_on_where_she_was(recording: Path) -> None:
    async with talk(recording, "") as (_, seen):
        await seen.say(LONG)
        await seen.until("zhiyin.player.playing")
        await seen.page.get_by_role("button", name="说话").focus()
        await seen.page.keyboard.press("Enter")
        await seen.until("zhiyin.player.holding")
        place = await seen.of("zhiyin.player.position")
        await seen.until("!zhiyin.player.holding && zhiyin.player.playing")
        assert await seen.of("zhiyin.player.position") >= place
        assert len(seen.of_type("end")) <= 1
        await seen.page.get_by_role("button", name="不再听了").first.click()
        await seen.until("zhiyin.visit.microphone.ear.value === 'off'")


async def test_the_button_is_held_to_speak(recording: Path) -> None:
    async with talk(recording, "帮我记一下") as (_, seen):
        button = await seen.page.locator("button.talk").bounding_box()
        assert button
        x, y = button["x"] + button["width"] / 2, button["y"] + button["height"] / 2
        await seen.page.mouse.move(x, y)
        await seen.page.mouse.down()
        await seen.page.get_by_text("松开发送，上滑取消").wait_for()
        await seen.until("zhiyin.visit.microphone.level.value > 0.4")
        await asyncio.sleep(0.6)  # a real voice takes its time
        await seen.page.mouse.up()
        await seen.page.get_by_text("你说：帮我记一下。", exact=True).wait_for()
        await seen.page.mouse.down()
        await seen.page.get_by_text("松开发送，上滑取消").wait_for()
        await seen.page.mouse.move(x, y - 120)
        await seen.page.get_by_text("松开取消").wait_for()
        await seen.page.mouse.up()
        await seen.until("zhiyin.visit.microphone.ear.value === 'off'")
        assert [frame["state"] for frame in seen.of_type("hearing")].count("said") == 1


async def test_in_a_hall_one_talks_by_a_large_button(recording: Path) -> None:
    async with talk(recording, "洗手间在哪里？", "?mode=kiosk&body=canvas&camera=0") as (_, seen):
        await seen.page.get_by_role("button", name="点这里").click()
        button = seen.page.locator(".kiosk-ears button.talk")
        box = await button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 64
        await button.focus()
        await seen.page.keyboard.press("Enter")
        await seen.page.get_by_text("正在听…").wait_for()
        await seen.page.locator(".subtitle").get_by_text("洗手间在哪里").wait_for()


async def test_without_an_ear_there_is_no_button() -> None:
    async with browser() as chromium, home() as here, visit(chromium, here.port) as seen:
        assert await seen.page.locator("button.talk").count() == 0
