"""WeCom's AI bot for the contract: members who write to it, and the stand-in between."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.channel import Admission, Asked, Channel, ChannelError, Memo, wecom
from bot.message import Author, Begin, Delivery, End, Entry, Message, Part, Piece, Receipt, Shown, State, Text, Words
from tests.channel.rigs import Notes, Told, premises
from tests.fakes import soon
from tests.standins.wecom import Json, WecomStandIn, serving

SHOWING = ("aibot_respond_msg", "aibot_send_msg", "aibot_respond_welcome_msg")


class WecomRig:
    """One bot and its members."""

    limit = 20480

    def __init__(self, folder: Path, standin: WecomStandIn) -> None:
        self.folder, self.standin = folder, standin
        self.texts: dict[str, tuple[str, str]] = {}
        """Message id → (text, user)."""

    def channel(self, memo: Memo) -> Channel:
        """A fresh channel on the stand-in."""
        return wecom.open("shop", keys(self.standin), premises(self.folder, memo))

    async def say(self, text: str, id: str, sender: str = "lee") -> None:
        """A member writes once the bot is there: before, it would be lost."""
        self.texts[id] = text, sender
        await self.again(id)

    async def again(self, id: str) -> None:
        """The service brings a message once more."""
        await self.standin.connected()
        text, user = self.texts[id]
        await self.standin.say(text, user=user, id=id)

    async def echo(self, text: str) -> bool:
        """The service never shows the bot its own words."""
        return False

    async def received(self, sender: str = "lee") -> str:
        """The next whole text on a phone."""
        return (await self.standin.phones[sender].get()).text

    async def heard(self, sender: str = "lee") -> bytes:
        """The next sound on a phone."""
        return (await self.standin.phones[sender].get()).data

    def requests(self) -> int:
        """How often the bot wanted something shown."""
        return sum(frame["cmd"] in SHOWING for frame in self.standin.frames)

    async def down(self) -> None:
        """Connections are cut, new ones refused."""
        self.standin.down = True
        await self.standin.cut()

    async def up(self) -> None:
        """It can be reached again."""
        self.standin.down = False


def keys(standin: WecomStandIn, **more: object) -> wecom.Keys:
    """Settings of a bot at the stand-in."""
    url = standin.url.replace("http", "ws", 1)
    given = {"kind": "wecom", "bot_id": "bot", "secret": standin.secrets["bot"], "url": url}
    return wecom.Keys.model_validate(given | more)


@asynccontextmanager
async def rig(folder: Path) -> AsyncGenerator[WecomRig]:
    """A service that keeps to its protocol, and says where the bot did not."""
    async with serving(WecomStandIn()) as standin:
        yield WecomRig(folder, standin)
        assert standin.broken == []


@dataclass
class Desk:
    """Takes messages in, or refuses them."""

    taken: list[Message] = field(default_factory=list[Message])
    came: asyncio.Queue[Message] = field(default_factory=asyncio.Queue[Message])
    refuse: list[str] = field(default_factory=list[str])
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: whoever comes waits."""
    breaks: int = 0
    """So many next ones end in a bug of the house."""

    def __post_init__(self) -> None:
        self.open.set()

    async def accept(self, message: Message) -> Admission:
        """As the house does it."""
        await self.open.wait()
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("a bug")
        if self.refuse:
            return Admission(None, refusal=self.refuse.pop(0))
        self.taken.append(message)
        self.came.put_nowait(message)
        return Admission(None)

    async def next(self) -> Message:
        """The next message."""
        return await soon(self.came.get())


