"""The voice over ``/audio/speech``, against the stand-in on a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.mp3 import decoded
from bot.pcm import Intake
from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Voice, VoiceError, openai
from tests.fakes import soon
from tests.standins.speech import SpeechStandIn, spoken

LINE = "你好呀，很高兴今天能见到你"


@asynccontextmanager
async def service(first: float = 0.0, **settings: float) -> AsyncGenerator[tuple[Voice, SpeechStandIn]]:
    """The voice and what it speaks to."""
    stand_in = SpeechStandIn(first, 0.0)
    runner = web.AppRunner(stand_in.app(), handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    voice = openai.open(VoiceSettings.model_validate({"base_url": url, **settings}), Phonetics())
    try:
        yield voice, stand_in
    finally:
        await voice.close()
        await runner.cleanup()


async def say(voice: Voice, text: str = LINE, name: str = "alloy", *, first: bool = True) -> tuple[Format, bytes]:
    """What a line's sound is, and the sound."""
    items = [item async for item in voice.speak(text, "zh", Manner(openai=name), first=first)]
    form = items[0]
    assert isinstance(form, Format)
    assert form.engine == f"openai-tts-1/{name}"
    assert all(isinstance(item, Bytes) and item.data for item in items[1:])
    return form, b"".join(item.data for item in items if isinstance(item, Bytes))


async def test_the_samples_come_as_the_service_sends_them() -> None:
    async with service() as (voice, stand_in):
        for name in ("alloy", "fault-odd"):
            form, sound = await soon(say(voice, "你好呀，很高兴", name))
            assert (form.codec, form.rate, form.channels, sound) == ("pcm", 24000, 1, spoken(6, 7))
        assert [request.text for request in stand_in.requests] == ["你好呀，很高兴"] * 2


@pytest.mark.parametrize(("name", "rate", "channels"), [("wav", 24000, 1), ("listed", 24000, 1), ("wav48", 48000, 2)])
async def test_a_wav_is_taken_for_what_its_head_says(name: str, rate: int, channels: int) -> None:
    async with service() as (voice, _):
        form, sound = await soon(say(voice, name=f"fault-{name}"))
        assert (form.codec, form.rate, form.channels) == ("pcm", rate, channels)
        intake = Intake(rate, channels)
        samples = np.concatenate((intake.feed(sound), intake.close())).astype(float)
        asked = np.frombuffer(spoken(12, 13), "<i2").astype(float)
        assert len(samples) == len(asked)
        assert np.corrcoef(samples, asked)[0, 1] > 0.99


async def test_mp3_is_told_as_mp3() -> None:
    async with service() as (voice, _):
        form, sound = await soon(say(voice, name="fault-mp3"))
        assert (form.codec, form.rate) == ("mp3", 24000)
        assert len(decoded(sound)) == pytest.approx(len(spoken(12, 13)) / 2, abs=1200)


@pytest.mark.parametrize("fault", ["401", "429", "500", "text", "page", "empty", "cut", "short", "head", "torn", "ogg"])
async def test_what_goes_wrong_is_a_voice_error(fault: str) -> None:
    async with service() as (voice, _):
        with pytest.raises(VoiceError):
            await soon(say(voice, name=f"fault-{fault}"))
        assert (await soon(say(voice)))[1]


async def test_a_service_that_does_not_begin_or_stops_is_given_up() -> None:
    async with service(first_sound_s=0.1) as (voice, _):
        with pytest.raises(VoiceError, match="silent"):
            await soon(say(voice, name="fault-stall"))
    async with service(whole_line_s=0.2) as (voice, _):
        with pytest.raises(VoiceError, match="silent"):
            await soon(say(voice, name="fault-stall"))
    async with service(first=60.0, first_sound_s=0.1) as (voice, _):
        for first in (True, False):
            with pytest.raises(VoiceError, match="silent"):
                await soon(say(voice, first=first))


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/v1", "http://[/v1", "hello"])
async def test_nobody_there_is_a_voice_error(place: str) -> None:
    voice = openai.open(VoiceSettings(base_url=place), Phonetics())
    with pytest.raises(VoiceError):
        await soon(say(voice))
    await voice.close()


async def test_a_key_that_is_none_is_a_voice_error_that_does_not_tell_it() -> None:
    settings = VoiceSettings(base_url="http://127.0.0.1:9/v1", api_key=SecretStr("sec\nret"))
    voice = openai.open(settings, Phonetics())
    with pytest.raises(VoiceError) as told:
        await soon(say(voice))
    assert "ret" not in str(told.value)
    await voice.close()


async def test_what_cannot_be_said_is_not_sent() -> None:
    async with service() as (voice, stand_in):
        for text in ("", "……", "😂", "\ud800"):
            with pytest.raises(VoiceError):
                await soon(say(voice, text))
        assert stand_in.requests == []
        await soon(say(voice, "\ud800你好"))
        assert stand_in.requests[0].text == "你好"


async def test_a_connection_that_ended_while_it_was_kept_costs_no_line() -> None:
    async with service() as (voice, stand_in):
        assert (await soon(say(voice, name="fault-hangup")))[1]
        assert len(stand_in.requests) == 2


async def test_closing_the_stream_aborts_the_request() -> None:
    async with service() as (voice, stand_in):
        stream = voice.speak(LINE, "zh", Manner(openai="fault-stall"))
        for _ in range(2):
            await soon(anext(stream))
        await stream.aclose()
        async with asyncio.timeout(5):
            while not stand_in.requests[0].closed:
                await asyncio.sleep(0.001)
        assert stand_in.requests[0].aborted
