"""One answer as a stream: prompt → brain → director → voice → lips, with its attempts, its hold and its stop."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot import phrases
from bot.brain import Brain, BrainError, Prompt
from bot.bus import Bus
from bot.draft import Directed, Draft
from bot.lips import Lips
from bot.message import Begin, End, Entry, Held, Line, Part, Piece, Shown, Sound, State, Text, Words
from bot.persona import Persona
from bot.question import Question
from bot.rounds import Rounds
from bot.speaker import Speaker
from bot.store import Claim, Reply
from bot.utterance import Shelf
from bot.voice import Voice

log = logging.getLogger(__name__)

PATIENCE = 8.0
"""Seconds a retry may wait because the service asked for it."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what takes part in a turn."""

    persona: Persona
    cues: Collection[str]
    """Names the body knows."""
    brain: Brain
    voice: Voice | None = None
    lips: Lips | None = None
    last_resort: Brain | None = None
    """Answers when the brain will not."""
    attempts: int = 3
    reply_limit: int = 20000
    """Characters."""


class Ledger(Protocol):
    """Where a turn's end is written down: the conversation's side of a turn."""

    async def write(self, claim: Claim, reply: Reply) -> Entry | None:
        """Finish the claim with the reply; None where nothing is kept."""
        ...

    async def amend(self, claim: Claim, detail: dict[str, Any], state: State | None, heard: int | None) -> Entry | None:
        """Add what became known after the text was complete."""
        ...

    def shelf(self, claim: Claim) -> Shelf:
        """Where the conversation's spoken lines are kept."""
        ...


