"""What every store promises: each test runs over SQLite and its twin in memory."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.message import Author, Delivery, File, Message, Part, Picture, Receipt, State, Text, VoiceNote
from bot.settings import Data
from bot.store import Claim, Full, Reply, SpokenLine, Stale, Store, memory, sqlite
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
    assert await soon(anext(departures)) == "page"
    assert await store.deliveries("wechat") == []
    assert await store.deliveries("page") == [Delivery(f"{claim.turn}/0", "wechat:room", "page", Text("在。"))]
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
    one, two, three = await store.deliveries("page")
    assert [each.part for each in (one, two, three)] == [Text("一"), Text("二"), Text("提醒")]
    assert await store.deliveries("page", limit=1) == [one]
    await store.receipt(Receipt(one.key, delivered=True))
    await store.receipt(Receipt(two.key, delivered=False, detail="busy"))
    left = await store.deliveries("page")
    assert [(each.key, each.attempts) for each in left] == [(two.key, 1), (three.key, 0)]


async def test_history_comes_in_pages(store: Store) -> None:
    for number in range(7):
        await store.accept(message(f"{number}", f"{number}"))
    newest = await store.history(ROOM, limit=3)
    assert [e.text for e in newest] == ["4", "5", "6"]
    assert [e.text for e in await store.history(ROOM, before=newest[0].number, limit=3)] == ["1", "2", "3"]
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


async def test_media_belongs_to_its_conversations(store: Store) -> None:
    hash = await store.keep("page:a", b"picture", "image/jpeg")
    assert hash == await store.keep("page:b", b"picture", "image/jpeg")
    assert await store.media("page:a", hash) == ("image/jpeg", b"picture")
    assert await store.media("page:c", hash) is None
    assert await store.media("page:a", "0" * 64) is None


async def test_a_spoken_line_is_found_by_whoever_hears_it_next(store: Store) -> None:
    assert await store.line("page:a", "key") is None
    line = SpokenLine(b"mp3", {"seconds": 1.2, "visemes": [["aa", 0, 80, 1.0]]})
    hash = await store.keep_line("page:a", "key", line)
    assert await store.media("page:b", hash) is None
    assert await store.line("page:b", "key") == line
    assert await store.media("page:b", hash) == ("audio/mpeg", b"mp3")


async def test_old_sounds_make_room_and_pictures_stay(store: Store) -> None:
    megabyte = 2**20
    picture = await store.keep("page:a", b"p" * (megabyte // 8), "image/jpeg")
    old = await store.keep_line("page:a", "old", SpokenLine(b"1" * (megabyte // 2), {}))
    used = await store.keep("page:a", b"2" * (megabyte // 4), "audio/mpeg")
    await store.line("page:a", "old")
    new = await store.keep("page:a", b"3" * (megabyte // 4), "audio/mpeg")
    there = [await store.media("page:a", hash) is not None for hash in (picture, old, used, new)]
    assert there == [True, True, False, True]
    with pytest.raises(Full):
        await store.keep("page:a", b"4" * megabyte, "image/png")
    assert await store.media("page:a", picture)


async def test_forgetting_leaves_nothing_of_the_user_and_all_of_others(store: Store) -> None:
    await store.accept(message("我的秘密", "1"))
    await store.accept(replace(message("群里说的", "2", chat="group"), group=True))
    await store.accept(message("别人的", "3", chat="kims", sender="kim"))
    claim = await claimed(store)
    mine = await store.keep(ROOM, b"mine", "image/jpeg")
    both = await store.keep(ROOM, b"both", "image/jpeg")
    await store.keep("page:kims", b"both", "image/jpeg")
    await store.keep_line(ROOM, "my line", SpokenLine(b"line", {}))
    await store.keep_line(ROOM, "our line", SpokenLine(b"ours", {}))
    await store.line("page:kims", "our line")
    await store.forget("page", "lee")
    assert await store.history(ROOM) == []
    assert await store.history("page:group") == []
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


async def test_a_cancelled_call_does_not_hang_the_store(store: Store) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(store.accept(message("早", "1")))
        await asyncio.sleep(0)
        task.cancel()
    assert (await store.accept(message("早", "2"))).fresh


def test_messages_are_what_the_tests_think() -> None:
    assert message("早") == Message("1", "page", ROOM, "lee", (Text("早"),), at=1000.0)
