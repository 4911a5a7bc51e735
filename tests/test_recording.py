"""Recordings in and voice notes out: every format there and back, and whatever pretends to be one."""

import io
import wave
from contextlib import suppress

import numpy as np
import pytest

from bot import recording, voicenote
from bot.label import Labels
from bot.pcm import RATE
from bot.recital import joined
from bot.settings import Label

TONE = (8000 * np.sin(2 * np.pi * 220 * np.arange(3 * RATE) / RATE)).astype(np.int16)


def pitch(samples: np.ndarray) -> float:
    """The strongest frequency, in Hz."""
    strength = np.abs(np.fft.rfft(samples.astype(float)))
    return float(np.argmax(strength[1:]) + 1) * RATE / len(samples)


@pytest.mark.parametrize("format", ["mp3", "amr", "silk"])
async def test_a_voice_note_says_what_was_said(format: str) -> None:
    data = await voicenote.encoded(TONE, format)
    assert recording.kind(data) == format
    back = await recording.decoded(data, 60)
    assert len(back) == pytest.approx(len(TONE), abs=RATE // 25)
    assert pitch(back) == pytest.approx(220, abs=2)


@pytest.mark.parametrize("format", ["amr", "silk"])
async def test_how_long_it_is_can_be_told_without_decoding(format: str) -> None:
    assert recording.seconds(await voicenote.encoded(TONE, format)) == pytest.approx(3.0, abs=0.05)


async def test_silk_as_wechat_writes_it() -> None:
    data = await voicenote.encoded(TONE[: RATE // 100], "silk")  # half a frame
    assert data.startswith(b"\x02#!SILK_V3")
    assert len(await recording.decoded(data, 60)) == RATE // 50
    assert len(await recording.decoded(data[1:], 60)) == RATE // 50  # as others write it


async def test_a_labelled_mp3_is_still_one() -> None:
    data = Labels(Label()).labelled(await voicenote.encoded(TONE, "mp3"), "audio/mpeg")
    assert recording.kind(data) == "mp3"
    assert len(await recording.decoded(data, 60)) == len(TONE)


async def test_wav_of_another_rate() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.repeat(TONE[::3], 2).astype("<i2").tobytes())
    back = await recording.decoded(out.getvalue(), 60)
    assert len(back) == pytest.approx(len(TONE), abs=10)
    assert pitch(back) == pytest.approx(220, abs=2)


@pytest.mark.parametrize("format", ["mp3", "amr", "silk"])
async def test_too_long_is_told_before_it_costs_anything(format: str) -> None:
    data = await voicenote.encoded(TONE, format)
    with pytest.raises(recording.TooLong):
        await recording.decoded(data, 2.0)
    with pytest.raises(recording.TooLong):
        await recording.decoded(data + bytes(recording.MEGABYTES * 2**20), 60)


async def test_ten_minutes_of_silk() -> None:
    frame = b"\x02\x00ab"
    with pytest.raises(recording.TooLong):
        await recording.decoded(b"\x02#!SILK_V3" + frame * 30_000, 120)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x02#!SILK_V3", b"#!SILK_V3\xff\xff", b"\x02#!SILK_V3\x30\x00abc", b"#!AMR\n", b"#!AMR\n\x3c\x00",
        b"RIFF\0\0\0\0WAVEjunk", b"ID3\x03\0\0\0\0\0\0", b"\xff\xfbjunk", b"OggSjunk", b"fLaCjunk",
        b"\0\0\0\x18ftypM4A junk", b"\x89PNG\r\n\x1a\n", b"<html>", b"GIF89a" + bytes(100),
    ],
)  # fmt: skip
async def test_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(recording.BadRecording):
        await recording.decoded(data, 60)


@pytest.mark.parametrize("format", ["mp3", "amr", "silk"])
async def test_a_truncated_recording_is_heard_as_far_as_it_goes_or_refused(format: str) -> None:
    data = await voicenote.encoded(TONE, format)
    heard = None
    with suppress(recording.BadRecording):
        heard = await recording.decoded(data[: len(data) // 2], 60)
    assert heard is None or 0 < len(heard) < len(TONE)


def test_lines_are_joined_and_cut_between_them() -> None:
    one, two, long = np.full(30, 1, np.int16), np.full(40, 2, np.int16), np.full(250, 3, np.int16)
    pieces = joined([one, two, one, long, two], 100)
    assert [len(piece) for piece in pieces] == [100, 100, 100, 50 + 40]
    assert [len(piece) for piece in joined([one, two, two], 75)] == [70, 40]
    assert joined([np.empty(0, np.int16)], 100) == []
