"""What people ask most, and what she could not answer: topics kept in the store, worded and decided on by the operator."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import partial
from typing import Any

from bot.persona import Persona
from bot.store import Full, Record, Store
from bot.topic import Topic
from bot.topics import MOST, Standing, Topics

log = logging.getLogger(__name__)

TOPIC = "topic"
"""Kind of the records."""
BOARD = 10
"""Questions of a board."""
ALL = 10_000_000
"""Topics of all personas together: none of them may be missed, least of all by whoever wants to be forgotten."""


@dataclass(slots=True)
class Room:
    """One persona's topics, once they were asked for."""

    topics: Topics | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


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
    rooms: dict[str, Room] = field(default_factory=dict[str, Room])

    async def note(self, persona: Persona, question: str, *, anchor: str, band: str, user: str) -> None:
        """Count a question."""
        if any(each.id == anchor and not each.hot for each in persona.faq):
            return
        async with self._held(persona.id) as topics:
            topics.note(question, anchor=anchor, band=band, user=user, at=self.now())

    async def board(
        self, persona: Persona, *, public: bool = True, days: float | None = None, limit: int = BOARD
    ) -> list[Standing]:
        """What is asked most; for strangers only what several people asked."""
        found = await self._ranked(persona, public=public, period_days=days, limit=limit, least_users=self.least_users)
        return [standing for standing in found if standing.title]

    async def unanswered(self, persona: Persona, limit: int = 50) -> list[Standing]:
        """What she had no answer to, for the operator, as far as its words are nobody's own."""
        found = await self._ranked(persona, public=False, unanswered=True, limit=limit)
        return [standing for standing in found if standing.title]

    async def hidden(self, persona: Persona, limit: int = 200) -> list[Standing]:
        """What the operator keeps from strangers."""
        found = await self._ranked(persona, public=False, limit=MOST)
        return [standing for standing in found if standing.topic.hidden and standing.title][:limit]

    async def decide(self, persona: Persona, id: str, do: str, *, text: str = "", into: str = "") -> bool:
        """Hide, show, pin, unpin, word, merge or part a topic; False: there is none such, or nothing such to do."""
        async with self._held(persona.id) as topics:
            deeds: dict[str, Callable[[], Sequence[Topic]]] = {
                "hide": lambda: topics.hide(id), "show": lambda: topics.hide(id, False), "pin": lambda: topics.pin(id),
                "unpin": lambda: topics.pin(id, False), "word": lambda: topics.word(id, text),
                "merge": lambda: topics.merge(id, into), "part": lambda: topics.part(id),
            }  # fmt: skip
            try:
                deeds[do]()
            except KeyError:
                return False
        return True

    async def answered(self, persona: Persona, id: str, entry: str) -> None:
        """A topic, if it is still there, got an entry that answers it: it is no longer among what is not."""
        async with self._held(persona.id) as topics:
            with suppress(KeyError):
                topics.answered(id, entry)

    async def wordings(self, persona: Persona, id: str) -> list[str]:
        """How a topic and those counted into it are put, as far as strangers may read it; what it is called comes first."""
        async with self._held(persona.id) as topics:
            try:
                root = topics.root(id)
            except KeyError:
                return []
            found = topics.wordings(root.id)
        entry = next((each.q for each in persona.faq if each.id == root.anchor), "")
        return list(dict.fromkeys(filter(None, (root.title, entry, *found))))

    async def forget(self, channel: str, sender: str) -> None:
        """Take a person, with all users that are linked to this one, out of all that is counted."""
        person = await self.store.person(channel, sender)
        users = {(channel, sender), *(await self.store.users(person) if person else ())}
        for persona in {*self.rooms, *(_of(record) for record in await self.store.records(TOPIC, limit=ALL))}:
            async with self._held(persona) as topics:
                for user in users:
                    topics.forget(":".join(user))

    async def _ranked(self, persona: Persona, **how: Any) -> list[Standing]:  # noqa: ANN401 — as Topics.ranked takes it
        """Where topics stand; thousands take a while, so this is done beside the talk."""
        entries = {each.id: each.q for each in persona.faq}
        async with self._held(persona.id) as topics:
            return await asyncio.to_thread(partial(topics.ranked, self.now(), entries=entries, **how))

    @asynccontextmanager
    async def _held(self, persona: str) -> AsyncGenerator[Topics]:
        """A persona's topics, for one at a time; what was changed is kept."""
        room = self.rooms.setdefault(persona, Room())
        async with room.lock:
            if room.topics is None:
                kept = await self.store.records(TOPIC, limit=ALL)
                mine = [_topic(record) for record in kept if _of(record) == persona]
                room.topics = await asyncio.to_thread(Topics, persona, filter(None, mine), zone=self.zone)
            yield room.topics
            await self._keep(room.topics)

    async def _keep(self, topics: Topics) -> None:
        changed, gone = topics.changes()
        if not changed and not gone:
            return
        try:
            await self.store.put(*(_record(topics.persona, each) for each in changed))
            await self.store.drop(TOPIC, *(f"{topics.persona}/{id}" for id in gone))
        except Full:
            log.warning("no room to keep what is asked: it counts until the next start")
        self.changed(topics.persona)


def _of(record: Record) -> str:
    return record.id.partition("/")[0]


def _record(persona: str, topic: Topic) -> Record:
    return Record(TOPIC, f"{persona}/{topic.id}", at=topic.at, value=json.loads(topic.to_json()))


def _topic(record: Record) -> Topic | None:
    try:
        return Topic.from_json(json.dumps(record.value))
    except ValueError as error:
        log.warning("a kept topic cannot be read and is left aside: %s", error)
        return None
