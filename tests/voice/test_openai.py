"""The voice over ``/audio/speech``, against the stand-in on a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, VoiceError
from bot.voice import openai as module
from bot.voice.openai import OpenAIVoice
from tests.fakes import soon
from tests.standins.speech import SpeechStandIn, spoken


@asynccontextmanager
async def voice(first: float = 0.0, **settings: float) -> AsyncGenerator[tuple[OpenAIVoice, SpeechStandIn]]:
    stand_in = SpeechStandIn(first, 0.0)
    runner = web.AppRunner(stand_in.app(), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    made = module.open(VoiceSettings.model_validate({"base_url": url, **settings}), Phonetics())
    try:
        yield made, stand_in
    finally:
        await made.close()
        await runner.cleanup()


async def said(voice: OpenAIVoice, text: str, name: str = "alloy") -> bytes:
    items = [item async for item in voice.speak(text, "zh", Manner(openai=name), first=True)]
    assert items[0] == Format("pcm", 24000, f"openai-tts-1/{name}")
    assert all(isinstance(item, Bytes) for item in items[1:])
    return b"".join(item.data for item in items if isinstance(item, Bytes))


async def test_the_samples_come_as_the_service_sends_them() -> None:
    async with voice() as (hers, stand_in):
        assert await soon(said(hers, "你好呀，很高兴")) == spoken(6, 7)
        assert await soon(said(hers, "你好呀，很高兴", "fault-odd")) == spoken(6, 7)
        assert [request.text for request in stand_in.requests] == ["你好呀，很高兴"] * 2


@pytest.mark.parametrize("fault", ["401", "429", "500", "html", "empty", "cut", "short"])
async def test_what_goes_wrong_is_a_voice_error(fault: str) -> None:
    async with voice(whole_line_s=1.0) as (hers, _):
        with pytest.raises(VoiceError):
            await soon(said(hers, "你好呀，很高兴今天能见到你", f"fault-{fault}"))


async def test_a_service_that_stalls_is_given_up() -> None:
    async with voice(whole_line_s=0.3) as (hers, _):
        with pytest.raises(VoiceError, match="slow"):
            await soon(said(hers, "你好呀，很高兴今天", "fault-stall"))
    async with voice(first=60.0, first_sound_s=0.1) as (hers, _):
        with pytest.raises(VoiceError, match="slow"):
            await soon(said(hers, "你好"))


async def test_nobody_there_and_nothing_to_say() -> None:
    nowhere = module.open(VoiceSettings(base_url="http://127.0.0.1:9/v1"), Phonetics())
    for text in ("你好", "……"):
        with pytest.raises(VoiceError):
            await soon(said(nowhere, text))
    await nowhere.close()


async def test_closing_the_stream_aborts_the_request() -> None:
    async with voice() as (hers, stand_in):
        stream = hers.speak("你好呀，很高兴今天能见到你", "zh", Manner(openai="fault-stall"))
        for _ in range(2):
            await soon(anext(stream))
        await stream.aclose()
        async with asyncio.timeout(5):
            while not stand_in.requests[0].closed:
                await asyncio.sleep(0.001)
        assert stand_in.requests[0].aborted
