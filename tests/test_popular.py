"""Popular questions over a store: counted once a person, public when several asked, decided on by the operator, forgotten with whoever asked."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.message import Message, Text
from bot.persona import Bilingual, Faq, Persona
from bot.popular import TOPIC, Popular
from bot.settings import Data
from bot.store import Full, Record
from bot.store import memory as memory_store
from bot.store.memory import MemoryStore

MIA = Persona(
    id="mia",
    name=Bilingual(zh="米娅"),
    identity="店员",
    faq=(Faq(id="hours", q="几点开门？", a="九点。"), Faq(id="hello", q="你好", a="你好呀。", hot=False)),
)
NOW = 1_790_000_000.0


@dataclass
class Board:
    """What people ask, and who was told of changes."""

    store: MemoryStore
    popular: Popular
    changed: list[str] = field(default_factory=list[str])

    async def ask(self, text: str, users: str, *, anchor: str = "", band: str = "unknown") -> None:
        for user in users:
            await self.popular.note(MIA, text, anchor=anchor, band=band, user=f"page:{user}")

    async def titles(self, *, public: bool = True) -> list[str]:
        return [each.title for each in await self.popular.board(MIA, public=public)]

    async def unanswered(self) -> list[str]:
        return [each.title for each in await self.popular.unanswered(MIA)]

    async def id(self) -> str:
        return (await self.popular.unanswered(MIA))[0].topic.id


async def board(store: MemoryStore | None = None) -> Board:
    """An empty board, or the one a store remembers."""
    store = store or await memory_store.open(Data())
    here = Board(store, Popular(store, now=lambda: NOW))
    here.popular.changed = here.changed.append
    return here


async def test_what_two_people_asked_is_public_by_the_entrys_words() -> None:
    here = await board()
    await here.ask("请问几点开门呀", "aaa", anchor="hours", band="answer")
    assert await here.titles() == []
    await here.ask("啥时候开门", "b", anchor="hours", band="answer")
    assert await here.titles() == ["几点开门？"]
    [standing] = await here.popular.board(MIA)
    assert (standing.asked, standing.users) == (4, 2)
    await here.ask("你好", "abc", anchor="hello", band="answer")
    assert await here.titles() == ["几点开门？"]


async def test_a_restart_forgets_nothing() -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    await here.popular.decide(MIA, await here.id(), "word", text="可以借轮椅吗")
    again = await board(here.store)
    assert await again.titles() == ["可以借轮椅吗"]
    await again.ask("能借轮椅吗", "c")
    assert (await again.popular.board(MIA))[0].users == 3


async def test_a_record_that_is_none_is_left_aside() -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    await here.store.put(Record(TOPIC, "mia/broken", value={"id": 7}))
    assert await (await board(here.store)).titles() == ["能借轮椅吗"]


async def test_personas_have_boards_of_their_own() -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    other = MIA.model_copy(update={"id": "mi"})
    assert await here.popular.board(other) == []
    assert not await here.popular.decide(other, await here.id(), "hide")
    assert await (await board(here.store)).popular.unanswered(other) == []


async def test_a_persona_whose_topics_come_after_thousands_of_others_keeps_them_and_can_forget() -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    [kept] = await here.store.records(TOPIC)
    await here.store.put(*(Record(TOPIC, f"mi/{number}", value=kept.value) for number in range(10_001)))
    again = await board(here.store)
    assert await again.titles() == ["能借轮椅吗"]
    fresh = await board(here.store)
    await fresh.store.accept(Message("1", "page", "page:x", "a", (Text("早"),), NOW))
    await fresh.popular.forget("page", "a")
    [standing] = await fresh.popular.unanswered(MIA)
    assert standing.users == 1


async def test_the_operator_decides_and_whoever_looks_is_told() -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    await here.ask("哪里能停车", "abc")
    wheelchair = next(each.topic.id for each in await here.popular.board(MIA) if each.title == "能借轮椅吗")
    parking = next(each.topic.id for each in await here.popular.board(MIA) if each.title == "哪里能停车")
    here.changed.clear()
    assert await here.popular.decide(MIA, wheelchair, "pin")
    assert await here.titles() == ["能借轮椅吗", "哪里能停车"]
    assert await here.popular.decide(MIA, parking, "hide")
    assert await here.titles() == ["能借轮椅吗"]
    assert [each.title for each in await here.popular.hidden(MIA)] == ["哪里能停车"]
    assert await here.popular.decide(MIA, parking, "show")
    assert await here.popular.decide(MIA, parking, "merge", into=wheelchair)
    [standing] = await here.popular.board(MIA)
    assert (standing.topic.id, standing.asked) == (wheelchair, 5)
    assert await here.popular.wordings(MIA, parking) == ["哪里能停车", "能借轮椅吗"]
    assert await here.popular.decide(MIA, parking, "part")
    assert sorted(await here.titles()) == ["哪里能停车", "能借轮椅吗"]
    assert here.changed == ["mia"] * 5


@pytest.mark.parametrize(
    ("id", "do", "into"),
    [("none", "hide", ""), ("", "pin", ""), ("it", "burn", ""), ("it", "merge", "none"), ("it", "", "")],
)
async def test_what_cannot_be_done_is_not_done(id: str, do: str, into: str) -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    here.changed.clear()
    assert not await here.popular.decide(MIA, await here.id() if id == "it" else id, do, into=into)
    assert here.changed == []


async def test_an_answered_question_is_no_longer_unanswered() -> None:
    here = await board()
    await here.ask("能借轮椅吗", "ab")
    assert await here.unanswered() == ["能借轮椅吗"]
    await here.popular.answered(MIA, await here.id(), "wheelchair")
    assert await here.unanswered() == []
    await here.ask("轮椅怎么借", "c", anchor="wheelchair", band="answer")
    [standing] = await here.popular.board(MIA)
    assert (standing.users, standing.topic.anchor) == (3, "wheelchair")
    await here.popular.answered(MIA, "long gone", "wheelchair")


async def test_what_is_somebodys_own_is_shown_to_nobody() -> None:
    here = await board()
    await here.ask("我叫李小明，电话13800138000，能退房吗", "abc")
    assert (await here.titles(), await here.unanswered()) == ([], [])
    assert await here.popular.wordings(MIA, "none") == []


async def user(here: Board, sender: str, channel: str = "page") -> None:
    """Somebody the store has met."""
    await here.store.accept(Message("1", channel, f"{channel}:{sender}", sender, (Text("嗨"),), NOW))


async def test_who_is_forgotten_takes_all_accounts_and_their_words_along() -> None:
    here = await board()
    await user(here, "a")
    await user(here, "wx", "shop")
    await here.store.join("shop", "wx", await here.store.person("page", "a"))
    await here.ask("怎么给我太太挑生日礼物", "a")
    await here.popular.note(MIA, "能带孩子吗", anchor="", band="unknown", user="shop:wx")
    await here.ask("能借轮椅吗", "ab")
    await here.popular.forget("page", "a")
    assert await here.unanswered() == ["能借轮椅吗"]
    kept = await here.store.records(TOPIC)
    assert len(kept) == 1
    assert "礼物" not in str(kept)
    again = await board(here.store)
    assert (await again.popular.unanswered(MIA))[0].users == 1


async def test_what_is_decided_or_asked_by_others_stays_when_one_is_forgotten() -> None:
    here = await board()
    await here.ask("几点开门", "a", anchor="hours", band="answer")
    await here.ask("能带狗吗", "a")
    await here.popular.decide(MIA, await here.id(), "word", text="可以带宠物吗")
    await here.popular.forget("page", "a")
    assert len(await here.store.records(TOPIC)) == 2
    assert "能带狗吗" not in str(await here.store.records(TOPIC))
    await here.ask("几点开门", "bc", anchor="hours", band="answer")
    assert await here.titles() == ["几点开门？"]


async def test_many_at_once_are_all_counted() -> None:
    here = await board()
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            note = here.popular.note(MIA, "能借轮椅吗", anchor="", band="unknown", user=f"page:{number}")
            group.create_task(note)
            group.create_task(here.popular.board(MIA))
    assert (await here.popular.board(MIA))[0].users == 40
    assert (await (await board(here.store)).popular.board(MIA))[0].asked == 40


class FullStore(MemoryStore):
    """A store without room."""

    async def put(self, *records: Record, fresh: bool = False) -> bool:
        raise Full("no room")


async def test_on_a_full_disk_questions_count_until_the_next_start() -> None:
    here = await board(FullStore(Data()))
    await here.ask("能借轮椅吗", "ab")
    assert await here.titles() == ["能借轮椅吗"]
    assert here.changed == ["mia", "mia"]
