"""Turns and conversations: order, merging, hold and stop, attempts, apologies; every port a small fake."""

import asyncio
from dataclasses import replace

from bot.brain import BrainError
from bot.message import Author, Begin, Cue, End, Entry, Held, Sound, Spoken, State, Words
from bot.settings import Data, Merge
from bot.store import Claim, Full, Reply, memory
from tests.fakes import EchoBrain, HumVoice, ScriptBrain, message, soon
from tests.stage import ROOM, stage


async def test_a_message_is_answered_shown_and_written_down() -> None:
    async with stage(ScriptBrain([["[smile]你", "好，", "我在。"]]), voice=HumVoice()) as running:
        await running.say("在吗")
        ended = await running.end()
        assert ended.state is State.ANSWERED
        assert ended.entry
        assert ended.entry.text == "你好，我在。"
        assert "".join(w.text for w in running.shown(Words) if isinstance(w, Words)) == "你好，我在。"
        assert running.shown(Cue) == [Cue("smile", 1.0, 0)]
        assert [s.line for s in running.shown(Spoken) if isinstance(s, Spoken)] == [0, 1]
        numbers = [piece.number for piece in running.seen]
        assert numbers == list(range(len(numbers)))
        entries = await running.store.history(ROOM)
        assert [(e.author, e.state) for e in entries] == [
            (Author.USER, State.ANSWERED),
            (Author.PERSONA, State.ANSWERED),
        ]
        assert [u["text"] for u in entries[1].detail["utterances"]] == ["你好，", "我在。"]
        assert entries[1].detail["usage"] == {"input": 1, "output": 2}


async def test_conversations_do_not_wait_for_each_other_and_each_keeps_its_order() -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "慢。"], ["快。"], ["后。"]])
    async with stage(brain, listen=False) as running:
        async with running.bus.listen("page:two", sound=False) as other:
            await running.say("一", "1")
            await soon(brain.asked.get())
            await running.say("二", "2", chat="two")
            async for piece in other:
                if isinstance(piece.shown, End):
                    break
        assert await running.replies() == []
        gate.set()
        async with running.bus.listen(ROOM, sound=False) as door:
            async for piece in door:
                if isinstance(piece.shown, End):
                    break
        assert [e.text for e in await running.replies()] == ["慢。"]


async def test_what_is_said_before_anything_is_shown_joins_the_turn() -> None:
    brain = ScriptBrain([[asyncio.Event(), "没人听见"], ["两句都听到了。"]])
    async with stage(brain) as running:
        await running.say("我想", "1")
        await soon(brain.asked.get())
        await running.say("问个事", "2")
        ended = await running.end()
        assert brain.prompts[1].question == "我想\n问个事"
        assert ended.entry
        assert ended.entry.text == "两句都听到了。"
        assert len(await running.replies()) == 1
        assert {e.state for e in await running.store.history(ROOM)} == {State.ANSWERED}
        begins = [b for b in running.shown(Begin) if isinstance(b, Begin)]
        assert len(begins[-1].answers) == 2


async def test_a_turn_restarts_only_so_often() -> None:
    never = asyncio.Event()
    brain = ScriptBrain([[never], [never, "第二次。"], ["第三句的。"]])
    async with stage(brain, merge=Merge(restarts=1)) as running:
        for number, text in enumerate(["一", "二", "三"]):
            await running.say(text, str(number))
            if number < 2:
                await soon(brain.asked.get())
        never.set()
        assert (first := await running.end()).entry
        assert first.entry.text == "第二次。"
        assert (second := await running.end()).entry
        assert second.entry.text == "第三句的。"
        assert brain.prompts[2].question == "三"


async def test_a_message_while_she_answers_stops_her_and_is_answered_next() -> None:
    brain = ScriptBrain([["从前有座山，", asyncio.Event()], ["好的。"]])
    async with stage(brain) as running:
        await running.say("讲故事", "1")
        await running.until(Words)
        await running.say("算了", "2")
        stopped = await running.end()
        assert stopped.state is State.STOPPED
        assert stopped.entry
        assert stopped.entry.text == "从前有座山，"
        await soon(brain.closed.wait())
        answered = await running.end()
        assert answered.state is State.ANSWERED
        assert {e.text: e.state for e in await running.store.history(ROOM)} == {
            "讲故事": State.STOPPED,
            "算了": State.ANSWERED,
            "从前有座山，": State.STOPPED,
            "好的。": State.ANSWERED,
        }
        assert "[interrupted]" in brain.prompts[1].said[-2].text


