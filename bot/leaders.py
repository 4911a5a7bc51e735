"""Texts that stand for topics, and which of them a question is like: cosine over rare grams, by an inverted index."""

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from heapq import nlargest, nsmallest

from bot.grams import HAN, grams, paired, topical

LIKE = 0.4
"""Cosine from which a question belongs to a topic."""
RAREST = 10
"""Grams of a question by which others are looked up. The rarest of its own, whatever their number: a bound on how often
a gram may occur would make a topic that everybody asks about fall apart."""
LOOKED_AT = 24
"""Texts that share most with a question; the others are not compared."""
READ = 120
"""Characters of a text that are compared."""
VAGUE, PAIR, LATIN = 0.5, 0.7, 1.5
"""Weights of grams without a topic, of pairs of Hanzi, of Latin words."""


class Leaders:
    """The texts of all topics; how rare a gram is, is counted among them, not among the questions asked."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], frozenset[str]] = {}
        self._owned: dict[str, tuple[str, ...]] = {}
        self._having: dict[str, set[tuple[str, str]]] = {}

    def put(self, owner: str, texts: Iterable[str]) -> None:
        """Let these texts, and no others, stand for a topic."""
        texts = tuple(dict.fromkeys(texts))
        for text in self._owned.pop(owner, ()):
            if text not in texts:
                self._drop((owner, text))
        for text in texts:
            key = (owner, text)
            if key not in self._texts:
                self._texts[key] = found = frozenset(grams(text[:READ]))
                for gram in found:
                    self._having.setdefault(gram, set()).add(key)
        if texts:
            self._owned[owner] = texts

    def _drop(self, key: tuple[str, str]) -> None:
        for gram in self._texts.pop(key):
            having = self._having[gram]
            having.discard(key)
            if not having:
                del self._having[gram]

    def near(self, text: str, least: float = LIKE) -> list[tuple[str, float]]:
        """Topics with a text at least so like the given one, and how like from 0 to 1; the nearest first."""
        asked = {gram: self._weight(gram) for gram in grams(text[:READ])}
        length = _length(asked.values())
        known = (gram for gram in asked if gram in self._having)
        rarest = nsmallest(RAREST, known, key=lambda gram: (len(self._having[gram]), gram))
        shared: defaultdict[tuple[str, str], float] = defaultdict(float)
        for gram in rarest:
            weight = asked[gram] ** 2
            for key in self._having[gram]:
                shared[key] += weight
        found: dict[str, float] = {}
        for key in nlargest(LOOKED_AT, shared, key=lambda key: (shared[key], key)):
            other = {gram: self._weight(gram) for gram in self._texts[key]}
            common = sum(weight * weight for gram, weight in asked.items() if gram in other)
            likeness = common / (length * _length(other.values()))
            if likeness >= max(least, found.get(key[0], 0.0)):
                found[key[0]] = min(1.0, likeness)
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))

    def _weight(self, gram: str) -> float:
        return _kind(gram) * math.log(1 + (len(self._texts) + 1) / (len(self._having.get(gram, ())) + 0.5))


@lru_cache(maxsize=20000)
def _kind(gram: str) -> float:
    """What a gram weighs for what it is, however rare."""
    return (1.0 if topical(gram) else VAGUE) * (PAIR if paired(gram) else 1.0 if HAN.match(gram) else LATIN)


def _length(weights: Iterable[float]) -> float:
    return math.sqrt(sum(weight * weight for weight in weights)) or 1.0
