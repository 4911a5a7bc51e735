"""Finding what answers a question: entries weighed by rare grams, judged in three bands.

No threshold tells a near miss from a hit (measured), so there is a band between knowing and not knowing: the choice.
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.gloss import GLOSS
from bot.grams import HAN, grams, paired, topical
from bot.phrases import language as language_of

Band = Literal["answer", "suggest", "unknown"]
TITLE, COVER, MARGIN = 0.45, 0.45, 0.08
"""She answers what has this share of the topic, and this likeness to a wording or this distance to the next."""
HINT = 0.1
"""Likeness to a wording below which a rare word in an answer alone would decide."""
TIE = 0.03
"""Two entries closer than this are a choice, however alike one is."""
PLAIN = 0.75
"""From this likeness on it is the question that was asked."""
SUGGEST = 0.20
"""She offers a choice from this rank on, of entries with at least RELATED of the best one's."""
RELATED = 0.4
UNSEEN, PAIR, VAGUE, LATIN = 0.3, 0.7, 0.5, 1.5
"""Weights of pairs of Hanzi that no entry has, of pairs, of grams without a topic, of Latin words."""
COMMON = 200
"""Entries; in a large index a gram that more than these and 5 % of all have tells nothing apart."""
OWN_LANGUAGE = 0.1
"""What an entry in the question's language is preferred by."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may be the answer."""

    id: str
    wordings: tuple[str, ...]
    """The ways it is asked, the main one first; of a passage: its heading."""
    answer: str
    language: str
    """``zh`` or ``en``, of the answer."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item with how well it fits; all figures from 0 to about 1."""

    item: Item
    rank: float
    title: float
    """Likeness to the nearest wording."""
    cover: float
    """Share of the question's topic that the item has."""


class Index:
    """Items that can be asked for."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        bodies = [Counter(grams("\n".join((*item.wordings, item.answer)))) for item in items]
        self._seen = Counter(gram for body in bodies for gram in body)
        self._bodies = Postings(bodies, self._weight)
        wordings = [(number, wording) for number, item in enumerate(items) for wording in item.wordings]
        self._owners = [number for number, _ in wordings]
        self._titles = Postings([Counter(grams(wording)) for _, wording in wordings], self._weight)

    def ask(self, question: str, language: str) -> list[Hit]:
        """What shares anything with the question, the best first."""
        asked = unit(Counter(self._put(grams(question))), self._weight)
        telling = {gram: weight for gram, weight in asked.items() if topical(gram)}
        whole = sum(telling.values())
        titles: dict[int, float] = {}
        for wording, likeness in self._titles.likeness(asked).items():
            titles[self._owners[wording]] = max(likeness, titles.get(self._owners[wording], 0.0))
        covers = self._bodies.cover(telling)
        hits: list[Hit] = []
        for number, likeness in self._bodies.likeness(asked).items():
            title = titles.get(number, 0.0)
            cover = covers.get(number, 0.0) / whole if whole else title
            hits.append(Hit(self.items[number], likeness + 0.3 * cover + 0.2 * title, title, cover))
        return sorted(hits, key=lambda hit: -hit.rank - OWN_LANGUAGE * (hit.item.language == language))

    def _put(self, asked: Sequence[str]) -> Iterator[str]:
        """The grams, and in place of an English word that nothing has, what it is in Chinese."""
        for gram in asked:
            yield from (gram,) if gram in self._seen or gram not in GLOSS else grams(GLOSS[gram])

    def _weight(self, gram: str) -> float:
        seen = self._seen.get(gram, 0)
        weight = math.log(1 + (len(self.items) + 1) / (seen + 0.5))
        weight *= 1.0 if topical(gram) else VAGUE
        if paired(gram):
            return weight * PAIR * (1.0 if seen else UNSEEN)
        return weight * (1.0 if HAN.match(gram) else LATIN)


class Postings:
    """Texts as vectors of unit length, laid out by gram: a question touches only what it shares."""

    def __init__(self, texts: Sequence[Counter[str]], weigh: Callable[[str], float]) -> None:
        self._numbers: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._weights: defaultdict[str, array[float]] = defaultdict(lambda: array("f"))
        for number, text in enumerate(texts):
            for gram, weight in unit(text, weigh).items():
                self._numbers[gram].append(number)
                self._weights[gram].append(weight)
        self._common = max(COMMON, len(texts) // 20)

    def likeness(self, asked: Mapping[str, float]) -> dict[int, float]:
        """Text number → cosine to what is asked, of those above nothing."""
        found: dict[int, float] = {}
        for gram, weight in asked.items():
            for number, other in zip(self._having(gram), self._weights.get(gram, ()), strict=False):
                found[number] = found.get(number, 0.0) + weight * other
        return found

    def cover(self, asked: Mapping[str, float]) -> dict[int, float]:
        """Text number → weight of the asked grams it has."""
        found: dict[int, float] = {}
        for gram, weight in asked.items():
            for number in self._having(gram):
                found[number] = found.get(number, 0.0) + weight
        return found

    def _having(self, gram: str) -> Sequence[int]:
        numbers = self._numbers.get(gram, ())
        return numbers if len(numbers) <= self._common else ()


def unit(counted: Counter[str], weigh: Callable[[str], float]) -> dict[str, float]:
    """Grams with their weights, as a vector of unit length."""
    vector = {gram: weigh(gram) * (1 + math.log(count)) for gram, count in counted.items()}
    length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    return {gram: weight / length for gram, weight in vector.items()}


def band(hits: Sequence[Hit]) -> Band:
    """What the hits allow her to do."""
    if not hits:
        return "unknown"
    best = hits[0]
    margin = best.rank - (hits[1].rank if len(hits) > 1 else 0.0)
    if best.title >= PLAIN:
        return "answer"
    clear = margin >= MARGIN and best.rank >= SUGGEST and best.title >= HINT
    if best.cover >= COVER and (clear or (best.title >= TITLE and margin >= TIE)):
        return "answer"
    return "suggest" if best.rank >= SUGGEST else "unknown"


def options(hits: Sequence[Hit], language: str, most: int = 3) -> list[str]:
    """The questions to choose from: main wordings of the best hits, in the language as far as there are any."""
    near = [hit.item.wordings[0] for hit in hits if hit.item.wordings and hit.rank >= RELATED * hits[0].rank]
    own = [wording for wording in near if language_of(wording) == language]
    return list(dict.fromkeys(own or near))[:most]