async def test_stop_before_anything_was_shown_answers_with_nothing() -> None:
    brain = ScriptBrain([[asyncio.Event()]])
    async with stage(brain) as running:
        await running.say("在吗")
        await soon(brain.asked.get())
        running.control("stop")
        ended = await running.end()
        assert (ended.state, ended.entry) == (State.STOPPED, None)
        assert [e.state for e in await running.store.history(ROOM)] == [State.STOPPED]
        assert await running.store.waiting() == []


async def test_stop_while_she_speaks_keeps_what_was_heard() -> None:
    voice = HumVoice(gate=asyncio.Event())
    async with stage(ScriptBrain([["从前有座山，山里有座庙。"]]), voice=voice) as running:
        await running.say("讲故事")
        await running.until(Sound)
        running.control("stop", heard=3)
        ended = await running.end()
        assert ended.state is State.STOPPED
        assert ended.entry
        assert ended.entry.heard == 3
        await soon(voice.closed.wait())
        reply = (await running.replies())[0]
        assert (reply.state, reply.heard) == (State.STOPPED, 3)


async def test_a_hold_that_nobody_ends_goes_on_by_itself() -> None:
    gate = asyncio.Event()
    async with stage(ScriptBrain([["好，", gate, "继续。"]]), voice=HumVoice()) as running:
        await running.say("说")
        await running.until(Words)
        running.control("hold")
        assert (await running.until(Held)).shown == Held(True)
        assert (await running.until(Held)).shown == Held(False)
        gate.set()
        ended = await running.end()
        assert ended.entry
        assert ended.entry.text == "好，继续。"


async def test_a_failed_attempt_is_tried_again_in_silence() -> None:
    brain = ScriptBrain([["说到一", BrainError("cut", retry_after=0)], ["说完了。"]])
    async with stage(brain) as running:
        await running.say("说")
        ended = await running.end()
        assert ended.entry
        assert (ended.entry.text, ended.state) == ("说完了。", State.ANSWERED)
        assert ended.entry.detail["faults"] == ["cut"]
        assert [piece.attempt for piece in running.seen if isinstance(piece.shown, Begin)] == [1, 2]


async def test_when_nothing_helps_there_is_one_apology() -> None:
    brain = ScriptBrain([[BrainError("unreachable", retry_after=0)]])
    async with stage(brain) as running:
        await running.say("hello")
        ended = await running.end()
        assert ended.state is State.FAILED
        assert ended.entry
        assert "Sorry" in ended.entry.text
        assert len(brain.prompts) == 2
        assert [e.state for e in await running.store.history(ROOM)] == [State.FAILED, State.FAILED]


async def test_a_wrong_key_is_not_tried_twice() -> None:
    brain = ScriptBrain([[BrainError("refused")]])
    async with stage(brain) as running:
        await running.say("在吗")
        assert (await running.end()).state is State.FAILED
        assert len(brain.prompts) == 1


async def test_the_last_resort_answers_and_says_so() -> None:
    async with stage(ScriptBrain([[BrainError("refused")]]), last_resort=EchoBrain()) as running:
        await running.say("在吗")
        ended = await running.end()
        assert ended.state is State.ANSWERED
        assert ended.entry
        assert "笔记" in ended.entry.text
        assert ended.entry.text.endswith("你说：在吗。")


async def test_once_sound_was_heard_there_is_no_new_attempt() -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([["你好呀，", gate, BrainError("cut")], ["不该出现"]])
    async with stage(brain, voice=HumVoice()) as running:
        await running.say("在吗")
        await running.until(Spoken)
        gate.set()
        ended = await running.end()
        assert ended.state is State.FAILED
        assert ended.entry
        assert ended.entry.text.startswith("你好呀，")
        assert "抱歉" in ended.entry.text
        assert len(brain.prompts) == 1


async def test_a_bug_in_one_turn_is_recorded_and_the_next_turn_works() -> None:
    brain = ScriptBrain([[ZeroDivisionError("oops")], ["好了。"]])
    async with stage(brain) as running:
        await running.say("一", "1")
        ended = await running.end()
        assert ended.state is State.FAILED
        assert ended.entry
        assert ended.entry.detail["faults"][0].startswith("bug:")
        assert "oops" not in ended.entry.text
        await running.say("二", "2")
        assert (await running.end()).state is State.ANSWERED


