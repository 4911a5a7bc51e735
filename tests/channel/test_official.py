"""Official Account to the letter: signatures, modes, WeChat's three calls, quotas, tokens, media, and whatever is forged."""

import asyncio
import io
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from bot.brain import Brain
from bot.channel import Asked, ChannelError, official
from bot.channel._seal import Forged, Seal, signature
from bot.channel._xml import BadXml, document, fields
from bot.message import Attachment, Author, Delivery, End, File, Part, Picture, Piece, Receipt, State, Text, VoiceNote
from bot.settings import Channeled, Label, Settings
from tests.channel.rig_official import Front
from tests.channel.rigs import Notes, Told, premises
from tests.fakes import EchoBrain, ScriptBrain, soon
from tests.stage import Stage, stage
from tests.standins.official import (
    ACCOUNT,
    AES_KEY,
    APP_ID,
    SECRET,
    TOKEN,
    OfficialStandIn,
    opened,
    parsed,
    sealed,
    serve,
    xml,
)  # fmt: skip

BARE = Settings(label=Label(text="off", notice=False))


@dataclass
class Account:
    """An account with its house."""

    standin: OfficialStandIn
    channel: official.Official
    house: Stage
    told: Told = field(default_factory=Told)

    async def hears(self, user: str = "lee") -> str:
        return (await soon(self.standin.phones[user].get(), 20)).text

    def say(self, text: str, **more: str) -> dict[str, str]:
        said = self.standin.fields("text", "lee", Content=text, **more)
        self.standin.say(said)
        return said

    async def send(self, part: Part, key: str = "turn/0", data: bytes = b"") -> Receipt:
        return (await soon(self.channel.send([Delivery(key, "shop:lee", "shop", part, data=data)])))[0]

    async def history(self) -> list[tuple[Author, str]]:
        return [(each.author, each.text) for each in await self.house.store.history("shop:lee")]


@asynccontextmanager
async def account(
    folder: Path,
    brain: Brain | None = None,
    *,
    mode: str = "safe",
    active: bool = False,
    patience_s: float = 0.5,
    **more: object,
) -> AsyncGenerator[Account]:
    """An account behind its hook; WeChat's patience is a tenth of the real one's."""
    standin, front, told = OfficialStandIn(mode, patience_s=patience_s), Front(), Told()
    runner, standin.url = await serve(standin.app())
    before, url = await serve(front.app())
    standin.hook = f"{url}/hook/shop"
    keys = official.Keys.model_validate({
        "kind": "official", "app_id": APP_ID, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY if mode != "plain" else "",
        "mode": mode, "active": active, "base_url": standin.url, "hold_s": patience_s * 0.9, **more,
    })  # fmt: skip
    front.channel = channel = official.open("shop", keys, premises(folder, Notes(), told))
    try:
        async with stage(
            brain or EchoBrain(),
            channels=[channel],
            listen=False,
            settings=BARE,
            keys=Channeled(kind="x", voice="never"),
        ) as house:
            while channel.accept is None:
                await asyncio.sleep(0)
            yield Account(standin, channel, house, told)
            assert standin.broken == []
    finally:
        for call in list(standin.calls):
            call.cancel()
        await channel.close()
        await before.cleanup()
        await runner.cleanup()


# Within WeChat's calls


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_message_is_answered_in_the_call(tmp_path: Path, mode: str) -> None:
    async with account(tmp_path, mode=mode) as here:
        here.say("在吗 <b>&]]>😀")
        assert await here.hears() == "你说：在吗 <b>&]]>😀。"
        assert here.standin.made == 1


async def test_an_answer_comes_with_the_second_or_third_call(tmp_path: Path) -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "想好了。"]])
    async with account(tmp_path, brain) as here:
        here.say("想想")
        while here.standin.made < 3:
            await asyncio.sleep(0.01)
        gate.set()
        assert await here.hears() == "想好了。"
        assert len(brain.prompts) == 1
        assert len(await here.history()) == 2


