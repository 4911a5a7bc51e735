"""微信客服 for the contract."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.channel import Channel, Memo, kf
from tests.channel.rig_official import Front
from tests.channel.rigs import Told, premises
from tests.standins.kf import CORP, SECRET, KfStandIn
from tests.standins.official import AES_KEY, TOKEN, serve


class KfRig:
    """One account of a company."""

    limit = 2048

    def __init__(self, folder: Path, standin: KfStandIn, front: Front) -> None:
        self.folder, self.standin, self.front = folder, standin, front
        self.texts: dict[str, tuple[str, str]] = {}
        self.told = Told()

    def channel(self, memo: Memo) -> Channel:
        self.front.channel = channel = made(self.folder, self.standin, memo, self.told)
        return channel

    async def say(self, text: str, id: str, sender: str = "lee") -> None:
        self.texts[id] = text, sender
        self.standin.say(sender, text, f"id-{id}")

    async def again(self, id: str) -> None:
        text, sender = self.texts[id]
        self.standin.say(sender, text, f"id-{id}")

    async def echo(self, text: str) -> bool:
        self.standin.item("lee", "text", origin=5, content=text)
        self.standin.ring()
        return True

    async def received(self, sender: str = "lee") -> str:
        return (await self.standin.phones[sender].get()).text

    async def heard(self, sender: str = "lee") -> bytes:
        return (await self.standin.phones[sender].get()).data

    def requests(self) -> int:
        return len(self.standin.shown)

    async def down(self) -> None:
        self.standin.down = self.front.down = True

    async def up(self) -> None:
        self.standin.down = self.front.down = False


def made(folder: Path, standin: KfStandIn, memo: Memo, told: Told) -> kf.Kf:
    """A channel connected to the stand-in."""
    keys = kf.Keys.model_validate({
        "kind": "kf", "corp_id": CORP, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY, "base_url": standin.url,
    })  # fmt: skip
    return kf.open("shop", keys, premises(folder, memo, told))


@asynccontextmanager
async def fronted(standin: KfStandIn) -> AsyncGenerator[Front]:
    """The stand-in served, and the proxy before the bot."""
    front = Front()
    runner, standin.url = await serve(standin.app())
    before, url = await serve(front.app())
    standin.hook = f"{url}/hook/shop"
    try:
        yield front
        assert standin.broken == []
    finally:
        for call in list(standin.calls):
            call.cancel()
        await before.cleanup()
        await runner.cleanup()


@asynccontextmanager
async def rig(folder: Path) -> AsyncGenerator[KfRig]:
    """WeCom, and the proxy before the bot."""
    standin = KfStandIn()
    async with fronted(standin) as front:
        yield KfRig(folder, standin, front)
