"""Lips from phonemes: exact times, word times, the sound alone, and nothing at all."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from bot.lips import Evidence, Heard, Lips, Track, phonemes
from bot.message import Viseme
from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Manner, Phoneme, Spoke, Voice, Word, espeak
from tests.fakes import hum

LINE = "爸爸妈妈，不怕麻烦。我们走吧！"
KINDS: dict[str, tuple[type[Spoke], ...]] = {"phonemes": (Word, Phoneme), "words": (Word,), "sound": ()}


@pytest.fixture(scope="module")
async def voice(phonetics: Phonetics) -> Voice:
    """A voice whose phonemes are known."""
    return espeak.open(VoiceSettings(), phonetics)


@pytest.fixture(scope="module")
async def lips(phonetics: Phonetics) -> Lips:
    """The lips as the composition root opens them."""
    return phonemes.open(phonetics)


async def spoken(voice: Voice, text: str, language: str) -> list[Evidence]:
    """All that is known of a line."""
    evidence: list[Evidence] = []
    async for each in voice.speak(text, language, Manner()):
        if isinstance(each, Bytes):
            evidence.append(Heard(each.data))
        elif isinstance(each, Word | Phoneme):
            evidence.append(each)
    return evidence


def only(evidence: Sequence[Evidence], kind: str) -> list[Evidence]:
    return [each for each in evidence if isinstance(each, (Heard, *KINDS[kind]))]


async def stream(evidence: Sequence[Evidence]) -> AsyncIterator[Evidence]:
    for each in evidence:
        yield each


async def mouth(lips: Lips, text: str, language: str, evidence: Sequence[Evidence]) -> list[Track]:
    return [track async for track in lips.follow(text, language, "test", stream(evidence))]


def at(track: Track, second: float) -> Viseme:
    """What the mouth does at a moment."""
    return next(each for each in track.visemes if each.start <= second < each.start + each.duration)


async def test_exact_phonemes_close_the_lips_where_they_are_said(lips: Lips, voice: Voice) -> None:
    evidence = await spoken(voice, LINE, "zh")
    final = (await mouth(lips, LINE, "zh", evidence))[-1]
    lip_sounds = [each for each in evidence if isinstance(each, Phoneme) and each.ipa in ("p", "pʰ", "m")]
    assert len(lip_sounds) == 9
    for phoneme in lip_sounds:
        closed = at(final, phoneme.start + phoneme.duration / 2)
        assert closed.name == "PP"
        assert closed.duration >= 0.05 - 1e-9
        assert closed.weight == 1


async def test_exact_vowels_open_it(lips: Lips, voice: Voice) -> None:
    evidence = await spoken(voice, "妈妈", "zh")
    final = (await mouth(lips, "妈妈", "zh", evidence))[-1]
    vowels = [each for each in evidence if isinstance(each, Phoneme) and each.ipa.endswith("ɑ")]
    assert len(vowels) == 2
    assert {at(final, vowel.start + vowel.duration / 2).name for vowel in vowels} == {"aa"}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_mouth_is_closed_in_pauses(lips: Lips, voice: Voice, kind: str) -> None:
    evidence = await spoken(voice, LINE, "zh")
    final = (await mouth(lips, LINE, "zh", only(evidence, kind)))[-1]
    pauses = [each for each in evidence if isinstance(each, Phoneme) and not each.ipa and each.duration > 0.15]
    assert len(pauses) == 2
    for pause in pauses:
        assert at(final, pause.start + pause.duration / 2).name == "sil"


@pytest.mark.parametrize("kind", ["words", "sound"])
@pytest.mark.parametrize(
    ("text", "language"), [(LINE, "zh"), ("Hello, my paper map is by the big pump.", "en"), ("我用Python写AI。", "zh")]
)
async def test_every_phoneme_of_the_text_gets_its_shape(
    lips: Lips, voice: Voice, kind: str, text: str, language: str
) -> None:
    """Word times and sound alone give the shapes that exact times give, in the same order."""
    evidence = await spoken(voice, text, language)
    exact = (await mouth(lips, text, language, evidence))[-1]
    guessed = (await mouth(lips, text, language, only(evidence, kind)))[-1]
    names = [
        [each.name for each in track.visemes if each.name not in ("sil", "nn", "kk")] for track in (exact, guessed)
    ]
    same = sum(a == b for a, b in zip(*names, strict=False))
    assert names[0].count("PP") == names[1].count("PP")
    assert abs(len(names[0]) - len(names[1])) <= 2
    assert same >= 0.6 * len(names[0])


async def test_word_times_place_the_closures(lips: Lips, voice: Voice) -> None:
    evidence = await spoken(voice, LINE, "zh")
    final = (await mouth(lips, LINE, "zh", only(evidence, "words")))[-1]
    closed = [each for each in final.visemes if each.name == "PP"]
    truth = [each for each in evidence if isinstance(each, Phoneme) and each.ipa in ("p", "pʰ", "m")]
    assert len(closed) == len(truth)
    late = [abs(viseme.start - phoneme.start) for viseme, phoneme in zip(closed, truth, strict=True)]
    assert float(np.median(late)) < 0.06


@pytest.mark.parametrize("kind", KINDS)
async def test_the_mouth_moves_with_the_first_sound(lips: Lips, voice: Voice, kind: str) -> None:
    """The first track comes for the first sound, before any more is known, and moves at once."""
    evidence = only(await spoken(voice, LINE, "zh"), kind)
    gate: asyncio.Queue[Evidence] = asyncio.Queue()
    first = next(index for index, each in enumerate(evidence) if isinstance(each, Heard))
    for each in evidence[: first + 1]:
        gate.put_nowait(each)

    async def held() -> AsyncIterator[Evidence]:
        while True:
            yield await gate.get()

    tracks = lips.follow(LINE, "zh", "test", held())
    async with asyncio.timeout(10):
        track = await anext(tracks)
    await tracks.aclose()
    assert not track.final
    assert track.start < 0.05
    assert any(each.name != "sil" and each.start < 0.1 for each in track.visemes)


async def test_a_word_written_otherwise_still_gets_its_phonemes(lips: Lips) -> None:
    """A voice may tell its words in other characters than the text's."""
    evidence = [Word("BÀ BÀ", 0.0, 0.4), Word("不怕", 0.5, 0.4), Heard(hum(1.0))]
    final = (await mouth(lips, "爸爸不怕", "zh", evidence))[-1]
    assert [each.name for each in final.visemes].count("PP") >= 3


