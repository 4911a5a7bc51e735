"""Ranking what may answer a question: entries weighed by rare grams, judged in three bands.

A corpus, whatever database it lies in, only fetches candidates; they are ranked here, so the same question finds the same
everywhere. No threshold tells a near miss from a hit (measured), so there is a band between knowing and not knowing: the
choice.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, Protocol

from bot.gloss import gloss
from bot.grams import HAN, VAGUE_WORDS, WORD, counted, folded, grams, paired, topical
from bot.phrases import language as language_of
from bot.wordings import ENDS, cleaned
from bot.wordings import READ as POLITE

Band = Literal["answer", "suggest", "unknown"]
TITLE, COVER, MARGIN = 0.45, 0.45, 0.08
"""She answers what has this share of the topic, and this likeness to a wording or this distance to the next."""
HINT = 0.1
"""Likeness to a wording below which a rare word in an answer alone would decide."""
NEAR = 0.55
"""Share of the topic in one sentence of a passage that does instead of such a likeness: headings seldom are questions."""
SENTENCES = re.compile(r"[。！？!?；;\n]|\.\s")
ADDRESS = re.compile(r"\S*(?:@|://|www\.)[!-~]*|`[^`\n]*`")
"""What is in no language."""
TIE = 0.03
"""Two entries closer than this are a choice, however alike one is."""
PLAIN = 0.75
"""From this likeness on it is the question that was asked."""
VERY = 0.98
"""From this on it is what stands above a passage, word for word."""
SUGGEST = 0.20
"""She offers a choice from this rank on, of entries with at least RELATED of the best one's."""
RELATED = 0.4
UNSEEN, PAIR, VAGUE, LATIN = 0.3, 0.7, 0.5, 1.5
"""Weights of pairs of Hanzi and of numbers that no entry has, of pairs, of grams without a topic, of Latin words."""
COMMON, COMMON_SHARE = 200, 0.05
"""In a large corpus a gram that more than so many entries and this share of all have tells nothing apart."""
FEWEST, MOST = 3, 48
"""Grams a question is looked up by at least, however common they are, and at most: the rarest."""
READ = 15_000
"""Passages that a corpus looks at for one question: beyond them further grams are left out, and then passages."""
OWN_NUMBER = re.compile(r"\d{6,}")
"""Of an order or a telephone: where no entry has it, it is no part of what is asked."""
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
    file: str = ""
    """Where it stands: a path below knowledge/; empty: the FAQ."""
    heading: str = ""
    """Headings that lead to it, parted by `` › ``."""

    @property
    def indexed(self) -> str:
        """The text that is looked through: how it is asked, where it stands and what it says."""
        above = self.heading.replace("›", "\n")
        return "\n".join((*self.wordings, *((above,) if above and above not in self.wordings else ()), self.answer))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that shares something with the question."""

    item: Item
    norm: float
    """Length of its text's vector."""
    norms: tuple[float, ...]
    """Lengths of its wordings' vectors."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item with how well it fits; all figures from 0 to about 1."""

    item: Item
    rank: float
    title: float
    """Likeness to the nearest wording."""
    cover: float
    """Share of the question's topic that the item has."""
    near: float = 0.0
    """Of a passage: share of the topic that one of its sentences has."""
    dense: float = 0.0
    """Cosine of its meaning to the question's, where vectors tell it; what is much differs from model to model."""
    place: int = 0
    """Where vectors had a say in the order: its place in the order of words alone, by which the bands go."""


