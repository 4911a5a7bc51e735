"""The channel against a real Wechaty gateway (Node, ``tests/gateway``), whose WeChat is a mock.

What the stand-in cannot prove: that it behaves like this one.
"""

import asyncio
import base64
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channel import ChannelError
from bot.channel.wechaty import Keys, WechatyChannel
from bot.message import Attachment, Delivery, File, Part, Picture, Text, VoiceNote
from tests.channel.rig_wechaty import House, listening
from tests.channel.rigs import Notes, Told, premises

FOLDER = Path(__file__).resolve().parents[1] / "gateway"
TEA = "tea@chatroom"


@dataclass
class Gateway:
    """A gateway's process, and the people behind it."""

    endpoint: str
    control: str
    process: asyncio.subprocess.Process
    session: aiohttp.ClientSession
    seen: int = 0
    """How much of what the bot sent was looked at."""

    async def do(self, what: str, **given: object) -> dict[str, Any]:
        """Something happens in WeChat."""
        async with self.session.post(f"{self.control}/{what}", json=given) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def say(self, sender: str, text: str = "", **given: object) -> str:
        """Somebody writes; gives the message's id."""
        return (await self.do("say", **{"from": sender, "text": text}, **given))["id"]

    async def received(self) -> dict[str, Any]:
        """What the bot sent next."""
        async with self.session.get(f"{self.control}/sent", params={"after": self.seen}) as response:
            self.seen += 1
            return (await response.json())[0]

    async def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def running(*arguments: str) -> AsyncGenerator[Gateway]:
    """A gateway from its READY line to its end."""
    assert (FOLDER / "node_modules").is_dir(), (
        "tests/gateway/node_modules 不在：运行 make test 会装上 / make test installs it"
    )
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert node, "没有 Node，运行 make test 会装上 / no Node; make test installs it"
    process = await asyncio.create_subprocess_exec(
        *(node, "--no-warnings", FOLDER / "gateway.mjs", *arguments), cwd=FOLDER, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while not (line := await process.stdout.readline()).startswith(b"READY "):
                assert line, "the gateway ended before it was ready"
            yield Gateway(**json.loads(line[6:]), process=process, session=session)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture(scope="module")
async def gateway() -> AsyncGenerator[Gateway]:
    """One gateway for the tests that leave it as it was."""
    async with running() as made:
        yield made


def channel(endpoint: str, folder: Path, told: Told | None = None, **keys: object) -> WechatyChannel:
    """A channel at a gateway."""
    given = {"kind": "wechaty", "endpoint": endpoint, "token": "word", "tls": "off"}
    return WechatyChannel("shop", Keys.model_validate(given | keys), premises(folder, Notes(), told))


@asynccontextmanager
async def open(gateway: Gateway, folder: Path, **keys: object) -> AsyncGenerator[tuple[WechatyChannel, House]]:
    """A channel and a house that listens to it, once the account is logged in."""
    told = Told()
    made = channel(gateway.endpoint, folder, told, **keys)
    async with listening(made) as house:
        await logged_in(told)
        yield made, house
    await made.close()


async def logged_in(told: Told, times: int = 1) -> None:
    """Until the operator was told of a login."""
    async with asyncio.timeout(10):
        while sum("已登录" in words for words in told.words) < times:
            await asyncio.sleep(0.01)


def delivery(part: Part, data: bytes = b"", chat: str = "lee") -> Delivery:
    """Something to be sent."""
    return Delivery("turn/1", f"shop:{chat}", "shop", part, data=data)


# As it comes


async def test_words_go_back_and_forth_and_the_echo_is_not_heard(gateway: Gateway, tmp_path: Path) -> None:
    async with open(gateway, tmp_path) as (made, house):
        id = await gateway.say("lee", "你好")
        message = await house.next()
        assert (message.id, message.conversation, message.sender_name) == (id, "shop:lee", "小李")
        assert (message.parts, message.group) == ((Text("你好"),), False)
        assert abs(message.at - time.time()) < 60
        assert (await made.send([delivery(Text("你也好"))]))[0].delivered
        assert await gateway.received() == {"to": "lee", "text": "你也好"}
        await gateway.say("gh_news", "今日新闻")
        await gateway.say("lee", "再见")
        assert (await house.next()).text == "再见"
        assert house.heard.empty()
        assert "已登录 bot" in await made.probe()


async def test_a_mention_in_a_room_is_answered_there(gateway: Gateway, tmp_path: Path) -> None:
    async with open(gateway, tmp_path) as (made, house):
        await gateway.say("kim", "@小测\u2005在吗", room=TEA, mention=["bot"])
        await gateway.say("lee", "不是说你", room=TEA, mention=["kim"])
        called, other = await house.next(), await house.next()
        assert (called.conversation, called.sender_name, called.addressed) == (f"shop:{TEA}", "老金", True)
        assert called.text == "在吗"
        assert (other.sender_name, other.group, other.addressed) == ("小李", True, False)
        assert (await made.send([delivery(Text("在"), chat=TEA)]))[0].delivered
        assert await gateway.received() == {"to": TEA, "text": "在"}


@pytest.mark.parametrize(
    ("type", "name", "what", "size"),
    [
        ("Image", "a.png", "picture", 90_000),
        ("Audio", "a.sil", "voice", 2_000),
        ("Attachment", "a.pdf", "file", 50_000),
        ("Video", "a.mp4", "file", 700_000),
    ],
)
async def test_files_come_whole(gateway: Gateway, tmp_path: Path, type: str, name: str, what: str, size: int) -> None:
    data = os.urandom(size)
    async with open(gateway, tmp_path) as (made, house):
        id = await gateway.say("lee", name=name, base64=base64.b64encode(data).decode(), type=type)
        assert (await house.next()).parts == (Attachment(what, id, name),)
        assert await made.fetch(id) == data
        with pytest.raises(ChannelError) as told:
            await made.fetch("nothing")
        assert not told.value.again


async def test_files_go_whole_and_a_voice_note_tells_its_length(gateway: Gateway, tmp_path: Path) -> None:
    large = os.urandom(4_000_000)
    async with open(gateway, tmp_path) as (made, _):
        for part, data, name in (
            (Picture("hash", "image/jpeg"), b"\xff\xd8\xff", "picture.jpg"),
            (File("hash", "application/zip", "大.zip", len(large)), large, "大.zip"),
            (VoiceNote("hash", "audio/silk", 2.04), b"\x02#!SILK_V3", "voice.sil"),
        ):
            assert (await made.send([delivery(part, data)]))[0].delivered
            sent = await gateway.received()
            assert (sent["name"], sent["mediaType"]) == (name, part.type)
            assert base64.b64decode(sent["base64"]) == data
        assert sent["metadata"] == {"voiceLength": 2040}


async def test_what_the_gateway_cannot_do_is_a_receipt(gateway: Gateway, tmp_path: Path) -> None:
    async with open(gateway, tmp_path) as (made, _):
        (receipt,) = await made.send([delivery(Text("你好"), chat="nobody")])
        assert not receipt.delivered
        assert "nobody not exist" in receipt.detail


async def test_errors_logouts_and_new_names_are_survived(gateway: Gateway, tmp_path: Path) -> None:
    told = Told()
    made = channel(gateway.endpoint, tmp_path, told)
    async with listening(made) as house:
        await logged_in(told)
        await gateway.do("error", data="oops")
        await gateway.do("rename", id="lee", name="老李")
        await gateway.say("lee", "一")
        assert (await house.next()).sender_name == "老李"
        await gateway.do("logout")
        await gateway.do("scan", qrcode="http://weixin.qq.com/x/abc")
        await gateway.do("login")
        await logged_in(told, 2)
        await gateway.do("rename", id="lee", name="小李")
        await gateway.say("lee", "二")
        assert (await house.next()).sender_name == "小李"
    await made.close()
    assert ["已登录" in words for words in told.words] == [True, False, False, True]
    assert "http://weixin.qq.com/x/abc" in told.words[2]


# When it does not behave


async def test_a_wrong_token_is_said_once_and_for_all(gateway: Gateway, tmp_path: Path) -> None:
    made = channel(gateway.endpoint, tmp_path, token="canary-4711")
    async with listening(made) as house:
        error = await house.loss()
    await made.close()
    assert not error.again
    assert "token" in str(error)
    assert "canary" not in str(error)


async def test_a_second_client_is_told_that_it_is_one(gateway: Gateway, tmp_path: Path) -> None:
    async with open(gateway, tmp_path):
        second = channel(gateway.endpoint, tmp_path)
        assert "somebody listens" in await second.probe()
        async with listening(second) as house:
            assert "another client" in str(await house.loss())
        await second.close()


async def test_a_frozen_gateway_is_noticed_and_heard_again_when_it_thaws(gateway: Gateway, tmp_path: Path) -> None:
    async with open(gateway, tmp_path, probe_s=0.1, call_s=0.5) as (made, house):
        gateway.process.send_signal(signal.SIGSTOP)
        try:
            assert "no answer in time" in str(await house.loss())
            with pytest.raises(ChannelError):
                await made.send([delivery(Text("你好"))])
        finally:
            gateway.process.send_signal(signal.SIGCONT)
        await heard_again(gateway, house)


async def test_a_killed_gateway_is_heard_again_after_its_restart(tmp_path: Path) -> None:
    async with running() as first:
        made = channel(first.endpoint, tmp_path, told := Told())
        async with listening(made) as house:
            await logged_in(told)
            await first.kill()
            assert (await house.loss()).again
            with pytest.raises(ChannelError):
                await made.send([delivery(Text("你好"))])
            async with running("--port", first.endpoint.rpartition(":")[2]) as second:
                await heard_again(second, house)
                assert (await made.send([delivery(Text("我回来了"))]))[0].delivered
                assert (await second.received())["text"] == "我回来了"
                assert house.heard.empty()
        await made.close()


async def heard_again(gateway: Gateway, house: House) -> None:
    """Somebody writes until it is heard: what is said before the line stands is lost."""
    async with asyncio.timeout(10):
        while house.heard.empty():
            await gateway.say("lee", "听得见吗")
            await asyncio.sleep(0.1)
    assert (await house.next()).text == "听得见吗"
    while not house.heard.empty():
        await house.next()


async def test_a_gateway_speaks_tls_with_the_certificate_it_comes_with(tmp_path: Path) -> None:
    async with running("--tls") as gateway:
        async with open(gateway, tmp_path, tls="insecure") as (made, house):
            await gateway.say("lee", "你好")
            assert (await house.next()).text == "你好"
            assert (await made.send([delivery(Text("你也好"))]))[0].delivered
        for tls, again in (("on", False), ("off", True)):
            other = channel(gateway.endpoint, tmp_path, tls=tls)
            with pytest.raises(ChannelError, match="tls") as told:
                await other.probe()
            await other.close()
            assert told.value.again is again
