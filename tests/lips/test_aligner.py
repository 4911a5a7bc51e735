"""Sounds find their places in the sound, a voice is learned as it talks, and its word times may be late."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.clauses import clauses
from bot.lips import Evidence, Heard, Track, phonemes
from bot.lips._align import borders, through
from bot.lips._cepstra import CEPSTRA, HOP_S, Cepstra, spoken
from bot.lips._sounds import WIDTH, Sounds, Tally
from bot.lips._voicing import AGREEING, Voicing, prior, voicing
from bot.message import Viseme
from bot.pcm import RATE, resampled
from bot.phonetics import Phonetics, Timbre, Tuning
from bot.voice import Word

SENTENCES = """妈妈买了八个面包。
我们明天去爬山吧。
请把门关上，别怕。
他每天跑步半个小时。
""".splitlines()
LATE_S = 0.046
"""As an MP3 without a gapless tag is."""


def test_two_sounds_part_where_they_change() -> None:
    likelihoods = np.full((2, 40), -5.0, np.float32)
    likelihoods[0, :13], likelihoods[1, 13:] = 0, 0
    assert borders(likelihoods, [20, 20]) == [0, 13]


def test_where_the_sound_says_nothing_lengths_decide() -> None:
    assert borders(np.zeros((3, 60), np.float32), [10, 20, 30]) == [0, 10, 30]


def test_more_sounds_than_frames_share_them() -> None:
    assert borders(np.zeros((4, 2), np.float32), [1, 1, 1, 1]) == [0, 0, 1, 1]


def test_a_pause_is_taken_where_there_is_one_and_left_out_where_not() -> None:
    likelihoods = np.full((3, 80), -8.0, np.float32)
    likelihoods[0, :20], likelihoods[1, 20:55], likelihoods[2, 55:] = 0, 0, 0
    assert through(likelihoods, [20, 1, 25], [False, True, False]) == [(0, 20), (20, 55), (55, 80)]
    likelihoods = np.full((3, 45), -8.0, np.float32)
    likelihoods[0, :20], likelihoods[2, 20:] = 0, 0
    assert through(likelihoods, [20, 1, 25], [False, True, False]) == [(0, 20), (20, 20), (20, 45)]


@pytest.mark.parametrize("cut", [240, 1234, 100_000])
def test_cepstra_are_the_same_however_the_sound_is_cut(cut: int) -> None:
    pcm = (np.random.default_rng(1).normal(0, 3000, RATE)).astype("<i2").tobytes()
    whole, pieces = Cepstra(), Cepstra()
    whole.feed(pcm)
    for at in range(0, len(pcm), 2 * cut):
        pieces.feed(pcm[at : at + 2 * cut])
    assert whole.count == pieces.count
    np.testing.assert_allclose(whole.frames(), pieces.frames(), atol=1e-3)
    assert len(spoken(whole.frames())) < whole.count


def test_what_is_heard_moves_what_is_known() -> None:
    known = Sounds({"a0": np.zeros(WIDTH, np.float32)}, {"a0": np.ones(WIDTH, np.float32)})
    tally = Tally()
    tally.add(np.full((60, WIDTH), 2.0, np.float32))
    moved = Sounds.of({"a0": tally}, known)
    assert 1.0 < moved.means["a0"][0] < 2.0
    assert known.means["a0"][0] == 0.0


# With a voice


async def said(phonetics: Phonetics, text: str) -> tuple[bytes, list[Word], list[tuple[str, float, float]]]:
    """A sentence of a voice the prior does not know: its sound, its words of two characters, and its m, p and b."""
    pcm, words, lips = b"", list[Word](), list[tuple[str, float, float]]()
    tuning = Tuning(150, 60, 50)
    for clause in clauses(text):
        spoken_ = await phonetics.say(clause, "zh", Timbre("f5", tuning, tuning))
        at = len(pcm) / 2 / RATE
        for first in range(0, len(spoken_.soundings), 2):
            some = spoken_.soundings[first : first + 2]
            name = "".join(each.text for each in some)
            words.append(Word(name, at + some[0].start, some[-1].start + some[-1].duration - some[0].start))
        lips += [
            (phone.ipa, at + phone.start, phone.duration)
            for each in spoken_.soundings
            for phone in each.phones
            if phone.ipa in ("m", "p", "pʰ")
        ]
        pcm += resampled(np.frombuffer(spoken_.pcm, "<i2"), spoken_.rate).tobytes() + bytes(2 * RATE // 10)
    return pcm, words, lips


async def follow(lips: phonemes.PhonemeLips, text: str, evidence: Sequence[Evidence], engine: str = "v") -> list[Track]:
    async def stream() -> AsyncIterator[Evidence]:
        for each in evidence:
            yield each

    return [track async for track in lips.follow(text, "zh", engine, stream())]


def met(visemes: Sequence[Viseme], lips: Sequence[tuple[str, float, float]]) -> float:
    """Share of the middles of m, p and b at which the lips meet."""
    middles = [start + duration / 2 for _, start, duration in lips]
    closed = [any(v.name == "PP" and v.start <= at < v.start + v.duration for v in visemes) for at in middles]
    return sum(closed) / len(closed)


@pytest.mark.parametrize("told", [True, False])
async def test_lips_meet_where_they_are_heard_to(phonetics: Phonetics, told: bool) -> None:
    lips = phonemes.PhonemeLips(phonetics)
    shares: list[float] = []
    for text in SENTENCES:
        pcm, words, true = await said(phonetics, text)
        tracks = await follow(lips, text, [*(words if told else ()), Heard(pcm)])
        shares.append(met(tracks[-1].visemes, true))
    assert sum(shares) / len(shares) > 0.9


async def test_words_are_found_while_the_sound_still_comes(phonetics: Phonetics) -> None:
    lips = phonemes.PhonemeLips(phonetics)
    pcm, words, true = await said(phonetics, SENTENCES[0])
    half = len(pcm) // 4 * 2
    tracks = await follow(lips, SENTENCES[0], [*words, Heard(pcm[:half]), Heard(pcm[half:])])
    assert [track.final for track in tracks].count(True) == 1
    early = [lip for lip in true if lip[1] + lip[2] < half / 2 / RATE - 0.3]
    shown = [viseme for track in tracks[1:-1] for viseme in track.visemes]
    assert early
    assert met(shown, early) > 0.9


async def test_a_voice_is_known_again_after_a_restart(phonetics: Phonetics, tmp_path: Path) -> None:
    lips = phonemes.PhonemeLips(phonetics, tmp_path)
    for text in SENTENCES[:2]:
        pcm, words, _ = await said(phonetics, text)
        await follow(lips, text, [*words, Heard(pcm)])
    await lips.close()
    again = voicing(tmp_path, "v")
    assert again.sentences == 2
    assert again.mean is not None
    assert again.mean.shape == (CEPSTRA,)
    assert not np.allclose(again.sounds.means["m0"], prior().means["m0"])
    assert voicing(tmp_path, "another").sentences == 0


@pytest.mark.parametrize("content", [b"", b"no table", b"PK\x03\x04broken"])
def test_a_broken_file_is_left_aside(tmp_path: Path, content: bytes) -> None:
    known = voicing(tmp_path, "v")
    assert known.file
    tally = Tally()
    tally.add(np.ones((20, WIDTH), np.float32))
    known.learn({"m0": tally}, np.zeros(CEPSTRA, np.float32))
    known.save()
    assert voicing(tmp_path, "v").sentences == 1
    known.file.write_bytes(content)
    assert voicing(tmp_path, "v").sentences == 0


async def test_word_times_that_are_early_are_found_out(phonetics: Phonetics) -> None:
    lips = phonemes.PhonemeLips(phonetics)
    for text in SENTENCES:
        pcm, words, _ = await said(phonetics, text)
        late = bytes(2 * round(LATE_S * RATE)) + pcm
        await follow(lips, text, [*words, Heard(late)], "late")
        await follow(lips, text, [*words, Heard(pcm)], "right")
    assert lips.known("late").shift == pytest.approx(LATE_S, abs=0.02)
    assert lips.known("right").shift == 0.0


def test_a_shift_needs_several_that_agree() -> None:
    assert Voicing(None, prior(), lateness=[0.05] * (AGREEING - 1)).shift == 0.0
    assert Voicing(None, prior(), lateness=[0.05] * AGREEING).shift == pytest.approx(0.05)
    assert Voicing(None, prior(), lateness=[0.0, 0.05, 0.09]).shift == 0.0
    assert Voicing(None, prior(), lateness=[0.01] * AGREEING).shift == 0.0


async def test_lines_of_one_voice_at_once_are_all_learned_from(phonetics: Phonetics) -> None:
    lips = phonemes.PhonemeLips(phonetics)
    lines = [await said(phonetics, text) for text in SENTENCES]
    await asyncio.gather(
        *(follow(lips, text, [*words, Heard(pcm)]) for text, (pcm, words, _) in zip(SENTENCES, lines, strict=True))
    )
    assert lips.known("v").sentences == len(SENTENCES)


def test_a_frame_is_five_milliseconds() -> None:
    assert pytest.approx(0.005) == HOP_S
