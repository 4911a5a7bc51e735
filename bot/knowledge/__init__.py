"""What personas know: each one's FAQ and documents in an index of its own, kept current while she talks.

The FAQ is laid out at once. Documents are read by a process of its own, one file at a time and each all at once, so that
neither a hostile file nor a large one is felt in a conversation. Where a service of embeddings is set, vectors are made of
it all in the background, and questions are looked up by their meaning too.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from bot.faults import Faults
from bot.knowledge import _child, searching
from bot.knowledge._database import busy, damaged
from bot.knowledge.embeddings import Embeddings
from bot.knowledge.filling import fill
from bot.knowledge.index import FAQ, Document, Index
from bot.knowledge.room import Known, Room, faq, lay_out, standing
from bot.knowledge.vectors import Vectors
from bot.message import Source
from bot.persona import Persona
from bot.phrases import language
from bot.retrieval import Hit, Item

__all__ = ["FAQ_NAME", "Document", "Knowledge", "Known", "faq", "source"]

T = TypeVar("T")

log = logging.getLogger(__name__)

ASKED = 500
"""Characters of a question that are looked up."""
FAQ_NAME = "faq"
"""What the FAQ is called as a source."""
BUSY_S = 0.5
"""Seconds a question waits for the process that reads, where the FAQ has changed; then the old one answers it."""
SHOWN = 300
"""Characters of a passage that a source shows."""

Tell = Callable[[str, str], Awaitable[None]]
"""Gets a persona's id and what its documents are like now, in words for the operator; empty: all is well."""


async def nobody(id: str, text: str) -> None:
    """Nobody wants to know."""


