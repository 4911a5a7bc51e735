"""iLink to the letter: wire format, login, accounts, cursors, quotas, media; against a stand-in that follows the fact sheet."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.channel import Admission, Asked, ChannelError, Step, _ilink_accounts, _ilink_peer, ilink
from bot.channel._ilink_accounts import Account
from bot.message import (
    Attachment,
    Author,
    Delivery,
    End,
    Entry,
    File,
    Message,
    Part,
    Picture,
    Piece,
    Receipt,
    State,
    Text,
    VoiceNote,
)  # fmt: skip
from tests.channel.rigs import Notes, Told, premises
from tests.fakes import soon
from tests.standins.ilink import Bot, IlinkStandIn, Json, sealed, serve, text


@dataclass
class Desk:
    """Takes messages in, or refuses them."""

    taken: list[Message] = field(default_factory=list[Message])
    came: asyncio.Queue[Message] = field(default_factory=asyncio.Queue[Message])
    refuse: list[str] = field(default_factory=list[str])

    async def accept(self, message: Message) -> Admission:
        if self.refuse:
            return Admission(None, refusal=self.refuse.pop(0))
        fresh = message.id not in [each.id for each in self.taken]
        self.taken.append(message)
        self.came.put_nowait(message)
        entry = Entry(len(self.taken), message.conversation, "shop", Author.USER, State.RECEIVED, message.parts, 0.0)
        return Admission(entry, fresh=fresh)

    async def next(self) -> Message:
        return await soon(self.came.get())


@dataclass
class Shop:
    """A channel with one user, lee."""

    standin: IlinkStandIn
    folder: Path
    memo: Notes = field(default_factory=Notes)
    told: Told = field(default_factory=Told)
    desk: Desk = field(default_factory=Desk)
    lee: Bot = field(init=False)
    channel: ilink.Ilink = field(init=False)

    def enrol(self, user: str) -> Bot:
        bot = self.standin.bind(user)
        _ilink_accounts.save(self.folder / "credentials", Account(bot.id, bot.token, self.standin.url, user))
        return bot

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Shop"]:
        keys = ilink.Keys(kind="ilink", base_url=self.standin.url, cdn_url=f"{self.standin.url}/c2c")
        self.channel = ilink.open("shop", keys, premises(self.folder, self.memo, self.told))
        self.channel.pauses = (0.01, 0.02)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self.channel.listen(self.desk.accept))
            try:
                yield self
            finally:
                listening.cancel()
        await soon(self.channel.close())

    async def send(self, part: Part, key: str = "turn/0", data: bytes = b"", user: str = "lee") -> Receipt:
        (receipt,) = await soon(self.channel.send([Delivery(key, f"shop:{user}", "shop", part, data=data)]))
        return receipt

    async def hears(self, *items: Json) -> Message:
        self.standin.say(self.lee, *items)
        return await self.desk.next()


@pytest.fixture
async def standin() -> AsyncGenerator[IlinkStandIn]:
    standin = IlinkStandIn()
    standin.empty = "all"
    runner = await serve(standin)
    yield standin
    await runner.cleanup()
    assert standin.broken == []


@pytest.fixture
async def shop(standin: IlinkStandIn, tmp_path: Path) -> AsyncGenerator[Shop]:
    shop = Shop(standin, tmp_path)
    shop.lee = shop.enrol("lee")
    async with shop.open():
        yield shop


async def test_a_text_goes_out_as_the_official_client_sends_it(shop: Shop) -> None:
    said = await shop.hears(text("你好"))
    assert (said.text, said.sender, said.conversation) == ("你好", "lee", "shop:lee")
    assert int(said.id) > 2**53
    assert (await shop.send(Text("回复"), "abc/0")).delivered
    path, body, headers = shop.standin.asked[-1]
    assert path == "sendmessage"
    assert headers["Authorization"] == f"Bearer {shop.lee.token}"
    message = body["msg"]
    assert message.pop("client_id").startswith("zhiyin:")
    assert message == {
        "from_user_id": "", "to_user_id": "lee", "message_type": 2, "message_state": 2, "run_id": "abc",
        "context_token": shop.lee.messages[-1]["context_token"], "item_list": [{"type": 1, "text_item": {"text": "回复"}}],
    }  # fmt: skip
    assert body["base_info"] == {"channel_version": "2.4.9", "bot_agent": "Zhiyin/0.1.0"}


async def test_the_random_header_is_new_each_time(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.standin.burst = 9
    for number in range(2):
        await shop.send(Text("好"), f"t/{number}")
    assert len({headers["X-WECHAT-UIN"] for _, _, headers in shop.standin.asked}) == len(shop.standin.asked)


async def test_it_says_hello_and_goodbye(standin: IlinkStandIn, tmp_path: Path) -> None:
    shop = Shop(standin, tmp_path)
    shop.lee = shop.enrol("lee")
    async with shop.open():
        await shop.hears(text("你好"))
    assert (shop.lee.started, shop.lee.stopped) == (1, 1)


async def test_the_cursor_is_kept_after_the_messages_and_they_come_again_when_there_was_no_room(shop: Shop) -> None:
    shop.desk.refuse = ["full", "closing"]
    said = await shop.hears(text("别丢"))
    assert said.text == "别丢"
    while not shop.memo.kept.get(f"cursor:{shop.lee.id}"):
        await asyncio.sleep(0)
    await shop.hears(text("还有"))
    assert [each.text for each in shop.desk.taken] == ["别丢", "还有"]


@pytest.mark.parametrize("empty", ["all", "nothing"])
async def test_after_a_restart_it_goes_on_where_it_was(standin: IlinkStandIn, tmp_path: Path, empty: str) -> None:
    shop = Shop(standin, tmp_path)
    shop.lee = shop.enrol("lee")
    async with shop.open():
        await shop.hears(text("一"))
        while not shop.memo.kept.get(f"cursor:{shop.lee.id}"):
            await asyncio.sleep(0)
    standin.empty = empty
    standin.say(shop.lee, text("二"))
    async with shop.open():
        assert (await shop.desk.next()).text == "二"
        assert (await shop.send(Text("答"))).delivered  # how lee is reached was remembered


async def test_several_accounts_and_one_that_comes_later(shop: Shop) -> None:
    kim = shop.enrol("kim")
    shop.standin.say(kim, text("我是金"))
    assert (await shop.desk.next()).sender == "kim"
    await shop.hears(text("我是李"))
    assert (await shop.send(Text("李好"))).delivered
    assert (await shop.send(Text("金好"), "t/1", user="kim")).delivered
    assert [(each.user, each.text) for each in shop.standin.shown] == [("lee", "李好"), ("kim", "金好")]


async def test_without_an_account_the_operator_is_told_how_to_log_in(standin: IlinkStandIn, tmp_path: Path) -> None:
    shop = Shop(standin, tmp_path)
    async with shop.open():
        while not shop.told.words:
            await asyncio.sleep(0)
        assert "python -m bot login shop" in shop.told.words[0]
        with pytest.raises(ChannelError, match="login"):
            await shop.channel.probe()


async def test_a_dead_token_stops_one_account_and_asks_for_a_login_once(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await shop.hears(text("你好"))
    old = shop.lee
    shop.standin.bind("lee")  # the user scanned elsewhere
    old.more.set()
    assert (await shop.send(Text("在"))).waits
    assert (await shop.send(Text("在"))).waits
    assert len(shop.told.words) == 1
    assert "python -m bot login shop" in shop.told.words[0]
    shop.lee = shop.enrol("lee")
    assert (await shop.hears(text("回来了"))).text == "回来了"
    assert (await shop.send(Text("在"))).delivered
    assert old.token not in caplog.text + repr(shop.channel.accounts)


async def test_the_quota_waits_for_the_user(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.channel.peers.known["lee"].sent = _ilink_peer.BUDGET
    before = len(shop.standin.asked)
    receipt = await shop.send(Text("第十一条"))
    assert (receipt.delivered, receipt.waits) == (False, True)
    assert len(shop.standin.asked) == before  # the service is not asked in vain
    await shop.hears(text("继续"))
    assert (await shop.send(Text("第十一条"))).delivered


async def test_a_day_after_the_users_last_message_nothing_is_sent(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.channel.peers.known["lee"].at -= _ilink_peer.WINDOW_S
    assert (await shop.send(Text("还在吗"))).waits


@pytest.mark.parametrize(("answer", "waits"), [({"ret": -2, "errmsg": "prepare failed"}, True), ({"ret": -1}, False)])
async def test_what_the_service_refuses_is_told_truthfully(shop: Shop, answer: Json, waits: bool) -> None:
    await shop.hears(text("你好"))
    shop.standin.refuse["sendmessage"] = answer
    receipt = await shop.send(Text("在"))
    assert (receipt.delivered, receipt.waits, receipt.hopeless) == (False, waits, False)


async def test_messages_to_one_user_go_out_slowly_enough_for_the_service(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.standin.burst = 1
    for number in range(3):
        assert (await shop.send(Text(f"{number}"), f"t/{number}")).delivered
    assert [each.text for each in shop.standin.shown] == ["0", "1", "2"]


async def test_the_same_delivery_has_the_same_client_id(shop: Shop) -> None:
    await shop.hears(text("你好"))
    assert (await shop.send(Text("在"), "t/0")).delivered
    await shop.hears(text("又说"))
    assert (await shop.send(Text("在"), "t/0")).delivered
    assert (shop.standin.resent, len(shop.standin.shown)) == (1, 1)


async def test_somebody_unknown_is_waited_for(shop: Shop) -> None:
    with pytest.raises(ChannelError, match="not known"):
        await shop.send(Text("在"), user="nobody")


# Attachments


@pytest.mark.parametrize("raw", [True, False])
async def test_attachments_come_in_and_are_fetched(shop: Shop, raw: bool) -> None:
    data = bytes(range(256)) * 9
    place = shop.standin.store(data, raw=raw)
    said = await shop.hears(
        text("看"),
        {"type": 2, "image_item": {"media": place, "mid_size": 2304}},
        {"type": 3, "voice_item": {"media": place, "encode_type": 6, "playtime": 2380}},
        {"type": 4, "file_item": {"media": place, "file_name": "信.txt", "len": "2304"}},
        {"type": 5, "video_item": {"media": place, "video_size": 99}},
        {"type": 77},
    )
    first, *others = said.parts
    assert first == Text("看")
    attached = [each for each in others if isinstance(each, Attachment)]
    assert [(each.what, each.name, each.size, each.seconds) for each in attached] == [
        ("picture", "", 2304, 0.0), ("voice", "", 0, 2.38), ("file", "信.txt", 2304, 0.0), ("video", "video.mp4", 99, 0.0),
        ("item 77", "", 0, 0.0),
    ]  # fmt: skip
    for each in attached[:-1]:
        assert await soon(shop.channel.fetch(each.ref)) == data


async def test_a_transcript_of_the_service_is_taken(shop: Shop) -> None:
    said = await shop.hears({"type": 3, "voice_item": {"playtime": 1000, "text": "在吗"}})
    assert said.parts == (Attachment("voice", "", seconds=1.0, transcript="在吗"),)


async def test_an_image_may_tell_its_key_itself_or_have_none(shop: Shop) -> None:
    place = shop.standin.store(b"picture")
    key = shop.standin.media[place["encrypt_query_param"]].key
    said = await shop.hears({"type": 2, "image_item": {"media": {**place, "aes_key": ""}, "aeskey": key}})
    each = said.parts[0]
    assert isinstance(each, Attachment)
    assert await soon(shop.channel.fetch(each.ref)) == b"picture"
    said = await shop.hears({"type": 2, "image_item": {"media": {"encrypt_query_param": place["encrypt_query_param"]}}})
    each = said.parts[0]
    assert isinstance(each, Attachment)
    assert await soon(shop.channel.fetch(each.ref)) == sealed(b"picture", bytes.fromhex(key))


async def test_a_quotation_is_the_first_line(shop: Shop) -> None:
    quoted = {"ref_msg": {"message_item": text("几点\n开门")}, **text("再说一遍")}
    assert (await shop.hears(quoted)).text == "> 几点 开门\n再说一遍"


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/x", "https://evil.example/x", "https://qq.com.evil.example/", "file:///etc/passwd"]
)
async def test_only_the_services_own_hosts_are_asked(shop: Shop, url: str) -> None:
    said = await shop.hears({"type": 2, "image_item": {"media": {"full_url": url}}})
    each = said.parts[0]
    assert isinstance(each, Attachment)
    with pytest.raises(ChannelError, match="do not know") as error:
        await shop.channel.fetch(each.ref)
    assert not error.value.again


@pytest.mark.parametrize("damage", ["gone", "cut", "key"])
async def test_an_attachment_that_is_gone_or_broken(shop: Shop, damage: str) -> None:
    place = shop.standin.store(b"picture" * 99)
    kept = shop.standin.media[place["encrypt_query_param"]]
    if damage == "gone":
        del shop.standin.media[place["encrypt_query_param"]]
    elif damage == "cut":
        kept.data = kept.data[:-3]
    else:
        kept.data = sealed(b"picture" * 99, bytes(16))
    said = await shop.hears({"type": 4, "file_item": {"media": place, "file_name": "x", "len": "1"}})
    each = said.parts[0]
    assert isinstance(each, Attachment)
    with pytest.raises(ChannelError) as error:
        await soon(shop.channel.fetch(each.ref))
    assert not error.value.again


@pytest.mark.parametrize(
    ("part", "kind", "name"),
    [
        (Picture("h", "image/jpeg"), "image", ""), (VoiceNote("h", "audio/mpeg", 2.0), "file", "reply.mp3"),
        (File("h", "text/markdown", "聊天.md", 9), "file", "聊天.md"),
    ],
)  # fmt: skip
async def test_attachments_go_out_sealed(shop: Shop, part: Part, kind: str, name: str) -> None:
    await shop.hears(text("你好"))
    data = b"bytes of it" * 1000
    assert (await shop.send(part, data=data)).delivered
    (shown,) = shop.standin.shown
    assert (shown.kind, shown.name, shown.data) == (kind, name, data)


async def test_an_upload_is_tried_again_after_5xx_and_given_up_after_4xx(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.standin.cdn_status = [500, 503, 200]
    assert (await shop.send(File("h", "x/y", "a", 1), "t/0", b"a")).delivered
    shop.standin.cdn_status = [403]
    assert (await shop.send(File("h", "x/y", "b", 1), "t/1", b"b")).hopeless
    shop.standin.cdn_status = [500] * 3
    with pytest.raises(ChannelError):
        await shop.send(File("h", "x/y", "c", 1), "t/2", b"c")


async def test_a_token_that_dies_in_the_middle_of_an_upload(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.standin.refuse["getuploadurl"] = {"ret": -14}
    assert (await shop.send(File("h", "x/y", "a", 1), data=b"a")).waits
    assert len(shop.told.words) == 1


# Typing


async def pieces(done: asyncio.Event) -> AsyncGenerator[Piece]:
    await done.wait()
    yield Piece("shop:lee", "t", 1, 0, End(State.ANSWERED, None))


async def test_the_typing_sign_stands_until_the_reply(shop: Shop) -> None:
    await shop.hears(text("你好"))
    done = asyncio.Event()
    following = asyncio.ensure_future(shop.channel.follow(Asked("shop:lee", "t", "lee", ("1",)), pieces(done)))
    while shop.standin.typing != [("lee", 1)]:
        await asyncio.sleep(0)
    done.set()
    await soon(following)
    while shop.standin.typing != [("lee", 1), ("lee", 2)]:
        await asyncio.sleep(0)


async def test_a_typing_sign_that_fails_hurts_nobody(shop: Shop) -> None:
    await shop.hears(text("你好"))
    shop.standin.refuse["getconfig"] = {"ret": -1}
    done = asyncio.Event()
    done.set()
    await soon(shop.channel.follow(Asked("shop:lee", "t", "lee", ("1",)), pieces(done)))
    assert (await shop.send(Text("在"))).delivered


# Logging in


async def logged_in(standin: IlinkStandIn, folder: Path, codes: Sequence[str] = ()) -> list[Step]:
    left = list(codes)

    async def code() -> str:
        return left.pop(0)

    keys = ilink.Keys(kind="ilink", base_url=standin.url, login_pause_s=0)
    return [step async for step in ilink.login(keys, folder, code)]


def confirmed(standin: IlinkStandIn, bot: Bot) -> Json:
    return {
        "status": "confirmed", "bot_token": bot.token, "ilink_bot_id": bot.id, "baseurl": standin.url,
        "ilink_user_id": bot.user,
    }  # fmt: skip


async def test_a_scan_makes_an_account_that_only_we_can_read(standin: IlinkStandIn, tmp_path: Path) -> None:
    bot = standin.bind("lee")
    standin.qr = [{"status": "wait"}, {"status": "scaned"}, confirmed(standin, bot)]
    steps = await logged_in(standin, tmp_path / "shop")
    assert [step.kind for step in steps] == ["qr", "scanned", "done"]
    assert steps[0].text == "https://liteapp.example/q/1"
    (file,) = (tmp_path / "shop").iterdir()
    assert file.name == bot.id.replace("@", "-").replace(".", "-") + ".json"
    assert (file.stat().st_mode & 0o777, (tmp_path / "shop").stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(_ilink_accounts.read(tmp_path / "shop")) == [Account(bot.id, bot.token, standin.url, "lee")]


async def test_a_second_login_of_the_same_user_takes_the_place_of_the_first(
    standin: IlinkStandIn, tmp_path: Path
) -> None:
    for user in ("lee", "kim", "lee"):
        bot = standin.bind(user)
        standin.qr = [confirmed(standin, bot)]
        assert (await logged_in(standin, tmp_path))[-1].kind == "done"
    found = list(_ilink_accounts.read(tmp_path))
    assert sorted(account.user for account in found) == ["kim", "lee"]
    assert found[0].id == bot.id
    assert len(standin.tokens_seen[2]) == 2  # the service is told which bots are ours already


async def test_the_number_on_the_phone_is_asked_for_until_it_is_right(standin: IlinkStandIn, tmp_path: Path) -> None:
    bot = standin.bind("lee")
    standin.qr = [{"status": "scaned", "want_code": "42"}, confirmed(standin, bot)]
    steps = await logged_in(standin, tmp_path, ["41", "42"])
    assert [step.kind for step in steps] == ["qr", "code", "code", "scanned", "done"]
    assert "Wrong" in steps[2].text


async def test_expired_codes_are_renewed_twice(standin: IlinkStandIn, tmp_path: Path) -> None:
    standin.qr = [{"status": "expired"}, {"status": "verify_code_blocked"}, {"status": "expired"}]
    steps = await logged_in(standin, tmp_path)
    assert [step.kind for step in steps if step.kind != "wait"] == ["qr", "qr", "qr", "failed"]
    assert list(_ilink_accounts.read(tmp_path)) == []


async def test_a_bot_that_is_bound_already_stays(standin: IlinkStandIn, tmp_path: Path) -> None:
    standin.qr = [{"status": "binded_redirect"}]
    assert [step.kind for step in await logged_in(standin, tmp_path)] == ["qr", "done"]


async def test_another_data_centre_goes_on_with_the_login(standin: IlinkStandIn, tmp_path: Path) -> None:
    other = IlinkStandIn()
    runner = await serve(other)
    bot = other.bind("lee")
    standin.qr = [{"status": "scaned_but_redirect", "redirect_host": other.url}]
    other.qr = [confirmed(other, bot)]
    assert [step.kind for step in await logged_in(standin, tmp_path)] == ["qr", "done"]
    await runner.cleanup()


async def test_a_service_out_of_reach_is_told(tmp_path: Path) -> None:
    keys = ilink.Keys(kind="ilink", base_url="http://127.0.0.1:9")

    async def code() -> str:
        return ""

    with pytest.raises(ChannelError):
        _ = [step async for step in ilink.login(keys, tmp_path, code)]


def test_a_broken_account_file_is_left_out(tmp_path: Path) -> None:
    _ilink_accounts.save(tmp_path, Account("a@im.bot", "t", "https://x", "lee"))
    (tmp_path / "b.json").write_text("{")
    (tmp_path / "c.json").write_text(json.dumps({"id": "c"}))
    assert [account.id for account in _ilink_accounts.read(tmp_path)] == ["a@im.bot"]