@dataclass
class Clock:
    """Time as a test wants it."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Turn:
    """A turn whose pieces a test puts one by one."""

    def __init__(self, turn: str, asked: Message) -> None:
        self.asked = Asked(asked.conversation, turn, asked.sender, (asked.id,))
        self.pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self.put(Begin((1,)))

    def put(self, shown: Shown) -> None:
        """One more piece."""
        self.pieces.put_nowait(Piece(self.asked.conversation, self.asked.turn, 1, 0, shown))

    def say(self, text: str) -> None:
        """Some more words."""
        self.put(Words(text))

    def end(self, *parts: Part) -> None:
        """The turn is over; without parts there is no reply."""
        place, state = self.asked.conversation, State.ANSWERED
        self.put(End(state, Entry(2, place, "shop", Author.PERSONA, state, parts, 0.0) if parts else None))

    async def __aiter__(self) -> AsyncIterator[Piece]:
        while (piece := await self.pieces.get()) is not None:
            yield piece


@dataclass
class Shop:
    """A channel, and a house that listens to it again and again."""

    standin: WecomStandIn
    folder: Path
    memo: Notes = field(default_factory=Notes)
    told: Told = field(default_factory=Told)
    desk: Desk = field(default_factory=Desk)
    clock: Clock = field(default_factory=Clock)
    greeting: str = "你好，我是小测。"
    ack_s: float = 5.0
    apart_s: float = 0.0
    lost: asyncio.Queue[ChannelError] = field(default_factory=asyncio.Queue[ChannelError])
    channel: wecom.Wecom = field(init=False)
    group: asyncio.TaskGroup = field(init=False)

    @asynccontextmanager
    async def open(self, **more: object) -> AsyncGenerator["Shop"]:
        """The channel of a process."""
        place = replace(premises(self.folder, self.memo, self.told), now=self.clock, greeting=lambda: self.greeting)
        self.channel = wecom.open("shop", keys(self.standin, **more), place)
        self.channel.ack_s, self.channel.apart_s, self.channel.retry_s = self.ack_s, self.apart_s, 0.01
        async with asyncio.TaskGroup() as self.group:
            listening = self.group.create_task(self._listen())
            try:
                yield self
            finally:
                listening.cancel()
        await soon(self.channel.close())

    async def _listen(self) -> None:
        while True:
            try:
                await self.channel.listen(self.desk.accept)
            except ChannelError as error:
                self.lost.put_nowait(error)
                if not error.again:
                    return
            except ExceptionGroup as group:
                if group.split(RuntimeError)[1]:
                    raise

    async def hears(self, text: str = "你好", **more: str) -> Message:
        """Somebody writes, and it arrives."""
        await soon(self.standin.connected())
        await self.standin.say(text, **more)
        return await self.desk.next()

    async def brings(self, **body: object) -> Message:
        """A callback of whatever kind arrives."""
        await soon(self.standin.connected())
        given: Json = {"msgid": "m", "from": {"userid": "lee"}}
        await self.standin.push(given | body)
        return await self.desk.next()

    async def send(self, part: Part, key: str = "turn/0", data: bytes = b"", chat: str = "u/lee") -> Receipt:
        """Deliver one thing."""
        (receipt,) = await soon(self.channel.send([Delivery(key, f"shop:{chat}", "shop", part, data=data)]))
        return receipt

    @asynccontextmanager
    async def following(self, asked: Message, turn: str = "turn") -> AsyncGenerator[Turn]:
        """A turn that the channel follows to its end."""
        pieces = Turn(turn, asked)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.channel.follow(pieces.asked, aiter(pieces)))
            yield pieces
            await soon(asyncio.wait([task]))

    def frames(self, cmd: str) -> list[Json]:
        """Bodies of what the service got."""
        return [frame["body"] for frame in self.standin.frames if frame["cmd"] == cmd]

    def grown(self) -> list[tuple[str, bool]]:
        """Contents of all frames of streams, and whether they end it."""
        streams = [body["stream"] for body in self.frames("aibot_respond_msg") if body["msgtype"] == "stream"]
        return [(stream["content"], stream["finish"]) for stream in streams]

    async def shows(self, content: str) -> None:
        """Wait until the service got a frame with this content."""
        await soon(self.standin.until(lambda: any(content == each for each, _ in self.grown())))


TEXT = Text("好的。")