async def test_a_word_the_voice_left_out_fills_the_gap(lips: Lips) -> None:
    evidence = [Word("我", 0.0, 0.2), Word("走", 0.7, 0.3), Heard(hum(1.0))]
    final = (await mouth(lips, "我妈妈走", "zh", evidence))[-1]
    assert [each.name for each in final.visemes if 0.19 <= each.start < 0.7].count("PP") == 2


async def test_silence_inside_a_word_time_closes_the_mouth(lips: Lips) -> None:
    evidence = [Word("妈妈", 0.0, 1.0), Heard(hum(0.4) + bytes(2 * 14400))]
    final = (await mouth(lips, "妈妈", "zh", evidence))[-1]
    assert at(final, 0.7).name == "sil"


async def test_what_nobody_can_read_moves_with_the_loudness(lips: Lips) -> None:
    sound = hum(0.4) + bytes(2 * 12000) + hum(0.4)
    tracks = await mouth(lips, "안녕하세요", "zh", [Heard(sound[at : at + 4800]) for at in range(0, len(sound), 4800)])
    assert len(tracks) > 3
    assert at(tracks[-1], 0.2).name != "sil"
    assert at(tracks[-1], 0.6).name == "sil"
    assert at(tracks[-1], 1.1).name != "sil"


async def test_without_a_worker_the_loudness_moves_it() -> None:
    phonetics = Phonetics()
    async with phonetics:
        await phonetics.warm()
    tracks = await mouth(phonemes.open(phonetics), "你好", "zh", [Heard(hum(0.5))])
    assert at(tracks[-1], 0.2).name != "sil"


async def test_a_long_text_is_not_shown_all_at_once(lips: Lips) -> None:
    text = "天气很好" * 200
    tracks = await mouth(lips, text, "zh", [Heard(hum(0.1)), Word("天气", 0.0, 0.4), Heard(hum(0.9))])
    assert all(len(track.visemes) < 60 for track in tracks[:-1])


async def test_japanese_is_laid_into_its_words(lips: Lips) -> None:
    evidence = [Heard(hum(1.2)), Word("まま", 0.1, 0.4), Word("あめ", 0.6, 0.4)]
    track = (await mouth(lips, "まま、あめ。", "zh", evidence))[-1]
    assert [each.name for each in track.visemes if each.name != "sil"] == ["PP", "aa", "PP", "aa", "aa", "PP", "E"]
    assert at(track, 0.13).name == "PP"
