"""Ears: any service with OpenAI's transcription endpoint, and the offline one."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pocketsphinx
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot import recording
from bot.ear import EarError, openai, sphinx
from bot.pcm import RATE, Samples
from bot.phonetics import Phonetics
from bot.settings import EarSettings, VoiceSettings
from bot.voice import Bytes, Format, Manner, espeak
from tests.standins.speech import SpeechStandIn

TONE = (8000 * np.sin(np.arange(RATE) / 20)).astype(np.int16)


@pytest.fixture
async def service() -> AsyncGenerator[tuple[SpeechStandIn, str]]:
    standin = SpeechStandIn()
    runner = web.AppRunner(standin.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield standin, f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


async def heard(url: str, model: str = "whisper-1", **more: float) -> str:
    settings = EarSettings.model_validate(
        {"kind": "openai", "base_url": url, "api_key": "sk-ear", "model": model, **more}
    )
    ear = openai.open(settings)
    try:
        return (await ear.hear(TONE)).text
    finally:
        await ear.close()


async def test_a_service_writes_down_what_it_is_sent(service: tuple[SpeechStandIn, str]) -> None:
    standin, url = service
    standin.transcript = "你好，阿音"
    assert await heard(url) == "你好，阿音"
    (sent,) = standin.recordings
    assert (sent.model, sent.key, sent.name) == ("whisper-1", "Bearer sk-ear", "note.mp3")
    assert recording.kind(sent.data) == "mp3"
    assert len(await recording.decoded(sent.data, 10)) == len(TONE)


@pytest.mark.parametrize("model", ["fault-401", "fault-500", "fault-page", "fault-list", "fault-hangup"])
async def test_a_service_that_fails_is_told_without_the_key(service: tuple[SpeechStandIn, str], model: str) -> None:
    with pytest.raises(EarError) as error:
        await heard(service[1], model)
    assert "sk-ear" not in repr(error.value)


async def test_a_service_that_takes_too_long(service: tuple[SpeechStandIn, str]) -> None:
    with pytest.raises(EarError, match="no answer"):
        await heard(service[1], "fault-stall", whole_s=0.2)


async def test_nobody_listens() -> None:
    with pytest.raises(EarError):
        await heard("http://127.0.0.1:9/v1")


def test_the_key_is_no_part_of_what_is_printed() -> None:
    assert "sk-ear" not in repr(openai.open(EarSettings(api_key=SecretStr("sk-ear"))).settings)


async def spoken(text: str, phonetics: Phonetics) -> Samples:
    """English speech by espeak."""
    voice = espeak.open(VoiceSettings(), phonetics)
    pieces = bytearray()
    rate = RATE
    async for item in voice.speak(text, "en", Manner(espeak="m7"), first=True):
        if isinstance(item, Bytes):
            pieces += item.data
        elif isinstance(item, Format):
            rate = item.rate
    from bot.pcm import resampled

    return resampled(np.frombuffer(bytes(pieces), "<i2").astype(np.int16), rate)


async def test_the_offline_ear_hears_english(phonetics: Phonetics) -> None:
    ear = sphinx.open(EarSettings())
    samples = await spoken("one two three four five", phonetics)
    for heard in await asyncio.gather(ear.hear(samples), ear.hear(samples)):  # one after the other within
        assert "two three four five" in heard.text  # espeak never says a thing quite the same way twice
        assert heard.language == "en"
    await ear.close()


async def test_the_offline_ear_hears_with_the_operators_own_model(phonetics: Phonetics, tmp_path: Path) -> None:
    bundled = Path(pocketsphinx.get_model_path()) / "en-us"
    (tmp_path / "sounds").symlink_to(bundled / "en-us")
    for name in ("cmudict-en-us.dict", "en-us.lm.bin"):
        (tmp_path / name).symlink_to(bundled / name)
    ear = sphinx.open(EarSettings(kind="sphinx", models=str(tmp_path)))
    heard = await ear.hear(await spoken("one two three four five", phonetics))
    assert "two three four five" in heard.text
    await ear.close()


@pytest.mark.parametrize("files", [(), ("mdef",), ("mdef", "a.dict")])
async def test_a_folder_that_is_no_model_says_what_it_lacks(tmp_path: Path, files: tuple[str, ...]) -> None:
    for name in files:
        (tmp_path / name).touch()
    ear = sphinx.open(EarSettings(kind="sphinx", models=str(tmp_path)))
    with pytest.raises(EarError, match=r"ear\.models.*\.lm"):
        await ear.hear(TONE)


async def test_a_broken_model_is_told(tmp_path: Path) -> None:
    for name in ("mdef", "a.dict", "a.lm"):
        (tmp_path / name).write_text("broken")
    ear = sphinx.open(EarSettings(kind="sphinx", models=str(tmp_path)))
    with pytest.raises(EarError, match=r"ear\.models"):
        await ear.hear(TONE)
