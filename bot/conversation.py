"""One actor per conversation: messages in their order, merged, held, stopped, answered once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot import prompt
from bot.brain import Prompt
from bot.bus import Bus
from bot.message import Control, Entry, Part, Picture, State
from bot.settings import Settings
from bot.store import Claim, Full, Reply, SpokenLine, Stale, Store
from bot.turn import Cast, Turn

log = logging.getLogger(__name__)

HOLD_S = 2.0
"""A hold that nobody ends turns into going on."""
TRIES = 3
"""Messages that broke a process this often get an apology instead of another try."""
RETRY_S = 5.0
"""Seconds between tries to write a reply while the disk is full."""


@dataclass(frozen=True, slots=True)
class House:
    """What all conversations share."""

    store: Store
    bus: Bus
    settings: Settings
    cast: Callable[[str], Cast]
    """Who answers at a channel."""
    live: Callable[[str], bool]
    """Whether a channel shows a reply while it grows, so that nothing need be delivered."""
    answered: Callable[[str, int], None]
    """Told how many messages of a conversation got their answer."""
    turns: asyncio.Semaphore
    """Turns at once."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    hold_s: float = HOLD_S


@dataclass(slots=True)
class Conversation:
    """Answers what arrives in one conversation, one turn at a time."""

    id: str
    house: House
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Something arrived."""
        self.arrived.set()

    async def run(self) -> None:
        """Answer until nothing has arrived for a while. Raises StoreError."""
        while True:
            self.arrived.clear()  # before looking, so that no arrival is missed
            async with self.house.turns:
                claim = await self.house.store.claim(self.id)
                if claim:
                    await self._answer(claim)
                    continue
            try:
                async with asyncio.timeout(self.house.settings.limits.idle_s):
                    await self.arrived.wait()
            except TimeoutError:
                if not self.arrived.is_set():
                    return

    # Answering

    async def _answer(self, claim: Claim) -> None:
        """See a claim to its end, restarted when more was said before anything was shown."""
        try:
            claim = await self._gathered(claim)
            restarts, attempt = self.house.settings.merge.restarts, 0
            while True:
                turn = self._turn(claim, attempt)
                bigger = await self._perform(turn, restarts > 0)
                if bigger is None:
                    return
                claim, restarts, attempt = bigger, restarts - 1, turn.attempt
        except* Stale:
            log.warning("conversation %s: turn %s is void, another process answers", self.id, claim.turn)

    async def _gathered(self, claim: Claim) -> Claim:
        """The claim with what a channel without a live display lets the user add."""
        wait = self.house.settings.merge.wait_s
        if wait and not self.house.live(self._channel):
            await self.house.sleep(wait)
            return await self.house.store.extend(claim)
        return claim

    def _turn(self, claim: Claim, attempt: int) -> Turn:
        house = self.house
        cast = house.cast(self._channel)
        if max(entry.attempts for entry in claim.entries) > TRIES:
            cast = replace(cast, attempts=0, last_resort=None)

        async def ask() -> Prompt:
            return await self._prompt(claim, cast)

        return Turn(claim, ask, cast, house.bus, Ledger(house), attempt=attempt, clock=house.clock, now=house.now)

    async def _prompt(self, claim: Claim, cast: Cast) -> Prompt:
        settings = self.house.settings
        look_back = settings.limits.history
        history = await self.house.store.history(self.id, limit=look_back + prompt.BLOCK + len(claim.entries))
        return prompt.build(
            cast.persona,
            sorted(cast.cues),
            history,
            claim.entries,
            datetime.fromtimestamp(self.house.now()).astimezone(),
            look_back=look_back,
            pictures=await self._pictures(claim.entries),
            max_tokens=settings.brain.max_tokens,
        )

    async def _pictures(self, entries: Sequence[Entry]) -> dict[str, bytes]:
        """The bytes of the pictures that were sent."""
        wanted = {part.media for entry in entries for part in entry.parts if isinstance(part, Picture)}
        found = {hash: await self.house.store.media(self.id, hash) for hash in wanted}
        return {hash: media[1] for hash, media in found.items() if media}

    async def _perform(self, turn: Turn, may_restart: bool) -> Claim | None:
        """Run a turn while heeding what is said meanwhile; the bigger claim when it must start again."""
        async with self.house.bus.controls(self.id) as controls, asyncio.TaskGroup() as group:
            heeding = group.create_task(self._heed(turn, aiter(controls)))
            merging = group.create_task(self._merge(turn, may_restart))
            try:
                await turn.run()
            finally:
                heeding.cancel()
                merging.cancel()
        return merging.result() if turn.abandoned else None

    # What is said while she answers

    async def _heed(self, turn: Turn, controls: AsyncIterator[Control]) -> None:
        """Do what the doors tell a running turn."""
        held = False
        while True:
            try:
                async with asyncio.timeout(self.house.hold_s if held else None):
                    control = await anext(controls)
            except TimeoutError:
                held = False
                turn.hold(False)
                continue
            if control.turn not in ("", turn.claim.turn):
                continue
            match control.kind:
                case "stop":
                    turn.stop(control.heard if turn.shown else None)
                case "hold" | "resume":
                    held = control.kind == "hold"
                    turn.hold(held)
                case "heard":
                    turn.heard = max(turn.heard or 0, control.heard)
                case _:
                    log.warning("conversation %s: unknown control %r", self.id, control.kind)

    async def _merge(self, turn: Turn, may_restart: bool) -> Claim | None:
        """Take up what the same user adds: restart while nothing was shown, else stop where she is seen answering."""
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            if not await self._added(turn.claim):
                continue
            if may_restart and not turn.shown and not turn.writing:
                claim = await self.house.store.extend(turn.claim)
                if turn.abandon():
                    return claim
            elif turn.shown and self.house.live(self._channel):
                turn.stop()

    async def _added(self, claim: Claim) -> bool:
        """Whether the next to be answered is something the claim's own user added."""
        last = claim.entries[-1]
        waits = [
            entry
            for entry in await self.house.store.history(self.id, limit=20)
            if entry.number > last.number and entry.state is State.RECEIVED
        ]
        return bool(waits) and (waits[0].sender, waits[0].door) == (last.sender, last.door)

    @property
    def _channel(self) -> str:
        return self.id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Writes a turn's end into the store."""

    house: House

    async def write(self, claim: Claim, reply: Reply) -> Entry | None:
        """Finish the claim; while the disk is full this waits for room, since what was said must not be lost."""
        deliveries: tuple[Part, ...] = () if self.house.live(claim.conversation.partition(":")[0]) else reply.parts
        reply = replace(reply, deliveries=deliveries)
        while True:
            try:
                entry = await self.house.store.finish(claim, reply)
            except Full:
                await self.house.sleep(RETRY_S)
            else:
                self.house.answered(claim.conversation, len(claim.entries))
                return entry

    async def amend(self, claim: Claim, detail: dict[str, Any], state: State | None, heard: int | None) -> Entry | None:
        """Add to the finished reply; on a full disk the additions are lost, the reply is not."""
        try:
            if heard is not None:
                await self.house.store.heard(claim.conversation, claim.turn, heard)
            return await self.house.store.amend(claim.conversation, claim.turn, detail=detail, state=state)
        except Full:
            return None

    def shelf(self, claim: Claim) -> "LineShelf":
        """Where the conversation's spoken lines are kept."""
        return LineShelf(self.house.store, claim.conversation, self.house.settings.voice.cache)


@dataclass(frozen=True, slots=True)
class LineShelf:
    """A conversation's spoken lines; on a full disk they are not kept."""

    store: Store
    conversation: str
    again: bool
    """Whether lines are found again."""

    async def find(self, key: str) -> SpokenLine | None:
        """A line spoken before."""
        try:
            return await self.store.line(self.conversation, key) if self.again else None
        except Full:
            return None

    async def keep(self, key: str, line: SpokenLine) -> str:
        """Keep a line; the hash of its sound, empty when there is no room."""
        try:
            if key:
                return await self.store.keep_line(self.conversation, key, line)
            return await self.store.keep(self.conversation, line.mp3, "audio/mpeg")
        except Full:
            return ""