async def test_after_three_calls_she_says_that_she_still_thinks_and_nothing_is_lost(tmp_path: Path) -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "第一个答案。"], ["第二个答案。"]])
    async with account(tmp_path, brain, patience_s=0.3) as here:
        here.say("第一个问题")
        assert await here.hears() == official.THINKING
        assert here.standin.made == 3
        gate.set()
        while not await here.house.store.undelivered():
            await asyncio.sleep(0.01)
        here.say("第二个问题")  # a message of its own: it brings the first answer, and is answered too
        heard = await here.hears()
        assert "第一个答案。" in heard
        while [text for _, text in await here.history()].count("第二个答案。") < 1:
            await asyncio.sleep(0.01)
        if "第二个答案。" not in heard:
            here.say("继续")
            assert await here.hears() == "第二个答案。"
        assert len(brain.prompts) == 2


async def test_a_word_that_only_fetches_asks_nothing(tmp_path: Path) -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "答案。"], ["不该问的。"]])
    async with account(tmp_path, brain, patience_s=0.2) as here:
        here.say("问题")
        assert await here.hears() == official.THINKING
        gate.set()
        while not here.channel.parked:
            await asyncio.sleep(0.01)
        here.say("继续")
        assert await here.hears() == "答案。"
        assert len(brain.prompts) == 1
        here.say("继续")  # with nothing to fetch it is a word like any other
        assert await here.hears() == "不该问的。"


async def test_messages_joined_in_one_turn_get_one_answer_and_no_call_is_left_hanging(tmp_path: Path) -> None:
    brain = ScriptBrain([[asyncio.Event()], ["两句都听到了。"]])
    async with account(tmp_path, brain) as here:
        here.say("我想")
        await soon(brain.asked.get())
        here.say("问个事")
        assert await here.hears() == "两句都听到了。"
        while here.standin.calls:
            await asyncio.sleep(0.01)
        assert [each.text for each in here.standin.shown] == ["两句都听到了。"]
        assert here.standin.made == 2


async def test_a_call_repeated_after_its_answer_gets_the_same_again(tmp_path: Path) -> None:
    async with account(tmp_path) as here:
        said = here.say("一")
        await here.hears()
        await here.standin.push(said)
        assert await here.hears() == "你说：一。"
        assert len(await here.history()) == 2


async def test_the_same_message_in_parallel_is_taken_once(tmp_path: Path) -> None:
    brain = ScriptBrain([["好。"]])
    async with account(tmp_path, brain) as here:
        said = here.standin.fields("text", "lee", Content="三次")
        await asyncio.gather(*(here.standin.push(said) for _ in range(3)))
        assert [each.text for each in here.standin.shown] == ["好。"] * 3
        assert len(brain.prompts) == 1


async def test_several_waiting_texts_come_in_one_answer_as_far_as_they_fit(tmp_path: Path) -> None:
    async with account(tmp_path) as here:
        deliveries = [Delivery(f"t/{n}", "shop:lee", "shop", Text("字" * 300)) for n in range(3)]
        assert [each.waits for each in await here.channel.send(deliveries)] == [True]
        call, _ = here.channel.calls.of("m", "lee")
        call.open = 1
        receipts = await here.channel.send(deliveries)
        assert [(each.key, each.delivered) for each in receipts] == [("t/0", True), ("t/1", True)]
        assert len((await call.answer).encode()) <= 2048


async def test_without_the_right_to_send_there_is_only_text(tmp_path: Path) -> None:
    async with account(tmp_path) as here:
        assert (await here.send(VoiceNote("h", "audio/mpeg", 1.0))).hopeless
        assert here.channel.capabilities.voice == ""


# Events


async def test_a_new_follower_is_greeted(tmp_path: Path) -> None:
    async with account(tmp_path, active=True) as here:
        here.standin.say(here.standin.fields("event", "lee", Event="subscribe", EventKey=""))
        assert await here.hears() == "你好，我是小测。"
        for event in ("unsubscribe", "VIEW", "LOCATION"):
            await here.standin.push(here.standin.fields("event", "lee", Event=event, EventKey="x"))
        assert await here.history() == []


