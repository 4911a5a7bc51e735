"""An Official Account for the contract: a verified one, in safe mode."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from bot.channel import Channel, Hooked, Memo, official
from tests.channel.rigs import premises
from tests.standins.official import AES_KEY, APP_ID, SECRET, TOKEN, OfficialStandIn, serve


class Front:
    """What a reverse proxy is to the bot: it stays while the bot restarts."""

    def __init__(self) -> None:
        self.channel: Hooked | None = None
        self.down = False

    def app(self) -> web.Application:
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/hook/shop", self._hook)
        return app

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        if self.down or self.channel is None:
            return web.Response(status=502)
        return await self.channel.hook(request)


class OfficialRig:
    """A verified account."""

    limit = 2048

    def __init__(self, folder: Path, standin: OfficialStandIn, front: Front) -> None:
        self.folder, self.standin, self.front = folder, standin, front
        self.said: dict[str, dict[str, str]] = {}

    def channel(self, memo: Memo) -> Channel:
        keys = official.Keys.model_validate({
            "kind": "official", "app_id": APP_ID, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY, "active": True,
            "base_url": self.standin.url,
        })  # fmt: skip
        channel = official.open("shop", keys, premises(self.folder, memo))
        self.front.channel = channel
        return channel

    async def say(self, text: str, id: str, sender: str = "lee") -> None:
        self.said[id] = self.standin.fields("text", sender, Content=text)
        self.standin.say(self.said[id])

    async def again(self, id: str) -> None:
        await self.standin.push(self.said[id])

    async def echo(self, text: str) -> bool:
        return False

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


@asynccontextmanager
async def rig(folder: Path) -> AsyncGenerator[OfficialRig]:
    """WeChat, and the proxy before the bot."""
    standin, front = OfficialStandIn(patience_s=1.0, attempts=60), Front()
    runner, standin.url = await serve(standin.app())
    before, url = await serve(front.app())
    standin.hook = f"{url}/hook/shop"
    try:
        yield OfficialRig(folder, standin, front)
        assert standin.broken == []
    finally:
        for call in list(standin.calls):
            call.cancel()
        await before.cleanup()
        await runner.cleanup()
