"""A Wechaty channel between its stand-in's users and the bot."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.channel import Admission, Channel, ChannelError, Memo
from bot.channel.wechaty import Keys, WechatyChannel
from bot.message import Message
from tests.channel.rigs import Told, premises
from tests.standins.wechaty import WechatyStandIn, serving


@dataclass
class House:
    """Listens to a channel, again and again, as the house does."""

    channel: Channel
    heard: asyncio.Queue[Message] = field(default_factory=asyncio.Queue[Message])
    lost: asyncio.Queue[ChannelError] = field(default_factory=asyncio.Queue[ChannelError])
    refusals: list[str] = field(default_factory=list[str])
    """Of the next messages."""

    async def accept(self, message: Message) -> Admission:
        """Take a message, or refuse it."""
        if self.refusals:
            return Admission(None, refusal=self.refusals.pop(0))
        self.heard.put_nowait(message)
        return Admission(None)

    async def next(self) -> Message:
        """The next message."""
        async with asyncio.timeout(10):
            return await self.heard.get()

    async def loss(self) -> ChannelError:
        """How the line is lost next."""
        async with asyncio.timeout(10):
            return await self.lost.get()

    async def listen(self) -> None:
        """For as long as trying again may help."""
        while True:
            try:
                await self.channel.listen(self.accept)
            except ChannelError as error:
                self.lost.put_nowait(error)
                if not error.again:
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def listening(channel: Channel) -> AsyncGenerator[House]:
    """A house that listens meanwhile."""
    house = House(channel)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(house.listen())
        try:
            yield house
        finally:
            task.cancel()


@dataclass
class WechatyRig:
    """The stand-in, and channels on it."""

    standin: WechatyStandIn
    folder: Path
    told: Told = field(default_factory=Told)
    limit: int = WechatyChannel.capabilities.text_limit
    channels: list[WechatyChannel] = field(default_factory=list[WechatyChannel])
    reads: dict[str, int] = field(default_factory=dict[str, int])
    """How many of the texts sent to somebody were looked at."""

    def channel(self, memo: Memo, **keys: object) -> WechatyChannel:
        """A fresh channel."""
        given = {"kind": "wechaty", "endpoint": f"127.0.0.1:{self.standin.port}", "token": "word", "tls": "off"}
        made = WechatyChannel(
            "shop", Keys.model_validate(given | keys), premises(self.folder, memo, self.told), retry_s=0.01
        )
        self.channels.append(made)
        return made

    async def say(self, text: str, id: str, sender: str = "lee") -> None:
        """A user writes once somebody listens: before, it would be lost."""
        await self.standin.listened()
        self.standin.names.setdefault(sender, sender)
        self.standin.say(sender, text, id=id)

    async def again(self, id: str) -> None:
        """The gateway tells of a message once more."""
        await self.standin.listened()
        self.standin.emit("message", messageId=id)

    async def echo(self, text: str) -> bool:
        """The gateway shows the bot its own words, as it always does."""
        await self.standin.listened()
        self.standin.say(self.standin.account, text, to="lee")
        return True

    async def received(self, sender: str = "lee") -> str:
        """The next text somebody got."""
        seen = self.reads.get(sender, 0)
        await self.standin.until(lambda: len(self._texts(sender)) > seen)
        self.reads[sender] = seen + 1
        return self._texts(sender)[seen]

    async def heard(self, sender: str = "lee") -> bytes:
        """The first sound somebody got."""
        await self.standin.until(lambda: any(sent.to == sender and sent.data for sent in self.standin.sent))
        return next(sent.data for sent in self.standin.sent if sent.to == sender and sent.data)

    def _texts(self, sender: str) -> list[str]:
        return [sent.text for sent in self.standin.sent if sent.to == sender and sent.text]

    def requests(self) -> int:
        """How often the bot wanted something shown."""
        return sum(call.startswith("MessageSend") for call in self.standin.calls)

    async def down(self) -> None:
        """The gateway's process ends."""
        await self.standin.down()

    async def up(self) -> None:
        """It is there again, with the account logged in."""
        await self.standin.up()


@asynccontextmanager
async def rig(folder: Path) -> AsyncGenerator[WechatyRig]:
    """A stand-in on the loopback; every channel opened on it is closed at the end."""
    standin = WechatyStandIn()
    async with serving(standin):
        made = WechatyRig(standin, folder)
        try:
            yield made
        finally:
            for channel in made.channels:
                await channel.close()
