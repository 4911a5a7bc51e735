"""iLink: a person's own WeChat through Tencent's bot door. One user, one bot, one account; many accounts in one channel.

The protocol is that of Tencent's own client (facts/ilink.md). Voice bubbles are taken by the service and never shown, so
her voice goes out as an MP3 file.
"""

import asyncio
import hashlib
import logging
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import Field

from bot.channel import Accept, Asked, Capabilities, ChannelError, Premises, Step
from bot.channel import _ilink_media as media
from bot.channel._ilink_accounts import Account, read
from bot.channel._ilink_login import Login
from bot.channel._ilink_message import FILE, IMAGE, TEXT, message
from bot.channel._ilink_peer import Peer, Peers, Typing
from bot.channel._ilink_wire import CONFIG_S, EXPIRED, THROTTLED, Json, Refused, Slow, Wire
from bot.message import Delivery, End, File, Message, Picture, Piece, Receipt, Text, VoiceNote
from bot.settings import Channeled

log = logging.getLogger(__name__)

POLL_S, MARGIN_S = 35.0, 5.0
PAUSES_S = (2.0, 30.0)
"""After an error, and after three in a row (§5)."""
APART_S = 1.0
"""Between two messages to one user, or the service throttles."""


class Keys(Channeled):
    """Settings of an iLink channel."""

    base_url: str = "https://ilinkai.weixin.qq.com"
    """Of the API, for logging in; an account then has its own."""
    cdn_url: str = "https://novac2c.cdn.weixin.qq.com/c2c"
    route_tag: str = ""
    login_minutes: float = Field(default=8.0, gt=0, le=60)
    """How long a login waits for the scan."""
    login_pause_s: float = Field(default=1.0, ge=0, le=60)
    """Between two looks at whether the QR code was scanned."""


def open(name: str, keys: Keys, premises: Premises) -> "Ilink":
    """The channel of that name."""
    return Ilink(name, keys, premises)


async def login(keys: Keys, folder: Path, code: Callable[[], Awaitable[str]]) -> AsyncGenerator[Step]:
    """Log one more WeChat user in, step by step; ``code`` brings the number on the phone. Raises ChannelError."""
    wire = Wire(keys.route_tag)
    try:
        base, whole_s, pause_s = keys.base_url.rstrip("/"), keys.login_minutes * 60, keys.login_pause_s
        async for step in Login(wire, base, folder, code, whole_s, pause_s).steps():
            yield step
    finally:
        await wire.close()


