"""What personas know: each one's FAQ and documents in an index of its own, kept current while she talks.

The FAQ is laid out at once. Documents are read by a process of its own, one file at a time and each all at once, so that
neither a hostile file nor a large one is felt in a conversation.
"""

import asyncio
import json
import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bot.knowledge.index import FAQ, Document, Index
from bot.message import Source
from bot.persona import Persona
from bot.phrases import language
from bot.retrieval import Hit, Item, ask, written

log = logging.getLogger(__name__)

ASKED = 500
"""Characters of a question that are looked up."""
WHOLE = 15000
"""Characters of all she knows up to which the prompt holds all of it."""
FAQ_NAME = "faq"
"""What the FAQ is called as a source."""
SHOWN = 300
"""Characters of a passage that a source shows."""

Tell = Callable[[str, str], Awaitable[None]]
"""Gets a persona's id and what its documents are like now, in words for the operator; empty: all is well."""


async def nobody(id: str, text: str) -> None:
    """Nobody wants to know."""


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
    version: str = ""
    """Of the persona as it was laid out."""
    known: Known | None = None
    notices: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class Knowledge:
    """Finds what she knows."""

    def __init__(self, persona: Callable[[str], Persona], folder: Path | None = None, tell: Tell = nobody) -> None:
        """``folder`` holds the indexes; None: they live in memory, without documents."""
        self.persona, self.folder, self.tell = persona, folder, tell
        self.rooms: dict[str, Room] = {}
        self.wanted: asyncio.Queue[str] = asyncio.Queue()
        self.opening = asyncio.Lock()

    # Asking

    async def search(self, persona: Persona, question: str, spoken: str = "", most: int = 20) -> list[Hit]:
        """What may answer a question, the best first."""
        room = await self._room(persona)
        text = question[:ASKED]
        hits = await asyncio.to_thread(ask, room.index, text, spoken or language(text))
        return hits[:most]

    async def known(self, persona: Persona) -> Known:
        """What stands in every prompt: all of it while that is little, else the FAQ as far as it goes."""
        room = await self._room(persona)
        if room.known is None:
            room.known = await asyncio.to_thread(_known, room.index)
        return room.known

    async def documents(self, persona: Persona) -> dict[str, Document]:
        """What was read, by path."""
        room = await self._room(persona)
        return await asyncio.to_thread(room.index.documents)

    def faults(self, id: str) -> str:
        """What is wrong with a persona's documents, in words for the operator; empty: nothing that is known."""
        room = self.rooms.get(id)
        return room.notices if room else ""

    def find(self, persona: Persona, id: str) -> Item | None:
        """The item of an id; None: there is none, or she was not asked anything yet. A look by key: microseconds."""
        room = self.rooms.get(persona.id)
        return next(iter(room.index.find([id])), None) if room else None

    async def take(self, persona: Persona, file: str, items: Sequence[Item]) -> None:
        """Know a file's passages that somebody else read."""
        room = await self._room(persona)
        await asyncio.to_thread(room.index.replace, file, "", items)
        room.known = None

    # Keeping current

    async def run(self) -> None:
        """Read documents as personas change, until cancelled."""
        while True:
            id = await self.wanted.get()
            try:
                await self.read(self.persona(id))
            except (OSError, sqlite3.Error) as error:  # the index can be made again: she talks on without it
                log.error("%s: the documents cannot be read: %s", id, error)
                await self.tell(id, f"资料索引读写不了：{error}\nThe index of the documents cannot be used: {error}")

    async def read(self, persona: Persona) -> None:
        """Read what is new or changed of a persona's documents; returns when all of it can be found."""
        room = await self._room(persona)
        if not room.index.path:
            return
        async with room.reading:
            there, read = await asyncio.to_thread(room.index.documents), False
            if {file: each.hash for file, each in there.items() if file != FAQ} != dict(persona.documents):
                await self._read(persona, room, room.index.path)
                read = True
            there = await asyncio.to_thread(room.index.documents)
            told = "\n".join(each.notice for file, each in there.items() if each.notice and file in persona.documents)
            if told != room.notices or read:  # also when all is well: how far the reading was is no news any more
                room.notices = told
                await self.tell(persona.id, told)

    async def close(self) -> None:
        """Let go of the files."""
        for room in self.rooms.values():
            room.index.close()

    async def _read(self, persona: Persona, room: Room, path: Path) -> None:
        """Have another process read, and hear how far it is."""
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.knowledge", str(path), str(persona.folder / "knowledge"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**20,
            cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        try:
            assert child.stdin
            assert child.stdout
            child.stdin.write(json.dumps(dict(persona.documents)).encode())
            child.stdin.write_eof()
            async for line in child.stdout:
                done = json.loads(line)
                log.info("%s: %s (%s/%s)", persona.id, done["file"], done["number"], done["of"])
                if done["of"] > 1:
                    zh, en = (
                        f"正在读资料 {done['number']}/{done['of']}",
                        f"Reading documents, {done['number']} of {done['of']}",
                    )
                    await self.tell(persona.id, f"{zh}：{done['file']}\n{en}")
                room.known = None
            if await child.wait():
                log.error("%s: the documents could not be read (exit %s)", persona.id, child.returncode)
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
            room.known = None

    async def _room(self, persona: Persona) -> Room:
        """The persona's index, with its FAQ as it is now."""
        async with self.opening:
            if persona.id not in self.rooms:
                path = self.folder / f"{persona.id}.db" if self.folder else None
                self.rooms[persona.id] = Room(await asyncio.to_thread(Index, path))
        room = self.rooms[persona.id]
        if room.version != persona.version or not persona.version:
            async with room.lock:
                if room.version != persona.version or not persona.version:
                    await asyncio.to_thread(_lay_out, room.index, persona)
                    room.version, room.known = persona.version, None
                    self.wanted.put_nowait(persona.id)
        return room


def faq(persona: Persona) -> tuple[Item, ...]:
    """The persona's questions and answers."""
    return tuple(Item(each.id, (each.q, *each.also), each.a, written(each.a)) for each in persona.faq)


def _lay_out(index: Index, persona: Persona) -> None:
    """Put the FAQ in the index, unless it is there already."""
    items = faq(persona)
    hash = sha256(repr(items).encode()).hexdigest()
    there = index.documents().get(FAQ)
    if there is None or there.hash != hash:
        index.replace(FAQ, hash, items)


def _known(index: Index) -> Known:
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


def source(item: Item, cite: str = "all") -> Source:
    """An item as it can be cited; ``cite`` as in the persona's knowledge.cite."""
    heading = item.heading if item.file else item.wordings[0]
    text = item.answer if len(item.answer) <= SHOWN else f"{item.answer[: SHOWN - 1]}…"
    shown = cite == "all" or (cite == "documents" and bool(item.file))
    return Source(item.id, item.file or FAQ_NAME, heading, text, shown)
