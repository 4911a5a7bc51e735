"""Utterances: trimmed sound in chunks, times on the display text, a mouth, an MP3 that is the sound, and kept lines."""

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from shutil import which

import numpy as np
import pytest

from bot.message import Line, Shown, Sound, Spoken, Visemes, WordTime
from bot.mp3 import DELAY, Decoder, decoded, encoded
from bot.pcm import RATE, Samples
from bot.silence import FLOOR, LEAD, Trimmer
from bot.spoken import spoken
from bot.store import SpokenLine
from bot.utterance import CHUNK, CLAUSE_PAUSE_S, SMALLEST, Shelf, utter
from bot.voice import Bytes, Format, Manner, Spoke, Voice, VoiceError, Word
from tests.fakes import HumVoice, OpenLips, hum, soon


def line(text: str, number: int = 0, start: int = 0, language: str = "zh") -> Line:
    said, places = spoken(text, language)
    return Line(number, text, said, places, start, language)


@dataclass
class Script:
    """A voice that plays a script."""

    items: Sequence[Spoke | Exception]
    name: str = "script"
    reason: str = ""
    asked: int = 0

    async def warm(self) -> None:
        """Nothing to load."""

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        self.asked += 1
        for item in self.items:
            if isinstance(item, Exception):
                raise item
            yield item

    def engine(self, language: str, manner: Manner) -> str:
        return "script-1/her"

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Shelves:
    """Keeps lines in a dict."""

    lines: dict[str, SpokenLine] = field(default_factory=dict[str, SpokenLine])
    loose: int = 0

    async def find(self, key: str) -> SpokenLine | None:
        return self.lines.get(key)

    async def encoded(self, samples: Samples) -> bytes:
        return await encoded(samples)

    async def keep(self, key: str, line: SpokenLine) -> str:
        self.loose += not key
        if key:
            self.lines[key] = line
        return mp3_hash(line)


def mp3_hash(line: SpokenLine) -> str:
    return f"hash-{len(line.mp3)}"


FORMAT = Format("pcm", RATE, "script-1/her")
SILENCE = bytes(RATE)  # half a second


async def shown(what: Line, voice: Voice, shelf: Shelf | None = None) -> list[Shown]:
    """What a line shows."""
    pieces: list[Shown] = []
    await soon(uttered(what, voice, pieces, shelf))
    return pieces


async def uttered(what: Line, voice: Voice, pieces: list[Shown], shelf: Shelf | None = None) -> None:
    await utter(what, voice, OpenLips(), Manner(), first=True, whole=lambda: True, shelf=shelf, emit=pieces.append)


def pcm(pieces: Sequence[Shown]) -> Samples:
    return np.concatenate([np.frombuffer(p.pcm, "<i2") for p in pieces if isinstance(p, Sound)] or [np.empty(0, "<i2")])


