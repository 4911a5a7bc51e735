"""Several doors of one process, as an operator and users meet them: logging in, talking, doctor, a kill in mid-flight."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.channel import _ilink_accounts
from bot.channel._ilink_accounts import Account
from tests.fakes import soon
from tests.processes import bot, process
from tests.standins import official
from tests.standins.ilink import IlinkStandIn, serve, text
from tests.test_commands import OFFLINE, at
from tests.test_commands import bot as command
from tests.visitor import visit

USERS = 40


@asynccontextmanager
async def wechat() -> AsyncGenerator[IlinkStandIn]:
    """A service for two channels."""
    standin = IlinkStandIn()
    standin.burst = 1000
    runner = await serve(standin)
    yield standin
    await runner.cleanup()
    assert standin.broken == []


def shop(standin: IlinkStandIn, name: str = "SHOP") -> dict[str, str]:
    keys = {"KIND": "ilink", "BASE_URL": standin.url, "CDN_URL": f"{standin.url}/c2c", "LOGIN_PAUSE_S": "0"}
    return {f"ZHIYIN_CHANNELS__{name}__{key}": value for key, value in keys.items()}


async def test_a_channel_is_logged_in_while_she_runs_and_answers_at_once(tmp_path: Path) -> None:
    async with wechat() as standin:
        env = {**OFFLINE, **at(tmp_path), **shop(standin), **shop(standin, "DESK")}
        nobody = await command("login", "nowhere", env=env)
        assert nobody.code == 2
        assert "shop" in nobody.err
        doctor = await command("doctor", env=env)
        assert "! 通道 channel shop" in doctor.out
        async with process("bot", "run", env=env):
            for channel, user in (("shop", "lee"), ("desk", "kim")):
                one = standin.bind(user)
                standin.qr = [
                    {"status": "scaned", "want_code": "42"},
                    {
                        "status": "confirmed", "bot_token": one.token, "ilink_bot_id": one.id, "baseurl": standin.url,
                        "ilink_user_id": user,
                    },
                ]  # fmt: skip
                login = await command("login", channel, env=env, say="42\n")
                assert login.code == 0, login.err
                assert "█" in login.out
                assert "登录成功" in login.out
                assert one.token not in login.out
                while not one.polled:
                    await asyncio.sleep(0.05)
                standin.say(one, text("你叫什么名字？"))
                assert "阿音" in (await soon(standin.phones[user].get(), 20)).text
            assert "✓ 通道 channel shop" in (await command("doctor", env=env)).out
        assert [each.stopped for each in standin.bots.values()] == [1, 1]


async def test_an_account_that_is_called_and_a_page_live_in_one_process(tmp_path: Path) -> None:
    standin = official.OfficialStandIn(patience_s=5.0)
    keys = {
        "KIND": "official", "APP_ID": official.APP_ID, "TOKEN": official.TOKEN, "AES_KEY": official.AES_KEY,
        "SECRET": official.SECRET,
    }  # fmt: skip
    env = {**OFFLINE, **at(tmp_path), **{f"ZHIYIN_CHANNELS__GZH__{name}": value for name, value in keys.items()}}
    async with (
        process("bot", "run", env=env) as started,
        visit(started.url) as page,
        aiohttp.ClientSession() as session,
    ):
        standin.hook = f"{started.url}/hook/gzh"
        standin.say(standin.fields("text", "lee", Content="你叫什么名字？"))
        await page.hello(voiced=False)
        await page.say("你叫什么名字？")
        assert "阿音" in (await soon(standin.phones["lee"].get(), 20)).text
        assert "阿音" in str((await soon(page.until("end"), 20))["entry"])
        async with session.post(standin.hook, data=b"<xml/>") as response:
            assert response.status == 403
        async with session.post(standin.hook, data=io.BytesIO(bytes(5 * 2**20))) as response:
            assert response.status == 413
        async with session.get(
            standin.hook, headers={"Host": "proxy.example"}, params=standin.query(echostr="7")
        ) as response:
            assert await response.text() == "7"  # whatever name a proxy gives us
    assert standin.broken == []
    assert standin.made == 1


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("empty", ["all", "nothing"])
async def test_everybody_is_answered_once_after_a_kill(tmp_path: Path, signal_: signal.Signals, empty: str) -> None:
    async with wechat() as standin, process("tests.standins.llm", "--first", "0.4", "--token", "0.01") as llm:
        standin.empty = empty
        for number in range(USERS):
            one = standin.bind(f"user{number}")
            account = Account(one.id, one.token, standin.url, one.user)
            _ilink_accounts.save(tmp_path / "credentials" / "shop", account)
        keys = {"base_url": standin.url, "cdn_url": f"{standin.url}/c2c", "voice": "never", "kind": "ilink"}
        settings = {f"channels__shop__{name}": value for name, value in keys.items()}
        async with bot(llm, data=tmp_path, speech=None, **settings) as first:
            while not all(each.polled for each in standin.bots.values()):
                await asyncio.sleep(0.05)
            for each in standin.bots.values():
                standin.say(each, text("Hello, who are you?"))
            async with asyncio.timeout(60):
                while len((await llm.stats())["requests"]) < USERS:
                    await asyncio.sleep(0.02)
            os.kill(first.pid, signal_)
            await first.ended()
        async with bot(llm, data=tmp_path, speech=None, **settings), asyncio.timeout(60):
            while len(standin.shown) < USERS:
                await asyncio.sleep(0.05)
        assert sorted(each.user for each in standin.shown) == sorted(f"user{number}" for number in range(USERS))
