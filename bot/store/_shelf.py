"""Media and spoken lines of the memory store."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.store import Full
from bot.store._files import hashed
from bot.store._media import NO_ROOM


@dataclass(slots=True)
class Kept:
    """Media."""

    type: str
    data: bytes
    used_by: set[str] = field(default_factory=set[str])
    """Conversations."""


@dataclass(slots=True)
class Shelf:
    """Bytes by their hash, as many as fit."""

    cap: float
    """Bytes."""
    kept: dict[str, Kept] = field(default_factory=dict[str, Kept])
    """By hash, those used longest ago first."""
    lines: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict[str, tuple[str, Mapping[str, Any]]])
    """Spoken lines by key: hash and detail."""

    def keep(self, conversation: str, data: bytes, type: str, unsent: Collection[str]) -> str:
        """Keep bytes for the conversation; their hash. Raises Full."""
        hash = hashed(data)
        if hash not in self.kept:
            self._make_room(len(data), unsent)
            self.kept[hash] = Kept(type, data)
        self.use(conversation, hash)
        return hash

    def get(self, conversation: str, hash: str) -> Kept | None:
        """What is kept by the hash, if it belongs to the conversation."""
        kept = self.kept.get(hash)
        if kept is None or conversation not in kept.used_by:
            return None
        return self.touch(hash)

    def use(self, conversation: str, hash: str) -> None:
        """Note that media that is there belongs to a conversation, and was wanted now."""
        if hash in self.kept:
            self.touch(hash).used_by.add(conversation)

    def touch(self, hash: str) -> Kept:
        """What is kept by the hash; it was wanted now."""
        self.kept[hash] = kept = self.kept.pop(hash)  # the last used stands last
        return kept

    def used(self, conversations: Collection[str]) -> list[str]:
        """Hashes of what belongs to any of the conversations."""
        return [hash for hash, kept in self.kept.items() if not kept.used_by.isdisjoint(conversations)]

    def leave(self, conversations: Iterable[str], hashes: Iterable[str]) -> None:
        """Let media belong to the conversations no more; what belongs to none is dropped, with its lines."""
        for hash in set(hashes) & set(self.kept):
            self.kept[hash].used_by.difference_update(conversations)
            if not self.kept[hash].used_by:
                self._drop(hash)

    def _make_room(self, size: int, unsent: Collection[str]) -> None:
        """Drop the sounds unused for longest, but for those still to be sent, until so much fits. Raises Full."""
        over = sum(len(kept.data) for kept in self.kept.values()) + size - self.cap
        gone: list[str] = []
        for hash, kept in self.kept.items():
            if over > 0 and kept.type.startswith("audio/") and hash not in unsent:
                gone.append(hash)
                over -= len(kept.data)
        if over > 0:
            raise Full(NO_ROOM)
        for hash in gone:
            self._drop(hash)

    def _drop(self, hash: str) -> None:
        del self.kept[hash]
        self.lines = {key: line for key, line in self.lines.items() if line[0] != hash}
