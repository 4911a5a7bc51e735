"""The post: each conversation in order, all at once; refusals, waiting, voice notes, and channels that show a reply growing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from bot import recording
from bot.channel import Asked, Capabilities, ChannelError
from bot.message import Attachment, Delivery, End, Message, Piece, Receipt, Text, VoiceNote, Words
from bot.pcm import RATE
from bot.post import ATTEMPTS
from bot.settings import Channeled, Data, Label, Settings
from bot.store import memory
from tests.fakes import EchoBrain, HumVoice, ScriptBrain, ScriptChannel, message, soon
from tests.stage import stage

BARE = Settings(label=Label(text="off", notice=False))


def said(text: str, id: str = "1", chat: str = "lee", **more: object) -> Message:
    return replace(message(text, id, chat=chat, channel="script", sender=chat), **more)  # type: ignore[arg-type]


async def texts(channel: ScriptChannel, count: int) -> list[str]:
    parts = [(await soon(channel.sent.get())).part for _ in range(count)]
    return [part.text for part in parts if isinstance(part, Text)]


async def test_each_conversation_gets_its_own_answers_in_order() -> None:
    channel = ScriptChannel([said(f"{chat}{n}", f"{chat}{n}", chat) for n in range(3) for chat in "ab"])
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE) as house:
        heard = ""
        while not ("a2" in heard and "b2" in heard):
            heard += (await texts(channel, 1))[0]
        for chat in "ab":
            assert heard.index(f"{chat}0") < heard.index(f"{chat}1") < heard.index(f"{chat}2")
        assert await house.store.undelivered() == []


async def test_a_lost_service_is_tried_again_with_the_same_key() -> None:
    channel = ScriptChannel([said("在吗")], failures=[ChannelError("down"), ChannelError("down")])
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE):
        delivery = await soon(channel.sent.get())
        assert delivery.part == Text("你说：在吗。")
        assert delivery.attempts == 0


async def test_what_a_service_keeps_refusing_is_given_up_and_the_next_goes_on() -> None:
    channel = ScriptChannel([said("一", "1")], refuses=ATTEMPTS)
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE) as house:
        while channel.refuses:
            await asyncio.sleep(0)
        channel.more.put_nowait(said("二", "2"))
        assert await texts(channel, 1) == ["你说：二。"]
        while await house.store.undelivered():
            await asyncio.sleep(0)


async def test_what_waits_for_the_user_goes_out_when_they_write_again() -> None:
    channel = ScriptChannel([said("一", "1")], shut=True)
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE) as house:
        while not (waiting := await house.store.deliveries("script:lee")):
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert (await house.store.deliveries("script:lee"))[0].attempts == 0
        channel.shut = False
        channel.more.put_nowait(said("二", "2"))
        assert await texts(channel, 2) == ["你说：一。", "你说：二。"]
        assert waiting


async def test_a_broken_adapter_hurts_one_delivery_only() -> None:
    @dataclass
    class Broken(ScriptChannel):
        async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
            if waiting[0].conversation == "script:a":
                raise ZeroDivisionError
            return await ScriptChannel.send(self, waiting)

    channel = Broken([said("一", "1", "a"), said("二", "2", "b")])
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE) as house:
        assert await texts(channel, 1) == ["你说：二。"]
        while await house.store.undelivered():
            await asyncio.sleep(0)


async def test_deliveries_of_a_process_before_are_sent() -> None:
    store, channel = await memory.open(Data()), ScriptChannel()
    await store.accept(said("在吗"))
    claim = await store.claim("script:lee")
    assert claim
    await store.note("script:lee", "", "迟到的话", turn=claim.turn, at=1.0, deliver=True)
    async with stage(EchoBrain(), channels=[channel], listen=False, store=store, settings=BARE):
        assert await texts(channel, 1) == ["迟到的话"]


# Voice notes


@pytest.mark.parametrize("format", ["silk", "amr", "mp3"])
async def test_a_voice_note_follows_the_text_when_one_was_sent(format: str) -> None:
    heard = said("", parts=(Attachment("voice", "r", seconds=1.0, transcript="在吗"),))
    capabilities = Capabilities(voice=format)  # type: ignore[arg-type]
    channel = ScriptChannel([heard], capabilities=capabilities)
    async with stage(EchoBrain(), voice=HumVoice(), channels=[channel], listen=False, settings=BARE):
        first, second = [await soon(channel.sent.get()) for _ in range(2)]
        assert first.part == Text("你说：在吗。")
        assert isinstance(second.part, VoiceNote)
        assert recording.kind(second.data) == format
        samples = await recording.decoded(second.data, 60)
        assert len(samples) / RATE == pytest.approx(second.part.seconds, abs=0.1)
        assert np.abs(samples).max() > 1000


async def test_long_voice_notes_come_in_pieces() -> None:
    text = "这是很长的一句话，" * 14 + "完。"
    keys = Channeled(kind="script", voice="always")
    channel = ScriptChannel([said("讲长点")], capabilities=Capabilities(voice="silk", voice_limit_s=5.0))
    async with stage(
        ScriptBrain([[text]]), voice=HumVoice(), channels=[channel], listen=False, settings=BARE, keys=keys
    ):
        assert (await soon(channel.sent.get())).part == Text(text)
        notes = [await soon(channel.sent.get()) for _ in range(3)]
        seconds = [note.part.seconds for note in notes if isinstance(note.part, VoiceNote)]
        assert len(seconds) == 3
        assert all(0 < each <= 5.0 for each in seconds)
        assert [note.key.rpartition("/")[2] for note in notes] == ["1.0", "1.1", "1.2"]


@pytest.mark.parametrize(("mode", "format"), [("never", "silk"), ("always", ""), ("asked", "silk")])
async def test_no_voice_note_where_none_is_wanted(mode: str, format: str) -> None:
    keys = Channeled.model_validate({"kind": "script", "voice": mode})
    channel = ScriptChannel([said("一", "1")], capabilities=Capabilities(voice=format))  # type: ignore[arg-type]
    async with stage(
        EchoBrain(), voice=HumVoice(), channels=[channel], listen=False, settings=BARE, keys=keys
    ) as house:
        await texts(channel, 1)
        while await house.store.undelivered():
            await asyncio.sleep(0)
        assert channel.sent.empty()


async def test_a_hoarse_voice_leaves_the_text_alone() -> None:
    keys = Channeled(kind="script", voice="always")
    channel = ScriptChannel([said("一")], capabilities=Capabilities(voice="silk"))
    async with stage(EchoBrain(), voice=HumVoice(fails=True), channels=[channel], listen=False, settings=BARE, keys=keys) as house:  # fmt: skip
        assert await texts(channel, 1) == ["你说：一。"]
        while await house.store.undelivered():
            await asyncio.sleep(0)


# Growing replies


@dataclass
class GrowingChannel(ScriptChannel):
    """Shows what it sees of a turn."""

    shown: list[str] = field(default_factory=list[str])
    turns: list[Asked] = field(default_factory=list[Asked])
    over: int = 0
    stuck: bool = False

    async def follow(self, asked: Asked, pieces: AsyncIterator[Piece]) -> None:
        self.turns.append(asked)
        async for piece in pieces:
            if isinstance(piece.shown, Words):
                self.shown.append(piece.shown.text)
            if isinstance(piece.shown, End):
                break
        if self.stuck:
            raise ZeroDivisionError
        self.over += 1


async def test_a_channel_shows_a_reply_growing_before_it_is_sent() -> None:
    channel = GrowingChannel([said("在吗")])
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE):
        delivery = await soon(channel.sent.get())
        assert delivery.part == Text("你说：在吗。")
        assert "".join(channel.shown) == "你说：在吗。"
        assert channel.over == 1
        assert [(asked.sender, asked.ids, f"{asked.turn}/0") for asked in channel.turns] == [
            ("lee", ("1",), delivery.key)
        ]


async def test_a_channel_that_cannot_show_it_still_sends_it() -> None:
    channel = GrowingChannel([said("在吗")], stuck=True)
    async with stage(EchoBrain(), channels=[channel], listen=False, settings=BARE):
        assert await texts(channel, 1) == ["你说：在吗。"]