async def test_without_a_voice_the_text_still_arrives() -> None:
    async with stage(ScriptBrain([["你好，我在。"]]), voice=HumVoice(fails=True)) as running:
        await running.say("在吗")
        ended = await running.end()
        assert ended.state is State.ANSWERED
        assert ended.entry
        assert ended.entry.text == "你好，我在。"
        assert all(isinstance(s, Spoken) and s.failed for s in running.shown(Spoken))
        assert len(running.shown(Spoken)) == 2


async def test_an_empty_reply_is_a_failure() -> None:
    async with stage(ScriptBrain([["  "], ["有话。"]])) as running:
        await running.say("在吗")
        ended = await running.end()
        assert ended.entry
        assert ended.entry.text == "有话。"


async def test_an_endless_reply_is_cut() -> None:
    async with stage(EchoBrain(answer=lambda _: "长" * 30000)) as running:
        await running.say("在吗")
        ended = await running.end()
        assert ended.entry
        assert 20000 < len(ended.entry.text) < 20010
        assert ended.entry.detail["finish"] == "length"


async def test_a_message_that_killed_the_process_again_and_again_gets_an_apology() -> None:
    store = await memory.open(Data())
    await store.accept(message("毒药"))
    for _ in range(3):
        claim = await store.claim(ROOM)
        assert claim
        await store.release(claim)
    brain = ScriptBrain([["不该问"]])
    async with stage(brain, store=store, listen=False) as running, running.bus.listen(ROOM, sound=False) as door:
        async for piece in door:
            if isinstance(piece.shown, End):
                assert piece.shown.state is State.FAILED
                break
    assert brain.prompts == []


async def test_a_reply_waits_for_room_on_a_full_disk() -> None:
    class TightStore(memory.MemoryStore):
        refusals = 3

        async def finish(self, claim: Claim, reply: Reply) -> Entry | None:
            self.refusals -= 1
            if self.refusals >= 0:
                raise Full("no room")
            return await super().finish(claim, reply)

    async with stage(ScriptBrain([["好。"]]), store=TightStore()) as running:
        await running.say("在吗")
        ended = await running.end()
        assert ended.entry
        assert ended.entry.text == "好。"


async def test_what_waits_at_the_start_is_answered() -> None:
    store = await memory.open(Data())
    await store.accept(message("早", "1"))
    await store.accept(replace(message("早", "2"), sender="other"))
    async with stage(EchoBrain(), store=store) as running:
        assert (await running.end()).state is State.ANSWERED
        assert (await running.end()).state is State.ANSWERED
    assert [e.text for e in await store.history(ROOM) if e.author is Author.PERSONA] == ["你说：早。"] * 2


async def test_an_idle_conversation_leaves_the_memory_and_comes_back() -> None:
    async with stage(EchoBrain(), idle_s=0.01) as running:
        await running.say("早", "1")
        await running.end()
        async with asyncio.timeout(10):
            while running.service.conversations:
                await asyncio.sleep(0.001)
        await running.say("晚", "2")
        assert (ended := await running.end()).entry
        assert ended.entry.text == "你说：晚。"


async def test_a_flood_in_one_conversation_is_answered_in_order() -> None:
    async with stage(EchoBrain(answer=lambda p: p.question), merge=Merge(restarts=0)) as running:
        texts = [f"第{n}句" for n in range(15)]
        for number, text in enumerate(texts):
            await running.say(text, str(number))
        answered: list[str] = []
        while len(answered) < 15:
            ended = await running.end()
            answered += ended.entry.text.split("\n") if ended.entry else ["?"]
        assert [a for a in answered if a != "?"] == [t for t in texts if t in answered]


async def test_another_users_message_between_keeps_the_order() -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([[gate, "第一。"], ["第二。"], ["第三。"]])
    async with stage(brain) as running:
        await running.say("甲一", "1")
        await soon(brain.asked.get())
        await running.page.take(replace(message("乙一", "2"), sender="other"))
        await running.say("甲二", "3")
        gate.set()
        for _ in range(3):
            await running.end()
        assert [prompt.question for prompt in brain.prompts] == ["甲一", "乙一", "甲二"]


async def test_whoever_listens_is_told_that_a_deletion_is_over() -> None:
    async with stage(EchoBrain()) as running:
        await running.say("删除我的数据", "1")
        await running.end()
        await running.say("确认删除", "2")
        assert await running.end() == End(State.ANSWERED, None)
        assert await running.store.history(ROOM) == []
        assert running.bus.topics[ROOM].kept == []
