"""The real pipeline on every channel: a message crosses a socket, the offline brain answers, espeak speaks, the phone has both."""

import asyncio
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from bot import adapters, channel, phrases, recording
from bot.brain import offline
from bot.composition import Notebook
from bot.knowledge import Knowledge
from bot.pcm import RATE
from bot.persona import load
from bot.phonetics import Phonetics
from bot.recital import recited
from bot.settings import BrainSettings, Channeled, Data, Label, Settings, VoiceSettings
from bot.store import memory
from bot.voice import espeak
from tests.channel.rigs import Notes, Rig
from tests.fakes import ScriptBrain, soon
from tests.stage import stage

KINDS = [kind for kind in adapters.names(channel) if kind != "page"]
AYIN = load(Path(__file__).parents[2] / "persona" / "ayin")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_question_is_answered_in_words_and_in_her_voice(
    kind: str, phonetics: Phonetics, tmp_path: Path
) -> None:
    async with import_module(f"tests.channel.rig_{kind}").rig(tmp_path) as rig:
        await answered(rig, phonetics)


async def answered(rig: Rig, phonetics: Phonetics) -> None:
    voice = espeak.open(VoiceSettings(), phonetics)
    brain = offline.open(BrainSettings(), Knowledge(lambda _: AYIN))
    shop = rig.channel(Notes())
    keys = Channeled(kind="script", voice="always")
    labelled = Settings(label=Label())
    store = await memory.open(Data())
    try:
        async with stage(
            brain, voice=voice, store=store, channels=[shop], listen=False, settings=labelled, keys=keys, pause_s=0.05
        ) as house:
            await rig.say("你叫什么名字？", "1")
            text = await soon(rig.received(), 30)
            assert phrases.NOTICE.zh in text
            assert AYIN.name.zh in text
            assert text.endswith("（内容由AI生成）") != shop.capabilities.labels
            data = await soon(rig.heard(), 30)
            assert recording.kind(data) == shop.capabilities.voice
            samples = await recording.decoded(data, 60)
            (conversation,) = await house.store.conversations("shop", "lee")
            reply = (await house.store.history(conversation))[-1]
            notes = await recited(reply.text, voice, house.service.house.cast("shop").persona.voice.manner, "mp3", 60.0)
            assert len(samples) / RATE == pytest.approx(notes[0][1], abs=0.2)
            assert np.abs(samples).max() > 2000
    finally:
        await soon(shop.close())
        await voice.close()
        await brain.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_the_law_asks_for_is_kept(kind: str, tmp_path: Path) -> None:
    never = asyncio.Event()
    brain = ScriptBrain([["从前有座山，", never], ["我在听。"]])
    async with import_module(f"tests.channel.rig_{kind}").rig(tmp_path) as rig:
        store = await memory.open(Data())
        shop = rig.channel(Notebook(store, "shop"))
        keys = Channeled(kind="script", voice="never")
        try:
            async with stage(brain, store=store, channels=[shop], listen=False, keys=keys, pause_s=0.05) as house:
                await rig.say("讲个故事", "1")
                await soon(brain.asked.get())
                await rig.say("退出", "2")  # in the middle of a sentence
                text = ""
                while phrases.LEFT.zh not in text:
                    text = await soon(rig.received(), 30)
                assert ("内容由AI生成" in text) != shop.capabilities.labels
                await soon(brain.closed.wait())
                await rig.say("我不想活了", "3")
                assert "12356" in await soon(rig.received(), 30)
                assert len(brain.prompts) == 1
                await rig.say("嗯", "4")
                assert "我在听。" in await soon(rig.received(), 30)
                assert "不要扮演角色" in brain.prompts[1].said[-1].text
                await rig.say("导出我的数据", "5")
                assert phrases.EXPORT.zh[:4] in (await soon(rig.received(), 30)) or not shop.capabilities.files
                if shop.capabilities.files:
                    assert "我不想活了" in (await soon(rig.heard(), 30)).decode()
                await rig.say("删除我的数据", "6")
                assert "确认删除" in await soon(rig.received(), 30)
                await rig.say("确认删除", "7")
                assert phrases.DELETED.zh in await soon(rig.received(), 30)
                while await house.store.conversations("shop", "lee"):
                    await asyncio.sleep(0.01)
                assert [key for key in await store.recollect("shop", "") if "lee" in key] == []
        finally:
            await soon(shop.close())
