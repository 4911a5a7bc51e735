"""How near the lips come to labelled speech: ``python -m tests.bench.lips``.

Truth: for English, Flite's voice slt (Debian's libflite1), which knows its segments' times and shares nothing with
espeak-ng; without it, and for Mandarin, an espeak-ng voice and pace that the lips do not use. Word times are given as
edge-tts gives them: on a grid of 12.5 ms, ended 12.5 ms early.
"""

import asyncio
import ctypes
import difflib
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.clauses import clauses
from bot.lips import Evidence, Heard, Lips, phonemes
from bot.lips._drafts import Exact
from bot.lips._layout import settle, shapes_of, spread
from bot.lips._loudness import Loudness
from bot.message import Viseme
from bot.phonetics import Phonetics, Timbre, Tuning
from bot.voice import Phoneme, Word

Figure = tuple[str, float, str, str]
"""Name, value, unit, note."""

AIMS = {
    "lips_zh_cold_frames": ">= 0.88",
    "lips_en_cold_frames": ">= 0.88",
    "lips_zh_adapted_frames": ">= 0.90",
    "lips_en_adapted_frames": ">= 0.90",
    "lips_zh_onset_ms": "<= 8",
    "lips_en_onset_ms": "<= 8",
    "lips_zh_adapted_closed": ">= 0.97",
    "lips_en_adapted_closed": ">= 0.97",
    "lips_ms_per_s": "<= 5",
    "lips_ms_per_s_no_words": "<= 25",
}
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
MANDARIN_LESSONS = """他正在厨房里给孩子们做饭。
外面刮着大风，出门多穿点儿。
我把照片发到你的邮箱里了。
从这里走到学校大概要十分钟。
这件事情你最好问问经理。
明年春天他们就要搬到上海去了。
花瓶里插着几朵白色的玫瑰。
同学们都准备好参加比赛了。
这种水果我从来没有吃过。
火车站附近有一家不错的旅馆。
哥哥昨天买了一台新电脑。
你先休息一会儿，我去买菜。
树上的叶子都变黄了。
他说话的声音很小，我听不清楚。
祝你生日快乐，身体健康！""".splitlines()
ENGLISH_LESSONS = """It takes about an hour to walk to the lake.
The old man told us a strange story.
Please wash your hands before you eat.
We have been waiting for the doctor since noon.
There is a small problem with the printer.
I think the green dress suits you better.
They painted the kitchen in a bright colour.
He broke the world record for the third time.
Can you hear the bells of the church?
Mary put the flowers into a glass vase.
The map on the wall shows every village.
Good friends help each other in hard times.
You should check the batteries of the camera.
The ship will reach the harbour before dark.
I usually drink tea with honey in the afternoon.""".splitlines()
ARPABET = {
    name: ipa
    for name, _, ipa in (
        pair.partition(":")
        for pair in [
            "aa:ɑ",
            "ae:æ",
            "ah:ʌ",
            "ao:ɔ",
            "aw:aʊ",
            "ax:ə",
            "ay:aɪ",
            "b:b",
            "ch:tʃ",
            "d:d",
            "dh:ð",
            "eh:ɛ",
            "er:ɚ",
            "ey:eɪ",
            "f:f",
            "g:ɡ",
            "hh:h",
            "ih:ɪ",
            "iy:i",
            "jh:dʒ",
            "k:k",
            "l:l",
            "m:m",
            "n:n",
            "ng:ŋ",
            "ow:oʊ",
            "oy:ɔɪ",
            "p:p",
            "r:ɹ",
            "s:s",
            "sh:ʃ",
            "t:t",
            "th:θ",
            "uh:ʊ",
            "uw:u",
            "v:v",
            "w:w",
            "y:j",
            "z:z",
            "zh:ʒ",
        ]
    )
}
"""Flite's phonemes in IPA."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A spoken sentence whose phonemes' times are known."""

    text: str
    language: str
    pcm: bytes
    words: tuple[Word, ...]
    visemes: tuple[Viseme, ...]
    phones: tuple[Phoneme, ...]

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
    return Truth(text, language, pcm, tuple(map(as_edge, words)), visemes, tuple(phones))


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
        together = 2 if language == "zh" else 1  # the service tells Mandarin words of one to three characters
        for first in range(0, len(said.soundings), together):
            some = said.soundings[first : first + together]
            text_ = clause.text[some[0].at - clause.at : some[-1].at - clause.at + len(some[-1].text)]
            words.append(Word(text_, at + some[0].start, some[-1].start + some[-1].duration - some[0].start))
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


def flite(who: str = "slt") -> Callable[[str], Truth] | None:
    """What makes a sentence with one of Flite's voices; None where it is not installed."""
    try:
        library: Any = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        for needed in ("libflite_usenglish.so.1", "libflite_cmulex.so.1"):
            ctypes.CDLL(needed, mode=ctypes.RTLD_GLOBAL)
        speaker: Any = ctypes.CDLL(f"libflite_cmu_us_{who}.so.1")
    except OSError:
        return None
    library.flite_init()
    for name in ("flite_synth_text", "utt_relation", "relation_head", "item_next", "item_parent", "item_as"):
        getattr(library, name).restype = ctypes.c_void_p
    library.utt_wave.restype = ctypes.POINTER(Wave)
    library.item_feat_string.restype = ctypes.c_char_p
    library.item_feat_float.restype = ctypes.c_float
    register = getattr(speaker, f"register_cmu_us_{who}")
    register.restype = ctypes.c_void_p
    voice = ctypes.c_void_p(register(None))

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


