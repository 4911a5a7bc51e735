"""Reminders, and words she says of her own accord: kept in the store, said once when they are due, however often she restarts.

What is due becomes a message of the house itself in the user's conversation; its id names reminder and moment, so that it
is written down once whatever happens, and goes the way of every reply: aloud on the page, by the channel elsewhere.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from bot import phrases
from bot.faults import Faults
from bot.message import Author, Entry, Message, Text
from bot.moments import told
from bot.persona import Initiative, Persona
from bot.recurrence import again
from bot.store import Full, Record, Store

log = logging.getLogger(__name__)

REMINDER, NUDGE = "reminder", "nudge"
"""Kinds of records: what a user asked for, and what she may say after a long silence."""
LOOK_S = 30.0
"""Seconds after which the clock is looked at again: it may have been set."""
LATE_S = 300.0
"""Seconds of delay that are worth a word."""
MOST = 50
"""Reminders of a person."""


@dataclass(slots=True)
class Reminders:
    """Keeps and says them."""

    store: Store
    zone: ZoneInfo
    persona: Callable[[str], Persona]
    """A persona by its id."""
    now: Callable[[], float] = time.time
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def of(self, person: str, persona: str) -> list[Record]:
        """A person's reminders with one persona, the next one first."""
        found = await self.store.records(REMINDER, owner=person) if person else []
        return [record for record in found if record.value["persona"] == persona]

    async def put(self, record: Record) -> None:
        """Keep a reminder."""
        await self.store.put(record)
        self.woken.set()

    async def drop(self, *ids: str) -> int:
        """Forget reminders; how many there were."""
        return await self.store.drop(REMINDER, *ids)

    def shown(self, record: Record, language: str) -> str:
        """When a reminder comes, in words."""
        value = record.value
        here = datetime.fromtimestamp(self.now(), self.zone)
        return told(datetime.fromtimestamp(record.at, self.zone), here, value["repeat"], language, value["day"])

    async def quiet(self, persona: Persona, entry: Entry, person: str) -> None:
        """Somebody wrote: whatever she would say of her own accord waits for the next long silence."""
        if not persona.initiative.after_days or entry.group or not persona.initiative.lines:
            return
        at = self.now() + persona.initiative.after_days * 86400
        value = {"persona": persona.id, "door": entry.door, "sender": entry.sender, "number": entry.number}
        await self.store.put(Record(NUDGE, entry.conversation, person, at, value))
        self.woken.set()

    # Saying them

    async def run(self) -> None:
        """Say what is due, until cancelled. Raises StoreError."""
        while True:
            self.woken.clear()
            wait = LOOK_S
            try:
                await self.due()
                coming = [*await self.store.records(REMINDER, limit=1), *await self.store.records(NUDGE, limit=1)]
                wait = min([LOOK_S, *(max(0.0, record.at - self.now()) for record in coming)])
            except Full:
                log.warning("no room for what is due; it is tried again")
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self.woken.wait()

    async def due(self) -> None:
        """Say all that is due now."""
        for record in await self.store.records(REMINDER, before=self.now()):
            await self._said(record, self._remind)
        for record in await self.store.records(NUDGE, before=self.now()):
            await self._said(record, self._nudge)

    async def _said(self, record: Record, say: Callable[[Record], Awaitable[None]]) -> None:
        """Say one; a record that is none, such as one written by hand, is told and dropped: it must not stop the others."""
        try:
            await say(record)
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            log.exception("%s %s cannot be said and is dropped", record.kind, record.id, exc_info=error)
            await self.store.drop(record.kind, record.id)

    async def _remind(self, record: Record) -> None:
        value, now = record.value, self.now()
        late = now - record.at > LATE_S
        phrase = phrases.REMIND_LATE if late else phrases.REMIND
        text = phrase.text(value["language"]).format(
            text=value["text"], at=self.shown(replace(record, value={**value, "repeat": ""}), value["language"])
        )
        await self.store.accept(
            _message(f"{REMINDER}:{record.id}:{int(record.at)}", value["conversation"], value, text, now)
        )
        if value["repeat"]:
            first = datetime.fromtimestamp(value["first"], self.zone)
            after = datetime.fromtimestamp(max(now, record.at), self.zone)
            with suppress(OverflowError):
                following = again(first, value["repeat"], after, value["day"])
                await self.store.put(replace(record, at=following.timestamp()))
                return
        await self.drop(record.id)

    async def _nudge(self, record: Record) -> None:
        """Say something of her own accord, unless it is a time to be quiet."""
        value, now = record.value, self.now()
        try:
            initiative = self.persona(value["persona"]).initiative
        except (LookupError, Faults):  # she is not there any more, and has nothing to say
            await self.store.drop(NUDGE, record.id)
            return
        awake = _awake(initiative, datetime.fromtimestamp(now, self.zone))
        if awake > datetime.fromtimestamp(now, self.zone):
            await self.store.put(replace(record, at=awake.timestamp()))
            return
        if initiative.after_days and initiative.lines:
            text = initiative.lines[crc32(record.id.encode()) % len(initiative.lines)]
            id = f"{NUDGE}:{record.id}:{value['number']}"
            await self.store.accept(_message(id, record.id, value, text, now))
        await self.store.drop(NUDGE, record.id)


def _message(id: str, conversation: str, value: Mapping[str, Any], text: str, now: float) -> Message:
    """What the house has to say, as a message to be answered by saying it."""
    channel = conversation.partition(":")[0]
    return Message(id, channel, conversation, value["sender"], (Text(text),), now, value["door"], author=Author.SYSTEM)


def _awake(initiative: Initiative, now: datetime) -> datetime:
    """The next moment that is not within the quiet hours."""
    start, end = initiative.quiet_from, initiative.quiet_to
    quiet = start <= now.hour < end if start <= end else now.hour >= start or now.hour < end
    if not quiet:
        return now
    day = now if now.hour < end else now + timedelta(days=1)
    return day.replace(hour=end, minute=0, second=0, microsecond=0)
