"""A reply that grows in WeCom: each frame carries the whole text so far, and follows the answer to the one before."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channel._wecom_wire import GONE, Json, Link, Refused, request_id
from bot.message import Begin, End, Shown, Words

THINKING = "<think></think>"
"""Shows as an animation until there are words."""
LIMIT = 20480
"""Bytes of a text."""
LONGEST_S = 330.0
"""A stream must be finished, and a callback answered, before the service's six minutes."""


@dataclass(slots=True)
class Growth:
    """What is to be shown of a turn so far."""

    text: str = ""
    more: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    barren: bool = False
    """The turn ended without a reply: nothing will be sent for it."""

    def take(self, shown: Shown) -> None:
        """One more piece of the turn."""
        match shown:
            case Begin():
                self.text = ""
            case Words(text):
                self.text += text
                self.more.set()
            case End(entry=entry):
                self.barren = entry is None or not entry.parts
            case _:
                pass

    def end(self) -> None:
        """Nothing more is to be shown."""
        self.over.set()
        self.more.set()


class Stream:
    """One growing message, bound to the callback it answers."""

    def __init__(
        self, link: Link, req_id: str, conversation: str, now: Callable[[], float], apart_s: float
    ) -> None:  # fmt: skip
        self.link, self.req_id, self.conversation = link, req_id, conversation
        self.id = request_id("stream")
        self.shown = ""
        """What the user sees of it."""
        self.gone = False
        """The service takes no more of it."""
        self.barren = False
        """Its turn ended without a reply: the conversation's next message may fill it."""
        self._now, self._apart_s = now, apart_s
        self._opened, self._last = now(), float("-inf")
        self._turns = asyncio.Lock()

    @property
    def alive(self) -> bool:
        """Whether it can still be written to."""
        return not self.gone and self.link.lost is None and self._now() - self._opened < LONGEST_S

    async def grow(self, growth: Growth) -> None:
        """Show the growth, no more often than needed, until it is over. Raises Refused and ChannelError."""
        if not self.shown:
            await self._show(THINKING)
        while True:
            await growth.more.wait()
            growth.more.clear()
            if await self._over(growth) or not self.alive:
                return
            text = cut(growth.text)
            if text and text != self.shown:
                await self._show(text)

    async def finish(self, text: str) -> None:
        """Close it with its final text. Raises Refused and ChannelError."""
        await self._show(text, finish=True)

    async def _over(self, growth: Growth) -> bool:
        """Wait until the next frame may go out; whether the growth ended meanwhile."""
        try:
            async with asyncio.timeout(max(0.0, self._last + self._apart_s - self._now())):
                await growth.over.wait()
        except TimeoutError:
            return False
        return True

    async def _show(self, content: str, *, finish: bool = False) -> None:
        stream: Json = {"id": self.id, "finish": finish, "content": content}
        async with self._turns:  # one frame at a time: the next after the answer to this
            if (pause := self._last + self._apart_s - self._now()) > 0:
                await asyncio.sleep(pause)
            self._last = self._now()
            try:
                await self.link.request("aibot_respond_msg", {"msgtype": "stream", "stream": stream}, self.req_id)
            except Refused as error:
                self.gone = error.code in GONE
                raise
            self.shown = content


@dataclass(frozen=True, slots=True)
class Callback:
    """A message that may be answered as such, for a while."""

    conversation: str
    link: Link
    req_id: str
    at: float


class Callbacks:
    """What can still be answered, by the message's id."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._known: OrderedDict[str, Callback] = OrderedDict()

    def note(self, id: str, conversation: str, link: Link, req_id: str) -> None:
        """A message came; those too old to be answered are forgotten."""
        self._known[id] = Callback(conversation, link, req_id, self._now())
        self._known.move_to_end(id)
        while not self._young(oldest := next(iter(self._known))):
            del self._known[oldest]

    def of(self, id: str) -> Callback | None:
        """How a message is answered; None: not any more."""
        return self._known[id] if id in self._known and self._young(id) else None

    def latest(self, conversation: str) -> Callback | None:
        """How the newest message of a conversation is answered."""
        return next(
            (c for id, c in reversed(self._known.items()) if c.conversation == conversation and self.of(id)), None
        )

    def _young(self, id: str) -> bool:
        known = self._known[id]
        return known.link.lost is None and self._now() - known.at < LONGEST_S


class Streams:
    """Those that can still be written to, by the turn they show."""

    def __init__(self) -> None:
        self._open: dict[str, Stream] = {}

    def of(self, turn: str, conversation: str) -> Stream | None:
        """The turn's own, or one of the conversation whose turn had no reply."""
        self._open = {turn: stream for turn, stream in self._open.items() if stream.alive}
        free = (each for each in self._open.values() if each.barren and each.conversation == conversation)
        return self._open.get(turn) or next(free, None)

    def give(self, turn: str, stream: Stream) -> Stream:
        """It shows this turn from now on."""
        self.drop(stream)
        self._open[turn], stream.barren = stream, False
        return stream

    def drop(self, stream: Stream) -> None:
        """It is closed."""
        self._open = {turn: each for turn, each in self._open.items() if each is not stream}


def cut(text: str) -> str:
    """As much of a text as fits."""
    data = text.encode(errors="replace")
    return text if len(data) <= LIMIT else data[:LIMIT].decode(errors="ignore")