class Turn:
    """The answering of one claim."""

    def __init__(
        self,
        claim: Claim,
        ask: Callable[[], Awaitable[Question]],
        cast: Cast,
        bus: Bus,
        ledger: Ledger,
        *,
        attempt: int = 0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.claim, self.ask, self.cast, self.bus, self.ledger = claim, ask, cast, bus, ledger
        self.clock, self.now, self.began = clock, now, clock()
        self.opening = ""
        """What every attempt begins with."""
        self.question = Question(None)
        self.attempt = attempt
        """Number of the attempt on show; grows over restarts of the same claim."""
        self.pieces = 0
        self.draft = Draft(cast.cues, "")
        self.speaker: Speaker | None = None
        self.group: asyncio.TaskGroup | None = None
        self.work: asyncio.Task[None] | None = None
        self.writing: asyncio.Task[Entry | None] | None = None
        self.entry: Entry | None = None
        """The reply, once it is written down."""
        self.shown = False
        """Words reached a door."""
        self.sounded = False
        """Sound reached a door."""
        self.heard: int | None = None
        """Display characters the user heard, as far as told."""
        self.language = phrases.language("\n".join(entry.text for entry in claim.entries))
        self.rounds = Rounds(self._take, self._emit, self.language, cast.reply_limit, clock)
        self.stopped = False
        self.abandoned = False
        self.faults: list[str] = []
        self.timings: dict[str, float] = {}

    # What others may do to a running turn

    def stop(self, heard: int | None = None) -> None:
        """Fall silent and keep what there is."""
        self.stopped = True
        self.heard = self.heard if heard is None else heard
        if self.work:
            self.work.cancel()

    def abandon(self) -> bool:
        """Let go of everything, as if it had not begun; False when the reply is being written already."""
        if self.writing is None:
            self.abandoned = True
            if self.work:
                self.work.cancel()
        return self.abandoned

    def hold(self, on: bool) -> None:
        """Begin no further line while the user may be speaking; or go on."""
        if self.speaker:
            (self.speaker.go.clear if on else self.speaker.go.set)()
        self._emit(Held(on))

    # The course of a turn

    async def run(self) -> None:
        """Answer: returns when the reply is written down, or the turn abandoned. Raises what the ledger raises."""
        async with asyncio.TaskGroup() as self.group:
            self.work = self.group.create_task(self._answer())
            await asyncio.wait([self.work])
            if not self.abandoned:
                await self._conclude()

    async def _answer(self) -> None:
        try:
            self.question = question = await self.ask()
            self.opening = question.opening
            if question.prompt:
                await self._attempts(question.prompt)
            else:
                await self._recite(question.reply, State.ANSWERED)
        except Exception as error:  # the edge of one turn: whatever is wrong here must not end the others
            fault = uuid.uuid4().hex[:8]
            log.exception("turn %s broke, fault %s", self.claim.turn, fault, exc_info=error)
            self.faults.append(f"bug:{fault}")
            if self.writing is None:
                await self._apologise()

    async def _attempts(self, prompt: Prompt) -> None:
        for left in reversed(range(self.cast.attempts)):
            error = await self._attempt(self.cast.brain, prompt)
            if error is None:
                return
            if not left or not error.retryable:
                break
            await asyncio.sleep(self._delay(error))
        if self.cast.last_resort:
            apart = phrases.NOTES_ONLY.text(self.language)
            if await self._attempt(self.cast.last_resort, prompt, apart) is None:
                return
        await self._apologise()

    def _delay(self, error: BrainError) -> float:
        """Seconds until the next attempt."""
        return min(PATIENCE, error.retry_after if error.retry_after is not None else 0.2 * 3 ** (len(self.faults) - 1))

    async def _attempt(self, brain: Brain, prompt: Prompt, opening: str = "") -> BrainError | None:
        """One try; the error when it may be tried again, which is never once something sounded."""
        async with asyncio.TaskGroup() as group:
            self._begin(group, brain.name)
            try:
                opening = self.opening + opening
                self._take(opening)
                await self.rounds.think(brain, prompt, self.question, self.draft)
                self._show(self.draft.close())
                if self.draft.text.strip() == opening.strip() and not (self.draft.cues or self.draft.pictures):
                    raise BrainError("empty")
            except BrainError as error:
                log.warning("turn %s: %s of %s", self.claim.turn, error, brain.name)
                self.faults.append(error.kind)
                if not self.sounded:
                    if self.speaker:
                        self.speaker.cancel()
                    return error
                self._take(phrases.BROKEN_OFF.text(self.language))
                self._show(self.draft.close())
                self._write(State.FAILED)
            else:
                self._write(State.ANSWERED)
        return None

    def _begin(self, group: asyncio.TaskGroup, brain: str) -> None:
        cast = self.cast
        self.attempt += 1
        self.pieces = 0
        self.draft = Draft(cast.cues, brain, self.question.find, mannered=self.question.mannered)
        manner, shelf = cast.persona.voice.manner, self.ledger.shelf(self.claim)
        self.speaker = (
            Speaker(group, cast.voice, cast.lips, manner, shelf, self._emit, self._whole) if cast.voice else None
        )
        self._emit(Begin(tuple(entry.number for entry in self.claim.entries), cast.persona.id, voiced=self._aloud))

    async def _apologise(self) -> None:
        """The terminal outcome when no brain answered."""
        await self._recite(phrases.APOLOGY.text(self.language), State.FAILED)

    async def _recite(self, reply: str, state: State) -> None:
        """Give a reply that needs no brain."""
        async with asyncio.TaskGroup() as group:
            self._begin(group, "")
            self._take(self.opening + reply)
            self._show(self.draft.close())
            self._write(state)

    async def _conclude(self) -> None:
        """See the reply written, add what became known since, and tell the doors."""
        if self.writing is None:  # stopped before the text was complete
            if self.shown:
                self._keep_words(self.draft.close())
            else:
                self.draft = Draft(self.cast.cues, self.draft.brain)
            self._write(State.STOPPED)
        assert self.writing
        entry = await self.writing
        if entry and (self.stopped or (self.speaker and self.speaker.utterances)):
            state = State.STOPPED if self.stopped else None
            entry = await self.ledger.amend(self.claim, self._detail(), state, self.heard) or entry
        self.entry = entry
        self._emit(End(entry.state if entry else State.STOPPED, entry))

    # What leaves a turn

    def _take(self, text: str) -> None:
        """Hand a bit of the answer on."""
        if text:
            self.timings.setdefault("first_token", self.clock() - self.began)
            self._show(self.draft.take(text))

    def _show(self, pieces: Sequence[Directed]) -> None:
        self._keep_words(pieces)
        for piece in pieces:
            if isinstance(piece, Line):
                self.timings.setdefault("first_line", self.clock() - self.began)
                if self.speaker:
                    self.speaker.say(piece, aloud=self._aloud)

    def _keep_words(self, pieces: Sequence[Directed]) -> None:
        for piece in pieces:
            self._emit(piece)
            if isinstance(piece, Words) and not self.shown:
                self.shown = self.bus.listeners(self.claim.conversation) > 0

    def _emit(self, shown: Shown) -> None:
        if isinstance(shown, Sound) and not self.sounded and self._aloud:
            self.sounded = True
            self.timings["first_sound"] = self.clock() - self.began
        self.bus.publish(Piece(self.claim.conversation, self.claim.turn, self.attempt, self.pieces, shown))
        self.pieces += 1

    @property
    def _aloud(self) -> bool:
        return self.cast.voice is not None and self.bus.ears(self.claim.conversation) > 0

    def _whole(self) -> bool:
        return self.bus.whole(self.claim.conversation)

    # What is written down

    def _write(self, state: State) -> None:
        """Have the reply written; it lives in the turn's own group, so that a stop cannot tear it."""
        assert self.group
        self.timings["text"] = self.clock() - self.began
        text = self.draft.text.rstrip()
        parts: tuple[Part, ...] = (*((Text(text),) if text else ()), *self.draft.pictures)
        reply = Reply(state, parts, self.now(), detail=self._detail(), heard=self.heard)
        self.writing = self.group.create_task(self.ledger.write(self.claim, reply))

    def _detail(self) -> dict[str, Any]:
        utterances = self.speaker.utterances if self.speaker else []
        return {
            "persona": self.cast.persona.id,
            "version": self.cast.persona.version,
            "voice": self.cast.voice.name if utterances and self.cast.voice else "",
            "attempts": self.attempt,
            "faults": list(self.faults),
            "timings": {name: round(seconds, 4) for name, seconds in self.timings.items()},
            **self.draft.detail(utterances),
        }
