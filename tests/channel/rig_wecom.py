"""WeCom's AI bot for the contract: members who write to it, and the stand-in between."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.channel import Channel, Memo, wecom
from tests.channel.rigs import premises
from tests.standins.wecom import WecomStandIn, serving

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
