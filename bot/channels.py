"""The channels that the settings name: opened, and logged in."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot import adapters, channel
from bot.channel import Channel, Premises, Tell
from bot.settings import ChannelSettings, Settings
from bot.store import Store
from bot.web.logins import Login

PAGE = "page"
"""Name of the page's channel; it is always there."""


@asynccontextmanager
async def opened(
    settings: Settings, store: Store, greeting: Callable[[str], str], tell: Tell
) -> AsyncGenerator[Mapping[str, Channel]]:
    """The channels by name, the page always among them."""
    found: dict[str, Channel] = {}
    async with AsyncExitStack() as stack:
        for name in {PAGE: None, **settings.channels}:
            each = keys(settings, name)
            module = adapters.adapter(channel, each.kind)
            folder = settings.data.dir / "credentials" / name
            premises = Premises(Notebook(store, name), folder, partial(greeting, name), tell)
            found[name] = module.open(name, each.read(module.Keys), premises)
            stack.push_async_callback(found[name].close)
        yield found


def keys(settings: Settings, name: str) -> ChannelSettings:
    """What the operator chose for a channel."""
    return settings.channels.get(name) or ChannelSettings(kind=PAGE)


def logins(settings: Settings) -> Mapping[str, Login]:
    """How channels are logged in, by name: those whose kind knows of logging in."""
    found: dict[str, Login] = {}
    for name, each in settings.channels.items():
        module = adapters.adapter(channel, each.kind)
        if hasattr(module, "login"):
            found[name] = partial(module.login, each.read(module.Keys), settings.data.dir / "credentials" / name)
    return found


@dataclass(frozen=True, slots=True)
class Notebook:
    """What one channel must remember, in the store."""

    store: Store
    channel: str

    async def recall(self, key: str) -> str:
        """What was remembered."""
        return await self.store.recall(self.channel, key)

    async def remember(self, key: str, value: str) -> None:
        """Remember, or forget."""
        await self.store.remember(self.channel, key, value)

    async def recollect(self, prefix: str) -> dict[str, str]:
        """All under keys that begin so."""
        return await self.store.recollect(self.channel, prefix)
