"""WeCom's AI bot: the connection, what comes in, what is kept; against a stand-in that follows the fact sheet."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.channel import ChannelError, wecom
from bot.message import Attachment, Text
from tests.channel.rig_wecom import Shop, keys
from tests.fakes import soon
from tests.standins.wecom import Json, WecomStandIn, serving


@pytest.fixture
async def standin() -> AsyncGenerator[WecomStandIn]:
    async with serving(WecomStandIn()) as standin:
        yield standin
        assert standin.broken == []


@pytest.fixture
async def shop(standin: WecomStandIn, tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Shop(standin, tmp_path).open() as shop:
        yield shop


# The connection


async def test_it_subscribes_with_its_id_and_secret_first(shop: Shop) -> None:
    await shop.hears()
    first = shop.standin.frames[0]
    assert (first["cmd"], first["body"]) == ("aibot_subscribe", {"bot_id": "bot", "secret": "long-connection-secret"})


async def test_a_wrong_secret_is_not_tried_again_and_not_told(
    standin: WecomStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Shop(standin, tmp_path).open(secret="not-this-one") as shop:
        error = await soon(shop.lost.get())
        assert not error.again
        assert "853000" in str(error)
        assert "长连接" in str(error)
        assert "not-this-one" not in str(error) + caplog.text + repr(shop.channel.keys)
    assert standin.subscriptions == 1


async def test_a_busy_service_is_tried_again_but_not_one_that_keeps_refusing(
    standin: WecomStandIn, tmp_path: Path
) -> None:
    standin.refuse["aibot_subscribe"] = [-1, 45009, *[40001] * wecom.REFUSALS]
    async with Shop(standin, tmp_path).open() as shop:
        again = [(await soon(shop.lost.get())).again for _ in range(2 + wecom.REFUSALS)]
        assert again == [True, True, *[True] * (wecom.REFUSALS - 1), False]


async def test_who_is_kicked_stays_away_and_says_why(shop: Shop, tmp_path: Path) -> None:
    await shop.hears()
    async with Shop(shop.standin, tmp_path).open() as other:
        error = await soon(shop.lost.get())
        assert not error.again
        assert "另一个程序" in str(error)
        assert "Another instance" in str(error)
        assert (await other.hears("还在")).text == "还在"
    assert (shop.standin.subscriptions, shop.standin.kicked) == (2, 1)
    with pytest.raises(ChannelError, match="not connected"):
        await shop.send(Text("好"))


async def test_a_lost_connection_is_told_and_comes_back(shop: Shop) -> None:
    await shop.hears("一")
    await shop.standin.cut()
    assert (await soon(shop.lost.get())).again
    assert (await shop.hears("二")).text == "二"


async def test_two_pings_without_an_answer_end_the_connection(standin: WecomStandIn, tmp_path: Path) -> None:
    async with Shop(standin, tmp_path).open(ping_s=0.02) as shop:
        await shop.hears()
        await soon(standin.until(lambda: sum(frame["cmd"] == "ping" for frame in standin.frames) > 4))
        assert shop.lost.empty()
        standin.mute.add("ping")
        error = await soon(shop.lost.get())
        assert error.again
        assert "ping" in str(error)


async def test_an_unreachable_service_is_told(tmp_path: Path) -> None:
    standin = WecomStandIn()
    standin.url = "http://127.0.0.1:9"
    channel = Shop(standin, tmp_path)
    async with channel.open():
        error = await soon(channel.lost.get())
        assert error.again
        with pytest.raises(ChannelError, match="防火墙"):
            await channel.channel.probe()


async def test_a_probe_does_not_throw_the_running_bot_out(shop: Shop) -> None:
    await shop.hears()
    assert "挤下线" in await shop.channel.probe()
    assert (shop.standin.subscriptions, shop.standin.kicked) == (1, 0)
    assert (await shop.hears("还在")).text == "还在"


@pytest.mark.parametrize(
    "wrong", [{"bot_id": ""}, {"secret": " "}, {"url": "ws://wecom.example"}, {"url": "https://x"}, {"ping_s": 0}]
)
def test_settings_that_cannot_be_right(wrong: Json) -> None:
    standin = WecomStandIn()
    standin.url = "http://127.0.0.1:1"
    assert keys(standin).secret.get_secret_value() == "long-connection-secret"
    with pytest.raises(ValidationError):
        keys(standin, **wrong)


# What is said


async def test_a_text(shop: Shop) -> None:
    said = await shop.brings(msgtype="text", text={"content": "你好"}, create_time=1700000000)
    assert said.id == "m"
    assert (said.conversation, said.sender, said.text, said.at) == ("shop:u/lee", "lee", "你好", 1700000000.0)
    assert (said.group, said.addressed) == (False, True)


@pytest.mark.parametrize(
    ("name", "text", "heard"),
    [
        ("", "@小知 在吗", "在吗"),
        ("", "@小知\u2005 @金 在吗", "@金 在吗"),
        ("", "@小知", "@小知"),
        ("", "写给 a@b 的信", "写给 a@b 的信"),
        ("My Bot", "@My Bot hello", "hello"),
        ("My Bot", "@Other hello", "hello"),
    ],
)
async def test_in_a_group_her_name_is_not_part_of_it(
    standin: WecomStandIn, tmp_path: Path, name: str, text: str, heard: str
) -> None:
    async with Shop(standin, tmp_path).open(bot_name=name) as shop:
        said = await shop.hears(text, group="wr1")
        assert (said.conversation, said.sender, said.text) == ("shop:g/wr1", "lee", heard)
        assert (said.group, said.addressed) == (True, True)


async def test_where_she_shall_not_answer_in_groups_it_is_history(standin: WecomStandIn, tmp_path: Path) -> None:
    async with Shop(standin, tmp_path).open(groups={"answer": "never"}) as shop:
        assert not (await shop.hears("@小知 在吗", group="wr1")).addressed
        assert (await shop.hears("在吗")).addressed


async def test_all_kinds_become_parts(shop: Shop) -> None:
    place = {"url": "https://x.qq.com/1", "aeskey": "a"}
    ref = json.dumps({"url": "https://x.qq.com/1", "key": "a"})
    items = [
        {"msgtype": "text", "text": {"content": "看"}}, {"msgtype": "image", "image": place}, {"msgtype": "link"}, "junk",
    ]  # fmt: skip
    said = await shop.brings(msgtype="mixed", mixed={"msg_item": items})
    assert said.parts == (Text("看"), Attachment("picture", ref), Attachment("link"))
    said = await shop.brings(msgtype="file", file={**place, "filename": "信.txt", "file_size": 12})
    assert said.parts == (Attachment("file", ref, "信.txt", 12),)
    said = await shop.brings(msgtype="video", video=place)
    assert said.parts == (Attachment("video", ref),)
    said = await shop.brings(msgtype="voice", voice={"content": "在吗"})
    assert said.parts == (Attachment("voice", transcript="在吗"),)
    said = await shop.brings(msgtype="location", location={"x": 1})
    assert said.parts == (Attachment("location"),)


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ({"msgtype": "text", "text": {"content": "几点\n开门"}}, "几点 开门"),
        ({"msgtype": "voice", "voice": {"content": "几点"}}, "几点"),
        ({"msgtype": "image", "image": {"url": "u"}}, "[图片]"),
        ({"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "图"}}]}}, "图"),
        ({"msgtype": "text", "text": {"content": "长" * 900}}, "长" * 200 + "…"),
    ],
)
async def test_a_quotation_is_the_first_line(shop: Shop, quote: Json, line: str) -> None:
    said = await shop.brings(msgtype="text", text={"content": "再说一遍"}, quote=quote)
    assert said.text == f"> {line}\n再说一遍"


async def test_odd_frames_hurt_nobody_and_are_not_written_to_the_log(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    await soon(shop.standin.connected())
    for text in ("geheim {", "[" * 99999, '"geheim"', '{"cmd":"geheim"}', '{"errcode":0,"headers":7}', "{}"):
        await shop.standin.raw(text)
    callback = {"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}}
    for body in ([], {"msgid": "geheim"}, {"msgid": "m", "from": "lee"}, {"msgtype": "event", "event": 7}):
        await shop.standin.raw(json.dumps(callback | {"body": body}))
    assert (await shop.hears("好")).text == "好"
    assert [each.text for each in shop.desk.taken] == ["好"]
    assert "99999 characters" in caplog.text
    assert "geheim" not in caplog.text


async def test_control_characters_are_stripped_before_a_frame_is_read(shop: Shop) -> None:
    await soon(shop.standin.connected())
    body = {"msgid": "m", "from": {"userid": "lee"}, "msgtype": "text", "text": {"content": "你@好"}}
    frame = json.dumps({"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": body}, ensure_ascii=False)
    await shop.standin.raw("\x02" + frame.replace("@", "\x00\x1f\n"))
    assert (await shop.desk.next()).text == "你\n好"


async def test_what_she_said_herself_is_no_message(shop: Shop) -> None:
    await soon(shop.standin.connected())
    await shop.standin.push({"msgid": "1", "from": {"userid": "bot"}, "msgtype": "text", "text": {"content": "我"}})
    await shop.hears("好")
    assert [each.text for each in shop.desk.taken] == ["好"]


# Events


async def test_who_opens_the_chat_is_welcomed(shop: Shop) -> None:
    await soon(shop.standin.connected())
    shop.desk.open.clear()  # whatever keeps the messages: a welcome is taken for five seconds only
    await shop.standin.say("早")
    req_id = await shop.standin.push({"from": {"userid": "kim"}}, event="enter_chat")
    welcome = await soon(shop.standin.phones["kim"].get())
    assert (welcome.kind, welcome.text) == ("text", "你好，我是小测。")
    assert shop.standin.frames[-1]["headers"]["req_id"] == req_id
    shop.desk.open.set()
    await shop.desk.next()
    assert len(shop.desk.taken) == 1


async def test_without_a_greeting_nobody_is_welcomed_and_a_refused_welcome_hurts_nobody(shop: Shop) -> None:
    await soon(shop.standin.connected())
    shop.greeting = ""
    await shop.standin.push({"from": {"userid": "lee"}}, event="enter_chat")
    await shop.hears("一")
    assert shop.frames("aibot_respond_welcome_msg") == []
    shop.greeting = "你好"
    shop.standin.refuse["aibot_respond_welcome_msg"] = [846605]
    await shop.standin.push({"from": {"userid": "lee"}}, event="enter_chat")
    await soon(shop.standin.until(lambda: shop.frames("aibot_respond_welcome_msg")))
    assert (await shop.hears("二")).text == "二"
    assert shop.lost.empty()


@pytest.mark.parametrize("event", ["template_card_event", "feedback_event", "something_new"])
async def test_other_events_are_nothing_to_answer(shop: Shop, event: str) -> None:
    await soon(shop.standin.connected())
    await shop.standin.push({"msgid": "e", "from": {"userid": "lee"}}, event=event)
    await shop.hears("好")
    assert [each.text for each in shop.desk.taken] == ["好"]
    assert {frame["cmd"] for frame in shop.standin.frames} == {"aibot_subscribe"}


# Nothing is lost on the way in: the service brings each message once


async def test_what_finds_no_room_waits_in_order(shop: Shop) -> None:
    shop.desk.refuse = ["full"] * 9
    await soon(shop.standin.connected())
    for text in ("一", "二", "三"):
        await shop.standin.say(text)
    assert [(await shop.desk.next()).text for _ in range(3)] == ["一", "二", "三"]


async def test_what_came_before_the_connection_broke_is_taken_too(shop: Shop) -> None:
    await shop.hears("零")
    shop.desk.open.clear()
    for text in ("一", "二"):
        await shop.standin.say(text)
    await shop.standin.cut()
    shop.desk.open.set()
    assert [(await shop.desk.next()).text for _ in range(2)] == ["一", "二"]


async def test_what_comes_while_the_house_closes_is_taken_after_the_restart(
    standin: WecomStandIn, tmp_path: Path
) -> None:
    shop = Shop(standin, tmp_path)
    shop.desk.refuse = ["closing"] * 100_000
    async with shop.open():
        await soon(standin.connected())
        for text in ("一", "二", "三"):
            await standin.say(text, user="kim" if text == "二" else "lee")
        while len([key for key in shop.memo.kept if key.startswith("waiting:")]) < 3:
            await asyncio.sleep(0)
    assert all(key.endswith((":lee", ":kim")) for key in shop.memo.kept)
    shop.desk.refuse = []
    async with shop.open():
        assert [(await shop.desk.next()).text for _ in range(3)] == ["一", "二", "三"]
        await shop.hears("四")
        while shop.channel.backlog.waiting:
            await asyncio.sleep(0)
    assert [key for key in shop.memo.kept if key.startswith("waiting:")] == []


async def test_what_waits_when_the_house_ends_is_taken_after_the_restart(standin: WecomStandIn, tmp_path: Path) -> None:
    shop = Shop(standin, tmp_path)
    async with shop.open():
        await soon(standin.connected())
        shop.desk.open.clear()
        await standin.say("一")
        while not shop.channel.backlog.waiting:
            await asyncio.sleep(0)
    shop.desk.open.set()
    async with shop.open():
        assert (await shop.desk.next()).text == "一"


async def test_a_message_that_breaks_the_house_does_not_stop_the_others(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.desk.breaks = wecom.TRIES
    await soon(shop.standin.connected())
    await shop.standin.say("坏")
    await soon(shop.standin.until(lambda: shop.standin.subscriptions > wecom.TRIES and shop.standin.wires))
    assert (await shop.hears("好")).text == "好"
    assert "dropped" in caplog.text


async def test_a_message_that_comes_twice_is_handed_on_twice(shop: Shop) -> None:
    first, second = await shop.hears("一", id="7"), await shop.hears("一", id="7")
    assert first.id == second.id == "7"  # the house knows what it has
