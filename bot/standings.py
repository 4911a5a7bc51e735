"""Where topics stand: how much and by how many they are asked in a period, and what they are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.topic import Topic, crowd
from bot.wordings import publishable

SHORT = 30
"""Characters of a title that is preferred to a longer one."""


@dataclass(frozen=True, slots=True)
class Period:
    """What counts."""

    now: float
    first: str
    last: str
    """ISO dates of its days."""
    halved: bool
    """The score is the halving one, else user-days of the period."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a topic stands, with all that was merged into it."""

    topic: Topic
    score: float
    users: int
    """Different users in the period."""
    title: str
    """To be shown; empty where nothing may be."""
    asked: int
    unknown: int
    suggested: int

    @property
    def unanswered(self) -> bool:
        """Whether she mostly had no answer."""
        return 2 * (self.unknown + self.suggested) > self.asked

    def public(self, least_users: int) -> bool:
        """Whether strangers may see it."""
        topic = self.topic
        return bool(self.title) and not topic.hidden and (topic.pinned or self.users >= least_users)


def standing(group: Sequence[Topic], period: Period, least: int, entries: Mapping[str, str]) -> Standing:
    """Where topics that count as one stand, the first being what they are counted into."""
    days: dict[str, list[list[str]]] = {}
    for topic in group:
        for day, users in topic.days.items():
            if period.first <= day <= period.last:
                days.setdefault(day, []).append(users)
    everyone = crowd(users for lists in days.values() for users in lists)
    halved = sum(topic.weight(period.now) for topic in group)
    return Standing(
        group[0],
        halved if period.halved else sum(map(crowd, days.values())),
        round(everyone),
        title(group, least, entries),
        sum(topic.asked for topic in group),
        sum(topic.unknown for topic in group),
        sum(topic.suggested for topic in group),
    )


def title(group: Sequence[Topic], least: int, entries: Mapping[str, str]) -> str:
    """The operator's words for topics, else the most frequent short ones that at least so many people used."""
    titles = [*(topic.title for topic in group), *(entries.get(topic.anchor, "") for topic in group)]
    if found := next(filter(None, titles), ""):
        return found
    counts: dict[str, int] = {}
    for topic in group:
        for wording, count in topic.wordings.items() if topic is group[0] or not topic.hidden else ():
            counts[wording] = counts.get(wording, 0) + count
    fit = [each for each, count in counts.items() if publishable(each) and (count >= least or group[0].pinned)]
    return max(fit, key=lambda each: (counts[each] >= least, len(each) <= SHORT, counts[each], -len(each)), default="")