class Corpus(Protocol):
    """Where items lie."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def seen(self, wanted: Sequence[str]) -> Mapping[str, int]:
        """How many items have each gram; one that none has may be left out."""
        ...

    def having(self, wanted: Sequence[str]) -> Sequence[Candidate]:
        """The likeliest items that have any of the grams."""
        ...


class Weights:
    """What grams weigh in a corpus of a size, by how many of its items have them."""

    def __init__(self, size: int, seen: dict[str, int]) -> None:
        self.size, self.seen = size, seen
        self._weights = _Kept(self._weighed)
        self._squares = _Kept(lambda gram: self._weights[gram] ** 2)

    def of(self, gram: str) -> float:
        """The rarer the heavier."""
        return self._weights[gram]

    def vector(self, text: Mapping[str, int]) -> dict[str, float]:
        """The counted grams of a text, weighed."""
        return {gram: self.of(gram) * (1 + math.log(count)) for gram, count in text.items()}

    def norm(self, text: Mapping[str, int]) -> float:
        """The length of the vector of a text's counted grams, without making it: passages are measured by the thousand."""
        once = sum(map(self._squares.__getitem__, text))
        again = sum(self._squares[gram] * ((1 + math.log(count)) ** 2 - 1) for gram, count in text.items() if count > 1)
        return math.sqrt(once + again) or 1.0

    def _weighed(self, gram: str) -> float:
        seen = self.seen.get(gram, 0)
        weight = math.log(1 + (self.size + 1) / (seen + 0.5)) * (1.0 if topical(gram) else VAGUE)
        if not seen and (paired(gram) or gram.isdigit()):
            weight *= UNSEEN
        if HAN.match(gram):
            return weight * (PAIR if paired(gram) else 1.0)
        return weight * LATIN


class _Kept(dict[str, float]):
    """What was made of grams, made once each."""

    def __init__(self, make: Callable[[str], float]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, gram: str) -> float:
        self[gram] = made = self.make(gram)
        return made


def length(vector: Mapping[str, float]) -> float:
    """A vector's length; of an empty one 1."""
    return math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0


def ask(corpus: Corpus, question: str, language: str) -> list[Hit]:
    """What shares anything with the question, the best first."""
    query, telling = weighed(corpus, question)
    hits = [query.hit(candidate) for candidate in corpus.having(telling)]
    return sorted(hits, key=lambda hit: _place(hit, OWN_LANGUAGE if hit.item.language == language else 0.0))


def weighed(corpus: Corpus, question: str) -> "tuple[Query, list[str]]":
    """A question as a corpus weighs it, and the grams to look it up by."""
    asked = grams(question)
    bare = grams(cleaned(question)) if len(question) <= POLITE else []
    known = dict(corpus.seen(asked + bare))
    asked, bare = ([gram for gram in each if gram in known or not OWN_NUMBER.fullmatch(gram)] for each in (asked, bare))
    chinese = {gram: words for gram in asked if gram not in known and (words := gloss(gram))}
    known.update(corpus.seen([gram for words in chinese.values() for word in words for gram in grams(word)]))
    whole, put = (
        Counter(gram for each in said for gram in _put(each, chinese, known)) for said in (asked, bare or asked)
    )
    weights = Weights(corpus.size, known)
    polite = Query(whole, weights) if whole != put else None
    return Query(put, weights, _literal(question), polite), _telling(put, weights)


def _place(hit: Hit, favour: float) -> tuple[float, float]:
    """What hits are sorted by: the very question that was asked goes before whatever else fits well; a heading is none."""
    plain = hit.title >= (VERY if hit.item.file else PLAIN)
    return (-hit.title - favour if plain else 0.0, -hit.rank - favour)


