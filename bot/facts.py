"""What she knows of a person: small facts with their source, superseded and never overwritten. Pure."""

import math
import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from bot.gloss import gloss
from bot.grams import grams, topical

Kind = Literal["profile", "relation", "preference", "plan", "event"]
Status = Literal["active", "superseded"]
By = Literal["user", "rules", "extractor"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""From what she should know at any time to what is worth knowing once."""
LASTING: tuple[Kind, ...] = ("profile", "relation", "preference")
"""What is told to the brain whatever the talk is about, as far as there is room."""
LONGEST = 120
"""Characters of a fact."""
QUOTE = 30
"""Characters of its quotation."""
MOST = 200
"""Active facts of a person; of superseded ones as many are worth keeping."""
LINES = 12
"""Lasting facts that are told whatever the talk is about."""
PLAN_S = 30 * 86400.0
"""A plan without a date is forgotten after this."""
SELF = re.compile(r"^(?:我|用户|对方|(?:i|the user|user)\b)(?:的|'s)?")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a person told of themselves."""

    id: str
    kind: Kind
    text: str
    """At most LONGEST characters, in the user's language, as a short note such as “住在杭州”."""
    subject: str = ""
    """What it is about, such as ``home`` or ``pet:cat``: one active fact per subject; empty: it stands for itself."""
    said_at: float = 0.0
    """Unix seconds."""
    valid_until: float = 0.0
    """Unix seconds; 0: for good."""
    quote: str = ""
    """The user's own words, at most QUOTE characters of them."""
    source: str = ""
    """``<conversation>#<number of the entry>``."""
    status: Status = "active"
    supersedes: str = ""
    """Id of the fact it took the place of."""
    by: By = "extractor"
    """Who wrote it down: the user's own wish, the rules, or a model."""
    used_at: float = 0.0
    """Unix seconds when a brain was last told of it; 0: never."""


def name() -> str:
    """A new id."""
    return uuid.uuid4().hex[:12]


def record(fact: Fact) -> dict[str, Any]:
    """The fact as a JSON object."""
    return asdict(fact)


def restored(record: Mapping[str, Any]) -> Fact:
    """The fact of a JSON object; keys nobody knows are left out. Raises ValueError for one that is no fact."""
    known = {field.name for field in fields(Fact)}
    values = {key: value for key, value in record.items() if key in known}
    for key, choices in (("kind", KINDS), ("status", get_args(Status)), ("by", get_args(By))):
        if key in values and values[key] not in choices:
            raise ValueError(f"fact: {key} is {values[key]!r}, not one of {', '.join(choices)}")
    if wrong := [key for key, value in values.items() if not _sound(key, value)]:
        raise ValueError(f"fact: {wrong[0]} is {values[wrong[0]]!r}, not a {_type(wrong[0])}")
    if missing := {"id", "kind", "text"} - values.keys():
        raise ValueError(f"fact: {', '.join(sorted(missing))} missing")
    return Fact(**values)


def _type(key: str) -> str:
    return "number" if key in ("said_at", "valid_until", "used_at") else "text"


def _sound(key: str, value: object) -> bool:
    """Whether a value is of its key's type."""
    return isinstance(value, str if _type(key) == "text" else int | float) and not isinstance(value, bool)


def bare(text: str) -> str:
    """A text as it is compared: no marks, no blanks, no word for the person itself."""
    text = SELF.sub("", unicodedata.normalize("NFKC", text).casefold().strip())
    return "".join(letter for letter in text if letter.isalnum() or letter in "+#")


def active(facts: Iterable[Fact], now: float) -> list[Fact]:
    """What holds now, in the order it is numbered in: profile first, then as it was said."""
    holding = (fact for fact in facts if fact.status == "active" and not 0 < fact.valid_until <= now)
    return sorted(holding, key=lambda fact: (fact.kind != "profile", fact.said_at, fact.id))


def learned(facts: Sequence[Fact], new: Sequence[Fact], now: float) -> list[Fact]:
    """The facts to be written: news, and what they change in facts known before. What is known already is no news."""
    before = {fact.id: fact for fact in facts}
    after = {fact.id: fact for fact in active(facts, now)}
    texts = {fact.id: bare(fact.text) for fact in after.values()}
    for fact in sorted(active(new, now), key=lambda fact: fact.said_at):
        _learn(after, texts, fact)
    over = sorted(after.values(), key=_worth)[: max(0, len(after) - MOST)]
    for fact in over:
        after[fact.id] = replace(fact, status="superseded")
    changed = [fact for fact in after.values() if before.get(fact.id) != fact]
    return [fact for fact in changed if fact.id in before or fact.status == "active" or _followed(fact, changed)]


def _learn(known: dict[str, Fact], texts: dict[str, str], new: Fact) -> None:
    """Add one fact to those known, by id, and to their bare texts; the one on the same subject gives way."""
    text, quote = bare(new.text), bare(new.quote)
    holding = [fact for fact in known.values() if fact.status == "active"]
    if any(texts[fact.id] == text or _asked_for(fact, new, quote in texts[fact.id]) for fact in holding):
        return
    older = next((fact for fact in holding if new.subject and fact.subject == new.subject), None)
    if older and older.said_at > new.said_at:
        return  # found late in an older message
    if older:
        known[older.id] = replace(older, status="superseded")
        new = replace(new, supersedes=older.id)
    known[new.id], texts[new.id] = new, text


def _asked_for(fact: Fact, new: Fact, quoted: bool) -> bool:
    """Whether a fact at somebody's own wish stands in these words already: nothing is made of the same words again."""
    return quoted and bare(new.quote) != "" and fact.by == "user" != new.by and fact.source == new.source != ""


def _followed(fact: Fact, changed: Sequence[Fact]) -> bool:
    """Whether another fact of these took its place: both said in one go, and both are its history."""
    return any(other.supersedes == fact.id for other in changed)


def _worth(fact: Fact) -> tuple[bool, int, float, float]:
    """What is dropped first where there is too much: events, of them the unused, of them the oldest; wishes last."""
    return fact.by == "user", -KINDS.index(fact.kind), fact.used_at, fact.said_at


def surplus(facts: Sequence[Fact], now: float) -> list[Fact]:
    """Past facts that need not be kept any longer, so that a talkative person's history does not grow for ever."""
    holding = {fact.id for fact in active(facts, now)}
    past = sorted((fact for fact in facts if fact.id not in holding), key=lambda fact: -fact.said_at)
    return past[MOST:]


def relevant(facts: Sequence[Fact], question: str, limit: int = 5) -> list[Fact]:
    """Those of the facts that share a topic with the question, the nearest first, at most ``limit``."""
    texts = {fact.id: set(grams(fact.text)) for fact in facts}
    seen = Counter(gram for text in texts.values() for gram in text)
    asked: set[str] = set()
    for gram in filter(topical, grams(question)):
        chinese = () if gram in seen else gloss(gram)
        asked.update(grams(" ".join(chinese)) if chinese else (gram,))
    rare = {gram: math.log(1 + len(facts) / seen[gram]) for gram in asked if seen[gram]}
    near = {fact.id: sum(rare.get(gram, 0.0) for gram in texts[fact.id]) for fact in facts}
    found = sorted((fact for fact in facts if near[fact.id]), key=lambda fact: (-near[fact.id], -fact.said_at))
    return found[:limit]


def budgeted(facts: Sequence[Fact], question: str, *, characters: int = 600) -> list[Fact]:
    """What of the active facts a brain is told: at most LINES lasting ones, then up to five that the question is about.

    ``characters`` bounds their texts together; a third of it is for what the question is about.
    """
    lasting = [fact for fact in facts if fact.kind in LASTING]
    latest = sorted(lasting, key=lambda fact: (KINDS.index(fact.kind), -fact.said_at))[:LINES]
    known = {fact.id for fact in latest}
    near = _fitting(relevant([fact for fact in facts if fact.id not in known], question), characters // 3)
    told = {fact.id for fact in _fitting(latest, characters - sum(len(fact.text) for fact in near))}
    return [*(fact for fact in lasting if fact.id in told), *near]


def _fitting(facts: Iterable[Fact], characters: int) -> list[Fact]:
    """Facts one after the other as long as there is room; a longer one makes way for shorter ones after it."""
    found: list[Fact] = []
    for fact in facts:
        if len(fact.text) <= characters:
            found.append(fact)
            characters -= len(fact.text)
    return found
