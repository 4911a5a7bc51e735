"""The offline voice: sound, words and phonemes of real lines."""

import asyncio
import os
import signal
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Phoneme, Spoke, Voice, VoiceError, Word, espeak
from tests.fakes import soon

WEATHER = "你好，今天天气不错，我们出去走走吧。"


@pytest.fixture(scope="module")
async def voice(phonetics: Phonetics) -> Voice:
    """The voice as the composition root opens it."""
    return espeak.open(VoiceSettings(), phonetics)


@dataclass
class Spoken:
    """A line as it came."""

    items: list[Spoke] = field(default_factory=list[Spoke])

    @property
    def samples(self) -> NDArray[np.float64]:
        """The sound, -1 to 1."""
        data = b"".join(item.data for item in self.items if isinstance(item, Bytes))
        return np.frombuffer(data, "<i2") / 32768

    @property
    def words(self) -> list[Word]:
        return [item for item in self.items if isinstance(item, Word)]

    @property
    def phonemes(self) -> list[Phoneme]:
        return [item for item in self.items if isinstance(item, Phoneme)]

    @property
    def seconds(self) -> float:
        return len(self.samples) / 24000


async def say(voice: Voice, text: str, language: str = "zh", manner: Manner | None = None) -> Spoken:
    """A whole line."""
    return Spoken([item async for item in voice.speak(text, language, manner or Manner(), first=True)])


def level(samples: NDArray[np.float64]) -> float:
    """Root mean square of what sounds, in dBFS."""
    loud = samples[np.abs(samples) > 0.01]
    return float(20 * np.log10(np.sqrt(np.mean(loud**2))))


def pitch(samples: NDArray[np.float64]) -> float:
    """Median fundamental frequency, in Hz, by autocorrelation."""
    found: list[float] = []
    width = 960
    for start in range(0, len(samples) - width, width):
        frame = samples[start : start + width] - samples[start : start + width].mean()
        likeness = np.correlate(frame, frame, "full")[width - 1 :]
        lag = 60 + int(likeness[60:240].argmax())
        if likeness[0] > 1 and likeness[lag] > 0.5 * likeness[0]:
            found.append(24000 / lag)
    return float(np.median(found))


async def test_a_line_says_first_what_it_is(voice: Voice) -> None:
    spoken = await say(voice, "你好")
    assert spoken.items[0] == Format("pcm", 24000, voice.engine("zh", Manner()))
    assert voice.engine("zh", Manner()).startswith("espeak-")
    assert voice.engine("zh", Manner(espeak="f2")).endswith("/f2")
    assert all(len(item.data) % 2 == 0 for item in spoken.items if isinstance(item, Bytes))


async def test_words_come_in_order_as_they_stand_in_the_text(voice: Voice) -> None:
    spoken = await say(voice, "我用Python写AI，还不错。")
    cursor = 0
    text = "我用Python写AI，还不错。"
    for word in spoken.words:
        cursor = text.index(word.text, cursor) + len(word.text)
    assert "Python" in [word.text for word in spoken.words]
    for before, after in pairwise(spoken.words):
        assert before.start + before.duration <= after.start + 1e-6
    assert spoken.words[-1].start + spoken.words[-1].duration < spoken.seconds


async def test_phonemes_and_pauses_follow_each_other(voice: Voice) -> None:
    spoken = await say(voice, WEATHER)
    for before, after in pairwise(spoken.phonemes):
        assert before.start + before.duration <= after.start + 1e-6
    assert spoken.phonemes[-1].start + spoken.phonemes[-1].duration < spoken.seconds


async def test_a_pause_is_silent_and_a_vowel_is_not(voice: Voice) -> None:
    spoken = await say(voice, WEATHER)
    pauses = [phoneme for phoneme in spoken.phonemes if not phoneme.ipa and phoneme.duration > 0.1]
    assert len(pauses) == 2
    for pause in pauses:
        middle = spoken.samples[round(pause.start * 24000) : round((pause.start + pause.duration) * 24000)]
        assert np.abs(middle).max() == 0
    for vowel in (each for each in spoken.phonemes if each.ipa.startswith("ˈ")):
        centre = vowel.start + vowel.duration / 2
        around = spoken.samples[round((centre - 0.02) * 24000) : round((centre + 0.02) * 24000)]
        assert np.sqrt(np.mean(around**2)) > 0.02


