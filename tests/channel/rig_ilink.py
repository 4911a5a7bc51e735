"""iLink for the contract: users who bound their bots, and the stand-in between."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.channel import Channel, Memo, _ilink_accounts, ilink
from tests.channel.rigs import premises
from tests.standins.ilink import Bot, IlinkStandIn, serve, text

USERS = ("lee", "kim")


class IlinkRig:
    """Each user has a bot of their own."""

    limit = 4000

    def __init__(self, folder: Path, standin: IlinkStandIn) -> None:
        self.folder, self.standin = folder, standin
        self.ids: dict[str, tuple[Bot, int, str]] = {}
        self.bots: dict[str, Bot] = {}
        for user in USERS:
            bot = self.bots[user] = standin.bind(user)
            account = _ilink_accounts.Account(bot.id, bot.token, standin.url, user)
            _ilink_accounts.save(folder / "credentials", account)

    def channel(self, memo: Memo) -> Channel:
        keys = ilink.Keys(kind="ilink", base_url=self.standin.url, cdn_url=f"{self.standin.url}/c2c")
        channel = ilink.open("shop", keys, premises(self.folder, memo))
        channel.pauses = (0.02, 0.02)
        return channel

    async def say(self, words: str, id: str, sender: str = "lee") -> None:
        bot = self.bots[sender]
        self.ids[id] = bot, self.standin.say(bot, text(words)), words

    async def again(self, id: str) -> None:
        bot, number, words = self.ids[id]
        self.standin.say(bot, text(words), id=number)

    async def echo(self, words: str) -> bool:
        self.standin.say(self.bots["lee"], text(words), own=True)
        return True

    async def received(self, sender: str = "lee") -> str:
        return (await self.standin.phones[sender].get()).text

    async def heard(self, sender: str = "lee") -> bytes:
        return (await self.standin.phones[sender].get()).data

    def requests(self) -> int:
        return len(self.standin.shown) + self.standin.resent

    async def down(self) -> None:
        self.standin.down = True
        for bot in self.bots.values():
            bot.more.set()

    async def up(self) -> None:
        self.standin.down = False


@asynccontextmanager
async def rig(folder: Path) -> AsyncGenerator[IlinkRig]:
    """A service with two users."""
    standin = IlinkStandIn()
    standin.empty, standin.burst = "all", 1000
    runner = await serve(standin)
    try:
        yield IlinkRig(folder, standin)
        assert standin.broken == []
    finally:
        await runner.cleanup()
