"""An exam as it is sat: a whole house of its own for a while, every case a conversation nobody had before."""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.composition import PAGE, Running, opened
from bot.exam import Case, Exam
from bot.marking import Answer, Miss, misses
from bot.matching import matched
from bot.message import End, Entry, Message, State, Text
from bot.persona import Persona
from bot.personas import Personas
from bot.settings import BrainSettings, Data, Label, Limits, Settings, VoiceSettings

AT_ONCE = 4
"""Conversations that are had at once."""
SLACK_S = 30.0
"""Seconds an answer may take beyond what its brain may."""
OFFLINE = BrainSettings(kind="offline")
"""The brain that always answers alike."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn: what was said, what she answered, and what that lacks."""

    said: str
    answer: Answer
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A case, had once."""

    exchanges: tuple[Exchange, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is lacking."""
        return not any(exchange.misses for exchange in self.exchanges)


@dataclass(frozen=True, slots=True)
class Result:
    """A case with all its sittings."""

    case: Case
    sittings: tuple[Sitting, ...]

    @property
    def passes(self) -> int:
        """Sittings that passed."""
        return sum(sitting.passed for sitting in self.sittings)

    @property
    def passed(self) -> bool:
        """Whether every sitting passed: a case that passes now and then is not passed."""
        return self.passes == len(self.sittings)


def examined(persona: Persona, data: Path, brain: BrainSettings) -> Settings:
    """The exam's own settings: nothing of the operator's but the brain, no channels, no voice, no limits."""
    return Settings(
        persona=persona.id,
        data=Data(dir=data, synchronous="normal"),
        brain=brain,
        voice=VoiceSettings(kind="none"),
        limits=Limits(per_minute=0, per_day=0),
        label=Label(remind_h=0),
    )


@asynccontextmanager
async def house(persona: Persona, root: Path, brain: BrainSettings) -> AsyncGenerator["Examiner"]:
    """A house that serves her, and nobody else, until the exam is over. Raises StoreError and OSError, in groups."""
    with tempfile.TemporaryDirectory(prefix="zhiyin-exam-") as data:
        settings = examined(persona, Path(data), brain)
        personas = Personas(persona.folder.parent, Path(data) / "persona")
        async with opened(settings, root, personas) as here, asyncio.TaskGroup() as group:
            await here.brain.warm()
            # What she knows is all there before the first question.
            await here.service.house.mind.knowledge.read(persona)
            serving = group.create_task(here.service.run())
            patience = brain.attempts * (brain.whole_s + SLACK_S)
            yield Examiner(here, asyncio.Semaphore(AT_ONCE), patience if here.brain.name != OFFLINE.kind else SLACK_S)
            serving.cancel()


@dataclass(slots=True)
class Examiner:
    """Has the conversations of an exam with her."""

    here: Running
    places: asyncio.Semaphore
    """Conversations at once."""
    patience_s: float
    """Seconds an answer may take."""
    sat: int = 0
    """Conversations begun."""

    async def sit(self, exam: Exam, repeat: int = 1, tell: Callable[[Result], None] = lambda _: None) -> list[Result]:
        """The results of the cases for her brain, in the exam's order; each is told as soon as it is its turn."""
        results: list[Result] = []
        offline = self.here.brain.name == OFFLINE.kind
        cases = [case for case in exam.cases if offline or case.brain != OFFLINE.kind]
        async with asyncio.TaskGroup() as group:
            tasks = [(case, [group.create_task(self._sitting(case)) for _ in range(repeat)]) for case in cases]
            for case, sittings in tasks:
                results.append(Result(case, tuple([await sitting for sitting in sittings])))
                tell(results[-1])
        return results

    async def _sitting(self, case: Case) -> Sitting:
        """Have a case's conversation."""
        async with self.places:
            self.sat += 1
            conversation = f"{PAGE}:exam-{self.sat}-{case.id}"
            exchanges: list[Exchange] = []
            for number, said in enumerate(case.say):
                answer = await self._answer(conversation, number, said)
                last = number == len(case.say) - 1
                exchanges.append(Exchange(said, answer, await _lacking(case, answer, last=last)))
                if answer.fault:
                    break
            return Sitting(tuple(exchanges))

    async def _answer(self, conversation: str, number: int, said: str) -> Answer:
        """Say something in a conversation and read what comes of it off the bus."""
        sender = conversation.partition(":")[2]
        message = Message(f"{sender}-{number}", PAGE, conversation, sender, (Text(said),), at=time.time())
        async with self.here.service.house.bus.listen(conversation, sound=False) as pieces:
            admission = await self.here.service.accept(message)
            if admission.entry is None:
                return Answer(admission.notice, fault=f"refused: {admission.refusal}")
            try:
                async with asyncio.timeout(self.patience_s):
                    async for piece in pieces:
                        if isinstance(piece.shown, End):
                            return _read(piece.shown.entry)
            except TimeoutError:
                pass  # some messages are answered by deeds alone
        return Answer("", fault="no reply")


def _read(entry: Entry | None) -> Answer:
    """What a reply as it was written down tells."""
    if entry is None:
        return Answer("", fault="no reply")
    detail = entry.detail
    return Answer(
        entry.text,
        str(detail.get("brain", "")),
        str(detail.get("band", "")),
        tuple(str(cite[0]).removeprefix("k:") for cite in detail.get("cites", ())),
        tuple(str(cue[0]) for cue in detail.get("cues", ())),
        fault="" if entry.state is State.ANSWERED else f"{entry.state}: {', '.join(detail.get('faults', ()))}",
    )


async def _lacking(case: Case, answer: Answer, *, last: bool) -> tuple[Miss, ...]:
    """What an answer lacks, of what every answer, and the last one, must be like."""
    if answer.fault:
        return (Miss(f"没有答上来（{answer.fault}）", f"she did not answer ({answer.fault})"),)
    expectations = (case.each, case.expect) if last else (case.each,)
    patterns = [pattern for each in expectations for pattern in (*each.regex, *each.not_regex)]
    found = await matched(patterns, answer.text)
    return tuple(dict.fromkeys(miss for each in expectations for miss in misses(each, answer, found)))