async def test_the_sound_of_a_clause_comes_before_the_next_is_spoken(voice: Voice) -> None:
    stream = voice.speak("好，" * 200, "zh", Manner(), first=True)
    kinds: list[type[Spoke]] = []
    async for item in stream:
        kinds.append(type(item))
        if isinstance(item, Bytes):
            break
    await stream.aclose()
    assert kinds.count(Word) == 1
    assert await soon(say(voice, "好")) is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [(WEATHER, "zh"), ("The weather is lovely this morning, so let us go for a walk.", "en"), ("妈妈妈妈", "zh")],
)
async def test_loudness_is_even_and_nothing_clips(voice: Voice, text: str, language: str) -> None:
    samples = (await say(voice, text, language)).samples
    assert -23 < level(samples) < -17
    assert np.abs(samples).max() < 0.99
    assert samples[0] == 0
    assert np.abs(samples[-480:]).max() == 0


async def test_she_speaks_at_a_pleasant_pace_and_pitch(voice: Voice) -> None:
    chinese = await say(voice, "北京的冬天比南方冷多了，春天来了花都开了。")
    english = await say(voice, "The food in this small restaurant is really good, and the flowers are blooming.", "en")
    assert 3.8 < 19 / chinese.seconds < 4.8
    assert 2.3 < 14 / english.seconds < 3.3
    assert 195 < pitch(chinese.samples) < 235
    assert 195 < pitch(english.samples) < 240


async def test_manner_changes_pace_and_pitch(voice: Voice) -> None:
    calm = await say(voice, WEATHER)
    fast = await say(voice, WEATHER, manner=Manner(rate=40))
    high = await say(voice, WEATHER, manner=Manner(pitch=40))
    assert fast.seconds < 0.85 * calm.seconds
    assert 20 < pitch(high.samples) - pitch(calm.samples) < 60


async def test_the_clock_of_the_words_is_that_of_the_sound(voice: Voice) -> None:
    """Resampled or not, the second clause begins to sound where its first word is said to begin."""
    spoken = await say(voice, "啊，" * 20)
    for word in spoken.words[1:]:
        begin = round(word.start * 24000)
        assert np.abs(spoken.samples[begin - 960 : begin]).max() < 0.01
        assert np.abs(spoken.samples[begin : begin + 1440]).max() > 0.02


@pytest.mark.parametrize("text", ["", "……", "😂🎉", "\x00\ud800", "こんにちは"])
async def test_what_cannot_be_pronounced_is_refused(voice: Voice, text: str) -> None:
    with pytest.raises(VoiceError):
        await say(voice, text)


async def test_an_unknown_variant_is_refused(voice: Voice) -> None:
    with pytest.raises(VoiceError, match="variant"):
        await say(voice, "你好", manner=Manner(espeak="nobody"))


async def test_hostile_text_is_spoken_as_far_as_it_can_be(voice: Voice) -> None:
    spoken = await say(voice, "\x07你\u202e好<speak>[[\ud800hi\x00]]😂")
    assert [word.text for word in spoken.words] == ["你", "好", "speak", "hi"]


async def test_a_dying_worker_is_a_voice_error_and_the_next_line_is_spoken() -> None:
    async with Phonetics() as phonetics:
        voice = espeak.open(VoiceSettings(), phonetics)
        stream = voice.speak("好，" * 400, "zh", Manner())
        assert isinstance(await anext(stream), Format)
        assert phonetics.process
        os.kill(phonetics.process, signal.SIGKILL)
        with pytest.raises(VoiceError):
            async for _ in stream:
                pass
        assert (await soon(say(voice, "你好"))).words


async def test_twenty_lines_at_once(voice: Voice) -> None:
    alone = [await say(voice, text) for text in ("你好", "再见", "妈妈")]
    together = await asyncio.gather(*(say(voice, text) for text in ("你好", "再见", "妈妈") * 7))
    for index, spoken in enumerate(together):
        assert [word.text for word in spoken.words] == [word.text for word in alone[index % 3].words]
        assert abs(spoken.seconds - alone[index % 3].seconds) < 0.02