class Query:
    """A question, weighed."""

    def __init__(self, put: Counter[str], weights: Weights, literal: str = "", polite: "Query | None" = None) -> None:
        """``polite``: the same with its politeness, which wordings may have as well."""
        self.literal, self.polite = literal, polite
        vector = weights.vector(put)
        norm = length(vector)
        self.unit = {gram: weight / norm for gram, weight in vector.items()}
        self.topic = {gram: weight for gram, weight in self.unit.items() if topical(gram)}
        self.whole = sum(self.topic.values())
        self.products = {gram: weight * weights.of(gram) for gram, weight in self.unit.items()}

    def hit(self, candidate: Candidate) -> Hit:
        """How well a candidate fits."""
        item = candidate.item
        title = self._title(candidate)
        body = counted(item.indexed, self.unit)
        cover = sum(weight for gram, weight in self.topic.items() if gram in body) / self.whole if self.whole else title
        likeness = self._cosine(body, candidate.norm)
        near = self._near(item.answer, [gram for gram in self.topic if gram in body]) if item.file else 0.0
        return Hit(item, likeness + 0.3 * (near if item.file else cover) + 0.2 * title, title, cover, near)

    def _near(self, text: str, shared: Sequence[str]) -> float:
        """Share of the topic that the best sentence has, of the grams that the text has: words strewn about say little."""
        shares = (sum(map(self.topic.__getitem__, counted(sentence, shared))) for sentence in SENTENCES.split(text))
        return max(shares, default=0.0) / self.whole if shared else 0.0

    def _title(self, candidate: Candidate) -> float:
        """Likeness to the nearest wording; of the very wording 1."""
        wordings = candidate.item.wordings
        if self.literal and self.literal in map(_literal, wordings):
            return 1.0
        own = max(map(self._likeness, wordings, candidate.norms), default=0.0)
        return max(own, self.polite._title(candidate)) if self.polite else own

    def _likeness(self, text: str, norm: float) -> float:
        return self._cosine(counted(text, self.unit), norm)

    def _cosine(self, shared: Mapping[str, int], norm: float) -> float:
        return sum(self.products[gram] * (1 + math.log(count)) for gram, count in shared.items()) / norm


def written(text: str) -> str:
    """What an answer is written in: ``en`` where Latin letters outnumber Hanzi and are sentences, no mere names; else ``zh``."""
    if not HAN.search(text):
        return language_of(text)
    words = WORD.findall(ADDRESS.sub(" ", folded(text)))
    latin = sum(map(len, words)) > sum(map(len, HAN.findall(text)))
    return "en" if latin and not VAGUE_WORDS.isdisjoint(words) else "zh"


def _literal(text: str) -> str:
    """The words as they stand, but for case and the marks around them."""
    return text.strip(ENDS).lower()


def _put(gram: str, chinese: Mapping[str, Sequence[str]], known: Mapping[str, int]) -> Sequence[str]:
    """The gram, or in place of an English word that nothing has, those of its Chinese words that something has."""
    words = [grams(word) for word in chinese.get(gram, ())]
    return [each for word in words if all(map(known.get, word)) for each in word] or [gram]


def _telling(put: Mapping[str, int], weights: Weights) -> list[str]:
    """The grams to look a question up by: those that tell entries apart, the rarest first."""
    there = sorted((gram for gram in put if weights.seen.get(gram)), key=lambda gram: weights.seen[gram])
    common = max(COMMON, weights.size * COMMON_SHARE)
    read = accumulate(weights.seen[gram] for gram in there)
    return [
        gram
        for place, (gram, read) in enumerate(zip(there[:MOST], read, strict=False))
        if place == 0 or (read <= READ and (place < FEWEST or weights.seen[gram] <= common))
    ]


def band(hits: Sequence[Hit]) -> Band:
    """What the hits allow her to do."""
    if not hits:
        return "unknown"
    hits = sorted(hits, key=lambda hit: hit.place)
    best = hits[0]
    margin = best.rank - (hits[1].rank if len(hits) > 1 else 0.0)
    if best.title >= PLAIN:
        return "answer"
    clear = margin >= MARGIN and best.rank >= SUGGEST and (best.title >= HINT or best.near >= NEAR)
    if best.cover >= COVER and (clear or (best.title >= TITLE and margin >= TIE)):
        return "answer"
    return "suggest" if best.rank >= SUGGEST else "unknown"


def options(hits: Sequence[Hit], language: str, most: int = 3) -> list[str]:
    """What to choose from: questions of the FAQ, else where passages stand; in the language as far as there are any."""
    near = [hit.item for hit in hits if hit.item.wordings and hit.rank >= RELATED * hits[0].rank]
    asked = [item.wordings[0] for item in near if not item.file]
    named = asked or [" › ".join((item.heading or item.wordings[0]).split(" › ")[-2:]) for item in near]
    own = [name for name in named if written(name) == language]
    return list(dict.fromkeys(own or named))[:most]
