"""How much a service lets us send to a user: so many messages within so long after theirs. Kept in memory and in the memo."""

import json
import time
from dataclasses import dataclass, field

from bot.channel import Memo


@dataclass(slots=True)
class Quota:
    """What may still be sent to one user."""

    left: int
    until: float
    """Unix seconds."""

    @property
    def open(self) -> bool:
        """Whether something may be sent now."""
        return self.left > 0 and time.time() < self.until


@dataclass(slots=True)
class Quotas:
    """The quotas of a channel's users. What was sent since a restart is not known; the service itself knows."""

    memo: Memo
    known: dict[str, Quota] = field(default_factory=dict[str, Quota])

    async def renew(self, user: str, messages: int, seconds: float) -> None:
        """The user did something: a new quota, unless what is left of the last is better."""
        quota = Quota(messages, time.time() + seconds)
        before = await self.of(user)
        if before and before.open and (before.left, before.until) > (quota.left, quota.until):
            return
        self.known[user] = quota
        await self.memo.remember(f"quota:{user}", json.dumps([quota.left, quota.until]))

    async def of(self, user: str) -> Quota | None:
        """A user's quota; None for somebody who never wrote."""
        if user not in self.known and (kept := await self.memo.recall(f"quota:{user}")):
            left, until = json.loads(kept)
            self.known[user] = Quota(int(left), float(until))
        return self.known.get(user)

    def spent(self, user: str) -> None:
        """One message went out."""
        if user in self.known:
            self.known[user].left -= 1

    def used_up(self, user: str) -> None:
        """The service says that there is nothing left."""
        self.known[user] = Quota(0, 0.0)