class Ilink:
    """Polls every account, and answers by the one a user wrote to."""

    capabilities = Capabilities(text_limit=4000, voice="mp3", pictures=True, files=True, window_s=86400.0)

    def __init__(self, name: str, keys: Keys, premises: Premises) -> None:
        self.name, self.keys, self.premises = name, keys, premises
        self.cdn_url = keys.cdn_url.rstrip("/")
        self.wire = Wire(keys.route_tag)
        self.pauses = PAUSES_S
        self.accounts: dict[str, Account] = {}
        self.dead: set[str] = set()
        """Tokens that the service does not take any more."""
        self.polls: dict[str, asyncio.Task[None]] = {}
        self.peers = Peers(premises.memo)
        self.typing = Typing(self.wire, premises, self.accounts)
        self.group: asyncio.TaskGroup | None = None

    # Listening

    async def listen(self, accept: Accept) -> None:
        """Poll all accounts there are, and those that come."""
        from watchfiles import awatch

        folder = self.premises.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            async with asyncio.TaskGroup() as self.group:
                changes = awatch(folder, debounce=100, step=20, recursive=False)
                told = False
                while True:
                    change = self.group.create_task(_next(changes))
                    await asyncio.sleep(0)  # now it watches: what comes while the folder is read is not missed
                    await self._enrol(accept)
                    if not self.accounts and not told:
                        await self.premises.tell(f"{self.name}: {self._how()}")
                        told = True
                    await change
        finally:
            self.group = None
            self.polls.clear()

    async def _enrol(self, accept: Accept) -> None:
        """Poll the accounts in the folder, and no others."""
        found = {account.id: account for account in await asyncio.to_thread(lambda: list(read(self.premises.folder)))}
        gone = [id for id, account in self.accounts.items() if found.get(id) != account]
        self.accounts.clear()
        self.accounts.update(found)
        for id in gone:
            if task := self.polls.pop(id, None):
                task.cancel()
        assert self.group
        for id, account in found.items():
            if id not in self.polls and account.token not in self.dead:
                self.polls[id] = self.group.create_task(self._poll(account, accept))

    async def _poll(self, account: Account, accept: Accept) -> None:
        """Bring one account's messages until its token is dead."""
        await self._notify(account, "notifystart")
        cursor = await self.premises.memo.recall(f"cursor:{account.id}")
        seconds, failures = POLL_S, 0
        while account.token not in self.dead:
            try:
                body = {"get_updates_buf": cursor}
                answer = await self.wire.post(
                    account.base_url, "ilink/bot/getupdates", body, account.token, seconds + MARGIN_S
                )
                failures = 0
                seconds = float(answer.get("longpolling_timeout_ms") or POLL_S * 1000) / 1000
                new = str(answer.get("get_updates_buf") or "")
                if await self._taken(account, answer, accept) and new not in ("", cursor):
                    cursor = new
                    await self.premises.memo.remember(f"cursor:{account.id}", cursor)
            except Slow:
                continue  # nobody wrote
            except Refused as error:
                if error.ret == EXPIRED:
                    await self._expired(account)
                    return
                failures = await self._pause(account, failures + 1, error)
            except ChannelError as error:
                failures = await self._pause(account, failures + 1, error)

    async def _pause(self, account: Account, failures: int, error: Exception) -> int:
        """Wait before the next poll; the failures in a row from here on."""
        pause = self.pauses[failures >= 3]
        log.warning("channel %s: account %s: %s; again in about %.0f s", self.name, account.id, error, pause)
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))
        return 0 if failures >= 3 else failures

    async def _taken(self, account: Account, answer: Json, accept: Accept) -> bool:
        """Write down a batch, each user's messages in order; False when some must come again."""
        users: defaultdict[str, list[tuple[Message, str]]] = defaultdict(list)
        for raw in answer.get("msgs") or []:
            if isinstance(raw, dict) and (said := message(self.name, raw)):
                users[said.sender].append((said, str(raw.get("context_token") or "")))
        taken = await asyncio.gather(*(self._heard(account, said, accept) for said in users.values()))
        if not all(taken):
            await asyncio.sleep(self.pauses[0])
        return all(taken)

    async def _heard(self, account: Account, said: Sequence[tuple[Message, str]], accept: Accept) -> bool:
        """Write one user's messages down; where they can be answered is remembered with them."""
        for each, context in said:
            known = self.peers.heard(each.sender, account.id, context, each.at)
            admission, _ = await asyncio.gather(accept(each), known)
            if admission.refusal in ("full", "closing"):
                return False
        return True

    async def _notify(self, account: Account, what: str) -> None:
        """Say hello or goodbye; it does not matter whether that is heard."""
        with suppress(ChannelError, Refused):
            await self.wire.post(account.base_url, f"ilink/bot/msg/{what}", {}, account.token, CONFIG_S)

    async def _expired(self, account: Account) -> None:
        if account.token not in self.dead:
            self.dead.add(account.token)
            await self.premises.tell(
                f"{self.name}: 微信账号 {account.id} 的登录失效了。 Its login has expired. {self._how()}"
            )

    def _how(self) -> str:
        return f"请登录 / log in: python -m bot login {self.name}"

    # Sending

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Send the first delivery: one item a request."""
        delivery = waiting[0]
        user = delivery.conversation.removeprefix(f"{self.name}:")
        peer = await self.peers.of(user)
        account = self.accounts.get(peer.account)
        if account is None or account.token in self.dead:
            return [Receipt(delivery.key, delivered=False, detail="not logged in", waits=True)]
        if not peer.open:
            return [Receipt(delivery.key, delivered=False, detail="ten messages, or a day, since theirs", waits=True)]
        if (pause := peer.last + APART_S - self.premises.now()) > 0:
            await asyncio.sleep(pause)
        try:
            item = await self._item(account, user, delivery)
            if item is None:
                return [Receipt(delivery.key, delivered=False, detail="cannot be sent here", hopeless=True)]
            peer.last = self.premises.now()
            await self.wire.post(
                account.base_url, "ilink/bot/sendmessage", _sent(user, peer, delivery, item), account.token
            )
        except Refused as error:
            return [await self._refused(account, delivery, error)]
        except ChannelError as error:
            if error.again:
                raise
            return [Receipt(delivery.key, delivered=False, detail=str(error), hopeless=True)]
        peer.last = self.premises.now()  # the service counts from when it saw the message, which may have been late
        peer.sent += 1
        return [Receipt(delivery.key, delivered=True)]

    async def _refused(self, account: Account, delivery: Delivery, error: Refused) -> Receipt:
        """What a refusal means: a dead token and a used-up quota wait for the user, all else is tried again."""
        if error.ret == EXPIRED:
            await self._expired(account)
        waits = error.ret in (EXPIRED, THROTTLED)
        return Receipt(delivery.key, delivered=False, detail=str(error), waits=waits)

    async def _item(self, account: Account, user: str, delivery: Delivery) -> Json | None:
        """The one item of a message; None for what cannot be sent. Raises Refused and ChannelError."""
        data = delivery.data
        match delivery.part:
            case Text(text):
                return {"type": TEXT, "text_item": {"text": text}}
            case Picture():
                place = await media.uploaded(self.wire, account, self.cdn_url, user, data, media.IMAGE)
                size = len(data) // media.BLOCK * media.BLOCK + media.BLOCK
                return {"type": IMAGE, "image_item": {"media": place, "mid_size": size}}
            case VoiceNote():
                return await self._file(account, user, data, "reply.mp3")
            case File(name=name):
                return await self._file(account, user, data, name)
            case _:
                return None

    async def _file(self, account: Account, user: str, data: bytes, name: str) -> Json:
        place = await media.uploaded(self.wire, account, self.cdn_url, user, data, media.FILE)
        return {"type": FILE, "file_item": {"media": place, "file_name": name, "len": str(len(data))}}

    async def fetch(self, ref: str) -> bytes:
        """An attachment's bytes. Raises ChannelError."""
        return await media.fetched(self.wire, self.cdn_url, ref)

    # Typing

    async def follow(self, asked: Asked, pieces: AsyncIterator[Piece]) -> None:
        """Show that she is typing until the reply is there; nothing waits for the sign."""
        done = asyncio.Event()
        if self.group and (peer := self.peers.known.get(asked.sender)):
            self.group.create_task(self.typing.show(asked.sender, peer, done))
        try:
            async for piece in pieces:
                if isinstance(piece.shown, End):
                    return
        finally:
            done.set()

    # The rest

    async def probe(self) -> str:
        """Who is logged in. Raises ChannelError where nobody is, or the service cannot be reached."""
        found = await asyncio.to_thread(lambda: list(read(self.premises.folder)))
        if not found:
            raise ChannelError(f"还没有人扫码登录。 Nobody has logged in. {self._how()}", again=False)
        for account in found[:1]:
            try:
                await self.wire.post(account.base_url, "ilink/bot/msg/notifystart", {}, account.token, CONFIG_S)
            except Refused as error:
                raise ChannelError(f"{account.id}: {error}. {self._how()}", again=False) from error
        return f"{len(found)} 个微信账号 / accounts: " + ", ".join(account.id for account in found[:5])

    async def close(self) -> None:
        """Say goodbye for every account, and let go."""
        if self.accounts:
            alive = [account for account in self.accounts.values() if account.token not in self.dead]
            await asyncio.gather(*(self._notify(account, "notifystop") for account in alive))
        await self.wire.close()


async def _next(changes: AsyncIterator[object]) -> None:
    await anext(changes)


def _sent(user: str, peer: Peer, delivery: Delivery, item: Json) -> Json:
    """A message's request: the same delivery always has the same ``client_id``."""
    turn, digest = delivery.key.partition("/")[0], hashlib.sha256(delivery.key.encode()).hexdigest()
    fields: dict[str, Any] = {
        "from_user_id": "", "to_user_id": user, "client_id": f"zhiyin:{int(digest[:10], 16)}-{digest[10:18]}",
        "message_type": 2, "message_state": 2, "context_token": peer.context, "run_id": turn, "item_list": [item],
    }  # fmt: skip
    return {"msg": fields}
