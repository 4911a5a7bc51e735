"""The operator's page of channels: a login seen through in a browser without scripts."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp

from bot.channel import ChannelError, Step
from bot.web.logins import Logins, drawn, picture
from tests.fakes import soon
from tests.web.test_server import site


@asynccontextmanager
async def running(logins: Logins) -> AsyncGenerator[Logins]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(logins.run())
        yield logins
        task.cancel()


async def test_a_login_is_seen_through_on_the_page() -> None:
    gate = asyncio.Event()
    given: list[str] = []

    async def login(code: Callable[[], Awaitable[str]]) -> AsyncGenerator[Step]:
        yield Step("qr", "https://liteapp.example/q/1")
        await gate.wait()
        yield Step("scanned")
        yield Step("code")
        given.append(await code())
        yield Step("done", "abc@im.bot")

    async with (
        site() as here,
        running(here.server.logins) as logins,
        aiohttp.ClientSession() as session,
    ):
        logins.offered = {"shop": login}
        url, origin = f"{here.url}/channels/shop", {"Origin": here.url}

        async def page(part: str) -> str:
            while True:
                async with session.get(url) as response:
                    assert response.headers["Cache-Control"] == "no-store"
                    if part in (text := await response.text()):
                        return text
                await asyncio.sleep(0.01)

        assert "<button" in await soon(page("登录"))
        async with session.post(url, data={"start": "1"}, headers=origin) as response:
            assert response.status == 200  # after its redirect
        text = await soon(page("data:image/svg+xml"))
        assert 'http-equiv="refresh"' in text
        assert "<script" not in text
        gate.set()
        assert 'name="code"' in await soon(page('name="code"'))
        async with session.post(url, data={"code": " 42 "}, headers=origin):
            pass
        assert "abc@im.bot" in await soon(page("登录成功"))
        assert given == ["42"]
        async with session.get(f"{here.url}/channels") as response:
            assert 'href="/channels/shop"' not in await response.text()  # it is not in these settings
        async with session.post(url, data={"start": "1"}, headers={"Origin": "https://evil.example"}) as response:
            assert response.status == 403
        async with session.get(f"{here.url}/channels/nothing") as response:
            assert response.status == 404


async def test_a_login_that_fails_says_why_and_can_be_begun_again() -> None:
    tries: list[int] = []

    async def login(code: Callable[[], Awaitable[str]]) -> AsyncGenerator[Step]:
        tries.append(1)
        if len(tries) == 1:
            raise ChannelError("<b>out of reach</b>")
        yield Step("failed", "nobody scanned")

    async with running(Logins({"shop": login})) as logins:
        for words in ("&lt;b&gt;out of reach", "nobody scanned"):
            logins.begin("shop")
            logins.begin("shop")  # one at a time
            while words not in logins.one("shop"):
                await asyncio.sleep(0)
            assert "<button" in logins.one("shop")
        assert len(tries) == 2


def test_a_code_can_be_seen() -> None:
    assert picture("https://x").startswith("data:image/svg+xml;base64,")
    lines = drawn("https://liteapp.example/q/1").splitlines()
    assert len({len(line) for line in lines if line}) == 1
    assert re.fullmatch("[█▀▄ \xa0]+", lines[0])
