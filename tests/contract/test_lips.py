"""What every lips adapter promises, whatever it is told."""

import math
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest

from bot import lips as port
from bot.adapters import adapter, names
from bot.lips import VISEMES, Evidence, Heard, Lips, Track
from bot.phonetics import Phonetics
from bot.voice import Phoneme, Word
from tests.fakes import hum

SECOND = [Heard(hum(0.1)) for _ in range(10)]
EVIDENCE: dict[str, list[Evidence]] = {
    "nothing": [],
    "sound": [*SECOND],
    "a single sample": [Heard(b"\x00\x00")],
    "silence": [Heard(bytes(48000))],
    "words first": [Word("你好", 0.0, 0.3), Word("世界", 0.35, 0.5), *SECOND],
    "words last": [*SECOND, Word("你好", 0.0, 0.3), Word("世界", 0.35, 0.5)],
    "words between": [SECOND[0], Word("你好", 0.0, 0.3), *SECOND[1:5], Word("世界", 0.35, 0.5), *SECOND[5:]],
    "words without sound": [Word("你好", 0.0, 0.3), Word("世界", 0.35, 0.5)],
    "strange words": [Word("", 0.1, 0.1), Word("😂", 0.2, 0.2), Word("xyz", 0.4, 0.0), *SECOND],
    "overlapping words": [Word("你好", 0.0, 0.8), Word("世界", 0.3, 0.6), Word("你好", 0.1, 0.1), *SECOND],
    "words after the end": [*SECOND, Word("你好", 0.9, 0.8), Word("世界", 5.0, 0.6)],
    "impossible times": [
        *[Word("你好", math.nan, 0.3), Word("世", -1.0, 0.3), Word("界", 0.2, -0.3), Word("好", 0.1, math.inf)],
        *SECOND,
    ],
    "phonemes": [
        Phoneme("n", 0.0, 0.1),
        Phoneme("i", 0.1, 0.2),
        Phoneme("", 0.3, 0.2),
        Phoneme("p", 0.5, 0.1),
        *SECOND,
    ],
    "strange phonemes": [Phoneme("☃", 0.0, 0.1), Phoneme("aɪə", 0.1, 0.0), Phoneme("m", 0.1, math.nan), *SECOND],
    "unordered phonemes": [Phoneme("a", 0.5, 0.4), Phoneme("m", 0.0, 0.3), Phoneme("p", 0.2, 0.01), *SECOND],
    "words and phonemes": [Word("你", 0.0, 0.3), Phoneme("n", 0.0, 0.1), Phoneme("i", 0.1, 0.2), *SECOND],
}
TEXTS = [
    "你好，世界。",
    "Hello, world!",
    "我用Python写AI",
    "",
    "😂",
    "\x00\ud800\u202e",
    "こんにちは",
    "好" * 3000,
    "a" * 3000,
]


@pytest.fixture(scope="module", params=names(port))
async def lips(request: pytest.FixtureRequest, phonetics: Phonetics) -> AsyncGenerator[Lips]:
    """Every adapter of the port."""
    lips: Lips = adapter(port, request.param).open(phonetics)
    yield lips
    await lips.close()


async def stream(evidence: Sequence[Evidence]) -> AsyncIterator[Evidence]:
    for each in evidence:
        yield each


def seconds(evidence: Sequence[Evidence]) -> float:
    return sum(len(each.pcm) for each in evidence if isinstance(each, Heard)) / 48000


def check(track: Track) -> None:
    """A track is in order, without holes or overlaps, of known shapes and sane weights."""
    end = track.start
    for viseme in track.visemes:
        assert viseme.name in VISEMES
        assert viseme.start == pytest.approx(end, abs=1e-6)
        assert viseme.duration > 0
        assert 0 < viseme.weight <= 1
        end = viseme.start + viseme.duration
    assert math.isfinite(end)


@pytest.mark.parametrize("kind", EVIDENCE)
async def test_tracks_keep_their_promises(lips: Lips, kind: str) -> None:
    for text in TEXTS[:-2]:
        evidence = EVIDENCE[kind]
        tracks = [track async for track in lips.follow(text, "zh", "engine", stream(evidence))]
        assert [track.final for track in tracks] == [False] * (len(tracks) - 1) + [True]
        for track in tracks:
            check(track)
        final = tracks[-1]
        assert final.start == 0
        if sound := seconds(evidence):
            assert final.visemes[-1].start + final.visemes[-1].duration == pytest.approx(sound)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:8]))
async def test_odd_texts_do_no_harm(lips: Lips, text: str) -> None:
    for language in ("zh", "en"):
        tracks = [track async for track in lips.follow(text, language, "engine", stream(SECOND))]
        check(tracks[-1])
        assert any(viseme.name != "sil" for viseme in tracks[-1].visemes)


async def test_lips_that_must_meet_meet_for_fifty_milliseconds(lips: Lips) -> None:
    for evidence in ([Word("爸爸不怕妈妈", 0.0, 0.9), *SECOND], SECOND):
        tracks = [track async for track in lips.follow("爸爸不怕妈妈", "zh", "engine", stream(evidence))]
        closed = [viseme for viseme in tracks[-1].visemes if viseme.name == "PP"]
        assert len(closed) == 6
        assert all(viseme.duration >= 0.05 - 1e-9 for viseme in closed)


async def test_closing_early_is_fine(lips: Lips) -> None:
    tracks = lips.follow("你好，世界。", "zh", "engine", stream([*SECOND, *SECOND]))
    assert not (await anext(tracks)).final
    await tracks.aclose()
