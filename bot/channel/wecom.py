"""WeCom's AI bot (智能机器人) over its long connection: company members and their groups, replies that grow.

The protocol is that of Tencent's own client (facts/wecom.md, section A). It needs no public address.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

import aiohttp

from bot.channel import Accept, Asked, Capabilities, ChannelError, Premises
from bot.channel import _wecom_media as media
from bot.channel._wecom_backlog import Backlog
from bot.channel._wecom_keys import Keys
from bot.channel._wecom_message import address, chat, message
from bot.channel._wecom_pace import Pace
from bot.channel._wecom_push import body, unfit
from bot.channel._wecom_stream import LIMIT, Callbacks, Growth, Stream, Streams
from bot.channel._wecom_wire import ACK_S, BUSY, RATE, Json, Link, Refused, connected, reached, record
from bot.message import Delivery, End, Piece, Receipt, Text

log = logging.getLogger(__name__)

WINDOW_S, FRESH_S = 86400.0, 600.0
"""Nothing is sent later than this after the last message of a chat; when that was is remembered as exactly as this."""
APART_S, RETRY_S = 0.5, 5.0
"""Between two frames of a stream; before a message that found no room is tried again."""
TRIES = 5
"""A message that broke the house so often is dropped."""
REFUSALS = 5
"""Subscriptions refused in a row before the operator is asked: the service counts them, too."""
NO_PUSH, CLOSED, LOST = 93001, 95001, frozenset({93006, 93008})
"""Only answers go to this chat; it takes no more; there is no such chat, or the bot is not in it."""


def open(name: str, keys: Keys, premises: Premises) -> "Wecom":
    """The channel of that name."""
    return Wecom(name, keys, premises)


class Wecom:
    """One bot and its connection."""

    capabilities = Capabilities(
        text_limit=LIMIT, text_unit="bytes", markdown=True, voice="amr", pictures=True, files=True, groups=True,
        shows_growth=True,
    )  # fmt: skip

    def __init__(self, name: str, keys: Keys, premises: Premises) -> None:
        self.name, self.keys, self.premises = name, keys, premises
        self.apart_s, self.retry_s, self.ack_s = APART_S, RETRY_S, ACK_S
        self.link: Link | None = None
        self.pace = Pace(premises.now)
        self.backlog = Backlog(premises.memo)
        self.callbacks, self.streams = Callbacks(premises.now), Streams()
        self.written: dict[str, float] = {}
        """When a conversation was last heard, Unix seconds."""
        self.remembered: dict[str, float] = {}
        """The same, as the memo has it."""
        self.refusals = 0
        self.group: asyncio.TaskGroup | None = None
        self._session: aiohttp.ClientSession | None = None

    # In

    async def listen(self, accept: Accept) -> None:
        """Hold the connection and bring what is said. Raises ChannelError when it is lost."""
        link = Link(await connected(self.session, self.keys.url), self._heard, self.ack_s)
        try:
            async with asyncio.TaskGroup() as self.group:
                tasks = [self.group.create_task(link.read())]
                await self._subscribe(link)
                tasks.append(self.group.create_task(link.beat(self.keys.ping_s)))
                await self._bring(link, accept)
                for task in tasks:
                    task.cancel()
        finally:
            self.link = self.group = None
            link.end(ChannelError("it was let go"))
            await self.backlog.keep()
            await link.socket.close()
        if link.lost:
            raise link.lost

    async def _subscribe(self, link: Link) -> None:
        """Let the link be ours, or end it with the reason."""
        try:
            await link.subscribe(self.keys.bot_id, self.keys.secret.get_secret_value())
        except Refused as error:
            self.refusals += error.code not in (RATE, BUSY)
            again = self.refusals < REFUSALS
            link.end(ChannelError(f"企业微信拒绝订阅 / the subscription is refused: {error}", again=again))
        except ChannelError as error:
            link.end(error)
        else:
            self.link, self.refusals = link, 0

    def _heard(self, link: Link, req_id: str, body: Json) -> None:
        """Take a callback in from the socket; it may be answered from now on."""
        event = record(body, "event").get("eventtype")
        if event == "enter_chat" and self.group:
            self.group.create_task(self._welcome(link, req_id, body))
        if event or body.get("msgtype") == "event":
            return
        self.callbacks.note(str(body.get("msgid")), f"{self.name}:{chat(body)}", link, req_id)
        self.backlog.waiting.append(body)

    async def _welcome(self, link: Link, req_id: str, body: Json) -> None:
        """Greet somebody who opened the chat; the service takes it for five seconds only."""
        if not (greeting := self.premises.greeting()):
            return
        try:
            text = {"msgtype": "text", "text": {"content": greeting}}
            await link.request("aibot_respond_welcome_msg", text, req_id)
            self.pace.count(f"{self.name}:{chat(body)}")
        except (Refused, ChannelError) as error:
            log.info("channel %s: no welcome: %s", self.name, error)

    async def _bring(self, link: Link, accept: Accept) -> None:
        """Have messages written down, in order, until the link is lost and none waits."""
        await self.backlog.recall()
        while True:
            while self.backlog.waiting:
                if await self._taken(self.backlog.waiting[0], accept):
                    await self.backlog.done()
                elif link.lost:
                    return
                else:
                    await asyncio.sleep(self.retry_s)  # the service will not bring it again: here it waits for room
            if link.lost:
                return
            await link.more.wait()
            link.more.clear()

    async def _taken(self, body: Json, accept: Accept) -> bool:
        """Have one written down; False: there is no room now."""
        said = message(self.name, body, self.keys.groups, self.keys.bot_name)
        self.backlog.tries += 1
        if said is None or self.backlog.tries > TRIES:
            log.log(logging.ERROR if said else logging.INFO, "channel %s: a callback is dropped", self.name)
            return True
        admission, _ = await asyncio.gather(accept(said), self._remember(said.conversation))
        if admission.refusal not in ("full", "closing"):
            return True
        self.backlog.tries = 0
        if admission.refusal == "closing":
            await self.backlog.keep()
        return False

    async def _remember(self, conversation: str) -> None:
        """Note that a chat may be written to for another day."""
        now = self.written[conversation] = time.time()
        if now - self.remembered.get(conversation, 0.0) > FRESH_S:
            self.remembered[conversation] = now
            await self.premises.memo.remember(self._key(conversation), str(round(now)))

    def _key(self, conversation: str) -> str:
        kind, _, id = conversation.removeprefix(f"{self.name}:").partition("/")
        return f"{'group' if kind == 'g' else 'written'}:{id}"

    async def fetch(self, ref: str) -> bytes:
        """An attachment's bytes. Raises ChannelError."""
        own = urlsplit(self.keys.url)
        origins = {f"http{'s' if own.scheme == 'wss' else ''}://{own.netloc}", *self.keys.file_origins}
        return await media.fetched(self.session, ref, origins)

    # Out, while it grows

    async def follow(self, asked: Asked, pieces: AsyncIterator[Piece]) -> None:
        """Show a turn's words in a stream, which ``send`` closes with the turn's first delivery."""
        stream = self._stream(asked)
        if stream is None:
            return
        growth = Growth()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._grow(stream, growth))
            try:
                async for piece in pieces:
                    growth.take(piece.shown)
                    if isinstance(piece.shown, End):
                        stream.barren = growth.barren
                        break
            finally:
                growth.end()

    def _stream(self, asked: Asked) -> Stream | None:
        """The turn's stream, one that is free, or a new one; None where the turn cannot be streamed."""
        if stream := self.streams.of(asked.turn, asked.conversation):
            return self.streams.give(asked.turn, stream)
        callback = self.callbacks.of(asked.ids[-1]) if asked.ids else None
        if callback is None or self.pace.wait_s(asked.conversation):
            return None
        self.pace.count(asked.conversation)
        new = Stream(callback.link, callback.req_id, asked.conversation, self.premises.now, self.apart_s)
        return self.streams.give(asked.turn, new)

    async def _grow(self, stream: Stream, growth: Growth) -> None:
        """Whatever goes wrong here, the reply itself is sent."""
        try:
            await stream.grow(growth)
        except Refused as error:
            if error.code == RATE:
                self.pace.block(stream.conversation)
            log.info("channel %s: a stream grows no more: %s", self.name, error)
        except ChannelError as error:
            log.info("channel %s: a stream grows no more: %s", self.name, error)

    # Out

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Close the turn's stream with the first delivery, or send it by itself. Raises ChannelError."""
        delivery = waiting[0]
        try:
            return [await self._sent(delivery)]
        except Refused as error:
            return [self._refused(delivery, error)]

    async def _sent(self, delivery: Delivery) -> Receipt:
        link, conversation = self.link, delivery.conversation
        if link is None:
            raise ChannelError("没有连上企业微信 / not connected to WeCom")
        if why := unfit(delivery):
            return Receipt(delivery.key, delivered=False, detail=why, hopeless=True)
        stream = self.streams.of(delivery.key.rpartition("/")[0], conversation)
        self._heed(self.pace.blocked_s(conversation))
        if stream and await self._closed(stream, delivery):
            return Receipt(delivery.key, delivered=True)
        if await self._late(conversation):
            return Receipt(delivery.key, delivered=False, detail="a day since the last message there", waits=True)
        self._heed(self.pace.wait_s(conversation))
        await self._pushed(link, conversation, await body(link, delivery))
        return Receipt(delivery.key, delivered=True)

    def _heed(self, pause: float) -> None:
        if pause > 0:
            raise ChannelError(f"this chat takes no more for {pause:.0f} s (30 messages a minute, 1000 an hour)")

    async def _closed(self, stream: Stream, delivery: Delivery) -> bool:
        """Close a stream; whether the delivery is done with that. Raises Refused for what must be tried again."""
        text = delivery.part.text if isinstance(delivery.part, Text) else ""
        try:
            await stream.finish(text or stream.shown)
        except Refused as error:
            if error.code in (RATE, BUSY):
                raise
            log.info("channel %s: a stream cannot be closed, its text is sent by itself: %s", self.name, error)
            text = ""
        self.streams.drop(stream)
        return bool(text)

    async def _late(self, conversation: str) -> bool:
        at = self.written.get(conversation) or float(await self.premises.memo.recall(self._key(conversation)) or 0)
        return bool(at) and time.time() - at > WINDOW_S

    async def _pushed(self, link: Link, conversation: str, said: Json) -> None:
        """Send to a chat; where only answers may go, as an answer to what was said last. Raises Refused, ChannelError."""
        self.pace.count(conversation)
        try:
            await link.request("aibot_send_msg", address(conversation.removeprefix(f"{self.name}:")) | said)
        except Refused as error:
            callback = self.callbacks.latest(conversation)
            if error.code != NO_PUSH or callback is None:
                raise
            await link.request("aibot_respond_msg", said, callback.req_id)

    def _refused(self, delivery: Delivery, error: Refused) -> Receipt:
        """What a refusal means. Raises ChannelError where the same may be taken later."""
        if error.code == RATE:
            self.pace.block(delivery.conversation)
        if error.code in (RATE, BUSY):
            raise ChannelError(str(error)) from error
        waits, hopeless = error.code in (NO_PUSH, CLOSED), error.code in LOST
        return Receipt(delivery.key, delivered=False, detail=str(error), waits=waits, hopeless=hopeless)

    # The rest

    @property
    def session(self) -> aiohttp.ClientSession:
        """For the socket and for attachments."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=10))
        return self._session

    async def probe(self) -> str:
        """Whether WeCom's host answers; a subscription would throw the running bot out. Raises ChannelError."""
        place = await reached(self.keys.url)
        return (
            f"已填 bot_id 和 secret，{place} 连得通。没有试登录：一个机器人只能有一个连接，试一次就会把正在运行的挤下线。"
            " / bot_id and secret are set, the host answers. Not logged in for trial: that would throw a running bot out."
        )

    async def close(self) -> None:
        """Hang up."""
        if self.link:
            self.link.end(ChannelError("it was closed"))
        if self._session:
            await self._session.close()
