"""微信客服 to the letter: calls, cursors, sessions, quotas, AMR; against a stand-in that follows the fact sheet."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.brain import Brain
from bot.channel import ChannelError, kf
from bot.channel._kf_message import message
from bot.message import Attachment, Author, Delivery, File, Part, Picture, Receipt, Text, VoiceNote
from bot.settings import Channeled, Label, Settings
from tests.channel.rig_kf import fronted, made
from tests.channel.rigs import Notes, Told
from tests.fakes import EchoBrain, soon
from tests.stage import Stage, stage
from tests.standins.kf import CORP, KF, KfStandIn
from tests.standins.official import TOKEN, sealed, signature, xml

BARE = Settings(label=Label(text="off", notice=False))


@dataclass
class Desk:
    """One account with its house."""

    standin: KfStandIn
    channel: kf.Kf
    house: Stage
    told: Told
    memo: Notes = field(default_factory=Notes)

    async def hears(self, user: str = "lee") -> str:
        return (await soon(self.standin.phones[user].get(), 20)).text

    async def send(self, part: Part, key: str = "turn/0", data: bytes = b"") -> Receipt:
        return (await soon(self.channel.send([Delivery(key, f"shop:{KF}/lee", "shop", part, data=data)])))[0]

    async def texts(self) -> list[str]:
        history = await self.house.store.history(f"shop:{KF}/lee")
        return [each.text for each in history if each.author is Author.USER]


@asynccontextmanager
async def desk(folder: Path, standin: KfStandIn | None = None, memo: Notes | None = None, brain: Brain | None = None) -> AsyncGenerator[Desk]:  # fmt: skip
    standin, memo, told = standin or KfStandIn(), memo or Notes(), Told()
    async with fronted(standin) as front:
        front.channel = channel = made(folder, standin, memo, told)
        keys = Channeled(kind="x", voice="never")
        try:
            async with stage(
                brain or EchoBrain(), channels=[channel], listen=False, settings=BARE, keys=keys, pause_s=0.05
            ) as house:
                yield Desk(standin, channel, house, told, memo)
        finally:
            await channel.close()


async def test_the_address_is_verified_by_opening_what_is_sent(tmp_path: Path) -> None:
    async with desk(tmp_path) as here, aiohttp.ClientSession() as session:
        echo, timestamp, nonce = sealed("1234567890", CORP), str(int(time.time())), "n"
        query = {"timestamp": timestamp, "nonce": nonce, "echostr": echo}
        good = {**query, "msg_signature": signature(TOKEN, timestamp, nonce, echo)}
        async with session.get(here.standin.hook, params=good) as response:
            assert (response.status, await response.text()) == (200, "1234567890")
        async with session.get(here.standin.hook, params={**query, "msg_signature": "x"}) as response:
            assert response.status == 403


async def test_forged_calls_fetch_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        event = xml({"MsgType": "event", "Event": "kf_msg_or_event", "Token": "t", "OpenKfId": KF})
        assert await here.standin.post(sealed(event, "another-corp")) == 403
        assert await here.standin.post("AAAA") == 403
        assert await here.standin.post(sealed(event, CORP), msg_signature="0") == 403
        assert await here.standin.post(sealed("<!DOCTYPE x><xml/>", CORP)) == 400
        assert here.standin.synced == []


async def test_pages_are_fetched_to_the_end_and_the_cursor_is_kept(tmp_path: Path) -> None:
    standin = KfStandIn(page=2)
    async with desk(tmp_path, standin) as here:
        for number in range(5):
            here.standin.item("lee", "text", content=f"第{number}句")
        here.standin.ring()
        while len(await here.texts()) < 5:
            await asyncio.sleep(0.01)
        assert await here.texts() == [f"第{number}句" for number in range(5)]
        while here.memo.kept.get(f"cursor:{KF}") != "cursor-5":
            await asyncio.sleep(0.01)
        assert [body["voice_format"] for body in here.standin.synced] == [0] * len(here.standin.synced)


async def test_what_came_while_nobody_listened_is_fetched_at_the_start(tmp_path: Path) -> None:
    memo, standin = Notes(), KfStandIn()
    async with desk(tmp_path, standin, memo) as here:
        here.standin.say("lee", "一")
        await here.hears()
        while not memo.kept.get(f"cursor:{KF}"):
            await asyncio.sleep(0.01)
    standin.item("lee", "text", content="二")
    async with desk(tmp_path, standin, memo) as here:
        assert await here.hears() == "你说：二。"


async def test_what_was_said_before_she_was_there_at_all_is_old(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.item("lee", "text", at=time.time() - 3600, content="很久以前")
        here.standin.say("lee", "现在")
        assert await here.hears() == "你说：现在。"
        assert await here.texts() == ["现在"]


async def test_without_its_token_what_a_call_told_of_is_fetched_all_the_same(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.stale = True
        here.standin.say("lee", "在吗")
        assert await here.hears() == "你说：在吗。"


# Sessions


async def test_a_new_session_becomes_hers_and_who_enters_is_greeted(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.item("lee", "event", origin=4, event_type="enter_session", welcome_code="W", external_userid="lee")
        here.standin.say("lee", "你好")
        await here.hears()
        assert here.standin.welcomed == ["你好，我是小测。"]
        assert here.standin.states["lee"] == kf.ASSISTANT
        late = time.time() - 30
        here.standin.item("kim", "event", origin=4, at=late, event_type="enter_session", welcome_code="W")
        here.standin.say("lee", "再来")
        await here.hears()
        assert len(here.standin.welcomed) == 1


@pytest.mark.parametrize("state", [kf.QUEUE, kf.HUMAN])
async def test_where_a_human_has_taken_over_she_only_listens(tmp_path: Path, state: int) -> None:
    async with desk(tmp_path) as here:
        here.standin.states["lee"] = state
        here.standin.say("lee", "我要人工")
        while await here.texts() != ["我要人工"]:
            await asyncio.sleep(0.01)
        assert (await here.send(Text("我插一句"))).waits
        assert await here.house.store.waiting() == []
        here.standin.states["lee"] = kf.ASSISTANT
        change: dict[str, Any] = {
            "event_type": "session_status_change",
            "external_userid": "lee",
            "open_kfid": KF,
            "change_type": 3,
        }
        here.standin.item("lee", "event", origin=4, **change)
        here.standin.say("lee", "人走了吗")
        assert await here.hears() == "你说：人走了吗。"


async def test_a_message_that_did_not_arrive_is_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.item("lee", "event", origin=4, event_type="msg_send_fail", fail_msgid="m", fail_type=10)
        here.standin.say("lee", "在吗")
        await here.hears()
        assert len(here.told.words) == 1


# Sending


async def test_the_quota_waits_for_the_user(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.say("lee", "你好")
        await here.hears()
        receipts = [await here.send(Text(f"{n}"), f"t/{n}") for n in range(5)]
        assert [each.delivered for each in receipts] == [True] * 4 + [False]
        assert receipts[-1].waits


@pytest.mark.parametrize(("code", "waits", "hopeless"), [(95001, True, False), (95018, True, False), (45002, False, True), (99, False, False)])  # fmt: skip
async def test_refusals_are_told_truthfully(tmp_path: Path, code: int, waits: bool, hopeless: bool) -> None:
    async with desk(tmp_path) as here:
        here.standin.say("lee", "你好")
        await here.hears()
        here.standin.refuse["kf/send_msg"] = [code]
        receipt = await here.send(Text("在"))
        assert (receipt.delivered, receipt.waits, receipt.hopeless) == (False, waits, hopeless)


async def test_the_same_delivery_has_the_same_number(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.say("lee", "你好")
        await here.hears()
        assert (await here.send(Text("在"), "t/0")).delivered
        assert (await here.send(Text("在"), "t/0")).delivered
        assert here.standin.resent == 1


@pytest.mark.parametrize(
    ("part", "kind", "data"),
    [
        (VoiceNote("h", "audio/amr", 2.0), "voice", b"#!AMR\nxyz"), (Picture("h", "image/jpeg"), "image", b"jpeg"),
        (File("h", "text/markdown", "聊天.md", 2), "file", b"md"),
    ],
)  # fmt: skip
async def test_attachments_go_out_and_a_token_may_end_in_between(
    tmp_path: Path, part: Part, kind: str, data: bytes
) -> None:
    async with desk(tmp_path) as here:
        here.standin.say("lee", "你好")
        await here.hears()
        here.standin.expired.add(here.standin.tokens[-1])
        assert (await here.send(part, data=data)).delivered
        assert (here.standin.shown[-1].kind, here.standin.shown[-1].data) == (kind, data)
        assert len(here.standin.tokens) == 2


async def test_attachments_come_in_and_are_fetched(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.standin.media["M"] = "voice", b"#!AMR\nxyz"
        item = here.standin.item("lee", "voice", media_id="M")
        said = message("shop", item)
        assert said
        (part,) = said.parts
        assert isinstance(part, Attachment)
        assert await here.channel.fetch(part.ref) == b"#!AMR\nxyz"
        with pytest.raises(ChannelError):
            await here.channel.fetch('{"media": "gone"}')


@pytest.mark.parametrize(
    ("kind", "content", "part"),
    [
        ("image", {"media_id": "I"}, Attachment("picture", '{"media": "I"}')),
        ("video", {"media_id": "V"}, Attachment("video", '{"media": "V"}', "video.mp4")),
        ("file", {"media_id": "F"}, Attachment("file", '{"media": "F"}')),
        ("location", {"latitude": 1, "longitude": 2, "name": "家", "address": "路"}, Text("[位置 location] 家 路 (1, 2)")),
        ("link", {"title": "题", "url": "https://a.b"}, Text("[链接 link] 题 https://a.b")),
        ("business_card", {"userid": "x"}, Attachment("business_card")),
    ],
)  # fmt: skip
def test_kinds_of_messages(kind: str, content: dict[str, Any], part: Part) -> None:
    said = message("shop", KfStandIn().item("lee", kind, **content))
    assert said
    assert said.parts == (part,)


@pytest.mark.parametrize("origin", [4, 5])
def test_only_the_customers_words_are_messages(origin: int) -> None:
    assert message("shop", KfStandIn().item("lee", "text", origin=origin, content="x")) is None


async def test_the_credentials_can_be_looked_at(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        assert "客服小音" in await here.channel.probe()
        here.standin.refuse["gettoken"] = [40001]
        here.channel.api.token = ""
        with pytest.raises(ChannelError) as error:
            await here.channel.probe()
        assert not error.value.again
        assert "kf-secret" not in str(error.value)
