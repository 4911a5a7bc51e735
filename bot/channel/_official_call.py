"""WeChat's calls for one message: three at most, each open for five seconds; one answer goes into whichever is open."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field

REMEMBERED = 5000


@dataclass(eq=False, slots=True)
class Call:
    """The calls for one message, and their answer."""

    id: str
    sender: str
    made: int = 0
    """How often WeChat called."""
    open: int = 0
    """Calls that an answer can still go into."""
    refused: str = ""
    """Why the message could not be taken."""
    answer: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """The text that goes back; empty: none is needed."""

    def give(self, text: str) -> None:
        """Answer, once."""
        if not self.answer.done():
            self.answer.set_result(text)


@dataclass(slots=True)
class Calls:
    """The calls of the last while, by the message's id."""

    known: OrderedDict[str, Call] = field(default_factory=OrderedDict[str, Call])
    turns: OrderedDict[str, Collection[str]] = field(default_factory=OrderedDict[str, Collection[str]])
    """Messages that a turn answers."""

    def of(self, id: str, sender: str) -> tuple[Call, bool]:
        """A message's calls, and whether this is the first."""
        fresh = id not in self.known
        if fresh:
            self.known[id] = Call(id, sender)
            if len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        call = self.known[id]
        call.made += 1
        return call, fresh

    def forget(self, id: str) -> None:
        """Whatever comes next for the message is the first again."""
        self.known.pop(id, None)

    def waiting(self, sender: str) -> Call | None:
        """An open call of a user's; the oldest."""
        mine = (call for call in self.known.values() if call.sender == sender)
        return next((call for call in mine if call.open and not call.answer.done()), None)

    def follow(self, turn: str, ids: Collection[str]) -> None:
        """A turn answers these messages."""
        self.turns[turn] = ids
        if len(self.turns) > REMEMBERED:
            self.turns.popitem(last=False)

    def settle(self, turn: str) -> None:
        """The turn's messages have their answer: no other call of theirs need wait for one."""
        for id in self.turns.get(turn, ()):
            if call := self.known.get(id):
                call.give("")
