"""Finding the entry that answers a question: character grams, weighed by rarity, judged in three bands.

Characters beat word splitting for short Chinese questions (measured), and no threshold tells a near miss from a hit:
so the answer names what it matched, offers a choice, or says that it does not know.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Band = Literal["answer", "suggest", "unknown"]
HAN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
VAGUE = frozenset(
    "的了吗呢吧啊呀哦我你您他她它们这那是有在和就都也要想会能可以怎么什么哪里为什么多少请问一下一个不没还好给把被让说个点"
)
"""Characters that say little about what is asked."""
VAGUE_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "am",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "you",
        "your",
        "i",
        "me",
        "my",
        "it",
        "its",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "and",
        "or",
        "what",
        "who",
        "how",
        "when",
        "where",
        "why",
        "which",
        "with",
        "about",
        "please",
        "tell",
        "there",
        "be",
    ]
)
PARAGRAPH = 200
"""Characters of a document's passage that is read out."""
ANSWER_TITLE, ANSWER_COVER, MARGIN, SUGGEST = 0.45, 0.45, 0.08, 0.20
SURE = 0.8
"""From this likeness on the matched question need not be named."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may be the answer."""

    id: str
    wordings: tuple[str, ...]
    """The ways it is asked; of a passage: its headings."""
    answer: str
    language: str
    """``zh`` or ``en``."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item with how well it fits, 0 to about 1."""

    item: Item
    rank: float
    title: float
    """Likeness to the nearest wording."""
    cover: float
    """Share of the question's telling grams that the item has."""


def grams(text: str) -> list[str]:
    """Single and paired Hanzi, and whole Latin words."""
    text = unicodedata.normalize("NFKC", text).lower()
    found = WORD.findall(text)
    for run in HAN.findall(text):
        found += [*run, *(run[n : n + 2] for n in range(len(run) - 1))]
    return found


def telling(gram: str) -> bool:
    """Whether a gram says what a question is about."""
    return gram not in VAGUE_WORDS and not all(character in VAGUE for character in gram)


class Index:
    """Items that can be asked for."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        bodies = [Counter(grams(" ".join((*item.wordings, item.answer)))) for item in items]
        seen = Counter(gram for body in bodies for gram in body)
        self.total = len(items) + 1
        self.seen = seen
        self.bodies = [self._vector(body) for body in bodies]
        self.titles = [[self._vector(Counter(grams(wording))) for wording in item.wordings] for item in items]
        self.having: defaultdict[str, list[int]] = defaultdict(list)
        for number, body in enumerate(bodies):
            for gram in body:
                self.having[gram].append(number)

    def ask(self, question: str, language: str) -> tuple[Band, list[Hit]]:
        """The band, and the best hits first; those in the question's language are preferred."""
        asked = Counter(grams(question))
        vector = self._vector(asked)
        candidates = {number for gram in asked for number in self.having.get(gram, ())}
        hits = [self._hit(number, vector) for number in candidates]
        hits.sort(key=lambda hit: (-hit.rank - 0.1 * (hit.item.language == language), hit.item.id))
        if not hits:
            return "unknown", []
        best = hits[0]
        margin = best.rank - (hits[1].rank if len(hits) > 1 else 0.0)
        if best.title >= ANSWER_TITLE or (best.cover >= ANSWER_COVER and margin >= MARGIN and best.rank >= SUGGEST):
            return "answer", hits
        return ("suggest" if best.rank >= SUGGEST else "unknown"), hits

    def _weight(self, gram: str) -> float:
        rarity = math.log(1 + self.total / (1 + self.seen.get(gram, 0)))
        return rarity * (len(gram) if HAN.match(gram) else 2) * (1.0 if telling(gram) else 0.3)

    def _vector(self, counted: Counter[str]) -> dict[str, float]:
        """Weights of unit length."""
        vector = {gram: self._weight(gram) * (1 + math.log(count)) for gram, count in counted.items()}
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return {gram: weight / length for gram, weight in vector.items()}

    def _hit(self, number: int, asked: dict[str, float]) -> Hit:
        body = self.bodies[number]
        title = max((_likeness(asked, wording) for wording in self.titles[number]), default=0.0)
        topical = {gram: weight for gram, weight in asked.items() if telling(gram)}
        whole = sum(topical.values())
        cover = sum(weight for gram, weight in topical.items() if gram in body) / whole if whole else 0.0
        rank = 0.6 * _likeness(asked, body) + 0.25 * cover + 0.35 * title
        return Hit(self.items[number], rank, title, cover)


def _likeness(one: dict[str, float], other: dict[str, float]) -> float:
    """Cosine."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[gram] for gram, weight in one.items() if gram in other)


def passages(path: str, text: str) -> list[Item]:
    """A document's paragraphs along its headings."""
    items: list[Item] = []
    heads: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().splitlines()
        while lines and (heading := re.match(r"(#{1,6})\s+(.+)", lines[0])):
            heads = [*heads[: len(heading[1]) - 1], heading[2].strip()]
            lines = lines[1:]
        body = " ".join(line.strip() for line in lines).strip()
        if body:
            language = "zh" if HAN.search(body) else "en"
            items.append(Item(path, tuple(heads[-1:]), _short(body), language))
    return items


def _short(text: str) -> str:
    """The text up to a sentence's end within PARAGRAPH characters."""
    if len(text) <= PARAGRAPH:
        return text
    cut = max(text.rfind(mark, 0, PARAGRAPH) for mark in "。！？.!?")
    return text[: cut + 1] if cut > PARAGRAPH // 3 else text[:PARAGRAPH] + "…"
