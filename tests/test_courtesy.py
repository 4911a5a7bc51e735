"""What is answered without thinking, on every channel: leaving, crisis, meeting, one's own data, the notices of the law."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr

from bot import courtesy, phrases
from bot.channel import Capabilities
from bot.courtesy import Wish, wish
from bot.label import Labels
from bot.message import Author, Entry, File, State, Text
from bot.settings import Channeled, Label, Settings, Web
from tests.fakes import EchoBrain, HumVoice, ScriptBrain, ScriptChannel, message, soon
from tests.stage import Stage, stage

WEB = Web(public_url="https://her.example", password=SecretStr("x"))
ROOM = "script:lee"


@dataclass
class Talk:
    """A private chat over a channel that is not live."""

    house: Stage
    channel: ScriptChannel
    count: int = 0

    async def say(self, text: str, **more: object) -> str:
        """What she answers."""
        self.count += 1
        each = replace(message(text, f"{self.count}", chat="lee", channel="script"), **more)  # type: ignore[arg-type]
        self.channel.more.put_nowait(each)
        return await self.hears()

    async def hears(self) -> str:
        part = (await soon(self.channel.sent.get())).part
        assert isinstance(part, Text)
        return part.text


@asynccontextmanager
async def talk(
    brain: object = None, capabilities: Capabilities | None = None, *, web: Web = WEB, label: Label | None = None
) -> AsyncGenerator[Talk]:
    channel = ScriptChannel(capabilities=capabilities or Capabilities())
    settings = Settings(web=web, label=label or Label(text="off", notice=False))
    async with stage(brain or EchoBrain(), channels=[channel], listen=False, settings=settings) as house:  # type: ignore[arg-type]
        yield Talk(house, channel)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("退出", Wish.LEAVE), (" 退出！", Wish.LEAVE), ("EXIT", Wish.LEAVE), ("我想退出这个群", None), ("结束了吗", None),
        ("我不想活了", Wish.CRISIS), ("I want to kill myself", Wish.CRISIS), ("见面", Wish.MEET), ("Face to face.", Wish.MEET),
        ("什么时候见面", None), ("导出我的数据", Wish.EXPORT), ("删除我的数据", Wish.DELETE), ("确认删除", Wish.CONFIRM),
        ("取消见面", Wish.UNMEET), ("", None), ("你好", None),
    ],
)  # fmt: skip
def test_set_words_are_heard_and_nothing_else(text: str, found: Wish | None) -> None:
    assert wish(text, Settings()) is found


# What the law asks for


async def test_somebody_new_is_told_once_that_she_is_an_ai_and_each_text_says_so() -> None:
    async with talk(label=Label()) as lee:
        first, second = await lee.say("你好"), await lee.say("hello")
        assert first == f"{phrases.NOTICE.zh}\n你说：你好。\n（内容由AI生成）"
        assert second == "你说：hello。\n（内容由AI生成）"


async def test_the_label_of_a_service_takes_the_place_of_words() -> None:
    async with talk(capabilities=Capabilities(labels=True), label=Label(notice=False)) as lee:
        assert await lee.say("你好") == "你说：你好。"


async def test_the_label_can_stand_at_the_first_reply_alone() -> None:
    async with talk(label=Label(text="first", notice=False)) as lee:
        assert [await lee.say("一"), await lee.say("二")] == ["你说：一。\n（内容由AI生成）", "你说：二。"]


async def test_leaving_is_obeyed_at_once_in_the_middle_of_a_reply() -> None:
    never = asyncio.Event()
    brain = ScriptBrain([["从前有座山，", never], ["不该说的。"]])
    async with talk(brain) as lee:
        lee.channel.more.put_nowait(message("讲故事", "a", chat="lee", channel="script"))
        await soon(brain.asked.get())
        assert await lee.say("退出") == phrases.LEFT.zh
        await soon(brain.closed.wait())
        assert len(brain.prompts) == 1
        history = await lee.house.store.history(ROOM)
        assert [e.text for e in history if e.author is Author.PERSONA] == [phrases.LEFT.zh]


async def test_a_crisis_gets_the_help_line_and_ends_the_part_she_plays() -> None:
    brain = ScriptBrain([["我在听。"]])
    async with talk(brain) as lee:
        told = await lee.say("我不想活了")
        assert "12356" in told
        assert brain.prompts == []
        assert await lee.say("嗯") == "我在听。"
        assert "不要扮演角色" in brain.prompts[0].said[-1].text
        assert "不要扮演角色" not in brain.prompts[0].said[0].text  # the stable part stays byte-identical


async def test_a_crisis_is_heard_in_whatever_is_said_together() -> None:
    brain = ScriptBrain([[asyncio.Event()]])
    async with talk(brain) as lee:
        lee.channel.more.put_nowait(message("我不想活了", "a", chat="lee", channel="script"))
        lee.channel.more.put_nowait(message("算了，没事", "b", chat="lee", channel="script"))
        told = await lee.hears()
        while "12356" not in told:
            told = await lee.hears()


async def test_who_leaves_is_sent_nothing_more() -> None:
    async with talk() as lee:
        lee.channel.shut = True
        lee.channel.more.put_nowait(message("一", "a", chat="lee", channel="script"))
        while not await lee.house.store.deliveries(ROOM):
            await asyncio.sleep(0)
        lee.channel.shut = False
        heard = [await lee.say("退出")]
        while heard[-1] != phrases.LEFT.zh:
            heard.append(await lee.hears())
        assert await lee.house.store.undelivered() == []


async def test_after_two_hours_she_reminds_of_the_time_once() -> None:
    clock = [1_000_000.0]
    async with talk() as lee:
        house = replace(lee.house.service.house, now=lambda: clock[0])
        lee.house.service.house = house
        heard: list[str] = []
        for _ in range(16):
            heard.append(await lee.say("嗯"))
            clock[0] += 600
        reminded = [number for number, text in enumerate(heard) if "2个小时" in text]
        assert reminded == [12]
        clock[0] += 3600
        assert "小时" not in await lee.say("我回来了")


def test_a_sitting_is_known_again_after_a_restart() -> None:
    def said(at: float) -> Entry:
        return Entry(1, ROOM, "script", Author.USER, State.ANSWERED, (), at)

    class Clock:
        settings = Settings()
        sittings: dict[str, object] = {}  # noqa: RUF012

        @staticmethod
        def now() -> float:
            return 10_000.0

    history = [said(10.0), *(said(2600.0 + n * 1000) for n in range(8))]
    for _ in range(2):  # asked again, as when a turn begins again, it says the same
        assert courtesy.reminder(Clock, ROOM, history) == 2  # type: ignore[arg-type]
    reminded = replace(said(10_000.0), author=Author.PERSONA)
    assert courtesy.reminder(Clock, ROOM, [*history, reminded]) == 0  # type: ignore[arg-type]


# Meeting face to face


async def test_meeting_brings_a_link_that_works_once_for_one_page() -> None:
    async with talk() as lee:
        told = await lee.say("见面")
        found = re.search(r"https://her\.example/#meet=(\S+)", told)
        assert found
        store, code = lee.house.store, courtesy.hashed(found[1])
        now = lee.house.service.house.now()
        assert await store.redeem(courtesy.hashed("guess"), "page", "guest", now) is None
        assert await store.redeem(code, "page", "guest", now) == ROOM
        assert await store.redeem(code, "page", "thief", now) is None
        await lee.house.page.take(replace(message("我在网页上", "p1", sender="guest"), conversation=ROOM, door="page"))
        while [e.state for e in await store.history(ROOM) if e.text == "我在网页上"] != [State.ANSWERED]:
            await asyncio.sleep(0)
        assert lee.channel.sent.empty()  # what is said at one door is not sent to the other
        assert await lee.say("取消见面") == phrases.UNMET.zh
        assert not await store.own(ROOM, "page", "guest")


async def test_a_link_is_void_after_its_time() -> None:
    async with talk() as lee:
        found = re.search(r"#meet=(\S+)", await lee.say("见面"))
        assert found
        late = lee.house.service.house.now() + 601
        assert await lee.house.store.redeem(courtesy.hashed(found[1]), "page", "guest", late) is None


async def test_without_a_public_address_she_says_so() -> None:
    async with talk(web=Web()) as lee:
        assert await lee.say("见面") == phrases.NO_MEETING.zh


async def test_private_matters_are_not_for_groups() -> None:
    async with talk() as lee:
        for text in ("见面", "导出我的数据", "删除我的数据", "取消见面"):
            assert await lee.say(text, group=True, conversation="script:group") == phrases.IN_PRIVATE.zh
        assert "确认删除" in await lee.say("确认删除", group=True, conversation="script:group")  # just words there
        assert await lee.house.store.history("script:group")


# One's own data


async def test_export_sends_a_labelled_file_with_everything() -> None:
    async with talk(capabilities=Capabilities(files=True), label=Label(text="off", notice=False)) as lee:
        await lee.say("第一句")
        assert await lee.say("导出我的数据") == phrases.EXPORT.zh
        delivery = await soon(lee.channel.sent.get())
        assert isinstance(delivery.part, File)
        text = delivery.data.decode()
        assert text.startswith("---\nAIGC:\n")
        assert "第一句" in text
        assert "你说：第一句。" in text


async def test_export_without_files_brings_the_latest_part() -> None:
    async with talk() as lee:
        await lee.say("第一句")
        told = await lee.say("export my data")
        assert "第一句" in told
        assert told.startswith(phrases.EXPORT_PART.en)


async def test_deleting_asks_first_and_then_leaves_nothing() -> None:
    async with talk() as lee:
        await lee.say("记住我")
        await lee.house.store.remember("script", "context:lee", "token")
        assert await lee.say("确认删除") != phrases.DELETED.zh  # nobody asked for it
        assert await lee.say("删除我的数据") == phrases.DELETE.zh
        assert await lee.say("确认删除") == phrases.DELETED.zh
        while await lee.house.store.history(ROOM):
            await asyncio.sleep(0)
        assert await lee.house.store.recollect("script", "") == {}
        assert await lee.say("又是我") == "你说：又是我。"


async def test_a_guest_at_the_page_can_have_everything_deleted() -> None:
    async with talk() as lee:
        found = re.search(r"#meet=(\S+)", await lee.say("见面"))
        assert found
        store, house = lee.house.store, lee.house.service.house
        assert await store.redeem(courtesy.hashed(found[1]), "page", "guest", house.now()) == ROOM
        for number, text in enumerate(("删除我的数据", "确认删除")):
            said = replace(message(text, f"p{number}", sender="guest"), conversation=ROOM, door="page")
            await lee.house.page.take(said)
            while any(entry.state is State.RECEIVED for entry in await store.history(ROOM)):
                await asyncio.sleep(0)
        while await store.history(ROOM):
            await asyncio.sleep(0)
        assert await lee.say("又是我") == "你说：又是我。"


async def test_leaving_a_group_takes_nothing_from_the_others() -> None:
    async with talk() as lee:
        lee.channel.shut = True
        room = "script:group"
        lee.channel.more.put_nowait(
            replace(message("一", "a", chat="lee", channel="script"), group=True, conversation=room)
        )
        while not await lee.house.store.deliveries(room):
            await asyncio.sleep(0)
        lee.channel.more.put_nowait(
            replace(message("退出", "b", chat="lee", channel="script"), group=True, conversation=room, sender="max")
        )
        while len(await lee.house.store.deliveries(room)) < 2:
            await asyncio.sleep(0)
        lee.channel.shut = False
        assert [await lee.hears(), await lee.hears()] == ["你说：一。", phrases.LEFT.zh]


async def test_deleting_can_be_thought_better_of() -> None:
    async with talk() as lee:
        await lee.say("删除我的数据")
        await lee.say("还是算了")
        assert await lee.say("确认删除") == "你说：确认删除。"
        assert len(await lee.house.store.history(ROOM)) == 6


# On the page


async def test_set_words_work_on_the_page_too() -> None:
    async with stage(EchoBrain(), voice=HumVoice()) as running:
        await running.say("我不想活了", "1")
        ended = await running.end()
        assert ended.entry
        assert "12356" in ended.entry.text
        await running.say("导出我的数据", "2")
        ended = await running.end()
        assert ended.entry
        assert "我不想活了" in ended.entry.text


def test_channels_are_told_apart_by_what_they_can_carry() -> None:
    assert Labels(Label()).words(Capabilities(live=True), first=True) == ""
    assert Channeled(kind="x").voice == "asked"
