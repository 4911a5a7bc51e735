"""The page as a channel: what browsers say comes in through the web server, and replies are seen while they grow."""

import asyncio
from collections.abc import Sequence

from bot.channel import Accept, Admission, Capabilities, Premises
from bot.message import Delivery, Message, Receipt
from bot.settings import Channeled


class Keys(Channeled):
    """It has no settings of its own."""


def open(name: str, keys: Keys, premises: Premises) -> "PageChannel":
    """A page channel of that name."""
    return PageChannel(name)


class PageChannel:
    """Hands what browsers say to the service."""

    capabilities = Capabilities(live=True, pictures=True)

    def __init__(self, name: str) -> None:
        self.name = name
        self.accept: Accept | None = None
        self.listening = asyncio.Event()

    async def listen(self, accept: Accept) -> None:
        """Let browsers' messages in from now on."""
        self.accept = accept
        self.listening.set()
        await asyncio.Event().wait()

    async def take(self, message: Message) -> Admission:
        """What became of a browser's message, once it is written down."""
        await self.listening.wait()
        assert self.accept
        return await self.accept(message)

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Nothing to do: a page reads replies from the store and the bus."""
        return [Receipt(delivery.key, delivered=True) for delivery in waiting]

    async def close(self) -> None:
        """Nothing to let go of."""