async def test_a_menu_button_says_its_key_and_may_be_answered_three_times(tmp_path: Path) -> None:
    async with account(tmp_path, active=True) as here:
        here.standin.say(here.standin.fields("event", "lee", Event="CLICK", EventKey="营业时间"))
        assert await here.hears() == "你说：营业时间。"
        while (quota := await here.channel.quotas.of("lee")) is None or quota.left == 3:
            await asyncio.sleep(0)
        assert quota.left == 2
        assert quota.until < time.time() + 61


# Sending by itself


async def test_an_active_account_acknowledges_at_once_and_labels_what_it_sends(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with account(tmp_path, ScriptBrain([[gate, "慢慢说。"]]), active=True) as here:
        said = here.standin.fields("text", "lee", Content="在吗")
        here.standin.quota["lee"] = 5
        await soon(here.standin.push(said))
        assert here.standin.statuses == [200]
        gate.set()
        assert await here.hears() == "慢慢说。"
        assert here.standin.shown[0].labelled
        assert here.standin.typing == ["Typing"]


async def test_the_quota_is_kept_and_what_is_left_waits_for_the_user(tmp_path: Path) -> None:
    async with account(tmp_path, active=True) as here:
        here.say("你好")
        await here.hears()
        receipts = [await here.send(Text(f"{n}"), f"t/{n}") for n in range(5)]
        assert [each.delivered for each in receipts] == [True] * 4 + [False]
        assert receipts[-1].waits
        here.standin.quota["lee"] = 5
        here.say("继续说")
        assert [await here.hears() for _ in range(5)][-1] == "你说：继续说。"


@pytest.mark.parametrize(
    ("code", "waits", "hopeless"),
    [(45015, True, False), (45047, True, False), (48001, True, False), (45002, False, True), (40003, False, True), (99999, False, False)],
)  # fmt: skip
async def test_refusals_are_told_truthfully(tmp_path: Path, code: int, waits: bool, hopeless: bool) -> None:
    async with account(tmp_path, active=True) as here:
        here.say("你好")
        await here.hears()
        here.standin.refuse["message/custom/send"] = [code]
        receipt = await here.send(Text("在"))
        assert (receipt.delivered, receipt.waits, receipt.hopeless) == (False, waits, hopeless)
        assert bool(here.told.words) == (code == 48001)


@pytest.mark.parametrize("code", [-1, 40164])
async def test_a_busy_service_and_a_missing_allow_list_are_tried_again(tmp_path: Path, code: int) -> None:
    async with account(tmp_path, active=True) as here:
        here.say("你好")
        await here.hears()
        here.standin.refuse["message/custom/send"] = [code]
        with pytest.raises(ChannelError, match="白名单" if code == 40164 else "busy"):
            await here.send(Text("在"))


async def test_many_senders_fetch_one_token_and_a_stale_one_is_renewed_once(tmp_path: Path) -> None:
    async with account(tmp_path, active=True) as here:
        await here.channel.quotas.renew("lee", 100, 1000)
        here.standin.quota["lee"] = 100
        assert all(
            each.delivered for each in await asyncio.gather(*(here.send(Text("在"), f"t/{n}") for n in range(20)))
        )
        assert len(here.standin.tokens) == 1
        here.standin.expired.add(here.standin.tokens[-1])
        assert all(
            each.delivered for each in await asyncio.gather(*(here.send(Text("在"), f"u/{n}") for n in range(20)))
        )
        assert len(here.standin.tokens) == 2


@pytest.mark.parametrize(("part", "kind"), [(VoiceNote("h", "audio/mpeg", 2.0), "voice"), (Picture("h", "image/jpeg"), "image")])  # fmt: skip
async def test_voice_and_pictures_go_out_and_a_token_may_end_in_between(tmp_path: Path, part: Part, kind: str) -> None:
    async with account(tmp_path, active=True) as here:
        here.say("你好")
        await here.hears()
        here.standin.expire_after = "media/upload"
        assert (await here.send(part, data=b"bytes")).delivered
        shown = here.standin.shown[-1]
        assert (shown.kind, shown.data, shown.labelled) == (kind, b"bytes", True)
        assert (await here.send(File("h", "x/y", "a", 1), data=b"a")).hopeless


async def test_attachments_come_in(tmp_path: Path) -> None:
    async with account(tmp_path, active=True) as here:
        here.standin.media["M1"] = "voice", b"#!AMR\nxyz"
        here.standin.quota["lee"] = 100
        for fields_ in (
            here.standin.fields("voice", "lee", MediaId="M1", Format="amr", Recognition=""),
            here.standin.fields("voice", "lee", MediaId="M1", Format="amr", Recognition="听写好的"),
            here.standin.fields("image", "lee", MediaId="M2", PicUrl="http://x/y"),
            here.standin.fields("location", "lee", Location_X="1", Location_Y="2", Label="上海"),
            here.standin.fields("link", "lee", Title="题", Description="", Url="https://a.b"),
            here.standin.fields("sticker", "lee"),
        ):
            await here.standin.push(fields_)
            await here.hears()
        kept = [e.parts[0] for e in await here.house.store.history("shop:lee") if e.author is Author.USER]
        assert kept[1].transcript == "听写好的"  # type: ignore[union-attr]
        assert [type(each) for each in kept[3:5]] == [Text, Text]
        assert kept[5] == Attachment("sticker")
        assert await here.channel.fetch('{"media": "M1"}') == b"#!AMR\nxyz"
        with pytest.raises(ChannelError) as error:
            await here.channel.fetch('{"media": "gone"}')
        assert not error.value.again


async def test_the_credentials_can_be_looked_at(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with account(tmp_path, active=True) as here:
        assert "good" in await here.channel.probe()
    async with account(tmp_path, active=True, secret="wrong-secret") as here:
        with pytest.raises(ChannelError) as error:
            await here.channel.probe()
        assert "wrong-secret" not in str(error.value) + caplog.text
        assert here.channel.api.token == ""


# Whatever is forged or broken


async def posted(here: Account, query: dict[str, str], body: str | bytes | io.BytesIO) -> int:
    async with aiohttp.ClientSession() as session, session.post(here.standin.hook, params=query, data=body) as response:
        return response.status


async def test_the_address_is_verified(tmp_path: Path) -> None:
    async with account(tmp_path) as here, aiohttp.ClientSession() as session:
        async with session.get(here.standin.hook, params=here.standin.query(echostr="42 <ok>")) as response:
            assert (response.status, await response.text()) == (200, "42 <ok>")
            assert response.content_type == "text/plain"
        for query in (
            {},
            {**here.standin.query(echostr="x"), "signature": "0" * 40},
            {**here.standin.query(), "nonce": "é"},
        ):
            async with session.get(here.standin.hook, params=query) as response:
                assert response.status == 403


async def test_forged_calls_are_refused_and_leave_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with account(tmp_path) as here:
        said = here.standin.fields("text", "lee", Content="假的")
        envelope = sealed(xml(said))
        good = here.standin.query(envelope)
        old = str(int(time.time()) - 400)
        stale = {**good, "timestamp": old, "msg_signature": signature(TOKEN, old, good["nonce"], envelope)}
        tampered = envelope[:-4] + ("AAAA" if envelope[-4:] != "AAAA" else "BBBB")
        stranger = sealed(xml(said), receiver="wx-somebody-else")
        short = "QUJD"
        for query, body in (
            ({**good, "msg_signature": "0" * 40}, xml({"Encrypt": envelope})),
            ({**good, "msg_signature": ""}, xml({"Encrypt": envelope})),
            (stale, xml({"Encrypt": envelope})),
            (good, xml({"Encrypt": tampered})),
            (here.standin.query(tampered), xml({"Encrypt": tampered})),
            (here.standin.query(stranger), xml({"Encrypt": stranger})),
            (here.standin.query(short), xml({"Encrypt": short})),
            (here.standin.query("!!!"), xml({"Encrypt": "!!!"})),
            (here.standin.query(), xml(said)),  # in clear although the account is sealed
        ):
            assert await posted(here, query, body) == 403
        assert await here.history() == []
        assert TOKEN not in caplog.text
        assert AES_KEY not in caplog.text


async def test_a_call_cannot_be_played_again_for_another_message(tmp_path: Path) -> None:
    async with account(tmp_path, mode="plain") as here:
        query = here.standin.query()
        assert await posted(here, query, xml(here.standin.fields("text", "lee", Content="真的"))) == 200
        assert await posted(here, query, xml(here.standin.fields("text", "lee", Content="冒充的"))) == 403
        assert [text for _, text in await here.history()] == ["真的", "你说：真的。"]


async def test_broken_xml_and_large_bodies(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'
    async with account(tmp_path, mode="plain") as here:
        for body in (
            bomb,
            "<xml>",
            "no xml",
            "",
            '<?xml version="1.0"?><!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
            b"\xff\xfe\x00",
        ):
            assert await posted(here, here.standin.query(), body) == 400
        assert await posted(here, here.standin.query(), io.BytesIO(b"<xml>" + b" " * (5 * 2**20) + b"</xml>")) == 413
        assert await posted(here, here.standin.query(), "<xml><MsgType>text</MsgType></xml>") == 400  # nobody said it
        assert await here.house.store.waiting() == []


async def test_an_envelope_without_a_key_to_open_it(tmp_path: Path) -> None:
    async with account(tmp_path, mode="plain") as here:
        assert await posted(here, here.standin.query(), xml({"ToUserName": ACCOUNT, "Encrypt": "abc"})) == 403


# The envelope and the XML against an oracle


def test_what_we_seal_the_oracle_opens_and_the_other_way_round() -> None:
    seal, oracle = Seal(TOKEN, AES_KEY, APP_ID), WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    for text in ("<xml/>", "好" * 1000, "😀", "x" * 31):
        envelope = seal.sealed(text)
        given, timestamp, nonce = seal.signed(envelope)
        outer = document({"ToUserName": ACCOUNT, "Encrypt": envelope})
        assert oracle.decrypt_message(outer, given, timestamp, nonce) in (text, text.encode())
        theirs = parsed(oracle.encrypt_message(text, nonce, timestamp))
        assert seal.opened(theirs["Encrypt"]) == text
        assert not seal.check(theirs["MsgSignature"], timestamp, nonce, theirs["Encrypt"])
        assert seal.check(
            theirs["MsgSignature"], timestamp, nonce, theirs["Encrypt"]
        )  # once more: told as a repetition
        assert opened(envelope) == text
    with pytest.raises(Forged):
        Seal(TOKEN, AES_KEY, "another").opened(seal.sealed("x"))


@pytest.mark.parametrize("text", ["]]>", "a]]]]>>b", "<![CDATA[x]]>", "&amp;\x00\x08\ud800é😀"])
def test_no_text_breaks_the_xml(text: str) -> None:
    wanted = "".join(c for c in text if c not in "\x00\x08\ud800")
    body = document({"MsgType": "text", "Content": text, "FromUserName": "a", "ToUserName": "b", "CreateTime": "1", "MsgId": "1"})  # fmt: skip
    assert fields(body)["Content"] == wanted
    assert getattr(parse_message(body), "content", None) == wanted
    assert fields(document({"Image": {"MediaId": text}}))["Image.MediaId"] == wanted


def test_xml_with_a_document_type_is_none() -> None:
    with pytest.raises(BadXml):
        fields("<!DOCTYPE xml><xml/>")


async def test_following_remembers_which_calls_a_turn_answers(tmp_path: Path) -> None:
    async def pieces() -> AsyncGenerator[Piece]:
        yield Piece("shop:lee", "t", 1, 0, End(State.ANSWERED, None))

    async with account(tmp_path) as here:
        one, _ = here.channel.calls.of("1", "lee")
        await here.channel.follow(Asked("shop:lee", "t", "lee", ("1", "2")), pieces())
        here.channel.calls.settle("t")
        assert await one.answer == ""
