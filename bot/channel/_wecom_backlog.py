"""Callbacks that are not written down yet: WeCom brings each once, so that none may be lost between socket and store."""

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.channel import Memo
from bot.channel._wecom_message import sender
from bot.channel._wecom_wire import Json, parsed

KEY = "waiting:"


@dataclass(slots=True)
class Backlog:
    """In the order they came; over a restart in the channel's memo."""

    memo: Memo
    waiting: deque[Json] = field(default_factory=deque[Json])
    tries: int = 0
    """Of the first."""
    _kept: list[str] = field(default_factory=list[str])
    """Keys in the memo."""

    async def recall(self) -> None:
        """Take up what an earlier process left."""
        if self._kept or self.waiting:
            return
        kept = await self.memo.recollect(KEY)
        self._kept = list(kept)
        bodies = [parsed(kept[key]) for key in sorted(kept)]
        self.waiting.extendleft(reversed([body for body in bodies if body]))

    async def keep(self) -> None:
        """Remember what waits, for a later process."""
        stale, self._kept = self._kept, []
        for number, body in enumerate(self.waiting):
            key = f"{KEY}{number:06d}:{sender(body)}"
            self._kept.append(key)
            await self.memo.remember(key, json.dumps(body))
        await self._forget(key for key in stale if key not in self._kept)

    async def done(self) -> None:
        """The first is written down, or of no use."""
        self.waiting.popleft()
        self.tries = 0
        if not self.waiting:
            stale, self._kept = self._kept, []
            await self._forget(stale)

    async def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            await self.memo.remember(key, "")
