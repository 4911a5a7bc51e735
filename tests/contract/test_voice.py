"""What every voice adapter promises."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from aiohttp import web

from bot import voice as port
from bot.adapters import adapter, names
from bot.mp3 import DELAY, decoded
from bot.pcm import RATE
from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, Voice, VoiceError, Word
from tests.fakes import soon
from tests.standins.edge import EdgeStandIn, serving
from tests.standins.speech import SpeechStandIn

LINES = [("你好，今天天气不错。", "zh"), ("The weather is lovely today.", "en"), ("我用Python写AI，还不错。", "zh")]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop, and so one worker, for the module."""
    return "asyncio"


@pytest.fixture(scope="module", params=names(port))
async def voice(request: pytest.FixtureRequest) -> AsyncGenerator[Voice]:
    """Every adapter of the port, with what it speaks to."""
    async with AsyncExitStack() as stack:
        phonetics = await stack.enter_async_context(Phonetics())
        settings: dict[str, str | float] = {"first_sound_s": 60.0, "whole_line_s": 60.0}
        if request.param in ("edge", "auto"):
            settings["endpoint"] = await stack.enter_async_context(serving(EdgeStandIn(0.0, speed=50)))
        if request.param == "openai":
            settings["base_url"] = f"{await _speech(stack)}/v1"
        made: Voice = adapter(port, request.param).open(VoiceSettings.model_validate(settings), phonetics)
        stack.push_async_callback(made.close)
        await made.warm()
        yield made


async def _speech(stack: AsyncExitStack) -> str:
    """The speech service's stand-in."""
    runner = web.AppRunner(SpeechStandIn(0.0, 0.0).app(), handler_cancellation=True, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def say(voice: Voice, text: str, language: str, *, first: bool = True) -> list[Spoke]:
    """A whole line."""
    return await soon(_all(voice, text, language, first))


async def _all(voice: Voice, text: str, language: str, first: bool) -> list[Spoke]:
    return [item async for item in voice.speak(text, language, Manner(), first=first)]


def seconds(items: list[Spoke]) -> float:
    """How long the sound is."""
    form, data = items[0], b"".join(item.data for item in items if isinstance(item, Bytes))
    assert isinstance(form, Format)
    return (len(decoded(data)) - DELAY) / RATE if form.codec == "mp3" else len(data) / 2 / form.rate / form.channels


@pytest.mark.parametrize(("text", "language"), LINES)
@pytest.mark.parametrize("first", [True, False])
async def test_a_line_is_a_format_and_then_sound(voice: Voice, text: str, language: str, first: bool) -> None:
    items = await say(voice, text, language, first=first)
    assert isinstance(items[0], Format)
    assert sum(isinstance(item, Format) for item in items) == 1
    assert all(item.data for item in items if isinstance(item, Bytes))
    assert items[0].codec in ("pcm", "mp3")
    assert 0.5 < seconds(items) < 6


@pytest.mark.parametrize(("text", "language"), LINES)
async def test_words_are_those_of_the_text_in_order_inside_the_sound(voice: Voice, text: str, language: str) -> None:
    items = await say(voice, text, language)
    words = [item for item in items if isinstance(item, Word)]
    cursor = 0
    for word in words:
        cursor = text.index(word.text, cursor) + len(word.text)
    assert not words or not any(map(str.isalnum, text[cursor:]))
    for before, after in pairwise(words):
        assert before.start + before.duration <= after.start + 1e-6
    assert all(0 <= word.start < word.start + word.duration <= seconds(items) for word in words)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_engine_is_known_before_anything_is_said(voice: Voice, language: str) -> None:
    known = voice.engine(language, Manner())
    form = (await say(voice, "你好" if language == "zh" else "Hello", language))[0]
    assert isinstance(form, Format)
    assert form.engine == known


@pytest.mark.parametrize("text", ["", "……", "😂🎉", "?!"])
async def test_what_cannot_be_pronounced_is_a_voice_error(voice: Voice, text: str) -> None:
    with pytest.raises(VoiceError):
        await say(voice, text, "zh")
    assert voice.reason == ""


async def test_a_stream_may_be_closed_and_the_next_line_is_said(voice: Voice) -> None:
    stream = voice.speak("你好，今天天气不错。" * 10, "zh", Manner(), first=True)
    async for item in stream:
        if isinstance(item, Bytes):
            break
    await soon(stream.aclose())
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    assert seconds(await say(voice, "你好，今天天气不错。", "zh")) > 0.5


async def test_two_lines_at_once_are_two_lines(voice: Voice) -> None:
    alone = [seconds(await say(voice, text, language)) for text, language in LINES[:2]]
    together = await asyncio.gather(*(say(voice, text, language) for text, language in LINES[:2]))
    assert [seconds(items) for items in together] == pytest.approx(alone, abs=0.02)


async def test_it_has_a_name_and_nothing_to_excuse(voice: Voice) -> None:
    assert voice.name in names(port)
    assert voice.reason == ""
