"""The durable loops: listen, answer, deliver. Each takes one durable step, so any of them may die and start again."""

import asyncio
import logging
import random
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

from bot.admission import Gate
from bot.apart import apart, leaves
from bot.channel import Admission, Channel, ChannelError
from bot.conversation import Conversation
from bot.house import House
from bot.message import Message
from bot.notice import Tell, nobody
from bot.post import BACKOFF_S, Post
from bot.store import Full, StoreError

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Service:
    """Brings messages in, answers them, brings replies home."""

    house: House
    gate: Gate
    post: Post
    tell: Tell = nobody
    """Tells the operator."""
    conversations: dict[str, Conversation] = field(default_factory=dict[str, Conversation])

    async def run(self) -> None:
        """Serve until cancelled. Raises StoreError (in a group) when the store is broken."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self.post.run())
            loops.create_task(self.house.mind.reminders.run())
            loops.create_task(self.house.mind.knowledge.run())
            loops.create_task(self.house.mind.tools.tend())
            for channel in self.house.channels.values():
                loops.create_task(self._listen(channel))
            loops.create_task(self._answer(loops))

    async def accept(self, message: Message) -> Admission:
        """Write a message down, or refuse it; the channel's service is acknowledged after this.

        Where nothing shows a refusal at once, its notice is sent like a reply.
        """
        admission = await self.gate.admit(message)
        door = message.door or message.channel
        if admission.entry:
            self.post.heard(message.conversation)  # who writes may be written to again
        if admission.notice and not self.house.capabilities(door).live:
            with suppress(Full):
                await self.house.store.note(
                    message.conversation,
                    door,
                    admission.notice,
                    turn=uuid.uuid4().hex,
                    at=self.house.now(),
                    deliver=True,
                )
        return admission

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

    # Listen

    async def _listen(self, channel: Channel) -> None:
        """Keep a channel's connection alive: the edge where whatever goes wrong with one channel is recorded."""
        wait, over = BACKOFF_S[0], ""
        while not over:
            began = self.house.clock()
            try:
                await apart(channel.listen(self.accept))
            except* StoreError:
                raise
            except* ChannelError as group:
                errors = [error for error in leaves(group) if isinstance(error, ChannelError)]
                log.warning("channel %s: %s", channel.name, "; ".join(map(str, errors)))
                over = "; ".join(str(error) for error in errors if not error.again)
            except* Exception as error:
                log.exception("channel %s broke, fault %s", channel.name, uuid.uuid4().hex[:8], exc_info=error)
            if self.house.clock() - began > BACKOFF_S[1]:
                wait = BACKOFF_S[0]
            await self.house.sleep(0 if over else wait * random.uniform(0.5, 1.0))
            wait = min(BACKOFF_S[1], wait * 2)
        await self.tell(f"{channel.name}: {over}")
