"""What every store promises: each test runs over SQLite and its twin in memory."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.message import (
    Attachment,
    Author,
    Delivery,
    File,
    Message,
    Part,
    Picture,
    Receipt,
    Recital,
    State,
    Text,
    VoiceNote,
)  # fmt: skip
from bot.settings import Data
from bot.store import Claim, Full, Record, Reply, SpokenLine, Stale, Store, memory, sqlite
from tests.fakes import message, soon

ROOM = "page:room"


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store]:
    opened = await (memory if request.param == "memory" else sqlite).open(Data(dir=tmp_path, max_gb=1e-3))
    yield opened
    await opened.close()


async def claimed(store: Store, room: str = ROOM) -> Claim:
    claim = await store.claim(room)
    assert claim
    return claim


def reply(text: str = "在。", state: State = State.ANSWERED, *deliveries: Part) -> Reply:
    return Reply(state, (Text(text),) if text else (), 2000.0, deliveries=deliveries)


async def test_a_message_is_written_down_once(store: Store) -> None:
    first, again = await store.accept(message("早")), await store.accept(message("另一句，同一个号"))
    assert (first.fresh, again.fresh) == (True, False)
    assert again.entry == first.entry
    assert first.entry.text == "早"
    assert (first.entry.door, first.entry.sender, first.entry.at) == ("page", "lee", 1000.0)
    other = await store.accept(message("早", channel="wechat"))
    assert other.fresh
    assert [e.text for e in await store.history(ROOM)] == ["早"]


async def test_all_kinds_of_parts_come_back_as_they_were(store: Store) -> None:
    parts = (Text('"\n\u202e😀'), Picture("a" * 64, "image/jpeg", 3, 4), VoiceNote("b", "audio/silk", 1.5, "喂"), File("c", "x/y", "名.txt", 9))  # fmt: skip
    await store.accept(replace(message(""), parts=parts))
    assert (await store.history(ROOM))[0].parts == parts


async def test_concurrent_arrivals_get_numbers_in_order_and_none_is_lost(store: Store) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(store.accept(message(f"{number}", f"{number % 250}", chat=f"{number % 7}")))
    found = [e for chat in range(7) for e in await store.history(f"page:{chat}", limit=1000)]
    assert sorted(int(e.id) for e in found) == list(range(250))
    assert len({e.number for e in found}) == 250


async def test_arrivals_ring_for_what_came_after_listening_began(store: Store) -> None:
    await store.accept(message("早", "1", chat="before"))
    arrivals = aiter(store.arrivals())
    await store.accept(message("早", "2"))
    await store.accept(replace(message("路过", "3", chat="other"), addressed=False))
    await store.accept(message("早", "4", chat="last"))
    assert [await soon(anext(arrivals)) for _ in range(2)] == [ROOM, "page:last"]
    assert await store.waiting() == ["page:before", ROOM, "page:last"]


async def test_the_longest_waiting_come_first(store: Store) -> None:
    await store.accept(message("早", "1", chat="a"))
    await store.accept(message("早", "2", chat="b"))
    await store.finish(await claimed(store, "page:a"), reply())
    await store.accept(message("早", "3", chat="a"))
    assert await store.waiting() == ["page:b", "page:a"]


async def test_a_message_rings_although_nobody_waits_for_its_receipt(store: Store) -> None:
    arrivals = aiter(store.arrivals())
    async with asyncio.TaskGroup() as group:
        accepting = group.create_task(store.accept(message("早")))
        await asyncio.sleep(0)
        accepting.cancel()
    assert await soon(anext(arrivals)) == ROOM
    claim = await claimed(store)
    await store.release(claim)
    assert await soon(anext(arrivals)) == ROOM


async def test_every_listener_hears_at_its_own_pace(store: Store) -> None:
    one, two = aiter(store.arrivals()), aiter(store.arrivals())
    for number in range(3):
        await store.accept(message("早", f"{number}"))
        assert await soon(anext(one)) == ROOM
    assert await soon(anext(two)) == ROOM
    await store.accept(message("早", "x", chat="other"))
    assert [await soon(anext(each)) for each in (one, two)] == ["page:other"] * 2


async def test_a_claim_covers_consecutive_messages_of_one_sender_and_door(store: Store) -> None:
    said = [
        message("一", "1"), replace(message("路过", "2", sender="kim"), addressed=False), message("二", "3"),
        message("三", "4", sender="kim"), message("四", "5"),
    ]  # fmt: skip
    for each in said:
        await store.accept(each)
    claim = await claimed(store)
    assert [e.text for e in claim.entries] == ["一", "二"]
    assert {(e.state, e.attempts, e.turn) for e in claim.entries} == {(State.CLAIMED, 1, claim.turn)}
    assert await store.claim(ROOM) is None
    assert await store.waiting() == []
    await store.finish(claim, reply())
    assert [e.text for e in (await claimed(store)).entries] == ["三"]


async def test_a_claim_without_merging_takes_one(store: Store) -> None:
    await store.accept(message("一", "1"))
    await store.accept(message("二", "2"))
    claim = await store.claim(ROOM, merge=False)
    assert claim
    assert [e.text for e in claim.entries] == ["一"]


async def test_a_claim_is_extended_by_its_sender_only(store: Store) -> None:
    await store.accept(message("一", "1"))
    claim = await claimed(store)
    await store.accept(message("二", "2"))
    await store.accept(message("三", "3", sender="kim"))
    await store.accept(message("四", "4"))
    bigger = await store.extend(claim)
    assert [e.text for e in bigger.entries] == ["一", "二"]
    assert (bigger.turn, bigger.fence) == (claim.turn, claim.fence)


async def test_a_stale_claim_is_refused(store: Store) -> None:
    await store.accept(message("一", "1"))
    old = await claimed(store)
    await store.release(old)
    new = await claimed(store)
    assert new.fence > old.fence
    assert new.entries[0].attempts == 2
    with pytest.raises(Stale):
        await store.finish(old, reply())
    with pytest.raises(Stale):
        await store.extend(old)
    await store.release(old)
    assert await store.claim(ROOM) is None
    assert (await store.finish(new, reply())) is not None
    with pytest.raises(Stale):
        await store.finish(new, reply("又一次"))
    assert len(await store.history(ROOM)) == 2


async def test_finish_writes_reply_states_and_deliveries_together(store: Store) -> None:
    departures = aiter(store.departures())
    await store.accept(replace(message("在吗", channel="wechat"), door="page"))
    await store.accept(message("在吗", channel="wechat", chat="two"))
    claim = await claimed(store, "wechat:room")
    detail = {"persona": "ayin", "timings": {"text": 0.5}, "cues": [["smile", 1.0, 0]]}
    entry = await store.finish(claim, replace(reply("在。", State.ANSWERED, Text("在。")), detail=detail, heard=1))
    assert entry
    assert (entry.author, entry.turn, entry.heard, entry.detail) == (Author.PERSONA, claim.turn, 1, detail)
    assert await soon(anext(departures)) == "wechat:room"
    assert await store.deliveries(ROOM) == []
    assert await store.undelivered() == ["wechat:room"]
    assert await store.deliveries("wechat:room") == [Delivery(f"{claim.turn}/0", "wechat:room", "page", Text("在。"))]
    assert [e.state for e in await store.history("wechat:room")] == [State.ANSWERED, State.ANSWERED]


async def test_a_reply_without_parts_leaves_no_entry(store: Store) -> None:
    await store.accept(message("在吗"))
    assert await store.finish(await claimed(store), reply("", State.STOPPED)) is None
    assert [e.state for e in await store.history(ROOM)] == [State.STOPPED]


async def test_deliveries_come_in_order_until_they_are_received(store: Store) -> None:
    await store.accept(message("在吗"))
    claim = await claimed(store)
    await store.finish(claim, reply("一", State.ANSWERED, Text("一"), Text("二")))
    await store.note(ROOM, "", "提醒", turn=claim.turn, at=1.0, deliver=True)
    one, two, three = await store.deliveries(ROOM)
    assert [each.part for each in (one, two, three)] == [Text("一"), Text("二"), Text("提醒")]
    assert await store.deliveries(ROOM, limit=1) == [one]
    await store.receipt(Receipt(one.key, delivered=True))
    await store.receipt(Receipt(two.key, delivered=False, detail="busy"))
    left = await store.deliveries(ROOM)
    assert [(each.key, each.attempts) for each in left] == [(two.key, 1), (three.key, 0)]


async def test_history_comes_in_pages(store: Store) -> None:
    for number in range(7):
        await store.accept(message(f"{number}", f"{number}"))
    newest = await store.history(ROOM, limit=3)
    assert [e.text for e in newest] == ["4", "5", "6"]
    assert [e.text for e in await store.history(ROOM, before=newest[0].number, limit=3)] == ["1", "2", "3"]
    assert await store.history(ROOM, before=0) == await store.history(ROOM, limit=0) == []
    assert await store.history("page:nowhere") == []
    assert await store.entry(ROOM, newest[0].number) == newest[0]
    assert await store.entry("page:other", newest[0].number) is None


async def test_what_is_known_of_a_reply_grows(store: Store) -> None:
    await store.accept(message("在吗"))
    claim = await claimed(store)
    await store.heard(ROOM, claim.turn, 5)  # before there is a reply: nothing to amend
    assert await store.amend(ROOM, claim.turn, state=State.STOPPED) is None
    entry = await store.finish(claim, replace(reply("从前有座山"), detail={"brain": "x", "voice": ""}))
    assert entry
    assert entry.heard is None
    for characters in (3, 2):
        await store.heard(ROOM, claim.turn, characters)
    amended = await store.amend(ROOM, claim.turn, detail={"voice": "edge"}, state=State.STOPPED)
    assert amended
    assert (amended.heard, amended.detail, amended.state) == (3, {"brain": "x", "voice": "edge"}, State.STOPPED)
    assert (await store.history(ROOM))[-1] == amended
    assert await store.amend("page:other", claim.turn, state=State.FAILED) is None


async def test_what_json_cannot_say_is_the_callers_fault_alone(store: Store) -> None:
    await store.accept(message("在吗"))
    claim = await claimed(store)
    with pytest.raises(TypeError):
        await store.finish(claim, replace(reply(), detail={"brain": object()}))
    entry = await store.finish(claim, replace(reply(), detail={"visemes": (("aa", 1),), 3: None}))
    assert entry
    assert entry.detail == {"visemes": [["aa", 1]], "3": None}
    with pytest.raises(TypeError):
        await store.amend(ROOM, claim.turn, detail={"brain": object()}, state=State.FAILED)
    assert await store.history(ROOM) == [replace(claim.entries[0], state=State.ANSWERED), entry]


async def test_half_an_emoji_does_no_harm(store: Store) -> None:
    await store.accept(replace(message("早"), sender_name="小\ud83d"))
    entry = await store.finish(await claimed(store), replace(reply("好\ud83d"), detail={"cut": "\ude00"}))
    assert entry
    assert (await store.history(ROOM))[1] == entry
    assert (entry.text, entry.detail) == ("好\ud83d", {"cut": "\ude00"})
    assert (await store.history(ROOM))[0].sender_name == "小?"


async def test_only_replies_are_rated(store: Store) -> None:
    asked = await store.accept(message("在吗"))
    entry = await store.finish(await claimed(store), reply())
    assert entry
    assert await store.rate(ROOM, entry.number, -1)
    assert not await store.rate(ROOM, asked.entry.number, 1)
    assert not await store.rate("page:other", entry.number, 1)
    assert (await store.history(ROOM))[-1].rating == -1


async def test_a_users_messages_are_counted(store: Store) -> None:
    for number in range(3):
        await store.accept(replace(message("早", f"{number}"), at=1000.0 + number))
    await store.accept(message("早", "x", sender="kim"))
    assert await store.said_since("page", "lee", 1001.0) == 2
    assert await store.said_since("wechat", "lee", 0.0) == 0


async def test_a_conversation_has_one_owner(store: Store) -> None:
    assert await store.own("page:a", "page", "lee")
    assert not await store.own("page:a", "page", "kim")
    assert await store.own("page:b", "page", "lee")
    assert not await store.own("wechat:c", "page", "lee")
    assert await store.conversations("page", "lee") == ["page:b", "page:a"]
    await store.accept(message("早", "9"))
    assert await store.own(ROOM, "page", "lee")
    await store.accept(replace(message("大家好", "10", chat="group"), group=True))
    assert not await store.own("page:group", "page", "lee")


async def owned(store: Store, *rooms: str) -> None:
    for room in rooms:
        assert await store.own(room, "page", "lee")


async def test_media_belongs_to_its_conversations(store: Store) -> None:
    await owned(store, "page:a", "page:b")
    hash = await store.keep("page:a", b"picture", "image/jpeg")
    assert hash == await store.keep("page:b", b"picture", "image/jpeg")
    assert await store.media("page:a", hash) == ("image/jpeg", b"picture")
    assert await store.media("page:c", hash) is None
    assert await store.media("page:a", "0" * 64) is None


async def test_the_same_bytes_may_be_kept_at_the_same_time(store: Store) -> None:
    rooms = [f"page:{number}" for number in range(20)]
    await owned(store, *rooms)
    data = b"the same" * 10000
    assert len(set(await asyncio.gather(*(store.keep(room, data, "audio/mpeg") for room in rooms)))) == 1
    hash = await store.keep(rooms[0], data, "audio/mpeg")
    assert [await store.media(room, hash) for room in rooms] == [("audio/mpeg", data)] * 20


async def test_a_message_and_a_reply_bring_their_media_with_them(store: Store) -> None:
    await owned(store, "page:a")
    picture = await store.keep("page:a", b"picture", "image/jpeg")
    sound = await store.keep("page:a", b"sound", "audio/mpeg")
    await store.accept(replace(message("看"), parts=(Picture(picture, "image/jpeg"),)))
    assert await store.media(ROOM, picture)
    assert await store.media(ROOM, sound) is None
    await store.finish(await claimed(store), replace(reply(), media=(sound,)))
    assert await store.media(ROOM, sound)


async def test_a_spoken_line_is_found_by_whoever_hears_it_next(store: Store) -> None:
    await owned(store, "page:a", "page:b")
    assert await store.line("page:a", "key") is None
    line = SpokenLine(b"mp3", {"seconds": 1.2, "visemes": [["aa", 0, 80, 1.0]]})
    hash = await store.keep_line("page:a", "key", line)
    assert await store.media("page:b", hash) is None
    assert await store.line("page:b", "key") == line
    assert await store.media("page:b", hash) == ("audio/mpeg", b"mp3")
    newer = replace(line, detail={"seconds": 1.3})
    assert await store.keep_line("page:a", "key", newer) == hash
    assert await store.line("page:a", "key") == newer


KILO = 1000
"""Bytes; the stores here have room for a thousand of these."""


async def test_old_sounds_make_room_and_pictures_stay(store: Store) -> None:
    await owned(store, "page:a")
    picture = await store.keep("page:a", b"p" * 100 * KILO, "image/jpeg")
    old = await store.keep_line("page:a", "old", SpokenLine(b"1" * 500 * KILO, {}))
    played = await store.keep("page:a", b"2" * 100 * KILO, "audio/mpeg")
    used = await store.keep("page:a", b"3" * 250 * KILO, "audio/mpeg")
    await store.line("page:a", "old")
    await store.media("page:a", played)
    new = await store.keep("page:a", b"4" * 300 * KILO, "audio/mpeg")
    there = [await store.media("page:a", hash) is not None for hash in (picture, old, played, used, new)]
    assert there == [True, True, True, False, True]
    with pytest.raises(Full):
        await store.keep("page:a", b"5" * 950 * KILO, "image/png")
    there = [await store.media("page:a", hash) is not None for hash in (picture, old, played, used, new)]
    assert there == [True, True, True, False, True], "what cannot fit drives nothing out"
    assert await store.line("page:a", "old")


async def test_what_is_still_to_be_sent_makes_no_room(store: Store) -> None:
    await store.accept(message("说"))
    claim = await claimed(store)
    voice = await store.keep(ROOM, b"v" * 600 * KILO, "audio/silk")
    later = await store.keep(ROOM, b"l" * 300 * KILO, "audio/mpeg")
    await store.finish(claim, reply("好", State.ANSWERED, VoiceNote(voice, "audio/silk", 1.0)))
    await store.keep(ROOM, b"n" * 400 * KILO, "audio/mpeg")
    assert await store.media(ROOM, voice)
    assert await store.media(ROOM, later) is None
    await store.receipt(Receipt(f"{claim.turn}/0", delivered=True))
    await store.keep(ROOM, b"m" * 500 * KILO, "audio/mpeg")
    await store.keep(ROOM, b"o" * 500 * KILO, "audio/mpeg")
    assert await store.media(ROOM, voice) is None


async def test_forgetting_leaves_nothing_of_the_user_and_all_of_others(store: Store) -> None:
    await store.accept(message("我的秘密", "1"))
    await store.accept(replace(message("群里说的", "2", chat="group"), group=True))
    await store.accept(message("别人的", "3", chat="kims", sender="kim"))
    claim = await claimed(store)
    picture = await store.keep("page:group", b"from me to all", "image/jpeg")
    await store.accept(replace(message("", "4", chat="group"), group=True, parts=(Picture(picture, "image/jpeg"),)))
    theirs = await store.keep("page:group", b"from kim to all", "image/jpeg")
    shown = (Picture(theirs, "image/jpeg"),)
    for id, sender in (("5", "kim"), ("6", "lee")):
        await store.accept(replace(message("", id, chat="group", sender=sender), group=True, parts=shown))
    mine = await store.keep(ROOM, b"mine", "image/jpeg")
    both = await store.keep(ROOM, b"both", "image/jpeg")
    await store.keep("page:kims", b"both", "image/jpeg")
    await store.keep_line(ROOM, "my line", SpokenLine(b"line", {}))
    await store.keep_line(ROOM, "our line", SpokenLine(b"ours", {}))
    await store.line("page:kims", "our line")
    await store.forget("page", "lee")
    assert await store.history(ROOM) == []
    assert [e.id for e in await store.history("page:group")] == ["5"]
    assert await store.media("page:group", picture) is None
    assert await store.media("page:group", theirs)
    assert [e.text for e in await store.history("page:kims")] == ["别人的"]
    assert await store.conversations("page", "lee") == []
    assert await store.said_since("page", "lee", 0.0) == 0
    with pytest.raises(Stale):
        await store.finish(claim, reply())
    assert await store.media(ROOM, mine) is None
    assert await store.media("page:kims", both) == ("image/jpeg", b"both")
    assert await store.line("page:kims", "my line") is None
    assert await store.line("page:kims", "our line")
    assert (await store.accept(message("我又来了", "1"))).fresh
    assert [e.text for e in await store.history(ROOM)] == ["我又来了"]


async def test_a_turn_that_outlives_its_user_leaves_nothing(store: Store) -> None:
    await store.accept(message("我的秘密"))
    claim = await claimed(store)
    await store.own("page:kims", "page", "kim")
    await store.forget("page", "lee")
    hash = await store.keep(ROOM, b"to lee", "audio/mpeg")
    await store.keep_line(ROOM, "key", SpokenLine(b"to lee, too", {}))
    await store.release(claim)
    assert await store.line("page:kims", "key") is None
    assert await store.claim(ROOM) is None
    with pytest.raises(Stale):
        await store.extend(claim)
    assert await store.conversations("page", "lee") == []
    await store.accept(message("我又来了", "2"))
    assert await store.media(ROOM, hash) is None
    with pytest.raises(Stale):
        await store.finish(claim, reply())


async def test_forgetting_voids_the_turn_in_a_group_and_the_others_are_answered(store: Store) -> None:
    for id, sender in (("1", "lee"), ("2", "kim")):
        await store.accept(replace(message(f"{sender}问", id, chat="group", sender=sender), group=True))
    claim = await claimed(store, "page:group")
    await store.forget("page", "lee")
    with pytest.raises(Stale):
        await store.finish(claim, reply())
    assert [e.text for e in (await claimed(store, "page:group")).entries] == ["kim问"]
    assert await store.forget("page", "nobody") is None


async def test_a_cancelled_call_does_not_hang_the_store(store: Store) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(store.accept(message("早", "1")))
        await asyncio.sleep(0)
        task.cancel()
    assert (await store.accept(message("早", "2"))).fresh


def test_messages_are_what_the_tests_think() -> None:
    assert message("早") == Message("1", "page", ROOM, "lee", (Text("早"),), at=1000.0)


async def test_a_delivery_that_waits_is_not_an_attempt_and_a_hopeless_one_is_over(store: Store) -> None:
    await store.accept(message("早"))
    claim = await claimed(store)
    await store.finish(claim, reply("早呀", State.ANSWERED, Text("早"), Text("呀")))
    one, two = await store.deliveries(ROOM)
    await store.receipt(Receipt(one.key, delivered=False, detail="quota", waits=True))
    assert [(each.key, each.attempts) for each in await store.deliveries(ROOM)] == [(one.key, 0), (two.key, 0)]
    await store.receipt(Receipt(one.key, delivered=False, detail="never", hopeless=True))
    assert await store.deliveries(ROOM) == [two]
    await store.receipt(Receipt(two.key, delivered=True))
    assert (await store.deliveries(ROOM), await store.undelivered()) == ([], [])


async def test_what_a_delivery_becomes_stands_in_its_place(store: Store) -> None:
    await store.accept(message("早"))
    claim = await claimed(store)
    await store.finish(claim, reply("早呀", State.ANSWERED, Text("早呀"), Recital("早呀")))
    await store.accept(message("走了", "2"))
    await store.finish(await claimed(store), reply("再见", State.ANSWERED, Text("再见")))
    hash = await store.keep(ROOM, b"sound", "audio/mpeg")
    notes = VoiceNote(hash, "audio/mpeg", 60.0), VoiceNote(hash, "audio/mpeg", 1.0)
    for _ in range(2):  # as after a kill in between
        await store.instead(f"{claim.turn}/1", notes)
    assert [each.part for each in await store.deliveries(ROOM)] == [Text("早呀"), *notes, Text("再见")]
    assert [each.key for each in await store.deliveries(ROOM)][1:3] == [f"{claim.turn}/1.0", f"{claim.turn}/1.1"]


async def test_attachments_are_unpacked_in_their_entry(store: Store) -> None:
    sent = replace(message(""), parts=(Attachment("voice", "ref", seconds=2.5, transcript="喂"),))
    entry = (await store.accept(sent)).entry
    assert entry.text == "喂"
    assert await store.unpack("page:other", entry.number, [Text("别人的")]) is None
    hash = await store.keep(ROOM, b"sound", "audio/mpeg")
    unpacked = await store.unpack(ROOM, entry.number, [VoiceNote(hash, "audio/mpeg", 2.5, "喂")])
    assert unpacked
    assert unpacked.parts == (VoiceNote(hash, "audio/mpeg", 2.5, "喂"),)
    assert await store.entry(ROOM, entry.number) == unpacked


async def test_channels_remember_each_for_itself(store: Store) -> None:
    await store.remember("wechat", "cursor:one", "abc")
    await store.remember("wechat", "cursor:two", "def")
    await store.remember("page", "cursor:one", "page")
    await store.remember("wechat", "cursor:one", "abd")
    assert await store.recall("wechat", "cursor:one") == "abd"
    assert await store.recall("wechat", "cursor:three") == ""
    assert await store.recollect("wechat", "cursor:") == {"cursor:one": "abd", "cursor:two": "def"}
    await store.remember("wechat", "cursor:one", "")
    assert await store.recollect("wechat", "") == {"cursor:two": "def"}


async def test_a_link_leads_one_user_into_a_conversation_once(store: Store) -> None:
    room = "wechat:room"
    await store.accept(message("见面", channel="wechat"))
    await store.invite("old", room, 100.0)
    await store.invite("code", room, 100.0)
    assert await store.redeem("old", "page", "guest", 50.0) is None
    assert await store.redeem("code", "page", "late", 101.0) is None
    assert not await store.own(room, "page", "guest")
    assert await store.redeem("code", "page", "guest", 50.0) == room
    assert await store.redeem("code", "page", "other", 50.0) is None
    assert await store.own(room, "page", "guest")
    assert not await store.own(room, "page", "other")
    await store.own("page:mine", "page", "guest")
    assert await store.conversations("page", "guest") == [room, "page:mine"]
    assert await store.revoke(room) == 1
    assert not await store.own(room, "page", "guest")
    assert await store.conversations("page", "guest") == ["page:mine"]
    await store.invite("void", room, 100.0)
    assert await store.revoke(room) == 0
    assert await store.redeem("void", "page", "guest", 50.0) is None


async def test_a_person_is_forgotten_behind_every_door(store: Store) -> None:
    room = "wechat:room"
    await store.accept(message("见面", channel="wechat"))
    await store.remember("wechat", "context:lee", "token")
    await store.remember("wechat", "context:kim", "token")
    await store.invite("code", room, 100.0)
    await store.redeem("code", "page", "guest", 50.0)
    await store.invite("next", room, 100.0)
    await store.own("page:mine", "page", "guest")
    await store.accept(replace(message("你好", "2", channel="page", sender="guest"), conversation=room, door="page"))
    await store.forget("page", "guest")
    assert await store.history(room) == []
    assert await store.conversations("wechat", "lee") == []
    assert await store.conversations("page", "guest") == []
    assert await store.recollect("wechat", "context:") == {"context:kim": "token"}
    assert await store.redeem("next", "page", "guest", 50.0) is None


# Records, and who is who


async def test_records_are_kept_by_kind_and_id_in_the_order_of_their_time(store: Store) -> None:
    late, soon_, other = (
        Record("wish", "b", at=9.0, value={"x": [1, "二"]}),
        Record("wish", "a", "7", 5.0),
        Record("fact", "a"),
    )
    assert await store.put(late, soon_, other)
    assert await store.records("wish") == [soon_, late]
    assert await store.records("wish", owner="7") == [soon_]
    assert await store.records("wish", before=5.0) == [soon_]
    assert await store.records("wish", limit=1) == [soon_]
    assert await store.record("wish", "b") == late
    assert await store.record("wish", "none") is None
    assert await store.put(Record("wish", "b", value={"x": 2}))
    assert (await store.record("wish", "b") or late).value == {"x": 2}
    assert await store.drop("wish", "a", "none") == 1
    assert [each.id for each in await store.records("wish")] == ["b"]


async def test_a_fresh_record_never_takes_the_place_of_another(store: Store) -> None:
    assert await store.put(Record("effect", "1", value={"first": True}), fresh=True)
    assert not await store.put(Record("effect", "1"), Record("effect", "2"), fresh=True)
    assert [each.value for each in await store.records("effect")] == [{"first": True}]


async def test_joined_users_are_one_person_and_part_again(store: Store) -> None:
    await store.accept(message("早", sender="lee"))
    await store.accept(message("晚", id="2", channel="wechat", chat="lee", sender="wx-lee"))
    hers, his = await store.person("page", "lee"), await store.person("wechat", "wx-lee")
    assert hers
    assert his not in ("", hers)
    await store.put(Record("fact", "a", hers), Record("fact", "b", his))
    await store.join("wechat", "wx-lee", hers)
    assert await store.users(hers) == [("page", "lee"), ("wechat", "wx-lee")]
    assert [each.id for each in await store.records("fact", owner=hers)] == ["a", "b"]
    alone = await store.part("wechat", "wx-lee")
    assert alone not in ("", hers)
    assert await store.person("wechat", "wx-lee") == alone
    assert [each.id for each in await store.records("fact", owner=hers)] == ["a", "b"]
    assert await store.person("page", "nobody") == ""


async def test_records_go_with_their_person(store: Store) -> None:
    await store.accept(message("早", sender="lee"))
    person = await store.person("page", "lee")
    await store.put(Record("fact", "a", person), Record("fact", "b"))
    await store.forget("page", "lee")
    assert [each.id for each in await store.records("fact")] == ["b"]


async def test_what_the_house_says_waits_for_an_answer_once(store: Store) -> None:
    due = replace(message("到点了", id="reminder:1"), author=Author.SYSTEM)
    first, again = await store.accept(due), await store.accept(due)
    assert (first.fresh, again.fresh) == (True, False)
    assert first.entry.author is Author.SYSTEM
    assert [entry.author for entry in (await claimed(store)).entries] == [Author.SYSTEM]
    assert await store.said_since("page", "lee", 0.0) == 0


async def test_nobody_new_is_taken_for_somebody_forgotten(store: Store) -> None:
    await store.accept(message("我住在杭州", sender="lee"))
    gone = await store.person("page", "lee")
    await store.forget("page", "lee")
    await store.accept(message("早", id="2", chat="han", sender="han"))
    assert await store.person("page", "han") not in ("", gone)


async def test_nothing_is_kept_of_a_person_any_more_who_was_forgotten(store: Store) -> None:
    await store.accept(message("我住在杭州", sender="lee"))
    gone = await store.person("page", "lee")
    await store.forget("page", "lee")
    late = Record("fact", "late", gone)  # somebody was still thinking it over
    assert not await store.put(late, Record("fact", "other"))
    assert not await store.put(late, fresh=True)
    assert await store.records("fact") == []
    assert await store.put(Record("fact", "other"))


async def test_what_belongs_to_a_conversation_goes_with_it_whoever_it_was_noted_for(store: Store) -> None:
    await store.accept(message("早", sender="lee"))
    await store.accept(message("晚", id="2", channel="wechat", chat="lee", sender="wx-lee"))
    hers = await store.person("page", "lee")
    await store.join("wechat", "wx-lee", hers)
    here, there = "wechat:lee", ROOM
    await store.put(
        Record("window", here, hers, value={"summary": "聊了搬家"}),
        Record("window", there, hers, value={"summary": "聊了别的"}),
        Record("memory_read", f"mia/{here}", hers, value={"number": 7}),
        Record("reminder", "a", hers, value={"conversation": here}),
        Record("reminder", "b", hers, value={"conversation": there}),
        Record("fact", "c", hers, value={"text": "住在杭州"}),
    )
    await store.part("wechat", "wx-lee")
    await store.forget("wechat", "wx-lee")
    kinds = ("window", "memory_read", "reminder", "fact")
    assert [each.id for kind in kinds for each in await store.records(kind)] == [there, "b", "c"]


async def test_who_is_alone_already_stays_who_they_are(store: Store) -> None:
    await store.accept(message("早", sender="lee"))
    await store.accept(message("晚", id="2", chat="han", sender="han"))
    person = await store.person("page", "lee")
    await store.put(Record("fact", "a", person))
    assert await store.part("page", "lee") == person
    await store.forget("page", "lee")
    assert await store.records("fact") == []
