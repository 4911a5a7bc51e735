"""The durable loops: listen, answer, deliver. Each takes one durable step, so any of them may die and start again."""

import asyncio
import logging
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.admission import Gate
from bot.channel import Admission, Channel, ChannelError
from bot.conversation import Conversation, House
from bot.message import Message, Receipt
from bot.store import StoreError

log = logging.getLogger(__name__)

BACKOFF_S = (1.0, 60.0)
"""First and longest wait before a lost channel is tried again."""
SEND_ATTEMPTS = 5
"""A delivery the service keeps refusing is given up after so many."""


@dataclass(slots=True)
class Service:
    """Brings messages in, answers them, brings replies home."""

    house: House
    channels: Mapping[str, Channel]
    gate: Gate
    conversations: dict[str, Conversation] = field(default_factory=dict[str, Conversation])

    async def run(self) -> None:
        """Serve until cancelled. Raises StoreError (in a group) when the store is broken."""
        async with asyncio.TaskGroup() as loops:
            for channel in self.channels.values():
                loops.create_task(self._listen(channel))
                if not channel.capabilities.live:
                    loops.create_task(self._deliver(channel))
            loops.create_task(self._answer(loops))

    async def accept(self, message: Message) -> Admission:
        """Write a message down, or refuse it with a notice; the channel's service is acknowledged after this."""
        return await self.gate.admit(message)

    # Answer

    async def _answer(self, group: asyncio.TaskGroup) -> None:
        arrivals = self.house.store.arrivals()
        for conversation in await self.house.store.waiting():
            self._wake(conversation, group)
        async for conversation in arrivals:
            self._wake(conversation, group)

    def _wake(self, id: str, group: asyncio.TaskGroup) -> None:
        if id not in self.conversations:
            self.conversations[id] = Conversation(id, self.house)
            group.create_task(self._live(self.conversations[id]))
        self.conversations[id].wake()

    async def _live(self, conversation: Conversation) -> None:
        """A conversation's life in memory: until it is idle."""
        try:
            await conversation.run()
        finally:
            del self.conversations[conversation.id]

    # Listen and deliver

    async def _listen(self, channel: Channel) -> None:
        """Keep a channel's connection alive: the edge where whatever goes wrong with one channel is recorded."""
        wait = BACKOFF_S[0]
        while True:
            try:
                await channel.listen(self.accept)
                wait = BACKOFF_S[0]
            except StoreError:
                raise
            except ChannelError as error:
                log.warning("channel %s: %s; again in about %.0f s", channel.name, error, wait)
            except Exception as error:
                log.exception("channel %s broke, fault %s", channel.name, uuid.uuid4().hex[:8], exc_info=error)
            await self.house.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(BACKOFF_S[1], wait * 2)

    async def _deliver(self, channel: Channel) -> None:
        """Send what waits, in order; a lost service is tried again with the same keys."""
        departures = aiter(self.house.store.departures())
        wait = BACKOFF_S[0]
        while True:
            try:
                while await self._drained(channel):
                    wait = BACKOFF_S[0]
            except ChannelError as error:
                log.warning("channel %s: %s; again in about %.0f s", channel.name, error, wait)
                await self.house.sleep(wait * random.uniform(0.5, 1.0))
                wait = min(BACKOFF_S[1], wait * 2)
                continue
            while await anext(departures) != channel.name:
                pass

    async def _drained(self, channel: Channel) -> bool:
        """Send one batch; whether there was anything to send."""
        waiting = await self.house.store.deliveries(channel.name)
        for delivery in waiting:
            receipt = await channel.send(delivery)
            if not receipt.delivered and delivery.attempts + 1 >= SEND_ATTEMPTS:
                log.error("channel %s gave up on %s: %s", channel.name, delivery.key, receipt.detail)
                receipt = Receipt(delivery.key, delivered=True, detail=f"given up: {receipt.detail}")
            await self.house.store.receipt(receipt)
        return bool(waiting)
