"""What people ask a persona most, and what she cannot answer: questions keyed by what answered them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from math import ceil

from bot.leaders import Leaders
from bot.standings import Period, Standing, standing
from bot.topic import DAYS, REPS, Topic, crowd, hashed
from bot.wordings import LONGEST, asking, cleaned, impersonal, publishable

__all__ = ["Standing", "Topic", "Topics"]

MOST = 5000
"""Topics of a persona."""
SAME = 0.75
"""Likeness from which an answered question is the one that a cluster without an answer asks."""
KIN = 0.15
"""Likeness from which two topics are worth a look whether they are one."""
ANCHOR = 200
"""Characters of an anchor."""


class Topics:
    """The topics of one persona."""

    def __init__(self, persona: str, topics: Iterable[Topic] = (), *, zone: tzinfo = UTC, most: int = MOST) -> None:
        """``zone`` says when a day begins; ``most`` bounds the topics kept."""
        self.persona, self._zone, self._most = persona, zone, most
        self._leaders = Leaders()
        self._topics: dict[str, Topic] = {}
        self._changed: dict[str, Topic | None] = {}
        for topic in topics:
            self._topics[topic.id] = topic
            self._leaders.put(topic.id, topic.reps)
        for topic in self._topics.values():
            if self.root(topic.id).into in self._topics:  # a ring, which merge() never makes
                topic.into = ""
        self._anchored = {topic.anchor: topic.id for topic in self._topics.values() if topic.anchor}
        self._groups = self._grouped()

    def __len__(self) -> int:
        return len(self._topics)

    def __getitem__(self, id: str) -> Topic:
        return self._topics[id]

    def root(self, id: str) -> Topic:
        """The topic that one is counted into at last, mostly itself. Raises KeyError where there is none."""
        topic, passed = self._topics[id], {id}
        while topic.into in self._topics and topic.into not in passed:
            passed.add(topic.into)
            topic = self._topics[topic.into]
        return topic

    def changes(self) -> tuple[list[Topic], list[str]]:
        """What is to be stored since this was last asked: topics as they are now, and ids of those forgotten."""
        changed, self._changed = self._changed, {}
        return [topic.copy() for topic in changed.values() if topic], [id for id, topic in changed.items() if not topic]

    # What users do

    def note(self, question: str, *, anchor: str, band: str, user: str, at: float) -> Topic | None:
        """Count a question: ``anchor`` is what answered it, ``band`` answer, suggest or unknown, ``at`` Unix time.

        Returns the topic it was counted for; None for what asks nothing, such as a greeting.
        """
        text = cleaned(question)
        bare = impersonal(text)
        near = self._leaders.near(bare)
        topic = self._keyed(anchor[:ANCHOR], bare, near, at)
        if topic is None:
            return None
        topic.asked += 1
        topic.unknown += band == "unknown"
        topic.suggested += band == "suggest"
        self._count(topic, text, hashed(self.persona, user), at)
        if not topic.reps and asking(bare):
            topic.reps = (bare[:LONGEST],)
        self._leaders.put(topic.id, topic.reps)
        self._change(topic)
        if topic.anchor and band == "answer":
            self._join(topic, near)
        if len(self._topics) > self._most:
            self.tidy(at, self._most - self._most // 20)
        return topic

    def _keyed(self, anchor: str, bare: str, near: Sequence[tuple[str, float]], at: float) -> Topic | None:
        """The topic of a question, a new one where there is none."""
        if anchor in self._anchored:
            return self._topics[self._anchored[anchor]]
        if not anchor and near:
            return self._topics[near[0][0]]
        if not anchor and not asking(bare):
            return None
        id, key = "", f"{self.persona}\n{anchor}\n{'' if anchor else bare}"
        while not id or id in self._topics:
            id = sha256((key := f"{key}\n").encode()).hexdigest()[:16]
        topic = self._topics[id] = Topic(id, self.persona, anchor, at=at)
        self._groups[id] = [topic]
        if anchor:
            self._anchored[anchor] = id
        return topic

    def _count(self, topic: Topic, text: str, user: str, at: float) -> None:
        """Count a user once a day, and their wording once: nobody pushes a question, or how it is put, alone."""
        day = self._day(at)
        group = self._groups[self.root(topic.id).id]
        if any(user in other.days.get(day, ()) for other in group):
            return
        known = any(user in users for users in topic.days.values())
        more = topic.seen(day, user)
        topic.count(more, at)
        if more and not known and publishable(text):
            topic.put(text)

    def _join(self, topic: Topic, near: Sequence[tuple[str, float]]) -> None:
        """Count clusters that ask the same into the topic that has the answer; what they lacked is settled."""
        for id, likeness in near:
            other = self._topics[id]
            if likeness >= SAME and not other.anchor and not other.into and id != topic.id:
                other.unknown = other.suggested = 0
                self.merge(id, topic.id)

    # What is asked most

    def ranked(
        self,
        now: float,
        *,
        period_days: float | None = None,
        public: bool = True,
        least_users: int = 2,
        unanswered: bool = False,
        limit: int = 10,
        entries: Mapping[str, str] | None = None,
    ) -> list[Standing]:
        """The topics asked most, pinned ones first; ``unanswered``: those she has no answer to, for the operator.

        ``period_days`` counts user-days of so many days up to today (at most DAYS) instead of the halving score.
        Strangers (``public``) see what ``least_users`` asked, in words that as many used, or in the operator's: a
        topic's title, or what ``entries`` (anchor → main wording) calls it.
        """
        span = DAYS if period_days is None else min(DAYS, max(1, ceil(period_days)))
        period = Period(now, self._day(now, span - 1), self._day(now), halved=period_days is None)
        least = least_users if public and not unanswered else 0
        found = (standing(group, period, least, entries or {}) for group in self._groups.values())
        if unanswered:
            wanted = [each for each in found if each.unanswered and each.users and not each.topic.hidden]
            return sorted(wanted, key=lambda each: (-each.users, -each.score, each.topic.id))[:limit]
        wanted = [each for each in found if not public or each.public(least_users)]
        return sorted(wanted, key=lambda each: (not each.topic.pinned, -each.score, -each.users, each.topic.id))[:limit]

    def kin(self, id: str, limit: int = 5) -> list[Topic]:
        """Topics that may ask the same and might be merged into one, the likeliest first."""
        group = self._groups[self.root(id).id]
        found: dict[str, float] = {}
        for text in {text for topic in group for text in topic.reps}:
            for other, likeness in self._leaders.near(text, KIN):
                root = self.root(other).id
                found[root] = max(likeness, found.get(root, 0.0))
        found.pop(group[0].id, None)
        return [self._topics[each] for each in sorted(found, key=lambda each: -found[each])[:limit]]

    def wordings(self, id: str) -> list[str]:
        """How a topic, with all that is counted into it, is put: fit for strangers, what most people say first."""
        counts: dict[str, int] = {}
        for topic in self._groups[self.root(id).id]:
            for text, count in topic.wordings.items():
                counts[text] = counts.get(text, 0) + count
        return sorted(filter(publishable, counts), key=lambda text: -counts[text])

    # What the operator decides; all raise KeyError for a topic that is not there

    def merge(self, id: str, into: str) -> list[Topic]:
        """Count a topic, with all that is counted into it, into another; the topics this changed, none the second time."""
        one, other = self.root(id), self.root(into)
        if one is other:
            return []
        one.into = other.id
        self._groups[other.id] += self._groups.pop(one.id)
        changed = self._change(one)
        if one.pinned and not other.pinned:
            other.pinned = True
            changed += self._change(other)
        return changed

    def part(self, id: str) -> list[Topic]:
        """Take a merge back."""
        topic = self._topics[id]
        if not topic.into:
            return []
        topic.into = ""
        self._groups = self._grouped()
        return self._change(topic)

    def hide(self, id: str, hidden: bool = True) -> list[Topic]:
        """Keep a topic from strangers, or show it again."""
        topic = self.root(id)
        topic.hidden = hidden
        return self._change(topic)

    def pin(self, id: str, pinned: bool = True) -> list[Topic]:
        """Put a topic before the others whoever asks it, or let it stand where it stands."""
        topic = self.root(id)
        topic.pinned = pinned
        return self._change(topic)

    def word(self, id: str, title: str) -> list[Topic]:
        """Call a topic so, in one line of at most LONGEST characters; empty: as users do."""
        topic = self.root(id)
        topic.title = "".join(each if each.isprintable() else " " for each in " ".join(title.split()))[:LONGEST]
        return self._change(topic)

    # What is forgotten

    def hidden(self) -> list[Topic]:
        """What the operator keeps from strangers."""
        return [topic.copy() for topic in self._topics.values() if topic.hidden]

    def answered(self, id: str, anchor: str) -> list[Topic]:
        """An entry was written that answers a topic; the topics this changed. Raises KeyError where there is none."""
        changed: list[Topic] = []
        root = self.root(id)
        for topic in self._groups[root.id]:
            topic.unknown = topic.suggested = 0
            changed += self._change(topic)
        if anchor not in self._anchored and not root.anchor:
            root.anchor, self._anchored[anchor] = anchor, root.id
        return changed

    def forget(self, user: str) -> list[Topic]:
        """Take a user out of all days, and what nobody else is known to have asked; the topics this changed."""
        gone, changed = hashed(self.persona, user), list[Topic]()
        for topic in self._topics.values():
            if any(gone in users for users in topic.days.values()):
                topic.days = {day: [each for each in users if each != gone] for day, users in topic.days.items()}
                changed += self._change(topic)
        alone = [topic for topic in changed if not any(topic.days.values())]
        for topic in alone:  # the words of one may be theirs; those that several used are nobody's own
            topic.wordings = {text: count for text, count in topic.wordings.items() if count > 1}
            topic.reps = tuple(topic.wordings)[:REPS]
            self._leaders.put(topic.id, topic.reps)
        self._drop(
            topic for topic in alone if not (topic.wordings or topic.anchor or topic.decided or self._kept(topic))
        )
        return changed

    def tidy(self, now: float, most: int | None = None) -> None:
        """Forget days that are over, and the weakest of more than ``most`` topics that nobody decided about."""
        first = self._day(now, DAYS - 1)
        for topic in self._topics.values():
            if any(day < first for day in topic.days):
                topic.days = {day: users for day, users in topic.days.items() if day >= first}
                self._change(topic)
        spare = len(self._topics) - (self._most if most is None else most)
        if spare <= 0:
            return
        # What one user asked goes first, however lately: one who asks thousands of things drives nobody's out.
        free = [group[0] for group in self._groups.values() if len(group) == 1 and not group[0].decided]
        free += [topic for group in self._groups.values() for topic in group[1:] if not topic.decided]
        free.sort(key=lambda topic: (crowd(topic.days.values()) > 1, topic.weight(now), topic.id))
        self._drop(free[:spare])

    def _drop(self, topics: Iterable[Topic]) -> None:
        """Forget topics altogether."""
        for topic in list(topics):
            del self._topics[topic.id]
            self._leaders.put(topic.id, ())
            self._anchored.pop(topic.anchor, None)
            self._changed[topic.id] = None
        self._groups = self._grouped()

    def _kept(self, topic: Topic) -> bool:
        """Whether others are counted into it."""
        return len(self._groups.get(topic.id, ())) > 1

    def _grouped(self) -> dict[str, list[Topic]]:
        """Id of each topic that is counted into no other → it, and those counted into it."""
        groups: dict[str, list[Topic]] = {}
        for topic in self._topics.values():
            root = self.root(topic.id)
            group = groups.setdefault(root.id, [root])
            if topic is not root:
                group.append(topic)
        return groups

    def _change(self, topic: Topic) -> list[Topic]:
        self._changed[topic.id] = topic
        return [topic]

    def _day(self, at: float, before: int = 0) -> str:
        return (datetime.fromtimestamp(at, self._zone).date() - timedelta(days=before)).isoformat()
