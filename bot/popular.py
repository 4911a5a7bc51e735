"""What people ask most, and what she could not answer: topics kept in the store, worded and decided on by the operator."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bot.persona import Persona
from bot.store import Record, Store
from bot.topic import Topic
from bot.topics import Standing, Topics

log = logging.getLogger(__name__)

TOPIC = "topic"
"""Kind of the records."""
BOARD = 10
"""Questions of a board."""


@dataclass(slots=True)
class Popular:
    """Popular and unanswered questions of all personas."""

    store: Store
    least_users: int = 2
    """Different people who must have asked before strangers see a question."""
    zone: tzinfo = UTC
    """Says when a day begins."""
    now: Callable[[], float] = time.time
    changed: Callable[[str], None] = lambda persona: None
    """Told that a persona's board may look otherwise now."""
    topics: dict[str, Topics] = field(default_factory=dict[str, Topics])
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def note(self, persona: Persona, question: str, *, anchor: str, band: str, user: str) -> None:
        """Count a question."""
        if any(each.id == anchor and not each.hot for each in persona.faq):
            return
        topics = await self._topics(persona.id)
        if topics.note(question, anchor=anchor, band=band, user=user, at=self.now()):
            await self._keep(topics)

    async def board(
        self, persona: Persona, *, public: bool = True, days: float | None = None, limit: int = BOARD
    ) -> list[Standing]:
        """What is asked most; for strangers only what several people asked."""
        topics = await self._topics(persona.id)
        entries = {each.id: each.q for each in persona.faq}
        found = topics.ranked(
            self.now(), period_days=days, public=public, least_users=self.least_users, limit=limit, entries=entries
        )
        return [standing for standing in found if standing.title]

    async def unanswered(self, persona: Persona, limit: int = 50) -> list[Standing]:
        """What she had no answer to, for the operator."""
        topics = await self._topics(persona.id)
        return topics.ranked(self.now(), public=False, unanswered=True, limit=limit)

    async def hidden(self, persona: Persona) -> list[Topic]:
        """What the operator keeps from strangers."""
        topics = await self._topics(persona.id)
        return topics.hidden()

    async def decide(self, persona: Persona, id: str, do: str, *, text: str = "", into: str = "") -> bool:
        """Hide, show, pin, unpin, word or merge a topic; False: there is none such, or nothing such to do."""
        topics = await self._topics(persona.id)
        deeds: dict[str, Callable[[], Sequence[Topic]]] = {
            "hide": lambda: topics.hide(id), "show": lambda: topics.hide(id, False), "pin": lambda: topics.pin(id),
            "unpin": lambda: topics.pin(id, False), "word": lambda: topics.word(id, text), "merge": lambda: topics.merge(id, into),
            "part": lambda: topics.part(id),
        }  # fmt: skip
        try:
            deeds[do]()
        except (KeyError, ValueError):
            return False
        await self._keep(topics)
        return True

    async def answered(self, persona: Persona, id: str, entry: str) -> None:
        """A topic got an entry that answers it: it is no longer among what is not."""
        topics = await self._topics(persona.id)
        topics.answered(id, entry)
        await self._keep(topics)

    async def topic(self, persona: Persona, id: str) -> Topic | None:
        """One topic."""
        topics = await self._topics(persona.id)
        try:
            return topics[id]
        except KeyError:
            return None

    async def forget(self, user: str) -> None:
        """Take a user out of all that is counted."""
        for persona in {record.id.partition("/")[0] for record in await self.store.records(TOPIC)}:
            topics = await self._topics(persona)
            if topics.forget(user):
                await self._keep(topics)

    async def _topics(self, persona: str) -> Topics:
        async with self.lock:
            if persona not in self.topics:
                records = await self.store.records(TOPIC)
                mine = [_topic(record) for record in records if record.id.startswith(f"{persona}/")]
                found = [each for each in mine if each]
                self.topics[persona] = await asyncio.to_thread(Topics, persona, found, zone=self.zone)
            return self.topics[persona]

    async def _keep(self, topics: Topics) -> None:
        changed, gone = topics.changes()
        records = [
            Record(TOPIC, f"{topics.persona}/{each.id}", at=each.at, value=json.loads(each.to_json()))
            for each in changed
        ]
        if records:
            await self.store.put(*records)
        if gone:
            await self.store.drop(TOPIC, *(f"{topics.persona}/{id}" for id in gone))
        self.changed(topics.persona)


def _topic(record: Record) -> Topic | None:
    try:
        return Topic.from_json(json.dumps(record.value))
    except ValueError as error:
        log.warning("a kept topic cannot be read and is left aside: %s", error)
        return None