async def test_sound_starts_at_its_first_loud_sample_and_ends_with_a_short_pause() -> None:
    pieces = await shown(line("你好，"), Script([FORMAT, Bytes(SILENCE), Bytes(hum(0.5)), Bytes(SILENCE)]))
    samples = pcm(pieces)
    assert len(samples) == pytest.approx(LEAD + 0.5 * RATE + CLAUSE_PAUSE_S * RATE, abs=RATE * 0.003)
    assert np.abs(samples[LEAD : LEAD + 100]).max() > 200
    chunks = [p for p in pieces if isinstance(p, Sound)]
    assert all(len(chunk.pcm) <= 2 * RATE // 10 for chunk in chunks)
    assert [round(chunk.start * RATE) for chunk in chunks] == list(
        np.cumsum([0, *(len(c.pcm) // 2 for c in chunks[:-1])])
    )
    assert pieces[-1] == Spoken(0, len(samples) / RATE)


async def test_samples_split_between_bytes_are_put_together() -> None:
    data = hum(0.3)
    pieces = await shown(line("好"), Script([FORMAT, *(Bytes(data[n : n + 333]) for n in range(0, len(data), 333))]))
    asked, sound = np.frombuffer(data, "<i2"), pcm(pieces)
    begins = max(0, int(np.flatnonzero(np.abs(asked) > FLOOR)[0]) - LEAD)
    assert np.array_equal(sound[: len(asked) - begins - 100], asked[begins:-100])


async def test_chunks_grow_so_that_a_player_never_waits_longer_than_it_has_played() -> None:
    data = hum(1.0)
    pieces = await shown(line("好"), Script([FORMAT, *(Bytes(data[n : n + 480]) for n in range(0, len(data), 480))]))
    lengths = [len(p.pcm) // 2 for p in pieces if isinstance(p, Sound)]
    for number, length in enumerate(lengths):
        assert length <= max(SMALLEST, sum(lengths[:number])) + 240
    assert sum(length >= CHUNK // 2 for length in lengths) >= 8


@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2), (48000, 1)])
async def test_samples_of_any_rate_and_number_of_channels_are_heard_as_they_are(rate: int, channels: int) -> None:
    tone = np.frombuffer(hum(1.0, rate), "<i2").repeat(channels).astype("<i2").tobytes()
    form = Format("pcm", rate, "script-1/her", channels)
    pieces = await shown(line("好"), Script([form, *(Bytes(tone[n : n + 999]) for n in range(0, len(tone), 999))]))
    sound = pcm(pieces)[: RATE * 9 // 10].astype(float)
    asked = np.frombuffer(hum(1.0), "<i2").astype(float)
    assert max(np.corrcoef(asked[n : n + len(sound)], sound)[0, 1] for n in range(60)) > 0.999


async def test_words_are_found_in_the_display_text_on_the_trimmed_clock() -> None:
    what = line("约**¥38.5**，[见](http://a.b)你。", start=10)
    words = [Word("约", 0.5, 0.1), Word("三十八点五元", 0.6, 0.2), Word("没说过的", 0.8, 0.1), Word("见", 0.9, 0.1)]
    pieces = await shown(what, Script([FORMAT, *words, Bytes(SILENCE), Bytes(hum(0.6))]))
    times = [p for p in pieces if isinstance(p, WordTime)]
    assert [t.text for t in times] == ["约", "三十八点五元", "见"]
    assert [what.text[t.at - 10] for t in times] in (["约", "¥", "见"], ["约", "3", "见"])
    assert times[0].start == pytest.approx(LEAD / RATE, abs=0.002)
    assert times[1].start - times[0].start == pytest.approx(0.1)


async def test_the_mp3_of_a_later_line_is_its_sound() -> None:
    pieces = await shown(line("很高兴见到你。", number=1), Script([FORMAT, Bytes(hum(1.0))]))
    end = pieces[-1]
    assert isinstance(end, Spoken)
    back = decoded(end.mp3)[: end.samples]
    sound = pcm(pieces)
    assert len(back) == len(sound) == round(end.seconds * RATE)
    assert np.corrcoef(back.astype(float), sound.astype(float))[0, 1] > 0.99


async def test_a_voice_that_speaks_mp3_is_heard_at_the_right_time() -> None:
    tone = np.concatenate(
        (np.zeros(RATE // 5, np.int16), np.frombuffer(hum(1.0), "<i2"), np.zeros(RATE // 2, np.int16))
    )
    data = untagged(await encoded(tone))
    items = [Format("mp3", RATE, "script-1/her"), Word("你", 0.2, 0.2), Word("好", 0.7, 0.2), *(Bytes(data[n : n + 720]) for n in range(0, len(data), 720))]  # fmt: skip
    pieces = await shown(line("你好"), Script(items))
    assert len(pcm(pieces)) == pytest.approx((1.0 + CLAUSE_PAUSE_S) * RATE + LEAD, abs=RATE * 0.06)
    starts = [p.start for p in pieces if isinstance(p, WordTime)]
    assert starts == pytest.approx([LEAD / RATE, LEAD / RATE + 0.5], abs=0.01)


def untagged(data: bytes) -> bytes:
    """The stream without its first frame, which holds the gapless tag."""
    return data[data.find(b"\xff\xf3", 4) :]


@pytest.mark.skipif(not which("ffmpeg"), reason="ffmpeg is not installed")
async def test_another_decoder_hears_the_same() -> None:
    pieces = await shown(line("很高兴见到你。", number=1), Script([FORMAT, Bytes(hum(1.0))]))
    end = pieces[-1]
    assert isinstance(end, Spoken)
    command = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-f", "s16le", "pipe:1"]
    done = await asyncio.to_thread(subprocess.run, command, input=end.mp3, capture_output=True, check=True)
    back = np.frombuffer(done.stdout, "<i2")
    sound = pcm(pieces)
    assert len(back) >= end.samples == len(sound)
    assert np.corrcoef(back[: end.samples].astype(float), sound.astype(float))[0, 1] > 0.99


async def test_a_growing_stream_gives_the_samples_of_the_whole() -> None:
    data = untagged(await encoded(np.frombuffer(hum(2.0), "<i2").astype(np.int16)))
    decoder = Decoder()
    parts = [await decoder.feed(data[n : n + 500]) for n in range(0, len(data), 500)] + [await decoder.close()]
    assert sum(len(part) > 0 for part in parts) > 2
    assert np.array_equal(np.concatenate(parts), decoded(data))


async def test_an_untagged_stream_is_late_by_the_delay_we_reckon_with() -> None:
    tone = np.frombuffer(hum(1.0), "<i2").astype(np.int16)
    tagged = await encoded(tone)
    late, sound = decoded(untagged(tagged)).astype(float), decoded(tagged).astype(float)
    shift = np.argmax(np.correlate(late[: RATE // 4], sound[: RATE // 40], "valid"))
    assert abs(int(shift) % (RATE // 220) - DELAY % (RATE // 220)) < 12


@pytest.mark.parametrize("items", [[VoiceError("no")], [FORMAT], [FORMAT, Bytes(SILENCE)], [FORMAT, VoiceError("no")]])
async def test_a_line_nobody_can_say_is_shown_alone(items: list[Spoke | Exception]) -> None:
    assert (await shown(line("你好"), Script(items)))[-1] == Spoken(0, 0.0, failed=True)


async def test_what_sounded_before_the_voice_failed_stays_and_is_not_found_again() -> None:
    shelf = Shelves()
    pieces = await shown(line("你好"), Script([FORMAT, Bytes(hum(0.4)), VoiceError("cut")]), shelf)
    assert len(pcm(pieces)) > 0.4 * RATE
    assert (shelf.lines, shelf.loose) == ({}, 1)


async def test_of_an_mp3_that_breaks_off_all_that_came_is_heard() -> None:
    data = untagged(await encoded(np.frombuffer(hum(3.0), "<i2").astype(np.int16)))
    came = [Bytes(data[n : n + 720]) for n in range(0, len(data), 720)][:-2]
    pieces = await shown(line("好"), Script([Format("mp3", RATE, "script-1/her"), *came, VoiceError("cut")]))
    whole = decoded(b"".join(part.data for part in came))
    assert len(pcm(pieces)) > len(whole) - DELAY - RATE * 0.03


async def test_bytes_that_are_no_mp3_are_no_line() -> None:
    pieces = await shown(line("好"), Script([Format("mp3", RATE, "script-1/her"), *[Bytes(b"nonsense" * 99)] * 9]))
    assert pieces == [Spoken(0, 0.0, failed=True)]


async def test_a_cancelled_line_shows_nothing_more() -> None:
    voice, pieces = HumVoice(gate=asyncio.Event()), list[Shown]()
    job = uttered(line("你好你好"), voice, pieces)
    speaking = asyncio.ensure_future(job)
    while not any(isinstance(piece, Sound) for piece in pieces):
        await asyncio.sleep(0)
    before = len(pieces)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(speaking)
    assert voice.closed.is_set()
    assert len(pieces) == before


async def test_a_line_is_kept_as_the_voice_that_spoke_it() -> None:
    shelf, fallback = Shelves(), Script([Format("pcm", RATE, "fallback-1"), Bytes(hum(0.4))])
    for _ in range(2):
        await shown(line("你好"), fallback, shelf)
    assert fallback.asked == 2
    assert [kept.detail["engine"] for kept in shelf.lines.values()] == ["fallback-1"]


@pytest.mark.parametrize("broken", [SpokenLine(b"no sound", {"samples": 1, "words": [], "visemes": []}), None])
async def test_a_kept_line_that_cannot_be_read_is_spoken_anew(broken: SpokenLine | None) -> None:
    shelf, voice = Shelves(), Script([FORMAT, Bytes(hum(0.4))])
    await shown(line("你好"), voice, shelf)
    ((key, good),) = shelf.lines.items()
    shelf.lines[key] = broken or SpokenLine(good.mp3, {})
    assert len(pcm(await shown(line("你好"), voice, shelf))) >= 0.4 * RATE
    assert voice.asked == 2
    assert shelf.lines[key].detail == good.detail


async def test_a_kept_line_is_said_again_without_the_voice() -> None:
    shelf, voice = Shelves(), Script([FORMAT, Word("你好", 0.0, 0.3), Bytes(hum(0.4))])
    before = await shown(line("你好"), voice, shelf)
    again = await shown(line("**你好**", number=3, start=7), voice, shelf)
    assert voice.asked == 1
    assert len(pcm(again)) == len(pcm(before))
    assert [p.at for p in again if isinstance(p, WordTime)] == [9]
    assert [p.visemes for p in again if isinstance(p, Visemes)] == [p.visemes for p in before if isinstance(p, Visemes)]
    assert isinstance(again[-1], Spoken)
    assert again[-1].mp3


async def test_a_line_without_a_mouth_is_not_found_again() -> None:
    shelf, voice = Shelves(), Script([FORMAT, Bytes(hum(0.4))])
    await utter(line("你好"), voice, None, Manner(), first=True, shelf=shelf, emit=lambda _: None)
    assert (shelf.lines, shelf.loose) == ({}, 1)


async def test_another_manner_is_another_line() -> None:
    shelf, voice = Shelves(), Script([FORMAT, Bytes(hum(0.4))])
    for rate in (0, 10):
        await utter(line("你好"), voice, OpenLips(), Manner(rate=rate), first=True, shelf=shelf, emit=lambda _: None)
    assert voice.asked == 2


def test_silence_inside_is_kept() -> None:
    trimmer, tone = Trimmer(0.1), np.frombuffer(hum(0.1), "<i2").astype(np.int16)
    gap = np.zeros(RATE // 2, np.int16)
    out = [*trimmer.feed(gap), *trimmer.feed(tone), *trimmer.feed(gap), *trimmer.feed(tone), *trimmer.feed(gap), *trimmer.close()]  # fmt: skip
    whole = LEAD + len(tone) + len(gap) + len(tone) + RATE // 10
    assert sum(map(len, out)) == pytest.approx(whole, abs=20)
