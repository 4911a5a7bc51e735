"""How near the lips come to labelled speech: ``python -m tests.bench.lips``.

Truth: for English, Flite's voice slt (Debian's libflite1), which knows its segments' times and shares nothing with
espeak-ng; without it, and for Mandarin, an espeak-ng voice and pace that the lips do not use. Word times are given as
edge-tts gives them: on a grid of 12.5 ms, ended 12.5 ms early.
"""

import asyncio
import ctypes
import difflib
import statistics
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.clauses import clauses
from bot.lips import Evidence, Heard
from bot.lips._drafts import Exact
from bot.lips._layout import settle
from bot.lips._loudness import Loudness
from bot.lips.phonemes import PhonemeLips
from bot.message import Viseme
from bot.phonetics import Phonetics, Timbre, Tuning
from bot.voice import Phoneme, Word

Figure = tuple[str, float, str, str]
"""Name, value, unit, note."""

RATE, FPS, GRID_S = 24000, 60, 0.0125
OTHER = Timbre("f2", Tuning(150, 60, 50), Tuning(150, 60, 50))
MANDARIN = """昨天的雨下得很大，路上积了不少水。
麻烦你把窗户打开一点儿。
我弟弟明年要去北京上大学。
这本书比那本书便宜一半。
外婆包的饺子又香又好吃。
你平时怎么去公司，坐地铁还是骑车？
他把钥匙忘在朋友家里了。
秋天的苹果特别甜，你尝尝。
我们准备在湖边拍几张照片。
别着急，慢慢说，我听着呢。
这个软件下个月会更新一次。
小猫趴在沙发上睡着了。""".splitlines()
ENGLISH = """My brother bought a brown puppy from a farm near the river.
Please put the milk back before you leave the kitchen.
She always drinks warm water with a slice of lemon.
We missed the bus, but a friend gave us a lift.
The museum opens at nine and closes before six.
Nobody knew why the old clock had stopped again.
His voice was calm, although the news was bad.
Remember to water the plants while I am away.
They built a small house on top of the hill.
Could you repeat the last number for me?
The film was longer than everybody had hoped.
A strong wind blew the papers off the table.""".splitlines()
ARPABET = dict(
    zip(
        [
            "aa",
            "ae",
            "ah",
            "ao",
            "aw",
            "ax",
            "ay",
            "b",
            "ch",
            "d",
            "dh",
            "eh",
            "er",
            "ey",
            "f",
            "g",
            "hh",
            "ih",
            "iy",
            "jh",
            "k",
            "l",
            "m",
            "n",
            "ng",
            "ow",
            "oy",
            "p",
            "r",
            "s",
            "sh",
            "t",
            "th",
            "uh",
            "uw",
            "v",
            "w",
            "y",
            "z",
            "zh",
        ],
        [
            "ɑ",
            "æ",
            "ʌ",
            "ɔ",
            "aʊ",
            "ə",
            "aɪ",
            "b",
            "tʃ",
            "d",
            "ð",
            "ɛ",
            "ɚ",
            "eɪ",
            "f",
            "ɡ",
            "h",
            "ɪ",
            "i",
            "dʒ",
            "k",
            "l",
            "m",
            "n",
            "ŋ",
            "oʊ",
            "ɔɪ",
            "p",
            "ɹ",
            "s",
            "ʃ",
            "t",
            "θ",
            "ʊ",
            "u",
            "v",
            "w",
            "j",
            "z",
            "ʒ",
        ],
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Truth:
    """A spoken sentence whose phonemes' times are known."""

    text: str
    language: str
    pcm: bytes
    words: tuple[Word, ...]
    visemes: tuple[Viseme, ...]

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.pcm) / 2 / RATE


def truth(
    text: str, language: str, samples: NDArray[np.int16], rate: int, words: Sequence[Word], phones: Sequence[Phoneme]
) -> Truth:
    """A sentence at the lips' sample rate; shapes from its phonemes, as an exact voice's are."""
    exact = Exact()
    for phone in phones:
        exact.hear(phone)
    times = np.arange(round(len(samples) * RATE / rate)) * rate / RATE
    pcm = np.interp(times, np.arange(len(samples)), samples).astype("<i2").tobytes()
    visemes = settle(exact.final(Loudness()), 0.0, len(pcm) / 2 / RATE)
    return Truth(text, language, pcm, tuple(map(as_edge, words)), visemes)


def as_edge(word: Word) -> Word:
    """A word's time with the service's grain."""
    start, stop = (round(time / GRID_S) * GRID_S for time in (word.start, word.start + word.duration - GRID_S))
    return Word(word.text, start, max(GRID_S, stop - start))


async def from_espeak(phonetics: Phonetics, text: str, language: str) -> Truth:
    """A sentence by an espeak-ng voice that the lips do not use."""
    pcm, words, phones, rate = b"", list[Word](), list[Phoneme](), RATE
    for clause in clauses(text):
        said = await phonetics.say(clause, language, OTHER)
        rate, at = said.rate, len(pcm) / 2 / said.rate
        words += [Word(each.text, at + each.start, each.duration) for each in said.soundings]
        phones += [Phoneme(p.ipa, at + p.start, p.duration) for each in said.soundings for p in each.phones]
        pcm += said.pcm + bytes(2 * round(clause.pause * rate))
    return truth(text, language, np.frombuffer(pcm, "<i2"), rate, words, phones)


class Wave(ctypes.Structure):
    """Flite's cst_wave."""

    _fields_ = [
        ("type", ctypes.c_char_p),
        ("rate", ctypes.c_int),
        ("count", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    ]


def flite() -> Callable[[str], Truth] | None:
    """What makes a sentence with Flite's slt; None where it is not installed."""
    try:
        library: Any = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        for needed in ("libflite_usenglish.so.1", "libflite_cmulex.so.1"):
            ctypes.CDLL(needed, mode=ctypes.RTLD_GLOBAL)
        slt: Any = ctypes.CDLL("libflite_cmu_us_slt.so.1")
    except OSError:
        return None
    library.flite_init()
    for name in ("flite_synth_text", "utt_relation", "relation_head", "item_next", "item_parent", "item_as"):
        getattr(library, name).restype = ctypes.c_void_p
    library.utt_wave.restype = ctypes.POINTER(Wave)
    library.item_feat_string.restype = ctypes.c_char_p
    library.item_feat_float.restype = ctypes.c_float
    slt.register_cmu_us_slt.restype = ctypes.c_void_p
    voice = ctypes.c_void_p(slt.register_cmu_us_slt(None))

    def parent(item: int) -> int:
        return library.item_parent(ctypes.c_void_p(item))

    def say(text: str) -> Truth:
        utterance = ctypes.c_void_p(library.flite_synth_text(text.encode(), voice))
        wave = library.utt_wave(utterance).contents
        samples = np.ctypeslib.as_array(wave.samples, (wave.count,)).copy()
        words: dict[int, Word] = {}
        phones: list[Phoneme] = []
        item = library.relation_head(ctypes.c_void_p(library.utt_relation(utterance, b"Segment")))
        start = 0.0
        while item:
            name = library.item_feat_string(ctypes.c_void_p(item), b"name").decode()
            end = library.item_feat_float(ctypes.c_void_p(item), b"end")
            phones.append(Phoneme(ARPABET.get(name, ""), start, end - start))
            structure = library.item_as(ctypes.c_void_p(item), b"SylStructure")
            if structure and (word := parent(parent(structure))):
                spelled = library.item_feat_string(ctypes.c_void_p(word), b"name").decode()
                begin = words[word].start if word in words else start
                words[word] = Word(spelled, begin, end - begin)
            item, start = library.item_next(ctypes.c_void_p(item)), end
        library.delete_utterance(utterance)
        return truth(text.lower(), "en", samples, wave.rate, list(words.values()), phones)

    return say


@dataclass(slots=True)
class Score:
    """What one way to find a mouth reached."""

    frames: int = 0
    right: int = 0
    lips: int = 0
    closed: int = 0
    late: list[float] | None = None

    def add(self, spoken: Truth, guessed: Sequence[Viseme]) -> None:
        """Compare a sentence frame by frame, and the beginnings of the shapes both have."""
        begin = spoken.words[0].start - 0.05
        end = spoken.words[-1].start + spoken.words[-1].duration + 0.05
        for second in np.arange(max(0.0, begin), min(end, spoken.seconds), 1 / FPS):
            true, guess = at(spoken.visemes, second), at(guessed, second)
            self.frames, self.right = self.frames + 1, self.right + (true == guess)
            self.lips, self.closed = self.lips + (true == "PP"), self.closed + (true == guess == "PP")
        sides = [[each for each in side if each.name != "sil"] for side in (spoken.visemes, guessed)]
        matcher = difflib.SequenceMatcher(None, *([each.name for each in side] for side in sides), autojunk=False)
        self.late = self.late or []
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                self.late.append(abs(sides[0][block.a + step].start - sides[1][block.b + step].start))


def at(visemes: Sequence[Viseme], second: float) -> str:
    """The shape at a moment."""
    for viseme in visemes:
        if viseme.start <= second < viseme.start + viseme.duration:
            return viseme.name
    return "sil"


async def follow(lips: PhonemeLips, spoken: Truth, kind: str) -> Sequence[Viseme]:
    """The final track from some of what is known."""

    async def evidence() -> AsyncIterator[Evidence]:
        for word in spoken.words if kind == "words" else ():
            yield word
        yield Heard(spoken.pcm)

    text = "" if kind == "amplitude" else spoken.text
    tracks = [track async for track in lips.follow(text, spoken.language, "bench", evidence())]
    return tracks[-1].visemes


async def figures() -> list[Figure]:
    """Frames right, as parts of 1, and errors of beginnings, for each language and each kind of evidence."""
    found: list[Figure] = []
    async with Phonetics() as phonetics:
        lips, slt = PhonemeLips(phonetics), flite()
        sets = {
            "zh": ([await from_espeak(phonetics, text, "zh") for text in MANDARIN], "espeak-ng f2 at another pace"),
            "en": (
                [slt(text) if slt else await from_espeak(phonetics, text, "en") for text in ENGLISH],
                "Flite slt" if slt else "espeak-ng f2: Flite is missing, flattering",
            ),
        }
        for language, (sentences, source) in sets.items():
            for kind, name in (("words", "cold"), ("sound", "no_words"), ("amplitude", "amplitude")):
                score = Score()
                for spoken in sentences:
                    score.add(spoken, await follow(lips, spoken, kind))
                note = f"{kind}, truth {source}"
                found.append((f"lips_{language}_{name}_frames", score.right / score.frames, "", note))
                if kind != "amplitude":
                    late = 1000 * statistics.mean(score.late or [0.0])
                    found.append((f"lips_{language}_{name}_onset_ms", late, "ms", note))
                    found.append((f"lips_{language}_{name}_closed", score.closed / max(1, score.lips), "", note))
    return found


if __name__ == "__main__":
    for row in asyncio.run(figures()):
        print("{:28} {:8.3f} {:3} {}".format(*row))
