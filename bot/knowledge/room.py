"""One persona's index with what stands of it in every prompt, and her FAQ laid out in it."""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256

from bot.knowledge.index import FAQ, Index
from bot.knowledge.vectors import Vectors
from bot.persona import Persona
from bot.retrieval import Item, written

WHOLE = 15000
"""Characters of all she knows up to which the prompt holds all of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What of it stands in every prompt."""

    items: tuple[Item, ...]
    whole: bool
    """Whether that is all there is."""


@dataclass(slots=True)
class Room:
    """One persona's index."""

    index: Index
    vectors: Vectors | None
    version: str = ""
    """Of the persona as it was laid out."""
    late: str = ""
    """A version whose FAQ is laid out later, since another process is just writing."""
    known: Known | None = None
    changes: int = 0
    """How often what is known may have become something else."""
    notices: str = ""
    """What is wrong with documents, for the operator."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def changed(self) -> None:
        """What stands in prompts has to be looked up anew."""
        self.known, self.changes = None, self.changes + 1


def faq(persona: Persona) -> tuple[Item, ...]:
    """The persona's questions and answers."""
    return tuple(Item(each.id, (each.q, *each.also), each.a, written(each.a)) for each in persona.faq)


def lay_out(index: Index, persona: Persona) -> None:
    """Put the FAQ in the index, unless it is there already."""
    items = faq(persona)
    hash = sha256(repr(items).encode()).hexdigest()
    there = index.documents().get(FAQ)
    if there is None or there.hash != hash:
        index.replace(FAQ, hash, items)


def standing(index: Index) -> Known:
    """What stands in every prompt: all of it while that is little, else the FAQ as far as it goes."""
    if index.characters() <= WHOLE:
        return Known(tuple(index.everything()), whole=True)
    kept: list[Item] = []
    length = 0
    for item in index.of(FAQ):
        length += len(item.answer) + sum(map(len, item.wordings))
        if length > WHOLE:
            break
        kept.append(item)
    return Known(tuple(kept), whole=False)
