"""Who waits for news of the store: names that ring, each listener at its own pace, nothing missed, repeats joined."""

import asyncio
from weakref import WeakSet


class Ear:
    """One listener; iterate it for the names that rang since it was made."""

    def __init__(self) -> None:
        self.rang: dict[str, None] = {}
        self.any = asyncio.Event()

    def __aiter__(self) -> "Ear":
        return self

    async def __anext__(self) -> str:
        while not self.rang:
            self.any.clear()
            await self.any.wait()
        name = next(iter(self.rang))
        del self.rang[name]
        return name


class Bell:
    """Tells names to every listener that is still there."""

    def __init__(self) -> None:
        self.ears: WeakSet[Ear] = WeakSet()

    def listen(self) -> Ear:
        """A listener that hears what rings from now on."""
        self.ears.add(ear := Ear())
        return ear

    def ring(self, name: str) -> None:
        """Tell a name."""
        for ear in self.ears:
            ear.rang[name] = None
            ear.any.set()
