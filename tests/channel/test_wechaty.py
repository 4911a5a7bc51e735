"""WeChat by way of a Wechaty gateway: what comes in, what goes out, and what happens when the gateway does not behave."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel import Admission, ChannelError
from bot.message import Attachment, Delivery, File, Message, Part, Picture, Recital, Text, VoiceNote
from tests.channel.rig_wechaty import WechatyRig, listening, rig
from tests.channel.rigs import Notes

TEA = "tea@chatroom"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[WechatyRig]:
    """A gateway that stands in."""
    async with rig(tmp_path) as made:
        yield made


def delivery(part: Part, data: bytes = b"", chat: str = "lee") -> Delivery:
    """Something to be sent."""
    return Delivery("turn/1", f"shop:{chat}", "shop", part, data=data)


# In


async def test_a_private_message_tells_who_wrote_what_and_when(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        shop.standin.say("lee", "你好", id="m7", at=1_700_000_000_500)
        shop.standin.say("lee", "在吗", id="m8", at=1_700_000_001)
        assert await house.next() == Message(
            "m7", "shop", "shop:lee", "lee", (Text("你好"),), at=1_700_000_000.5, sender_name="小李"
        )
        assert (await house.next()).at == 1_700_000_001


@pytest.mark.parametrize(
    ("text", "mentions", "groups", "addressed", "heard"),
    [
        ("大家好", [], {}, False, "大家好"),
        ("你好", ["bot"], {}, True, "你好"),
        ("@小测\u2005你好", ["bot"], {}, True, "你好"),
        ("@小测 你好", [], {}, True, "你好"),
        ("@掌柜\u2005退出", [], {}, True, "退出"),
        ("@小测", [], {}, True, "@小测"),
        ("@小测试 你好", [], {}, False, "@小测试 你好"),
        ("@Kim 你好", ["kim"], {}, False, "@Kim 你好"),
        ("问问@小测 吧", [], {}, False, "问问吧"),
        ("好的\n知音，几点了", [], {"words": ["知音"]}, True, "好的\n知音，几点了"),
        ("大家好", [], {"answer": "always"}, True, "大家好"),
        ("@小测 你好", ["bot"], {"answer": "never"}, False, "你好"),
    ],
)
async def test_in_a_room_she_is_called_by_a_mention_a_name_or_a_word(
    shop: WechatyRig, text: str, mentions: list[str], groups: dict[str, object], addressed: bool, heard: str
) -> None:
    shop.standin.aliases[TEA, "bot"] = "掌柜"
    async with listening(shop.channel(Notes(), groups=groups)) as house:
        await shop.standin.listened()
        shop.standin.say("kim", text, room=TEA, mentions=mentions)
        message = await house.next()
    assert (message.conversation, message.sender, message.sender_name) == (f"shop:{TEA}", "kim", "老金")
    assert (message.group, message.addressed, message.text) == (True, addressed, heard)


async def test_nobody_answers_herself_machines_or_recalls(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        shop.standin.say("bot", "我说的", to="lee")
        shop.standin.say("bot", "我说的", room=TEA)
        shop.standin.say("gh_news", "今日新闻")
        shop.standin.say("weixin", "登录提醒")
        shop.standin.say("lee", "m1", kind="recalled")
        shop.standin.say("", "系统")
        shop.standin.logout()
        shop.standin.names["bot2"] = "小二"
        shop.standin.login("bot2")
        shop.standin.say("bot", "还在路上的", to="lee")
        shop.standin.say("bot2", "新的", to="lee")
        shop.standin.say("lee", "问题")
        assert (await house.next()).text == "问题"
        assert house.heard.empty()


@pytest.mark.parametrize(
    ("kind", "what"),
    [("audio", "voice"), ("image", "picture"), ("emoticon", "picture"), ("attachment", "file"), ("video", "file")],
)
@pytest.mark.parametrize("size", [100, 90_000])
async def test_files_are_fetched_when_they_are_wanted(shop: WechatyRig, kind: str, what: str, size: int) -> None:
    data = bytes(range(250)) * (size // 250 + 1)
    channel = shop.channel(Notes())
    async with listening(channel) as house:
        await shop.standin.listened()
        shop.standin.say("lee", kind=kind, name="a.bin", data=data, id="m1")
        assert (await house.next()).parts == (Attachment(what, "m1", "a.bin"),)
        assert not {"MessageFile", "MessageImage"} & set(shop.standin.calls)
        assert await channel.fetch("m1") == data


@pytest.mark.parametrize(("kind", "what"), [("location", "location"), ("group-note", "unknown"), ("post", "unknown")])
async def test_other_kinds_are_told_by_their_name(shop: WechatyRig, kind: str, what: str) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        shop.standin.say("lee", "<xml/>", kind=kind)
        assert (await house.next()).parts == (Attachment(what),)


async def test_what_is_gone_is_gone_for_good(shop: WechatyRig) -> None:
    channel = shop.channel(Notes())
    shop.standin.say("lee", "words only", id="m1")
    for ref in ("nothing", "m1"):
        with pytest.raises(ChannelError) as told:
            await channel.fetch(ref)
        assert not told.value.again


async def test_files_are_fetched_from_wechat_or_where_the_operator_allows(shop: WechatyRig) -> None:
    app = web.Application()

    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=b"picture")

    app.router.add_get("/a.png", picture)
    async with TestServer(app, host="127.0.0.1") as server:
        address = str(server.make_url("/a.png"))
        shop.standin.say("lee", kind="image", name="a.png", data=b"", id="m1")
        shop.standin.boxes["m1"] = {"type": 2, "boxType": 2, "name": "a.png", "url": address}
        for elsewhere in (address, "https://qq.com.example.org/a", "https://mp.qq.com:8443/a", "file:///etc/passwd"):
            shop.standin.boxes["m1"]["url"] = elsewhere
            with pytest.raises(ChannelError, match=r"not WeChat's|no address") as told:
                await shop.channel(Notes()).fetch("m1")
            assert not told.value.again
        shop.standin.boxes["m1"]["url"] = address
        allowed = shop.channel(Notes(), file_origins=[str(server.make_url("/").origin())])
        assert await allowed.fetch("m1") == b"picture"


async def test_messages_come_in_the_order_they_were_written(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        for number in range(200):
            shop.standin.say(("lee", "kim")[number % 2], str(number))
        assert [(await house.next()).text for _ in range(200)] == [str(number) for number in range(200)]


async def test_a_full_house_gets_the_message_again_and_those_after_it_in_order(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        house.refusals += ["full"] * 3
        await shop.standin.listened()
        shop.standin.say("lee", "一")
        shop.standin.say("lee", "二")
        assert [(await house.next()).text for _ in range(2)] == ["一", "二"]
        assert house.refusals == []


async def test_a_message_refused_at_the_end_comes_after_the_restart(shop: WechatyRig) -> None:
    notes = Notes()
    async with listening(shop.channel(notes)) as house:
        house.refusals += ["closing"] * 1000
        await shop.standin.listened()
        shop.standin.say("lee", "别忘了我", id="m1")
        await asyncio.wait_for(kept(notes, "m1"), 10)
    async with listening(shop.channel(notes)) as house:
        assert (await house.next()).text == "别忘了我"
        shop.standin.say("lee", "还有")
        assert (await house.next()).text == "还有"
    assert await notes.recall("waiting") == ""


async def kept(notes: Notes, waiting: str) -> None:
    """Until the memo holds what waits."""
    while await notes.recall("waiting") != waiting:
        await asyncio.sleep(0.01)


async def test_a_message_that_nobody_can_read_does_not_stop_the_others(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        shop.standin.emit("message", messageId="unknown")
        shop.standin.emit("message")
        shop.standin.say("lee", "读得了")
        assert (await house.next()).text == "读得了"


async def test_a_message_the_gateway_never_gives_is_given_up(
    shop: WechatyRig, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(shop.channel(Notes(), call_s=0.05)) as house:
        await shop.standin.listened()
        shop.standin.hanging.add("MessagePayload")
        shop.standin.say("lee", "毒", id="poison")
        for _ in range(5):
            assert "no answer in time" in str(await house.loss())
        shop.standin.hanging.clear()
        await shop.standin.listened()
        shop.standin.say("lee", "好的")
        assert (await house.next()).text == "好的"
    assert "gave up on message poison" in caplog.text


async def test_new_names_are_learned(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        shop.standin.say("lee", "一")
        shop.standin.say("kim", "一", room=TEA)
        assert [(await house.next()).sender_name for _ in range(2)] == ["小李", "老金"]
        shop.standin.names["lee"] = "老李"
        shop.standin.aliases[TEA, "kim"] = "金总"
        shop.standin.emit("dirty", payloadType=2, payloadId="lee")
        shop.standin.emit("dirty", payloadType=4, payloadId=TEA)
        shop.standin.say("lee", "二")
        shop.standin.say("kim", "二", room=TEA)
        assert [(await house.next()).sender_name for _ in range(2)] == ["老李", "金总"]


async def test_two_gateways_in_one_process_keep_their_people_apart(shop: WechatyRig, tmp_path: Path) -> None:
    async with rig(tmp_path) as other:
        other.standin.names["lee"] = "另一个小李"
        async with listening(shop.channel(Notes())) as here, listening(other.channel(Notes())) as there:
            await shop.say("一", "m1")
            await other.say("一", "m1")
            assert [(await here.next()).sender_name, (await there.next()).sender_name] == ["小李", "另一个小李"]


# Out


async def test_words_pictures_files_and_voice_notes_arrive_as_they_are(shop: WechatyRig) -> None:
    channel = shop.channel(Notes())
    large = bytes(range(256)) * 16_000  # above what goes in one message
    for part, data in (
        (Text("你好\n第二行"), b""),
        (Picture("hash", "image/png"), b"\x89PNG"),
        (File("hash", "application/pdf", "菜单.pdf", len(large)), large),
        (VoiceNote("hash", "audio/silk", 1.5), b"\x02#!SILK_V3"),
    ):
        assert [receipt.delivered for receipt in await channel.send([delivery(part, data)])] == [True]
    text, picture, file, voice = shop.standin.sent
    assert (text.to, text.text) == ("lee", "你好\n第二行")
    assert (picture.name, picture.type, picture.data) == ("picture.png", "image/png", b"\x89PNG")
    assert (file.name, file.type, file.data == large) == ("菜单.pdf", "application/pdf", True)
    assert (voice.name, voice.type, voice.data) == ("voice.sil", "audio/silk", b"\x02#!SILK_V3")
    assert voice.metadata == {"voiceLength": 1500}
    assert shop.standin.calls.count("Upload") == 1


async def test_an_answer_goes_to_the_room_also_after_a_restart(shop: WechatyRig) -> None:
    notes = Notes()
    async with listening(shop.channel(notes)) as house:
        await shop.standin.listened()
        shop.standin.say("kim", "@小测 在吗", room=TEA)
        await house.next()
    channel = shop.channel(notes)
    assert (await channel.send([delivery(Text("在"), chat=TEA)]))[0].delivered
    assert [(sent.to, sent.text) for sent in shop.standin.sent] == [(TEA, "在")]
    assert "ContactPayload" not in shop.standin.calls[-2:]


async def test_a_refusal_is_a_receipt_and_says_no_secret(shop: WechatyRig) -> None:
    channel = shop.channel(Notes())
    shop.standin.refusing.add("MessageSendText")
    (receipt,) = await channel.send([delivery(Text("你好"))])
    assert (receipt.delivered, receipt.hopeless, receipt.detail) == (
        False,
        False,
        "UNKNOWN Error: MessageSendText failed for •••",
    )


@pytest.mark.parametrize("part", [Recital("你好"), Attachment("location"), Text("")])
async def test_what_wechat_cannot_carry_is_hopeless(shop: WechatyRig, part: Part) -> None:
    (receipt,) = await shop.channel(Notes()).send([delivery(part)])
    assert (receipt.delivered, receipt.hopeless) == (False, True)
    assert shop.requests() == 0


async def test_without_an_answer_nothing_counts_as_sent(shop: WechatyRig) -> None:
    channel = shop.channel(Notes(), call_s=0.1)
    shop.standin.hanging.add("MessageSendText")
    with pytest.raises(ChannelError, match="no answer in time"):
        await channel.send([delivery(Text("你好"))])
    await shop.down()
    with pytest.raises(ChannelError) as told:
        await channel.send([delivery(Text("你好"))])
    assert told.value.again
    shop.standin.hanging.clear()
    await shop.up()
    assert (await channel.send([delivery(Text("你好"))]))[0].delivered


# The account


async def test_the_operator_is_told_of_codes_logins_and_logouts(shop: WechatyRig) -> None:
    shop.standin.account = ""
    channel = shop.channel(Notes())
    code = shop.folder / "credentials" / "login.png"
    async with listening(channel) as house:
        await shop.standin.listened()
        for _ in range(2):
            shop.standin.emit("scan", qrcode="http://weixin.qq.com/x/abc", status=2)
        shop.standin.emit("error", gerror="{}")
        shop.standin.login("bot")
        await shop.say("你好", "m1")
        await house.next()
        assert [word.partition("。")[0] for word in shop.told.words[1:]] == ["shop：微信「小测」已登录"]
        assert "http://weixin.qq.com/x/abc" in shop.told.words[0]
        assert str(code) in shop.told.words[0]
        assert not code.exists()
        shop.standin.emit("scan", qrcode="http://weixin.qq.com/x/def", status=2)
        shop.standin.logout()
        shop.standin.say("lee", "还在吗")
        await house.next()
        assert "已退出登录" in shop.told.words[-1]
        assert code.stat().st_mode & 0o777 == 0o600
        assert code.read_bytes().startswith(b"\x89PNG")
        with pytest.raises(ChannelError, match="nobody is logged in"):
            await channel.send([delivery(Text("在"))])
        shop.standin.login("bot")
        shop.standin.say("lee", "好了吗")
        await house.next()
        assert (await channel.send([delivery(Text("好了"))]))[0].delivered


async def test_before_a_login_nothing_is_read_and_nothing_is_lost(shop: WechatyRig) -> None:
    shop.standin.account = ""
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        shop.standin.say("lee", "早", to="bot")
        shop.standin.say("bot", "我说的", to="lee")
        shop.standin.login("bot")
        shop.standin.say("lee", "晚")
        assert [(await house.next()).text for _ in range(2)] == ["早", "晚"]


# The line


async def test_a_gateway_that_went_and_came_back_is_heard_again(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.say("一", "m1")
        await house.next()
        await shop.down()
        assert (await house.loss()).again
        await shop.up()
        await shop.standin.listened()
        shop.standin.say("bot", "还在路上的", to="lee")
        shop.standin.say("lee", "二")
        assert (await house.next()).text == "二"
    assert len(shop.told.words) == 1
    assert "Stop" not in shop.standin.calls


async def test_a_frozen_gateway_is_noticed(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes(), probe_s=0.05, call_s=0.1)) as house:
        await shop.standin.listened()
        shop.standin.hanging.add("Version")
        assert "no answer in time" in str(await house.loss())


async def test_a_stream_that_ends_and_events_nobody_understands(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as house:
        await shop.standin.listened()
        assert shop.standin.events
        shop.standin.events.put_nowait(("ready", {}))
        shop.standin.emit("error", gerror="Error: something")
        await shop.say("一", "m1")
        await house.next()
        shop.standin.events.put_nowait(None)
        assert "ended the stream" in str(await house.loss())


async def test_the_token_is_asked_for_and_never_said(shop: WechatyRig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    channel = shop.channel(Notes(), token="canary-4711")
    async with listening(channel) as house:
        error = await house.loss()
    assert not error.again
    assert "token" in str(error)
    with pytest.raises(ChannelError) as told:
        await channel.send([delivery(Text("你好"))])
    assert not told.value.again
    for said in (str(error), str(told.value), repr(channel), repr(vars(channel)), caplog.text):
        assert "canary" not in said


async def test_only_one_client_is_told_of_events(shop: WechatyRig) -> None:
    async with listening(shop.channel(Notes())) as first, listening(shop.channel(Notes())) as second:
        assert "another client" in str(await second.loss() if first.lost.empty() else await first.loss())


async def test_something_else_at_the_address_is_no_gateway(shop: WechatyRig) -> None:
    async with (
        TestServer(web.Application(), host="127.0.0.1") as server,
        listening(shop.channel(Notes(), endpoint=f"127.0.0.1:{server.port}")) as house,
    ):
        error = await house.loss()
    assert error.again
    assert "check endpoint and tls" in str(error)


# Doctor


async def test_a_probe_tells_who_is_logged_in(shop: WechatyRig) -> None:
    channel = shop.channel(Notes())
    assert "bot" in await channel.probe()
    await shop.standin.until(lambda: shop.standin.events is None)
    async with listening(channel) as house:
        await shop.say("你好", "m1")
        await house.next()
        assert "已登录 bot" in await channel.probe()
        assert "somebody listens" in await shop.channel(Notes()).probe()
        await shop.say("还在", "m2")
        assert (await house.next()).text == "还在"
    assert "Start" not in shop.standin.calls[-2:]


async def test_a_probe_says_the_mend(shop: WechatyRig) -> None:
    with pytest.raises(ChannelError, match="token"):
        await shop.channel(Notes(), token="wrong").probe()
    shop.standin.account = ""
    channel = shop.channel(Notes())
    task = asyncio.create_task(channel.probe())
    await shop.standin.listened()
    shop.standin.emit("logout", contactId="bot")
    with pytest.raises(ChannelError, match="scan the code"):
        await task
    await shop.down()
    with pytest.raises(ChannelError, match="ConnectionRefused"):
        await channel.probe()


# Its end


@pytest.mark.parametrize("gap", range(8))
async def test_who_is_stopped_while_the_line_breaks_is_stopped(shop: WechatyRig, gap: int) -> None:
    channel = shop.channel(Notes())

    async def nobody(_: Message) -> Admission:
        return Admission(None)

    listens = asyncio.create_task(channel.listen(nobody))
    await shop.standin.listened()
    shop.standin.hanging.add("MessageSendText")
    sends = asyncio.create_task(channel.send([delivery(Text("你好"))]))
    await shop.standin.until(lambda: "MessageSendText" in shop.standin.calls)
    assert shop.standin.line
    shop.standin.line.hang_up()
    for _ in range(gap):
        await asyncio.sleep(0)
    stopped = [task.cancel() for task in (listens, sends)]
    ended = await asyncio.gather(listens, sends, return_exceptions=True)
    assert [isinstance(end, asyncio.CancelledError) for end in ended] == stopped
