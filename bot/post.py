"""The post: deliveries go home, each conversation's in order, all conversations at once; what was begun survives a kill."""

import asyncio
import logging
import random
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import takewhile

from bot.bus import Bus, Listener
from bot.channel import Asked, Channel, ChannelError, Following
from bot.label import Labels
from bot.message import Delivery, File, Picture, Receipt, Recital, Text, VoiceNote
from bot.persona import Persona
from bot.recital import Unspoken, recited
from bot.store import Claim, Full, Store, StoreError
from bot.voice import Voice
from bot.voicenote import TYPES

log = logging.getLogger(__name__)

BACKOFF_S = (1.0, 60.0)
"""First and longest wait before a lost service is tried again."""
ATTEMPTS = 5
"""A delivery the service keeps refusing is given up after so many."""
CLOSING_S = 5.0
"""Longest that a reply waits for its channel to stop showing how it grew."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A turn that its channel shows growing."""

    turn: str
    task: asyncio.Task[None]
    listener: Listener

    async def closed(self) -> None:
        """The channel has shown the last of it."""
        self.listener.close()
        await asyncio.wait([self.task], timeout=CLOSING_S)
        self.task.cancel()


@dataclass(slots=True)
class Post:
    """Brings deliveries home."""

    store: Store
    bus: Bus
    channels: Mapping[str, Channel]
    voice: Voice | None
    persona: Callable[[str], Persona]
    labels: Labels
    backoff: tuple[float, float] = BACKOFF_S
    group: asyncio.TaskGroup | None = None
    rounds: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    """Conversations whose post is on its way; the event says that there is more."""
    parked: set[str] = field(default_factory=set[str])
    """Conversations whose service takes no more until the user writes."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is on its way."""
    followed: dict[str, Followed] = field(default_factory=dict[str, "Followed"])
    """Conversations whose channel shows how a reply grows."""

    async def run(self) -> None:
        """Deliver until cancelled. Raises StoreError (in a group) when the store is broken."""
        self.idle.set()
        async with asyncio.TaskGroup() as self.group:
            departures = self.store.departures()
            for conversation in await self.store.undelivered():
                self._wake(conversation)
            async for conversation in departures:
                self._wake(conversation)

    def heard(self, conversation: str) -> None:
        """Somebody wrote there: what waited for that is sent."""
        if conversation in self.parked or conversation in self.rounds:
            self._wake(conversation)

    def _wake(self, conversation: str) -> None:
        """See whether something can be delivered in a conversation now."""
        if self.group is None:
            return
        self.parked.discard(conversation)
        if going := self.rounds.get(conversation):
            going.set()
        else:
            self.rounds[conversation] = asyncio.Event()
            self.idle.clear()
            self.group.create_task(self._go_round(conversation))

    # While a turn runs

    @asynccontextmanager
    async def escort(self, claim: Claim) -> AsyncGenerator[None]:
        """Let the claim's channel show that she is at it, until the turn has ended."""
        last = claim.entries[-1]
        channel = self.channels.get(last.door)
        if self.group is None or not isinstance(channel, Following):
            yield
            return
        asked = Asked(claim.conversation, claim.turn, last.sender, tuple(entry.id for entry in claim.entries))
        shown = channel.capabilities.shows_growth
        async with self.bus.listen(claim.conversation, sound=False, seen=shown) as listener:
            task = self.group.create_task(self._follow(channel, asked, listener))
            self.followed[claim.conversation] = followed = Followed(claim.turn, task, listener)
            task.add_done_callback(lambda _: self._unfollow(claim.conversation, followed))
            try:
                yield
            finally:
                listener.close()

    async def _follow(self, channel: Following, asked: Asked, listener: Listener) -> None:
        """Nothing that goes wrong here keeps a reply from being sent."""
        try:
            await channel.follow(asked, aiter(listener))
        except ChannelError as error:
            log.info("turn %s is not shown growing: %s", asked.turn, error)
        except Exception as error:
            log.exception("turn %s could not be followed, fault %s", asked.turn, uuid.uuid4().hex[:8], exc_info=error)

    def _unfollow(self, conversation: str, followed: Followed) -> None:
        if self.followed.get(conversation) is followed:
            del self.followed[conversation]

    # Deliveries

    async def _go_round(self, conversation: str) -> None:
        """Deliver what waits in a conversation until nothing does, or its service takes no more."""
        more, wait = self.rounds[conversation], self.backoff[0]
        try:
            while True:
                more.clear()
                try:
                    going = await self._sent(conversation)
                    wait = self.backoff[0]
                except ChannelError as error:
                    log.warning("conversation %s: %s; again in about %.0f s", conversation, error, wait)
                    await self._pause(conversation, wait)
                    wait, going = min(self.backoff[1], wait * 2), True
                if not going and not more.is_set():
                    return
        finally:
            del self.rounds[conversation]
            if not self.rounds:
                self.idle.set()

    async def _pause(self, conversation: str, seconds: float) -> None:
        """Wait about so long before another try; who writes, and a new reply, end the waiting."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds * random.uniform(0.5, 1.0)):
                await self.rounds[conversation].wait()

    async def _sent(self, conversation: str) -> bool:
        """Send one request's worth; whether it is worth going on."""
        waiting = await self.store.deliveries(conversation)
        if not waiting or (channel := self.channels.get(waiting[0].door or conversation.partition(":")[0])) is None:
            return False
        followed = self.followed.get(conversation)
        if followed and any(each.key.startswith(f"{followed.turn}/") for each in waiting):
            await followed.closed()
        if isinstance(waiting[0].part, Recital):
            return await self._speak(channel, waiting[0], waiting[0].part)
        first = replace(waiting[0], data=await self._bytes(waiting[0]))
        texts = takewhile(lambda each: each.door == first.door and isinstance(each.part, Text), waiting[1:])
        receipts = await self._handed(channel, [first, *texts])
        for receipt in receipts:
            await self._noted(channel, waiting, receipt)
        if not all(receipt.delivered or receipt.waits or receipt.hopeless for receipt in receipts):
            await self._pause(conversation, self.backoff[0])
        if any(receipt.waits for receipt in receipts):
            self.parked.add(conversation)
            return False
        return bool(receipts)

    async def _handed(self, channel: Channel, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """What the channel says; the edge where whatever goes wrong with one delivery is recorded."""
        try:
            return await channel.send(waiting)
        except (ChannelError, StoreError):
            raise
        except Exception as error:
            fault = uuid.uuid4().hex[:8]
            log.exception("channel %s broke over %s, fault %s", channel.name, waiting[0].key, fault, exc_info=error)
            return [Receipt(waiting[0].key, delivered=False, detail=f"fault {fault}")]

    async def _noted(self, channel: Channel, waiting: Sequence[Delivery], receipt: Receipt) -> None:
        attempts = next((each.attempts for each in waiting if each.key == receipt.key), 0)
        if not receipt.delivered and not receipt.waits and attempts + 1 >= ATTEMPTS:
            receipt = replace(receipt, hopeless=True, detail=f"given up: {receipt.detail}")
        if receipt.hopeless and not receipt.delivered:
            log.error("channel %s gave up on %s: %s", channel.name, receipt.key, receipt.detail)
        elif not receipt.delivered:
            log.info("channel %s keeps %s back: %s", channel.name, receipt.key, receipt.detail)
        await self.store.receipt(receipt)

    async def _bytes(self, delivery: Delivery) -> bytes:
        """What a delivery brings besides words."""
        part = delivery.part
        if not isinstance(part, Picture | VoiceNote | File):
            return b""
        type, data = await self.store.media(delivery.conversation, part.media) or ("", b"")
        return self.labels.labelled(data, type) if isinstance(part, Picture) else data

    async def _speak(self, channel: Channel, delivery: Delivery, recital: Recital) -> bool:
        """Put voice notes in the place of a reply still to be spoken."""
        format, limit = channel.capabilities.voice, channel.capabilities.voice_limit_s
        try:
            if not self.voice or not format:
                raise Unspoken("she has no voice here")
            manner = self.persona(delivery.conversation.partition(":")[0]).voice.manner
            notes = await recited(recital.text, self.voice, manner, format, limit)
            if not notes:
                raise Unspoken("no voice said anything")
            parts = [await self._note(delivery.conversation, data, TYPES[format], seconds) for data, seconds in notes]
            await self.store.instead(delivery.key, parts)
        except (Unspoken, Full) as error:
            log.warning("%s stays unspoken: %s", delivery.key, error)
            await self.store.receipt(Receipt(delivery.key, delivered=False, detail=str(error), hopeless=True))
        return True

    async def _note(self, conversation: str, data: bytes, type: str, seconds: float) -> VoiceNote:
        hash = await self.store.keep(conversation, self.labels.labelled(data, type), type)
        return VoiceNote(hash, type, round(seconds, 3))
