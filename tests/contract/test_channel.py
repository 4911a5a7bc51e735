"""What every channel promises: each test runs over every kind, connected to a stand-in of its service by a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from bot import adapters, channel
from bot.brain import Brain
from bot.channel import Memo
from bot.composition import Notebook
from bot.message import Author, Message, State
from bot.packing import measure
from bot.settings import Channeled, Data, Label, Settings
from bot.store import Accepted, Full, Store, memory, sqlite
from tests.channel.rigs import Rig
from tests.fakes import EchoBrain, ScriptBrain, soon
from tests.stage import Stage, stage

KINDS = [kind for kind in adapters.names(channel) if kind != "page"]
PUSHING = {"wecom", "wechaty"}
"""Their services push each message once, whatever becomes of it."""
BARE = Settings(label=Label(text="off", notice=False))
SECONDS = 20.0


@pytest.fixture(params=KINDS)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with import_module(f"tests.channel.rig_{request.param}").rig(tmp_path) as rig:
        yield rig


@dataclass
class Roof:
    """A store and the channel's memo in it: what outlives a process."""

    store: Store

    @property
    def memo(self) -> Memo:
        return Notebook(self.store, "shop")


@asynccontextmanager
async def serving(rig: Rig, brain: Brain, store: Store | None = None) -> AsyncGenerator[Stage]:
    """The house with the rig's channel."""
    store = store or await memory.open(Data())
    shop = rig.channel(Notebook(store, "shop"))
    keys = Channeled(kind="script", voice="never")
    try:
        async with stage(
            brain, store=store, channels=[shop], listen=False, settings=BARE, keys=keys, pause_s=0.05
        ) as house:
            yield house
    finally:
        await soon(shop.close())


async def got(rig: Rig, sender: str = "lee") -> str:
    return await soon(rig.received(sender), SECONDS)


async def everything_said(house: Stage) -> list[str]:
    """Texts of the users' messages in all of the channel's conversations, as written down."""
    found: list[str] = []
    for conversation in await house.store.conversations("shop", "lee"):
        found += [e.text for e in await house.store.history(conversation) if e.author is Author.USER]
    return found


async def test_a_message_is_answered(rig: Rig) -> None:
    async with serving(rig, EchoBrain()) as house:
        await rig.say("在吗 😀", "1")
        assert await got(rig) == "你说：在吗 😀。"
        assert await everything_said(house) == ["在吗 😀"]


async def test_a_message_that_comes_again_is_not_answered_again(rig: Rig) -> None:
    async with serving(rig, EchoBrain()) as house:
        await rig.say("一", "1")
        assert await got(rig) == "你说：一。"
        await asyncio.gather(*(rig.again("1") for _ in range(3)))
        await rig.say("二", "2")
        assert await got(rig) == "你说：二。"
        assert await everything_said(house) == ["一", "二"]


async def test_what_one_user_says_stays_in_order(rig: Rig) -> None:
    async with serving(rig, EchoBrain()) as house:
        for number in range(5):
            await rig.say(f"第{number}句", f"{number}")
        heard = ""
        while "第4句" not in heard:
            heard += await got(rig)
        places = [heard.index(f"第{number}句") for number in range(5)]
        assert places == sorted(places)
        assert await everything_said(house) == [f"第{number}句" for number in range(5)]


async def test_users_do_not_hear_each_other(rig: Rig) -> None:
    async with serving(rig, EchoBrain()):
        await rig.say("我是李", "1")
        await rig.say("我是金", "2", "kim")
        assert await asyncio.gather(got(rig), got(rig, "kim")) == ["你说：我是李。", "你说：我是金。"]


async def test_what_she_said_herself_is_no_message(rig: Rig) -> None:
    async with serving(rig, EchoBrain()) as house:
        await rig.say("一", "1")
        await got(rig)
        shown = await rig.echo("这是她自己说的")
        await rig.say("二", "2")
        assert await got(rig) == "你说：二。"
        assert await everything_said(house) == ["一", "二"], f"echo shown: {shown}"


class FullOnce(memory.MemoryStore):
    """Has no room the first time."""

    refused = 0

    async def accept(self, message: Message, state: State = State.RECEIVED) -> Accepted:
        if not self.refused:
            self.refused += 1
            raise Full("no room")
        return await super().accept(message, state)


