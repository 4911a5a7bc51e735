"""What she remembers of people: facts from their own words, kept per person and persona, shown and forgotten when asked."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot import extraction, facts, noticing, phrases
from bot.brain import Brain, BrainError
from bot.codes import hashed
from bot.facts import Fact
from bot.message import Author, Entry
from bot.persona import Persona
from bot.phrases import language
from bot.remembrance import Asked, MemoryWish, listed
from bot.store import Record, Store

log = logging.getLogger(__name__)

FACT, OFF, READ, SHOWN, LINK = "fact", "memory_off", "memory_read", "memory_shown", "link_code"
"""Kinds of records: facts, who wants none kept, how far a conversation was read, how facts were numbered, codes that join accounts."""
PAST = "memory_past"
"""Kind of records: up to which message nothing is learned any more, since what was known then is forgotten."""
LINK_MINUTES = 10
GUESSES, ALL_GUESSES = 5, 100
"""Wrong codes within LINK_MINUTES that one person, and all together, may bring."""
DIGITS = "23456789"
LETTERS = f"ABCDEFGHJKMNPQRSTUVWXYZ{DIGITS}"
"""Of a code: none that is read for another; a digit tells it from a word."""
LOOK_BACK = 60
"""Entries that are read at once."""


@dataclass(slots=True)
class Memory:
    """Keeps facts about people."""

    store: Store
    zone: tzinfo = UTC
    now: Callable[[], float] = time.time
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while what is known is read and changed: two conversations of one person, or a wish to forget, must not cross."""
    wrong: deque[tuple[float, str]] = field(default_factory=lambda: deque[tuple[float, str]](maxlen=ALL_GUESSES))
    """The latest wrong codes: (when, who)."""

    async def lines(self, person: str, persona: Persona, question: str) -> list[str]:
        """What of it the brain is told, in a few lines."""
        if not person or await self.off(person):
            return []
        return [fact.text for fact in facts.budgeted(await self.active(person, persona.id), question)]

    async def active(self, person: str, persona: str) -> list[Fact]:
        """What holds, in the order it is numbered in."""
        return facts.active(await self._all(person, persona), self.now())

    async def everything(self, person: str) -> list[str]:
        """All that is kept of a person, by every persona, for them to take along."""
        records = await self.store.records(FACT, owner=person) if person else []
        return [str(record.value.get("text", "")) for record in records if record.value.get("status") == "active"]

    async def off(self, person: str) -> bool:
        """Whether a person, by whatever name they said so, wants nothing kept."""
        return bool(person and await self.store.records(OFF, owner=person, limit=1))

    # Learning

    async def heed(self, text: str, person: str, spoken: str) -> str:
        """What is to be said at once to “记住：…”; empty: nothing."""
        if not noticing.wanted(text):
            return ""
        if await self.off(person):
            return phrases.OFF_RECORD.text(spoken)
        kept = noticing.noticed(text, self.now(), "", self.zone)
        if not kept:
            return phrases.NOT_KEPT.text(spoken)
        return phrases.KEPT.text(spoken).format(fact="；".join(fact.text for fact in kept))

    async def note(self, persona: Persona, person: str, entries: Sequence[Entry]) -> None:
        """Notice what people say of themselves, by rules."""
        said = [entry for entry in entries if entry.author is Author.USER and not entry.group]
        new = [fact for entry in said for fact in noticing.noticed(entry.text, entry.at, _source(entry), self.zone)]
        if new and person and not await self.off(person):
            async with self.changing:
                await self._learn(person, persona.id, _after(new, await self._past(person, persona.id)))

    async def reflect(self, persona: Persona, person: str, conversation: str, brain: Brain) -> int:
        """Have a model read what a user said since the last time; how many facts it brought. Never fails."""
        if not person or await self.off(person):
            return 0
        read = await self.store.record(READ, f"{persona.id}/{conversation}")
        since = max(int(read.value["number"]) if read else 0, await self._past(person, persona.id))
        entries = [entry for entry in await self.store.history(conversation, limit=LOOK_BACK) if entry.number > since]
        own = [
            (entry.number, entry.text)
            for entry in entries
            if entry.author is Author.USER and not entry.group and entry.text
        ]
        if not own:
            return 0
        hers = [entry.text for entry in entries if entry.author is Author.PERSONA]
        known, at = await self.active(person, persona.id), entries[-1].at
        asked = extraction.asked(own, hers, known, datetime.fromtimestamp(at, self.zone), language(own[-1][1]))
        try:
            answer = await extraction.answered(brain, asked)
        except BrainError as error:
            log.info("nothing was learned from %s: %s", conversation, error)
            return 0
        new = extraction.found(answer, own, known, conversation, at, self.zone)
        async with self.changing:
            if await self.off(person):
                return 0
            new = _after(new, await self._past(person, persona.id))  # she may have been told to forget meanwhile
            await self._learn(person, persona.id, new)
        mark = Record(READ, f"{persona.id}/{conversation}", person, self.now(), {"number": entries[-1].number})
        await self.store.put(mark)
        return len(new)

    # What is asked of it in set words

    async def answer(
        self, wish: MemoryWish, persona: Persona, user: tuple[str, str], spoken: str, said: int = 0
    ) -> str:
        """Do what is asked, and say so; ``user`` is (channel, sender), ``said`` the number of the message that asks."""
        person = await self.store.person(*user)
        match wish.asked:
            case Asked.LIST:
                known = await self.active(person, persona.id)
                shown = {"ids": [fact.id for fact in known]}
                await self.store.put(Record(SHOWN, f"{persona.id}/{person}", person, self.now(), shown))
                return (
                    phrases.REMEMBERED.text(spoken).format(facts=listed(known))
                    if known
                    else phrases.NOTHING_REMEMBERED.text(spoken)
                )
            case Asked.FORGET:
                async with self.changing:
                    return await self._forget(person, persona.id, wish.numbers, spoken, said)
            case Asked.FORGET_ALL:
                async with self.changing:
                    await self._pass(person, persona.id, said)
                    await self._drop(person, await self._all(person, persona.id), persona.id)
                return phrases.FORGOTTEN_ALL.text(spoken)
            case Asked.STOP:
                await self.store.put(Record(OFF, person, person, self.now()))
                return phrases.NOT_REMEMBERING.text(spoken)
            case Asked.RESUME:
                await self._pass(person, "", said)  # what was said meanwhile stays unnoted
                await self.store.drop(OFF, *(each.id for each in await self.store.records(OFF, owner=person)))
                return phrases.REMEMBERING_AGAIN.text(spoken)
            case Asked.LINK:
                return await self._code(person, spoken)
            case Asked.REDEEM:
                return await self._redeem(wish.code, user, person, spoken)
            case Asked.UNLINK:
                if len(await self.store.users(person)) < 2:
                    return phrases.NOT_LINKED.text(spoken)
                await self.store.part(*user)
                return phrases.UNLINKED.text(spoken)

    async def _forget(self, person: str, persona: str, numbers: Sequence[int], spoken: str, said: int) -> str:
        known = await self._numbered(person, persona)
        wrong = next((number for number in numbers if number not in known), None)
        if wrong is not None or not numbers:
            return phrases.NO_SUCH.text(spoken).format(number=wrong or 0)
        gone = [known[number] for number in numbers]
        await self._pass(person, persona, said)
        await self._drop(person, gone, persona)
        return phrases.FORGOTTEN.text(spoken).format(facts="；".join(fact.text for fact in gone))

    async def _numbered(self, person: str, persona: str) -> dict[int, Fact]:
        """What holds, by the numbers it was last shown with: what was learned or forgotten since does not move them."""
        known = {fact.id: fact for fact in await self.active(person, persona)}
        shown = await self.store.record(SHOWN, f"{persona}/{person}")
        if shown is None:  # a turn that begins anew looks at the same wish again: it must not drop the next one, too
            await self.store.put(Record(SHOWN, f"{persona}/{person}", person, self.now(), {"ids": [*known]}))
        ids = dict.fromkeys([*(shown.value["ids"] if shown else ()), *known])
        return {number: known[id] for number, id in enumerate(ids, 1) if id in known}

    async def _code(self, person: str, spoken: str) -> str:
        code = "".join(secrets.choice(LETTERS) for _ in range(7)) + secrets.choice(DIGITS)
        for old in await self.store.records(LINK, owner=person):
            await self.store.drop(LINK, old.id)
        await self.store.put(Record(LINK, hashed(code), person, self.now() + LINK_MINUTES * 60, {"person": person}))
        return phrases.LINK.text(spoken).format(code=code, minutes=LINK_MINUTES)

    async def _redeem(self, code: str, user: tuple[str, str], person: str, spoken: str) -> str:
        lately = [who for at, who in self.wrong if at > self.now() - LINK_MINUTES * 60]
        if len(lately) >= ALL_GUESSES or lately.count(person) >= GUESSES:
            return phrases.TOO_MANY_CODES.text(spoken).format(minutes=LINK_MINUTES)
        found = await self.store.record(LINK, hashed(code))
        if found is None or found.at < self.now() or found.owner == person or not await self.store.drop(LINK, found.id):
            self.wrong.append((self.now(), person))
            return phrases.BAD_CODE.text(spoken)
        await self.store.join(*user, found.owner)
        return phrases.LINKED.text(spoken)

    # Keeping

    async def _past(self, person: str, persona: str) -> int:
        """Number of the message up to which nothing is learned any more."""
        marks = await self.store.records(PAST, owner=person)
        return max((int(each.value["number"]) for each in marks if each.value["persona"] in ("", persona)), default=0)

    async def _pass(self, person: str, persona: str, said: int) -> None:
        """Learn nothing any more from what was said up to a message; ``persona``: empty for all of them."""
        value = {"persona": persona, "number": said}
        await self.store.put(Record(PAST, f"{persona}/{person}", person, self.now(), value))

    async def _all(self, person: str, persona: str) -> list[Fact]:
        records = await self.store.records(FACT, owner=person) if person else []
        found: list[Fact] = []
        for record in records:
            try:
                found += [facts.restored(record.value)] if record.value.get("persona") == persona else []
            except ValueError as error:
                log.warning("a kept fact cannot be read and is left aside: %s", error)
        return found

    async def _learn(self, person: str, persona: str, new: Sequence[Fact]) -> None:
        known = await self._all(person, persona)
        changed = facts.learned(known, new, self.now())
        if changed:
            value = [(fact, {**facts.record(fact), "persona": persona}) for fact in changed]
            await self.store.put(*(Record(FACT, fact.id, person, fact.said_at, told) for fact, told in value))
        await self._drop(person, facts.surplus(await self._all(person, persona), self.now()), persona)

    async def _drop(self, person: str, gone: Sequence[Fact], persona: str) -> None:
        """Delete facts, and with each what it had superseded."""
        known = {fact.id: fact for fact in await self._all(person, persona)} if gone else {}
        ids: set[str] = set()
        for fact in gone:
            each: Fact | None = fact
            while each and each.id not in ids:
                ids.add(each.id)
                each = known.get(each.supersedes)
        if ids:
            await self.store.drop(FACT, *ids)


def _source(entry: Entry) -> str:
    return f"{entry.conversation}#{entry.number}"


def _after(facts: Sequence[Fact], past: int) -> list[Fact]:
    """The facts that were said after a message."""
    return [fact for fact in facts if int(fact.source.rpartition("#")[2]) > past]
