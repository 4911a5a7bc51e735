"""How far back a conversation's prompt looks: a beginning that moves in blocks, and a summary of what lies before it.

A beginning that moved with every message would spoil every service's cache.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot import extraction
from bot.brain import Brain, BrainError
from bot.message import Author, Entry
from bot.prompt import BLOCK
from bot.store import Full, Record, Store

log = logging.getLogger(__name__)

WINDOW = "window"
"""Kind of the records."""
SUMMARISED = 120
"""Entries that one summary reads at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a prompt shows of a conversation."""

    entries: tuple[Entry, ...]
    """Oldest first."""
    summary: str = ""


@dataclass(slots=True)
class Windows:
    """Where conversations' prompts begin."""

    store: Store

    async def of(self, conversation: str, look_back: int, asked: int, *, keep: bool = True) -> Window:
        """The conversation's window: at least ``look_back`` entries where there are so many, the asked ones besides.

        ``keep``: whether a beginning that moved is remembered; not so where the store is only looked at.
        """
        record = await self.store.record(WINDOW, conversation)
        since = int(record.value["since"]) if record else 0
        most = look_back + BLOCK + asked
        entries = [entry for entry in await self.store.history(conversation, limit=most) if entry.number > since]
        if len(entries) >= most:
            entries = entries[BLOCK:]
            value = {**(record.value if record else {"summary": "", "until": 0}), "since": entries[0].number - 1}
            owner = record.owner if record else await self._owner(entries)
            keep = keep and (bool(owner) or any(entry.group for entry in entries))
            if keep:
                with suppress(Full):  # then it moves on with the next message, which costs no more than a cache
                    await self.store.put(Record(WINDOW, conversation, owner, 0.0, value))
        return Window(tuple(entries), str(record.value["summary"]) if record else "")

    async def summarise(self, conversation: str, brain: Brain) -> None:
        """Have a model write down what lies before the window. Never fails."""
        record = await self.store.record(WINDOW, conversation)
        if record is None or int(record.value["until"]) >= int(record.value["since"]):
            return
        since, until = int(record.value["since"]), int(record.value["until"])
        before = await self.store.history(conversation, before=since + 1, limit=SUMMARISED)
        lines = [f"{_who(entry)}：{entry.text}" for entry in before if entry.number > until and entry.text]
        try:
            text = extraction.summarised(
                await extraction.answered(brain, extraction.summary_asked(lines, str(record.value["summary"])))
            )
        except BrainError as error:
            log.info("%s is not summarised: %s", conversation, error)
            return
        if text:
            value = {"since": since, "until": since, "summary": text}
            await self.store.put(Record(WINDOW, conversation, record.owner, record.at, value))

    async def _owner(self, entries: Sequence[Entry]) -> str:
        """The person the conversation is forgotten with."""
        mine = next((entry for entry in entries if entry.author is Author.USER), None)
        return await self.store.person(mine.door, mine.sender) if mine and not mine.group else ""


def _who(entry: Entry) -> str:
    return "用户" if entry.author is Author.USER else "她"