async def test_nothing_is_acknowledged_before_it_is_written_down(rig: Rig, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["rig"] in PUSHING:
        pytest.skip("its service never repeats a message")
    store = FullOnce(Data())
    async with serving(rig, EchoBrain(), store):
        await rig.say("别丢了", "1")
        texts = [await got(rig)]
        while "别丢了" not in texts[-1]:  # the notice that there is no room may come first
            texts.append(await got(rig))
        assert store.refused == 1
        assert sum("别丢了" in text for text in texts) == 1


async def test_a_reply_waits_for_a_lost_service_and_comes_once(rig: Rig) -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "回来啦。"], ["第二句。"]])
    async with serving(rig, brain) as here:
        await rig.say("在吗", "1")
        await soon(brain.asked.get(), SECONDS)
        await rig.down()
        gate.set()
        while not await here.store.undelivered():
            await asyncio.sleep(0)
        await rig.up()
        assert await got(rig) == "回来啦。"
        await rig.say("还在吗", "2")
        assert await got(rig) == "第二句。"


async def test_the_connection_comes_back(rig: Rig) -> None:
    async with serving(rig, EchoBrain()):
        await rig.say("一", "1")
        await got(rig)
        for number in range(2):
            await rig.down()
            await rig.up()
            await rig.say(f"又{number}", f"again-{number}")
            assert await got(rig) == f"你说：又{number}。"


async def test_a_turn_cut_by_a_restart_is_answered_after_it(rig: Rig, tmp_path: Path) -> None:
    store = await sqlite.open(Data(dir=tmp_path / "data"))
    brain = ScriptBrain([[asyncio.Event()]])
    async with serving(rig, brain, store):
        await rig.say("别忘了我", "1")
        await soon(brain.asked.get(), SECONDS)
    await store.close()
    store = await sqlite.open(Data(dir=tmp_path / "data"))
    async with serving(rig, EchoBrain(), store):
        assert await got(rig) == "你说：别忘了我。"
        await rig.say("好", "2")
        assert await got(rig) == "你说：好。"
    await store.close()


async def test_a_reply_written_before_a_restart_is_sent_after_it(rig: Rig, tmp_path: Path) -> None:
    store = await sqlite.open(Data(dir=tmp_path / "data"))
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "写好了。"]])
    async with serving(rig, brain, store) as house:
        await rig.say("在吗", "1")
        await soon(brain.asked.get(), SECONDS)
        await rig.down()
        gate.set()
        (conversation,) = await house.store.conversations("shop", "lee")
        while not [e for e in await store.history(conversation) if e.author is Author.PERSONA]:
            await asyncio.sleep(0.01)
    await store.close()
    await rig.up()
    store = await sqlite.open(Data(dir=tmp_path / "data"))
    async with serving(rig, EchoBrain(), store):
        assert await got(rig) == "写好了。"
        while await store.undelivered():
            await asyncio.sleep(0.01)
    await store.close()


async def test_long_replies_come_in_pieces_that_the_service_takes(rig: Rig) -> None:
    sentence = "春眠不觉晓，处处闻啼鸟😀。夜来风雨声，花落知多少🌸！Wherever you go, go with all your heart. "
    text = sentence * (rig.limit * 2 // measure(sentence, "bytes") + 2)
    text = text[:9000].rstrip()
    async with serving(rig, ScriptBrain([[text]])) as house:
        await rig.say("讲长一点", "1")
        pieces: list[str] = []
        while measure("".join("".join(pieces).split()), "characters") < len("".join(text.split())):
            pieces.append(await got(rig))
        unit = house.service.house.channels["shop"].capabilities.text_unit
        assert all(measure(piece, unit) <= rig.limit for piece in pieces)
        assert "".join("".join(pieces).split()) == "".join(text.split())


async def test_what_is_remembered_of_a_user_can_be_forgotten(rig: Rig) -> None:
    async with serving(rig, EchoBrain()) as house:
        await rig.say("记住我", "1")
        await got(rig)
        await rig.say("再见", "2")
        await got(rig)
        sender = (await house.store.history((await house.store.conversations("shop", "lee"))[0]))[0].sender
        kept = [key for key in await house.store.recollect("shop", "") if sender in key]
        assert all(key.endswith(f":{sender}") for key in kept)
