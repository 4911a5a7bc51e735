"""The rounds of a turn: the brain speaks, has something done, and goes on with what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bot import phrases
from bot.brain import Brain, BrainError, Finish, Prompt, Token, ToolCall
from bot.deeds import Deed, Round, continued
from bot.draft import Draft
from bot.message import Doing, Shown
from bot.question import Do, Question

PAUSE_S = 1.2
"""Seconds of silence that a call may make before a word fills them."""


@dataclass(slots=True)
class Rounds:
    """What was done for the brain: a later attempt goes on from there, so that nothing is done twice."""

    take: Callable[[str], None]
    """Hands a bit of the answer on, into the draft and to the doors."""
    emit: Callable[[Shown], None]
    """Shows something at the doors."""
    language: str
    """Of the words that fill a pause."""
    longest: int
    """Characters after which an answer is cut."""
    clock: Callable[[], float]
    done: list[Round] = field(default_factory=list[Round])
    began: float | None = None
    """When the first attempt began, by the clock."""
    acting: int = 0
    """Calls on their way that change something: not the time to begin anew."""
    question: Question = field(default=Question(None))
    draft: Draft = field(default_factory=lambda: Draft((), ""))

    async def think(self, brain: Brain, prompt: Prompt, question: Question, draft: Draft) -> None:
        """Read the brain's answer to its end, doing what it wants done on the way. Raises BrainError."""
        self.question, self.draft = question, draft
        self._again()
        self.began = self.clock() if self.began is None else self.began
        while True:
            late = self.done and self.clock() - self.began > question.patience_s
            before, left = len(draft.raw), 0 if late else question.rounds - len(self.done)
            try:
                calls, finish = await self._round(brain, continued(prompt, self._all(), enough=left < 1))
            except BrainError as error:
                if error.kind != "empty" or not any(deed.result.ask or deed.result.parts for deed in self._deeds()):
                    raise
                break  # there is something to ask or to show: she need not say more
            if not (calls and question.do and left > 0):
                break
            text = draft.raw[before:]
            self.done.append(Round(tuple(await self._called(calls, question.do)), text, finish))
        for deed in filter(lambda deed: deed.result.ask, self._deeds()):
            self.take(f"\n{deed.result.ask}" if draft.text.strip() else deed.result.ask)

    def _all(self) -> list[Round]:
        """What was done so far, with what the user had agreed to before."""
        settled = self.question.settled
        return [*([Round(settled, "", Finish("tools"))] if settled else ()), *self.done]

    def _deeds(self) -> list[Deed]:
        return [deed for round in self._all() for deed in round.deeds]

    def _again(self) -> None:
        """Show what an attempt before this one had come to when the brain broke off."""
        for round in self._all():
            self.draft.finished(round.finish)
            if round.text:
                self.take(round.text)
                self._end_line()
            for deed in round.deeds:
                self._keep(deed)

    async def _round(self, brain: Brain, prompt: Prompt) -> tuple[list[ToolCall], Finish]:
        """One answer of the brain: its words go on, its calls come back. Raises BrainError."""
        calls: list[ToolCall] = []
        finish = Finish("")
        async with aclosing(brain.think(prompt)) as thoughts:
            async for thought in thoughts:
                await asyncio.sleep(0)  # a brain that never waits must not starve the doors
                match thought:
                    case Token():
                        self.take(thought.text)
                        if len(self.draft.text) > self.longest:
                            self.draft.finished(Finish("length"))
                            return [], finish
                    case ToolCall():
                        calls.append(thought)
                    case Finish():
                        finish = thought
                        self.draft.finished(finish)
        return calls, finish

    async def _called(self, calls: Sequence[ToolCall], do: Do) -> list[Deed]:
        """What came of calls, made at once; where it takes long and nothing was said yet, a word fills the pause."""
        self._end_line()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._do(call, do)) for call in calls]
            _, waiting = await asyncio.wait(tasks, timeout=PAUSE_S)
            if waiting and not self.draft.text.strip():
                self.take(f"{phrases.LET_ME_LOOK.text(self.language)}\n")
        return [task.result() for task in tasks]

    async def _do(self, call: ToolCall, do: Do) -> Deed:
        """One call, with its beginning and its end shown."""
        offered = self.question.prompt.tools if self.question.prompt else ()
        tool = next((tool for tool in offered if tool.name == call.name), None)
        zh, en = tool.doing if tool else ("", "")
        writes = tool is not None and tool.writes and not tool.anew
        self.emit(Doing(call.name, "running", zh, en))
        began = self.clock()
        self.acting += writes
        try:
            result = await do(call)
        finally:
            self.acting -= writes
        self.emit(Doing(call.name, "failed" if result.failed else "done", zh, en))
        self._keep(deed := Deed(call, result, self.clock() - began))
        return deed

    def _keep(self, deed: Deed) -> None:
        """Note down what was done, and show what it brought."""
        for picture in self.draft.called(deed):
            self.emit(picture)

    def _end_line(self) -> None:
        """Have what was said so far said now, not when the next word comes."""
        if self.draft.text and not self.draft.text.endswith("\n"):
            self.take("\n")