async def follow(lips: Lips, spoken: Truth, kind: str, engine: str) -> Sequence[Viseme]:
    """The final track from some of what is known."""

    async def evidence() -> AsyncIterator[Evidence]:
        for word in spoken.words if kind == "words" else ():
            yield word
        yield Heard(spoken.pcm)

    text = "" if kind == "amplitude" else spoken.text
    tracks = [track async for track in lips.follow(text, spoken.language, engine, evidence())]
    return tracks[-1].visemes


async def laid(phonetics: Phonetics, spoken: Truth, *, equal: bool) -> Sequence[Viseme]:
    """What one would do without listening: each word's shapes over its time, alike or by their typical durations."""
    soundings = await phonetics.read(spoken.text, spoken.language)
    found: list[Viseme] = []
    cursor = 0
    for word in spoken.words:
        at_ = spoken.text.find(word.text, cursor)
        cursor = at_ + len(word.text) if at_ >= 0 else cursor
        several = [shape for each in soundings if at_ <= each.at < cursor for shape in shapes_of(each)]
        if equal:
            length = word.duration / max(1, len(several))
            found += [Viseme(each.name, word.start + n * length, length, 1.0) for n, each in enumerate(several)]
        else:
            found += spread(several, word.start, word.start + word.duration)
    return settle(found, 0.0, spoken.seconds)


@dataclass(slots=True)
class Course:
    """One language's sentences: those the voice is learned from, and those that are judged."""

    language: str
    lessons: Sequence[Truth]
    sentences: Sequence[Truth]
    note: str
    seconds: float = 0.0
    """Of sound that was followed."""
    cpu_s: dict[str, float] = field(default_factory=lambda: {"words": 0.0, "sound": 0.0})

    async def judged(self, phonetics: Phonetics, kind: str, *, taught: bool) -> Score:
        """How near the lips come; each sentence is judged by what was known before the first."""
        score = Score()
        with TemporaryDirectory() as folder:
            if taught:
                teacher = phonemes.open(phonetics, Path(folder))
                for lesson in self.lessons:
                    await follow(teacher, lesson, kind, "voice")
                await teacher.close()
            for spoken in self.sentences:
                lips = phonemes.open(phonetics, Path(folder))
                async for _ in lips.follow("a", "en", "voice", _nothing()):
                    pass  # the voice's file is read, the thread begun
                began = time.process_time()
                score.add(spoken, await follow(lips, spoken, kind, "voice"))
                if taught and kind in self.cpu_s:
                    self.cpu_s[kind] += time.process_time() - began
                    self.seconds += spoken.seconds / 2
        return score


async def _nothing() -> AsyncIterator[Evidence]:
    for each in ():
        yield each


async def figures() -> list[Figure]:
    """Frames right, as parts of 1, and errors of beginnings, for each language and each kind of evidence."""
    found: list[Figure] = []
    async with Phonetics() as phonetics:
        slt = flite()
        english = [
            slt(text) if slt else await from_espeak(phonetics, text, "en") for text in (*ENGLISH_LESSONS, *ENGLISH)
        ]
        mandarin = [await from_espeak(phonetics, text, "zh") for text in (*MANDARIN_LESSONS, *MANDARIN)]
        courses = (
            Course("zh", mandarin[: len(MANDARIN_LESSONS)], mandarin[len(MANDARIN_LESSONS) :], "truth espeak-ng f2 at another pace"),
            Course(
                "en", english[: len(ENGLISH_LESSONS)], english[len(ENGLISH_LESSONS) :],
                "truth Flite slt" if slt else "truth espeak-ng f2 (Flite is missing): flattering",
            ),
        )  # fmt: skip
        amplitude = Score()
        for course in courses:
            plain = {"equal": Score(), "typical": Score()}
            for spoken in course.sentences:
                for name, score in plain.items():
                    score.add(spoken, await laid(phonetics, spoken, equal=name == "equal"))
                amplitude.add(spoken, await follow(phonemes.open(phonetics), spoken, "amplitude", "voice"))
            scores = {
                **plain,
                "cold": await course.judged(phonetics, "words", taught=False),
                "adapted": await course.judged(phonetics, "words", taught=True),
                "no_words_cold": await course.judged(phonetics, "sound", taught=False),
                "no_words": await course.judged(phonetics, "sound", taught=True),
            }
            for name, score in scores.items():
                late = 1000 * statistics.mean(score.late or [0.0])
                onset = (
                    f"lips_{course.language}_onset_ms"
                    if name == "adapted"
                    else f"lips_{course.language}_{name}_onset_ms"
                )
                found.append((f"lips_{course.language}_{name}_frames", score.right / score.frames, "", course.note))
                found.append((onset, late, "ms", course.note))
                found.append(
                    (f"lips_{course.language}_{name}_closed", score.closed / max(1, score.lips), "", course.note)
                )
        found.append(("lips_amplitude_frames", amplitude.right / amplitude.frames, "", "both languages"))
        for kind, name in (("words", "lips_ms_per_s"), ("sound", "lips_ms_per_s_no_words")):
            spent = sum(course.cpu_s[kind] for course in courses)
            seconds = sum(course.seconds for course in courses)
            found.append((name, 1000 * spent / seconds, "ms", "processor time per second of sound, all of it"))
    return found


if __name__ == "__main__":
    for row in asyncio.run(figures()):
        print("{:28} {:8.3f} {:3} {}".format(*row))