class Knowledge:
    """Finds what she knows."""

    def __init__(
        self,
        persona: Callable[[str], Persona],
        folder: Path | None = None,
        tell: Tell = nobody,
        embeddings: Embeddings | None = None,
    ) -> None:
        """``folder`` holds the indexes; None: they live in memory, without documents."""
        self.persona, self.folder, self.tell, self.embeddings = persona, folder, tell, embeddings
        self.rooms: dict[str, Room] = {}
        self.wanted: asyncio.Queue[str] = asyncio.Queue()
        self.unembedded: asyncio.Queue[str] = asyncio.Queue()
        self.opening = asyncio.Lock()
        self.broken = dict[str, str]()
        """Why reading broke off, by persona, for the operator."""
        self.told = dict[str, str]()
        """What the operator heard last of each persona."""
        if embeddings:
            embeddings.told = self._tell_all

    # Asking

    async def search(self, persona: Persona, question: str, spoken: str = "", most: int = 20) -> list[Hit]:
        """What may answer a question, the best first."""
        text = question[:ASKED]
        vector = b""
        if self.embeddings and text.strip() and await self._look(persona, _pictured):
            vector = await self.embeddings.question(text) or b""

        def find(room: Room) -> list[Hit]:
            return searching.search(room.index, text, spoken or language(text), room.vectors, vector)

        hits = await self._look(persona, find)
        if vector and not any(hit.dense for hit in hits):
            self.unembedded.put_nowait(persona.id)  # the model's vectors have another dimension than they had
        return hits[:most]

    async def known(self, persona: Persona) -> Known:
        """What stands in every prompt: all of it while that is little, else the FAQ as far as it goes."""
        room = await self._room(persona)
        if room.known is None:
            changes = room.changes
            known = await self._look(persona, lambda room: standing(room.index))
            if room.changes != changes:  # it has changed meanwhile, and nobody will say so again
                return known
            room.known = known
        return room.known

    async def documents(self, persona: Persona) -> dict[str, Document]:
        """What was read, by path."""
        return await self._look(persona, lambda room: room.index.documents())

    def faults(self, id: str) -> str:
        """What is wrong with what a persona knows, in words for the operator; empty: nothing that is known."""
        room, service = self.rooms.get(id), self.embeddings
        found = self.broken.get(id), room and room.notices, service and service.fault
        return "\n".join(filter(None, found))

    def find(self, persona: Persona, id: str) -> Item | None:
        """The item of an id; None: there is none, or she was not asked anything yet. A look by key: microseconds."""
        room = self.rooms.get(persona.id)
        with suppress(sqlite3.Error):  # it is just being made anew
            return next(iter(room.index.find([id])), None) if room else None
        return None

    async def take(self, persona: Persona, file: str, items: Sequence[Item]) -> None:
        """Know a file's passages that somebody else read."""
        room = await self._room(persona)
        await asyncio.to_thread(room.index.replace, file, "", items)
        room.changed()
        self.unembedded.put_nowait(persona.id)

    # Keeping current

    def want(self, id: str) -> None:
        """Have a persona's documents read soon, as she is by then."""
        self.wanted.put_nowait(id)

    async def run(self) -> None:
        """Read documents as personas change, and make their vectors, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tend(self.wanted, self.read))
            if self.embeddings:
                group.create_task(self._tend(self.unembedded, self.embed))

    async def read(self, persona: Persona) -> None:
        """Read what is new or changed of a persona's documents; returns when all of it can be found."""
        if persona.id in self.rooms:
            self.rooms[persona.id].late = ""
        room = await self._room(persona)
        if not room.index.path:
            return
        async with room.reading:
            there = await self.documents(persona)
            self.broken.pop(persona.id, None)
            if {file: each.hash for file, each in there.items() if file != FAQ} != dict(persona.documents):
                await self._read(persona, room, room.index.path)
                self.unembedded.put_nowait(persona.id)
            there = await self.documents(persona)
            told = (each.notice for file, each in there.items() if each.notice and file in persona.documents)
            notices = "\n".join(told)
            if notices and notices != room.notices:
                log.warning("%s", notices)
            room.notices = notices
        await self._tell(persona.id)

    async def embed(self, persona: Persona) -> None:
        """Make the vectors that are missing; returns when there are all, so it waits while the service is away."""
        room = await self._room(persona)
        if self.embeddings and room.vectors:
            await fill(persona.id, room.vectors, self.embeddings)

    def tidy(self, personas: Collection[str]) -> None:
        """Delete the indexes of personas that are gone; where one comes back, hers is made again."""
        for path in self.folder.glob("*.db") if self.folder else ():
            if path.stem not in personas:
                log.info("%s is gone, and what was laid out of hers", path.stem)
                for end in ("-wal", "-shm", ""):
                    path.with_name(path.name + end).unlink(missing_ok=True)

    async def close(self) -> None:
        """Let go of files and connections."""
        for room in self.rooms.values():
            await asyncio.to_thread(room.index.close)
        if self.embeddings:
            await self.embeddings.close()

    async def _tend(self, queue: asyncio.Queue[str], do: Callable[[Persona], Awaitable[None]]) -> None:
        """Do something for every persona in a queue: the edge where a file that cannot be written is recorded."""
        while True:
            id = await queue.get()
            try:
                await do(self.persona(id))
            except Faults as error:
                log.error("%s: 资料没有读完 / what she knows is not up to date: %s", id, error)
            except (sqlite3.Error, OSError) as error:  # the index can be made again: she talks on without it
                log.error("%s: 资料索引读写不了 / the index cannot be used: %s", id, error)
                self.broken[id] = f"资料索引读写不了：{error}\nThe index of the documents cannot be used: {error}"
                await self._tell(id)

    async def _tell(self, id: str, progress: str = "") -> None:
        """Tell the operator how it stands with what a persona knows, where that has changed."""
        told = progress or self.faults(id)
        if told != self.told.get(id, ""):
            self.told[id] = told
            await self.tell(id, told)

    async def _tell_all(self) -> None:
        for id in list(self.rooms):
            await self._tell(id)

    async def _read(self, persona: Persona, room: Room, path: Path) -> None:
        """Have another process read, and hear how far it is."""
        try:
            async with _child.reading(path, persona) as child:
                assert child.stdout
                async for line in child.stdout:
                    await self._progress(persona.id, room, line)
                code = await child.wait()
        finally:
            room.changed()
        if code:
            log.error("%s: the documents could not be read (exit %s)", persona.id, code)
            self.broken[persona.id] = (
                f"资料没有读完（{code}），下次启动或改动时再读。\nReading the documents broke off ({code})."
            )

    async def _progress(self, id: str, room: Room, line: bytes) -> None:
        room.changed()
        if not line.endswith(b"\n"):
            return  # its end was cut off, and so was the process
        done = json.loads(line)
        log.info("%s: %s (%s/%s)", id, done["file"], done["number"], done["of"])
        if done["of"] > 1:
            zh = f"正在读资料 {done['number']}/{done['of']}"
            en = f"Reading documents, {done['number']} of {done['of']}"
            await self._tell(id, f"{zh}：{done['file']}\n{en}")

    # Indexes

    async def _look(self, persona: Persona, look: Callable[[Room], T]) -> T:
        """What is found in a persona's index, with the FAQ as it is now. Raises sqlite3.Error and OSError.

        A file that turns out to be broken is made anew, once.
        """
        room = await self._opened(persona.id)
        try:
            await self._lay_out(persona, room)
            return await asyncio.to_thread(look, room)
        except sqlite3.Error as error:
            async with self.opening:
                if self.rooms.get(persona.id) is room:  # else somebody else has made it anew meanwhile
                    if not damaged(error):
                        raise
                    log.error("%s: 知识库文件坏了，重新做 / the index is broken and made anew: %s", persona.id, error)
                    del self.rooms[persona.id]
                    await asyncio.to_thread(room.index.discard)
        room = await self._opened(persona.id)
        await self._lay_out(persona, room)
        return await asyncio.to_thread(look, room)

    async def _room(self, persona: Persona) -> Room:
        return await self._look(persona, lambda room: room)

    async def _opened(self, id: str) -> Room:
        """The room of a persona, whose index those who ask first together open once. Raises sqlite3.Error and OSError."""
        if id not in self.rooms:
            async with self.opening:
                if id not in self.rooms:
                    path = self.folder / f"{id}.db" if self.folder else None
                    index = await asyncio.to_thread(Index, path, BUSY_S)
                    self.rooms[id] = Room(index, Vectors(index, self.embeddings.model) if self.embeddings else None)
        return self.rooms[id]

    async def _lay_out(self, persona: Persona, room: Room) -> None:
        async with room.lock:
            if persona.version and persona.version in (room.version, room.late):
                return
            try:
                await asyncio.to_thread(lay_out, room.index, persona)
            except sqlite3.OperationalError as error:  # a full disk, or a large document: what is there is served
                log.warning("%s: 问答还没有更新 / the FAQ is as it was: %s", persona.id, error)
                if busy(error):
                    room.late = persona.version
                    self.wanted.put_nowait(persona.id)  # comes after what is being read
                return
            room.version = persona.version
            room.changed()
            self.wanted.put_nowait(persona.id)
            self.unembedded.put_nowait(persona.id)


def _pictured(room: Room) -> bool:
    """Whether there are vectors."""
    return room.vectors is not None and room.vectors.any()


def source(item: Item, cite: str = "all") -> Source:
    """An item as it can be cited; ``cite`` as in the persona's knowledge.cite."""
    heading = item.heading if item.file else item.wordings[0]
    text = item.answer if len(item.answer) <= SHOWN else f"{item.answer[: SHOWN - 1]}…"
    shown = cite == "all" or (cite == "documents" and bool(item.file))
    return Source(item.id, item.file or FAQ_NAME, heading, text, shown)
