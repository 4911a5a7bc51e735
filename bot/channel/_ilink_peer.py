"""Who an iLink account talks to: the newest context of each user, what may still be sent to them, and the typing sign."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from bot.channel import ChannelError, Memo, Premises
from bot.channel._ilink_accounts import Account
from bot.channel._ilink_wire import CONFIG_S, Refused, Wire

BUDGET = 10
"""Messages a bot may send per message of its user (field reports, §6)."""
WINDOW_S = 86400.0
"""Nothing can be sent later than this after the user's last message."""
TYPING_S = 5.0
TYPING_AFTER_S = 0.7
"""She is seen typing after this long: a quicker answer needs no sign, and a crowd's first second belongs to its answers."""
TICKET_S = 86400.0
NEVER = -1e9


@dataclass(slots=True)
class Peer:
    """A user, and by which account they are reached."""

    account: str
    context: str
    """Of their newest message; every answer carries it."""
    at: float
    """Of their newest message, Unix seconds."""
    sent: int = 0
    """Messages to them since."""
    last: float = NEVER
    """When the last one went out, on the premises' clock."""
    ticket: str = ""
    """Shows the typing sign."""
    ticket_at: float = NEVER

    @property
    def open(self) -> bool:
        """Whether something may be sent to them now."""
        return self.sent < BUDGET and time.time() - self.at <= WINDOW_S


@dataclass(slots=True)
class Peers:
    """The users of a channel. How they are reached survives a restart; what was sent since is then known to the service alone."""

    memo: Memo
    known: dict[str, Peer] = field(default_factory=dict[str, Peer])

    async def heard(self, user: str, account: str, context: str, at: float) -> None:
        """A user wrote: known at once, remembered when this returns."""
        before = self.known.get(user)
        ticket = (before.ticket, before.ticket_at) if before and before.account == account else ("", NEVER)
        self.known[user] = Peer(account, context, at, 0, NEVER, *ticket)
        await self.memo.remember(f"peer:{user}", json.dumps([account, context, at]))

    async def of(self, user: str) -> Peer:
        """How a user is reached. Raises ChannelError where that is not known (yet)."""
        if user not in self.known:
            kept = await self.memo.recall(f"peer:{user}")
            if not kept:
                raise ChannelError("it is not known yet by which account this user is reached")
            account, context, at = json.loads(kept)
            self.known[user] = Peer(account, context, at)
        return self.known[user]


@dataclass(frozen=True, slots=True)
class Typing:
    """Shows that she is typing; nothing waits for the sign, and nothing breaks with it."""

    wire: Wire
    premises: Premises
    accounts: Mapping[str, Account]

    async def show(self, user: str, peer: Peer, done: asyncio.Event) -> None:
        """Keep the sign standing until the reply is there."""
        account, pause = self.accounts.get(peer.account), TYPING_AFTER_S
        if account is None:
            return
        with suppress(ChannelError, Refused):
            while not await _within(done, pause):
                ticket = await self._ticket(account, user, peer)
                if not ticket or done.is_set():
                    return
                await self._set(account, user, ticket, 1)
                pause = TYPING_S
            if pause == TYPING_S:
                await self._set(account, user, peer.ticket, 2)

    async def _ticket(self, account: Account, user: str, peer: Peer) -> str:
        if not peer.ticket or self.premises.now() - peer.ticket_at > TICKET_S:
            body = {"ilink_user_id": user, "context_token": peer.context}
            answer = await self.wire.post(account.base_url, "ilink/bot/getconfig", body, account.token, CONFIG_S)
            peer.ticket, peer.ticket_at = str(answer.get("typing_ticket") or ""), self.premises.now()
        return peer.ticket

    async def _set(self, account: Account, user: str, ticket: str, status: int) -> None:
        body = {"ilink_user_id": user, "typing_ticket": ticket, "status": status}
        await self.wire.post(account.base_url, "ilink/bot/sendtyping", body, account.token, CONFIG_S)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it happens in time."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
