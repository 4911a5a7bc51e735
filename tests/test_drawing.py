"""A picture from the words that ask for it to whoever gets to see it: a whole house with a brain that calls the tool."""

import io
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from bot import phrases
from bot.brain import Brain, BrainError, Finish, Prompt, Thought, Token, ToolCall
from bot.channel import Capabilities
from bot.message import Begin, Doing, Entry, Picture, State, Text
from bot.settings import Data, DrawSettings, Label, Settings, Tools
from bot.store import sqlite
from tests.fakes import ScriptChannel, message, soon
from tests.stage import ROOM, stage
from tests.standins.images import ImagesStandIn
from tests.standins.llm import served


def draw(prompt: str = "一只猫") -> ToolCall:
    """She wants something drawn."""
    return ToolCall("c1", "draw", json.dumps({"prompt": prompt}, ensure_ascii=False))


@dataclass
class CallingBrain:
    """Answers by script, a list of thoughts and errors per request; the last one for ever."""

    scripts: Sequence[Sequence[str | ToolCall | BrainError]]
    name: str = "calling"
    reason: str = ""
    last_resort: Brain | None = None
    prompts: list[Prompt] = field(default_factory=list[Prompt])

    async def warm(self) -> None:
        """Nothing to load."""

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the next script."""
        script = self.scripts[min(len(self.prompts), len(self.scripts) - 1)]
        self.prompts.append(prompt)
        for step in script:
            if isinstance(step, BrainError):
                raise step
            yield Token(step) if isinstance(step, str) else step
        yield Finish("tools" if any(isinstance(step, ToolCall) for step in script) else "stop")

    async def close(self) -> None:
        """Nothing to let go of."""


@asynccontextmanager
async def drawing(per_day: int = 5) -> AsyncGenerator[tuple[ImagesStandIn, Settings]]:
    """A service of pictures, and the settings of a house that draws there."""
    service = ImagesStandIn()
    async with served(service.app()) as url:
        draws = DrawSettings(base_url=f"{url}/v1", model="m")
        yield service, Settings(draw=draws, tools=Tools(draw_per_day=per_day), label=Label(notice=False))


def pictures(entry: Entry | None) -> list[Picture]:
    """What goes with a reply."""
    assert entry
    assert entry.state is State.ANSWERED
    return [part for part in entry.parts if isinstance(part, Picture)]


async def test_a_picture_is_shown_while_she_answers_and_kept_with_the_reply() -> None:
    brain = CallingBrain([[draw()], ["画好啦！"]])
    async with drawing() as (service, settings), stage(brain, settings=settings) as house:
        await house.say("画一只猫")
        entry = (await house.end()).entry
        (picture,) = pictures(entry)
        assert house.shown(Picture) == [picture]
        states = [(doing.name, doing.state, doing.zh) for doing in house.shown(Doing) if isinstance(doing, Doing)]
        assert states == [("draw", "running", "正在画画…"), ("draw", "done", "正在画画…")]
        assert entry
        assert entry.text == "画好啦！"
        kept = await house.store.media(ROOM, picture.media)
        assert kept
        assert Image.open(io.BytesIO(kept[1])).size == (picture.width, picture.height) == (1024, 1024)
        assert "draw" in [tool.name for tool in brain.prompts[0].tools]
        assert "shown under your reply" in brain.prompts[1].said[-1].text
        assert len(service.requests) == 1


async def test_a_channel_that_carries_pictures_gets_it_after_the_words_with_one_label() -> None:
    brain = CallingBrain([[draw()], ["画好啦！"]])
    asked = message("画一只猫", channel="script")
    channel = ScriptChannel([asked], capabilities=Capabilities(pictures=True))
    async with drawing() as (_, settings), stage(brain, settings=settings, channels=[channel], listen=False):
        text, picture = [await soon(channel.sent.get()) for _ in range(2)]
        assert text.part == Text("画好啦！\n（内容由AI生成）")
        assert isinstance(picture.part, Picture)
        assert picture.data.startswith(b"\xff\xd8")
        assert picture.data.count(b"<TC260:AIGC>") == 1


async def test_a_channel_without_pictures_gets_the_words() -> None:
    brain = CallingBrain([[draw()], ["画好啦！"], ["在。"]])
    channel = ScriptChannel([message("画一只猫", channel="script")])
    async with drawing() as (_, settings), stage(brain, settings=settings, channels=[channel], listen=False):
        assert isinstance((await soon(channel.sent.get())).part, Text)
        channel.more.put_nowait(message("在吗", "2", channel="script"))
        assert (await soon(channel.sent.get())).part == Text("在。\n（内容由AI生成）")


async def test_a_repeated_attempt_draws_once_and_shows_the_same_picture() -> None:
    brain = CallingBrain([[draw()], [BrainError("cut")], [draw()], ["画好啦！"]])
    async with drawing() as (service, settings), stage(brain, settings=settings) as house:
        await house.say("画一只猫")
        (picture,) = pictures((await house.end()).entry)
        assert len(house.shown(Begin)) == 2
        assert house.shown(Picture) == [picture, picture]
        assert len(service.requests) == 1


async def test_who_adds_a_word_meanwhile_still_gets_the_picture() -> None:
    call = draw("fault-stall-once")
    brain = CallingBrain([[call], [call], ["画好啦！"]])
    async with drawing() as (service, settings), stage(brain, settings=settings) as house:
        await house.say("画一只猫")
        await soon(service.begun.wait())
        await house.say("快点", "2")
        entry = (await house.end()).entry
        assert len(pictures(entry)) == 1
        assert len(service.requests) == 2
        assert brain.prompts[1].question == "画一只猫\n快点"


async def test_the_days_pictures_are_counted_over_a_restart_and_it_is_told_kindly(tmp_path: Path) -> None:
    said: list[str] = []
    async with drawing(per_day=1) as (service, settings):
        for id in ("1", "2"):
            brain = CallingBrain([[draw()], ["好。"]])
            store = await sqlite.open(Data(dir=tmp_path))
            try:
                async with stage(brain, settings=settings, store=store) as house:
                    await house.say("画一只猫", id)
                    assert len(pictures((await house.end()).entry)) == (id == "1")
                    said.append(brain.prompts[1].said[-1].say)
            finally:
                await store.close()
        assert len(service.requests) == 1
    assert said == [phrases.DRAWN.zh, phrases.DRAWN_ENOUGH.zh.format(most=1)]


async def test_what_is_not_drawn_is_told_and_she_goes_on() -> None:
    brain = CallingBrain([[draw("fault-policy")], ["换一个吧。"]])
    async with drawing() as (_, settings), stage(brain, settings=settings) as house:
        await house.say("画一只猫")
        assert pictures((await house.end()).entry) == []
        assert phrases.DRAW_NOT_THIS.zh in brain.prompts[1].said[-1].text
        assert [doing.state for doing in house.shown(Doing) if isinstance(doing, Doing)] == ["running", "failed"]


async def test_it_may_take_longer_than_other_tools() -> None:
    brain = CallingBrain([[draw("fault-stall")], ["下次吧。"]])
    async with drawing() as (_, settings):
        draws = settings.draw.model_copy(update={"whole_s": 0.2})
        quick = settings.model_copy(update={"draw": draws, "tools": Tools(call_s=0.001)})
        async with stage(brain, settings=quick) as house:
            await house.say("画一只猫")
            await house.end()
    assert brain.prompts[1].said[-1].say == phrases.DRAW_SLOW.zh


async def test_without_a_service_it_is_not_offered() -> None:
    brain = CallingBrain([["好。"]])
    async with stage(brain) as house:
        await house.say("画一只猫")
        await house.end()
    assert "draw" not in [tool.name for tool in brain.prompts[0].tools]


async def test_stopping_stops_the_drawing() -> None:
    brain = CallingBrain([[draw("fault-stall")], ["好。"]])
    async with drawing() as (service, settings), stage(brain, settings=settings) as house:
        await house.say("画一只猫")
        await soon(service.begun.wait())
        house.control("stop")
        ended = await house.end()
        assert ended.state is State.STOPPED
        assert len(brain.prompts) == 1
