"""One topic that people ask about: how much, by how many, in what words, and what the operator decided about it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from pydantic import TypeAdapter

HALF_LIFE_S = 7 * 86400.0
"""A question counts half as much after this."""
WORDINGS, REPS, USERS, DAYS = 12, 4, 60, 30
"""Kept of a topic: wordings, texts to compare with, users of a day, days."""
DIGITS = 12
"""Hexadecimal digits of a hashed user."""


@dataclass(slots=True)
class Topic:
    """What is stored of a topic; a JSON object."""

    id: str
    persona: str
    anchor: str = ""
    """Id of the entry or document that answers it; empty: nothing has yet."""
    wordings: dict[str, int] = field(default_factory=dict[str, int])
    """How it was put, cleaned and fit for strangers → how many people put it so."""
    reps: tuple[str, ...] = ()
    """Texts that stand for it when a question is compared; never shown."""
    score: float = 0.0
    """Users a day, halved every HALF_LIFE_S, as of ``at``."""
    at: float = 0.0
    """Unix time of its latest question."""
    days: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """ISO date → hashed users who asked that day, in order; of a crowd the USERS lowest hashes, which tell its size."""
    asked: int = 0
    """Questions, repeated ones included."""
    unknown: int = 0
    """Those she could not answer."""
    suggested: int = 0
    """Those she could only offer a choice for."""
    hidden: bool = False
    pinned: bool = False
    title: str = ""
    """The operator's wording."""
    into: str = ""
    """Id of the topic it is counted into."""

    def to_json(self) -> str:
        """All of it as a JSON object."""
        return _TOPIC.dump_json(self).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "Topic":
        """What ``to_json`` wrote; unknown keys are ignored. Raises ValueError where it is not a topic."""
        return _TOPIC.validate_json(text)

    def copy(self) -> "Topic":
        """The same as it is now, unmoved by what is noted later."""
        return replace(self, wordings=dict(self.wordings), days={day: list(users) for day, users in self.days.items()})

    @property
    def decided(self) -> bool:
        """Whether the operator said anything about it."""
        return self.hidden or self.pinned or bool(self.title)

    def weight(self, now: float) -> float:
        """Its score at a time."""
        return self.score * _decay(now - self.at)

    def count(self, amount: float, at: float) -> None:
        """Add to its score as of a time, which may lie before others."""
        if at >= self.at:
            self.score, self.at = self.weight(at) + amount, at
        else:
            self.score += amount * _decay(self.at - at)

    def seen(self, day: str, user: str) -> float:
        """Note a hashed user's day; how many users that day has more by it, 0 for one who was there."""
        users = self.days.setdefault(day, [])
        before = crowd((users,))
        if user not in users:
            users[:] = sorted((*users, user))[:USERS]
        while len(self.days) > DAYS:
            del self.days[min(self.days)]
        return crowd((users,)) - before

    def put(self, wording: str) -> None:
        """Count a wording; the least used other one makes room."""
        known = next((each for each in self.wordings if each.casefold() == wording.casefold()), wording)
        count = self.wordings.pop(known, 0) + 1
        if len(self.wordings) >= WORDINGS:
            del self.wordings[min(self.wordings, key=self.wordings.__getitem__)]
        self.wordings[known] = count
        self.reps = tuple(sorted(self.wordings, key=lambda each: -self.wordings[each])[:REPS])


def hashed(persona: str, user: str) -> str:
    """A user as topics know them: the same on all days of a persona, spread evenly."""
    return sha256(f"{persona}\n{user}".encode()).hexdigest()[:DIGITS]


def crowd(days: Iterable[Collection[str]]) -> float:
    """How many users some days have together: exact up to USERS a day, else estimated from how low the lowest are."""
    days = [users for users in days if users]
    edge = min((max(users) for users in days if len(users) >= USERS), default="")
    everyone = {user for users in days for user in users}
    if not edge:
        return float(len(everyone))
    return sum(user < edge for user in everyone) / (int(edge, 16) / 16**DIGITS)


def _decay(age_s: float) -> float:
    return 0.5 ** (max(0.0, age_s) / HALF_LIFE_S)


_TOPIC = TypeAdapter(Topic)
