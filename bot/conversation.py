"""One actor per conversation: messages in their order, merged, held, stopped, answered once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from bot import phrases, seeing
from bot.asking import Asking
from bot.channel import ChannelError
from bot.courtesy import Wish, confirmed, wish
from bot.house import RETRY_S, House, Ledger
from bot.message import Control, Delivery, End, Entry, Piece, State, Text
from bot.store import Claim, Full, Stale, StoreError
from bot.turn import Turn
from bot.unpacking import Unpacking

log = logging.getLogger(__name__)

TRIES = 3
"""Messages that broke a process this often get an apology instead of another try."""


@dataclass(slots=True)
class Conversation:
    """Answers what arrives in one conversation, one turn at a time."""

    id: str
    house: House
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    aside: asyncio.TaskGroup | None = None
    """What goes on beside the answering."""
    looks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    """Pictures that are being put into words."""
    eye: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wake(self) -> None:
        """Something arrived."""
        self.arrived.set()

    async def run(self) -> None:
        """Answer until nothing has arrived for a while. Raises StoreError (in a group)."""
        async with asyncio.TaskGroup() as self.aside:
            await self._answers()

    async def _answers(self) -> None:
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
                if not self.arrived.is_set() and not self.looks and await self._reflected():
                    return

    async def _reflected(self) -> bool:
        """Think over what was said, now that it is quiet; False: something arrived meanwhile, which goes first."""
        cast = self.house.cast(self._channel)
        async with asyncio.TaskGroup() as group:
            thinking = group.create_task(self.house.mind.reflect(cast.persona, self.id, cast.brain))
            waiting = group.create_task(self.arrived.wait())
            await asyncio.wait([thinking, waiting], return_when=asyncio.FIRST_COMPLETED)
            thinking.cancel()
            waiting.cancel()
        return not self.arrived.is_set()

    # Looking

    def _look(self, asking: Asking, reply: Entry | None) -> None:
        """Have the pictures she saw put into words, while the next message is answered."""
        if self.aside and reply and reply.detail.get("seen") and asking.pictured:
            look = self.aside.create_task(self._looked(asking))
            self.looks.add(look)
            look.add_done_callback(self.looks.discard)

    async def _looked(self, asking: Asking) -> None:
        """The edge where whatever goes wrong with looking is recorded."""
        spoken = phrases.language("\n".join(entry.text for entry in asking.entries))
        numbers = [entry.number for entry in asking.pictured]
        try:
            async with self.eye:  # one after the other: what is described already is not described again
                await seeing.look(self.house.store, self.id, numbers, asking.cast.brain, spoken)
        except StoreError:
            raise
        except Exception as error:
            log.exception("conversation %s: a picture could not be looked at", self.id, exc_info=error)

    # Answering

    async def _answer(self, claim: Claim) -> None:
        """See a claim to its end, restarted when more was said before anything was shown."""
        try:
            claim = await self._gathered(claim)
            if await self._deleted(claim):
                return
            unpacking = Unpacking(self.house.unpacker, self.house.channels)
            restarts, attempt = self.house.settings.merge.restarts, 0
            while True:
                asking = self._asking(claim, unpacking)
                turn = self._turn(asking, attempt)
                bigger = await self._perform(turn, restarts > 0)
                if bigger is None:
                    await self.house.mind.note(asking.cast.persona, asking.entries or claim.entries, turn.entry)
                    self._look(asking, turn.entry)
                    return
                claim, restarts, attempt = bigger, restarts - 1, turn.attempt
        except* Stale:
            log.warning("conversation %s: turn %s is void, another process answers", self.id, claim.turn)

    async def _gathered(self, claim: Claim) -> Claim:
        """The claim with what a channel without a live display lets the user add."""
        wait = self.house.settings.merge.wait_s
        if wait and not self.house.capabilities(claim.entries[0].door).live:
            await self.house.sleep(wait)
            return await self.house.store.extend(claim)
        return claim

    def _asking(self, claim: Claim, unpacking: Unpacking) -> Asking:
        cast = self.house.cast(self._channel)
        if max(entry.attempts for entry in claim.entries) > TRIES:
            cast = replace(cast, attempts=0, last_resort=None)
        return Asking(self.house, claim, cast, Ledger(self.house), unpacking)

    def _turn(self, asking: Asking, attempt: int) -> Turn:
        house = self.house
        return Turn(
            asking.claim,
            asking,
            asking.cast,
            house.bus,
            asking.ledger,
            attempt=attempt,
            clock=house.clock,
            now=house.now,
        )

    async def _deleted(self, claim: Claim) -> bool:
        """Delete all that is kept of the claim's user, when they confirmed it; they are told first, by nothing that is kept."""
        if not await confirmed(self.house, claim):
            return False
        last = claim.entries[-1]
        channel = self.house.channels.get(last.door)
        farewell = Text(phrases.DELETED.text(phrases.language(last.text)))
        if channel:
            try:
                await channel.send([Delivery(f"{claim.turn}/0", claim.conversation, last.door, farewell)])
            except ChannelError as error:
                log.warning("channel %s: %s; a user's data is deleted without a word", channel.name, error)
        await self._forgotten(last)
        self.house.bus.publish(Piece(claim.conversation, claim.turn, 0, 0, End(State.ANSWERED, None)))
        await self.house.show_out(claim.conversation, True)
        self.house.answered(claim.conversation, len(claim.entries))
        self.house.sittings.pop(claim.conversation, None)
        return True

    async def _forgotten(self, last: Entry) -> None:
        """Delete it; while the disk is too full even for that, this waits for room, since it was promised."""
        while True:
            try:
                await self.house.mind.popular.forget(last.door, last.sender)
                await self.house.store.forget(last.door, last.sender)  # at a second door, too, this is the same person
            except Full:
                await self.house.sleep(RETRY_S)
            else:
                return

    async def _perform(self, turn: Turn, may_restart: bool) -> Claim | None:
        """Run a turn while heeding what is said meanwhile; the bigger claim when it must start again."""
        async with (
            self.house.bus.controls(self.id) as controls,
            self.house.escort(turn.claim),
            asyncio.TaskGroup() as group,
        ):
            heeding = group.create_task(self._heed(turn, aiter(controls)))
            merging = group.create_task(self._merge(turn, may_restart))
            try:
                await turn.run()
            finally:
                heeding.cancel()
                if not turn.abandoned:  # else it takes up what was added
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
            if not (added := await self._added(turn.claim)):
                continue
            if wish(added.text, self.house.settings) is Wish.LEAVE:
                turn.stop()  # at once, whatever she is saying
                continue
            if may_restart and not (turn.shown or turn.rounds.acting) and turn.abandon():
                return await self.house.store.extend(turn.claim)
            if turn.shown and self.house.capabilities(turn.claim.entries[0].door).live:
                turn.stop()

    async def _added(self, claim: Claim) -> Entry | None:
        """What the claim's own user added, if it is the next to be answered."""
        last = claim.entries[-1]
        waits = [
            entry
            for entry in await self.house.store.history(self.id, limit=20)
            if entry.number > last.number and entry.state is State.RECEIVED
        ]
        return waits[0] if waits and (waits[0].sender, waits[0].door) == (last.sender, last.door) else None

    @property
    def _channel(self) -> str:
        return self.id.partition(":")[0]
