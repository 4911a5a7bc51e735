"""The neural voice against Microsoft's protocol on a real socket, in good order and in bad."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import numpy as np
import pytest
import soundfile

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, Voice, VoiceError, Word, edge
from tests.fakes import soon
from tests.processes import process
from tests.standins.edge import PATH, EdgeStandIn, serving, spoken

LINE = "你好，今天天气不错。"
PATIENT = 60.0


@asynccontextmanager
async def service(query: str = "", skew_s: float = 0.0, **settings: float) -> AsyncGenerator[tuple[Voice, EdgeStandIn]]:
    """The voice and what it speaks to."""
    stand_in = EdgeStandIn(0.0, skew_s, speed=50)
    async with serving(stand_in) as url:
        chosen = {"endpoint": url + query, "first_sound_s": PATIENT, "whole_line_s": PATIENT, **settings}
        voice = edge.open(VoiceSettings.model_validate(chosen), Phonetics())
        try:
            yield voice, stand_in
        finally:
            await voice.close()


async def say(
    voice: Voice, text: str, language: str = "zh", manner: Manner | None = None, *, first: bool = True
) -> list[Spoke]:
    """A whole line."""
    return await soon(_all(voice, text, language, manner or Manner(), first))


async def _all(voice: Voice, text: str, language: str, manner: Manner, first: bool) -> list[Spoke]:
    return [item async for item in voice.speak(text, language, manner, first=first)]


def sound(items: list[Spoke]) -> bytes:
    return b"".join(item.data for item in items if isinstance(item, Bytes))


async def until_sound(stream: AsyncGenerator[Spoke]) -> None:
    async for item in stream:
        if isinstance(item, Bytes):
            return


async def test_a_line_is_the_services_sound_and_words() -> None:
    async with service() as (voice, stand_in):
        items = await say(voice, LINE)
        spans, data = spoken(LINE)
        assert items[0] == Format("mp3", 24000, voice.engine("zh", Manner()))
        assert sound(items) == data
        assert [item.text for item in items if isinstance(item, Word)] == ["你好", "今天", "天气", "不错"]
        for word, (_, start, duration) in zip((i for i in items if isinstance(i, Word)), spans, strict=True):
            assert (word.start, word.duration) == pytest.approx((start, duration), abs=1e-6)
        assert stand_in.refused == []


async def test_words_stand_where_the_sound_does() -> None:
    async with service() as (voice, _):
        items = await say(voice, LINE)
    samples, rate = soundfile.read(io.BytesIO(sound(items)))
    for word in (item for item in items if isinstance(item, Word)):
        middle = round((word.start + word.duration / 2 + 1105 / 24000) * rate)
        assert np.abs(samples[middle - 480 : middle + 480]).max() > 0.2
    assert np.abs(samples[: round(0.16 * rate)]).max() < 0.01


async def test_manner_and_language_choose_how_it_is_said() -> None:
    async with service() as (voice, stand_in):
        await say(voice, "Hello there & <you>", "en", Manner(rate=-10, pitch=5))
        await say(voice, "Hello", "en", Manner(edge="zh-CN-YunxiNeural", edge_en=""))
        first, second = stand_in.requests
        assert (first.text, first.rate, first.pitch) == ("Hello there & <you>", "-10%", "+5Hz")
        assert "(en-US, AvaMultilingualNeural)" in first.voice
        assert "(zh-CN, YunxiNeural)" in second.voice
        assert voice.engine("en", Manner(edge_en="")).endswith("/zh-CN-XiaoxiaoNeural")


@pytest.mark.parametrize("fault", ["silent", "abort", "close", "garbage", "unknown", "malformed", "short"])
async def test_a_line_that_comes_wrong_or_not_whole_is_a_voice_error(fault: str) -> None:
    async with service() as (voice, _):
        with pytest.raises(VoiceError):
            await say(voice, f"fault-{fault} {LINE}")
        assert sound(await say(voice, LINE))


@pytest.mark.parametrize("fault", ["403", "503", "undated"])
async def test_a_refused_handshake_is_a_voice_error_that_tells_no_address(fault: str) -> None:
    async with service(f"?fault={fault}&key=secret") as (voice, stand_in):
        with pytest.raises(VoiceError) as told:
            await say(voice, LINE)
        assert "secret" not in str(told.value)
        assert set(stand_in.refused) == {fault}


async def test_nobody_there_is_a_voice_error() -> None:
    async with serving(EdgeStandIn()) as url:
        pass
    voice = edge.open(VoiceSettings(endpoint=url), Phonetics())
    with pytest.raises(VoiceError, match=r"127\.0\.0\.1 cannot be reached"):
        await say(voice, LINE)
    await voice.close()


@pytest.mark.parametrize("query", ["?fault=hang", "?fault=mute"])
async def test_a_service_that_does_not_begin_is_given_up(query: str) -> None:
    async with service(query, first_sound_s=0.1) as (voice, _):
        with pytest.raises(VoiceError, match="silent"):
            await say(voice, LINE)


async def test_a_service_that_stops_in_the_middle_is_given_up() -> None:
    async with service(first_sound_s=0.5) as (voice, _):
        with pytest.raises(VoiceError, match="silent"):
            await say(voice, f"fault-stall {LINE}")
    async with service(whole_line_s=0.2) as (voice, _):
        with pytest.raises(VoiceError, match="silent"):
            await say(voice, f"fault-stall {LINE}")


async def test_a_line_said_to_its_last_word_needs_no_farewell() -> None:
    async with service() as (voice, stand_in):
        texts = ["fault-unended 你好", "fault-deaf 你好"]
        lines = await asyncio.gather(*(say(voice, text) for text in texts))
        assert [sound(items) for items in lines] == [spoken(text)[1] for text in texts]
        assert {(await stand_in.until_closed(number)).text for number in (0, 1)} == set(texts)


async def test_a_last_word_told_in_other_words_is_no_missing_word() -> None:
    async with service() as (voice, _):
        text = "fault-reworded 一共3.5"
        items = await say(voice, text)
        assert sound(items) == spoken(text)[1]
        assert [item.text for item in items if isinstance(item, Word)][-1] == "三点五"


async def test_a_line_nobody_waits_for_is_asked_for_again() -> None:
    async with service() as (voice, stand_in):
        text = f"fault-once {LINE}"
        assert sound(await say(voice, text, first=False)) == spoken(text)[1]
        assert [request.text for request in stand_in.requests] == [text, text]


async def test_nothing_is_asked_for_again_once_it_was_heard_or_somebody_waits() -> None:
    async with service() as (voice, stand_in):
        for text, first in ((f"fault-abort {LINE}", False), (f"fault-once {LINE}", True)):
            with pytest.raises(VoiceError):
                await say(voice, text, first=first)
        assert len(stand_in.requests) == 2


@pytest.mark.parametrize("text", [LINE * 20, f"fault-stall {LINE}"])
async def test_closing_the_stream_cuts_the_connection(text: str) -> None:
    async with service() as (voice, stand_in):
        stream = voice.speak(text, "zh", Manner())
        await soon(until_sound(stream))
        await soon(stream.aclose())
        assert (await stand_in.until_closed(0)).aborted


async def test_a_cancelled_wait_cuts_the_connection() -> None:
    async with service() as (voice, stand_in):
        waiting = asyncio.ensure_future(say(voice, f"fault-mute {LINE}"))
        while not (stand_in.requests and stand_in.requests[0].text):
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await soon(waiting)
        assert (await stand_in.until_closed(0)).aborted


async def test_the_line_somebody_waits_for_goes_before_look_ahead() -> None:
    async with service(parallel=1) as (voice, stand_in):
        holding = voice.speak("一一", "zh", Manner())
        await soon(until_sound(holding))
        async with asyncio.TaskGroup() as group:
            for text, first in (("二二", False), ("三三", False), ("四四", True)):
                group.create_task(say(voice, text, first=first))
                await asyncio.sleep(0)
            await holding.aclose()
        assert [request.text for request in stand_in.requests] == ["一一", "四四", "二二", "三三"]


async def test_so_many_lines_are_in_flight_and_no_more() -> None:
    async with service(parallel=2) as (voice, stand_in):
        lines = [voice.speak(f"fault-stall {LINE}", "zh", Manner()) for _ in range(2)]
        for line in lines:
            await soon(until_sound(line))
        third = asyncio.ensure_future(say(voice, LINE, first=False))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(stand_in.requests) == 2
        await lines[0].aclose()
        assert sound(await soon(third)) == spoken(LINE)[1]
        await lines[1].aclose()


async def test_somebody_waiting_is_not_kept_waiting_by_lines_in_flight() -> None:
    async with service(parallel=1, first_sound_s=1.0) as (voice, stand_in):
        holding = voice.speak(LINE * 20, "zh", Manner())
        await soon(until_sound(holding))
        with pytest.raises(VoiceError, match="too many"):
            await say(voice, LINE)
        await holding.aclose()
        assert sound(await say(voice, LINE, first=False))
        assert len(stand_in.requests) == 2


async def test_a_wrong_clock_is_learned_of_from_the_refusal() -> None:
    async with service(skew_s=7200) as (voice, stand_in):
        assert sound(await say(voice, LINE)) == spoken(LINE)[1]
        assert stand_in.refused == ["token"]
    async with service() as (voice, stand_in):  # and back: what was learned holds for the whole process
        assert sound(await say(voice, LINE)) == spoken(LINE)[1]
        assert stand_in.refused == ["token"]


@pytest.mark.parametrize("text", ["", "……", "😂🎉", "\x00\ud800", "好" * 1400])
async def test_what_cannot_be_said_is_not_sent(text: str) -> None:
    async with service() as (voice, stand_in):
        with pytest.raises(VoiceError):
            await say(voice, text)
        assert stand_in.requests == []


async def test_hostile_text_is_said_as_far_as_it_can_be() -> None:
    async with service() as (voice, stand_in):
        assert sound(await say(voice, "\x07你\u202e好<speak>]]>\ud800hi\x00\ufffe😂"))
        assert stand_in.requests[0].text == "你\u202e好<speak>]]>hi  😂"


async def test_a_voice_by_no_possible_name_is_a_voice_error() -> None:
    async with service() as (voice, stand_in):
        with pytest.raises(VoiceError, match="voice"):
            await say(voice, LINE, manner=Manner(edge="nobody"))
        assert stand_in.requests == []


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("wss://relay.test", f"wss://relay.test{PATH}?TrustedClientToken=6A5AA1D4EAFF4E9FB37E23D68491D6F4"),
        ("wss://relay.test/tts", "wss://relay.test/tts?TrustedClientToken=6A5AA1D4EAFF4E9FB37E23D68491D6F4"),
        ("wss://relay.test/tts?TrustedClientToken=x", "wss://relay.test/tts?TrustedClientToken=x"),
    ],
)
async def test_a_relays_address_is_its_own(endpoint: str, address: str) -> None:
    assert edge.address(endpoint) == address


@pytest.mark.parametrize("endpoint", ["ws://[", "ws:///", "hello", "ftp://127.0.0.1/x"])
async def test_an_endpoint_that_is_no_address_is_a_voice_error(endpoint: str) -> None:
    voice = edge.open(VoiceSettings(endpoint=endpoint, first_sound_s=PATIENT), Phonetics())
    await voice.warm()
    with pytest.raises(VoiceError):
        await say(voice, LINE)
    await voice.close()


async def test_a_relay_of_one_voice_is_not_anothers() -> None:
    async with service() as (one, first), service() as (two, second):
        await say(one, "一一")
        await say(two, "二二")
        await say(one, "三三")
    assert [request.text for request in first.requests] == ["一一", "三三"]
    assert [request.text for request in second.requests] == ["二二"]


async def test_the_stand_in_is_a_process_too() -> None:
    async with process("tests.standins.edge", "--first", "0") as started:
        voice = edge.open(VoiceSettings(endpoint=started.url, first_sound_s=PATIENT), Phonetics())
        assert sound(await say(voice, LINE)) == spoken(LINE)[1]
        await voice.close()
        (request,) = (await started.stats())["requests"]
        assert request["text"] == LINE
        assert request["received"] <= request["first_byte"]


async def test_a_proxy_is_asked_instead_of_the_service() -> None:
    """The stand-in plays the proxy: a service by this name cannot be found but through it."""
    stand_in = EdgeStandIn(0.0)
    async with serving(stand_in) as url:
        settings = VoiceSettings(
            endpoint="ws://relay.invalid", proxy=url.replace("ws:", "http:"), first_sound_s=PATIENT
        )
        voice = edge.open(settings, Phonetics())
        assert sound(await say(voice, LINE)) == spoken(LINE)[1]
        assert len(stand_in.requests) == 1
        await voice.close()


async def test_words_without_sound_are_no_line() -> None:
    heard = edge.Heard("好")
    heard.word("好", 0, 1_000_000)
    assert not heard.whole
    heard.bytes = 600
    assert heard.whole
