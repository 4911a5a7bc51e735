"""Hot questions: how many of the topics that are really asked most are found among what she would show."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bot.topics import Topics
from bot.yamlfile import parse
from tests.bench.figures import Figures

DATA = Path(__file__).parents[1] / "data" / "hot.yaml"
QUESTIONS, USERS, DAYS = 5000, 1500, 14
STREAMS = 5
"""Orders of the topics; the figure is the mean over them."""
CITED = 0.92
"""Of the questions that an entry answers, those for which a model names it; of the others half name a wrong one."""
BEGINNINGS = (
    "请问",
    "你好，",
    "您好，请问",
    "想问一下",
    "在吗，",
    "麻烦问下",
    "那个，",
    "嗯，",
    "老板，",
    "咨询一下，",
)
ENDINGS = ("？", "?", "呢", "呀？", "啊", "，谢谢", "～", "😊", "[微笑]", "？？", "，急", "哈")
EN_BEGINNINGS, EN_ENDINGS = ("Hi, ", "Hello! ", "Excuse me, ", "So, "), (" Thanks!", "?", " please", "!!")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a share of the people wants to know."""

    topic: str
    wordings: list[str]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the engine gets it, and what it really is about, which the engine never sees."""

    question: str
    anchor: str
    user: str
    at: float
    truth: str


def stream(wanted: list[Wanted], cited: float, seed: int) -> list[Asked]:
    """Questions by Zipf's law over topics in a random order, each put in a random one of its wordings."""
    chance = random.Random(seed)
    order = chance.sample(wanted, len(wanted))
    entries = [each.anchor for each in wanted if each.anchor]
    drawn = chance.choices(order, [1 / rank for rank in range(1, len(order) + 1)], k=QUESTIONS)
    found: list[Asked] = []
    for number, topic in enumerate(drawn):
        anchor, luck = topic.anchor, chance.random()
        if anchor and luck >= cited:
            anchor = chance.choice([each for each in entries if each != anchor]) if luck < (1 + cited) / 2 else ""
        at = number * DAYS * 86400 / QUESTIONS
        found.append(Asked(_put(chance, topic), anchor if cited else "", f"{chance.randrange(USERS)}", at, topic.topic))
    return found


def _put(chance: random.Random, topic: Wanted) -> str:
    """A wording as somebody types it."""
    wording = chance.choice(topic.wordings)
    if len(wording) > 4 and chance.random() < 0.4:
        gone = chance.randrange(len(wording))
        wording = wording[:gone] + wording[gone + 1 :]
    beginnings, endings = (EN_BEGINNINGS, EN_ENDINGS) if wording.isascii() else (BEGINNINGS, ENDINGS)
    before = chance.choice(beginnings) if chance.random() < 0.5 else ""
    return before + wording + (chance.choice(endings) if chance.random() < 0.6 else "")


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a stream."""

    right: int
    """Of the ten topics really asked most, those among her ten."""
    answered: tuple[int, int]
    """Of those of the ten that have an entry: how many are among hers, and how many there are."""
    topics: int
    purity: float
    """Share of the questions that are with others of their kind."""
    recall: float
    """Share of the pairs of questions about the same thing that were counted together."""
    ms: float
    """For a question."""
    distinct: int


def followed(asked: list[Asked], answered: set[str]) -> Found:
    """Let the engine count a stream, and hold its ten against the truth."""
    topics = Topics("hot")
    began = time.perf_counter()
    noted = [
        topics.note(each.question, anchor=each.anchor, band="answer" if each.anchor else "unknown", user=each.user, at=each.at)
        for each in asked
    ]  # fmt: skip
    ms = (time.perf_counter() - began) * 1000 / len(asked)
    inside: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each, topic in zip(asked, noted, strict=True):
        if topic:
            inside[topics.root(topic.id).id][each.truth] += 1
    shown = topics.ranked(asked[-1].at, limit=10)
    ours = {inside[each.topic.id].most_common(1)[0][0] for each in shown}
    truth = Counter(each.truth for each in asked)
    hottest = {topic for topic, _ in truth.most_common(10)}
    pairs = sum(count * (count - 1) for counts in inside.values() for count in counts.values())
    purity = sum(counts.most_common(1)[0][1] for counts in inside.values()) / len(asked)
    recall = pairs / sum(count * (count - 1) for count in truth.values())
    entries = (len(ours & hottest & answered), len(hottest & answered))
    return Found(len(ours & hottest), entries, len(inside), purity, recall, ms, len({each.question for each in asked}))


def measure(figures: Figures) -> None:
    """With a model that cites what it used, and without any."""
    document = parse(DATA.read_text(encoding="utf-8"), DATA.name, list)
    wanted = TypeAdapter(list[Wanted]).validate_python(document.data)
    answered = {each.topic for each in wanted if each.anchor}
    for name, cited, aim in (("hot_true_top10", CITED, ">= 7"), ("hot_true_top10_uncited", 0.0, "")):
        found = [followed(stream(wanted, cited, seed), answered) for seed in range(STREAMS)]

        def mean(of: Callable[[Found], float], found: list[Found] = found) -> float:
            return sum(map(of, found)) / len(found)

        hits, entries = (sum(each.answered[part] for each in found) for part in (0, 1))
        note = (
            f"of 10, mean of {STREAMS} × {QUESTIONS} questions ({found[0].distinct} distinct, {len(wanted)} topics);"
            f" of those with an entry {hits} of {entries}, without {sum(each.right for each in found) - hits} of"
            f" {10 * STREAMS - entries}; {mean(lambda each: each.topics):.0f} clusters,"
            f" purity {mean(lambda each: each.purity):.3f}, pair recall {mean(lambda each: each.recall):.2f}"
        )
        figures.add(name, mean(lambda each: each.right), "", aim, note)
        figures.add(name.replace("true_top10", "note_ms"), mean(lambda each: each.ms), "ms", "<= 2")


async def hot(figures: Figures) -> None:
    """All of it, off the loop."""
    await asyncio.to_thread(measure, figures)


if __name__ == "__main__":
    measure(Figures())
