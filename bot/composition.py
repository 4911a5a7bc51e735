"""The composition root: settings become a running house. The only module that names concrete adapters."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot import adapters, brain, bus, channel, ear, lips, phrases, store, tool, voice, zone
from bot.admission import Gate
from bot.bodies import Bodies
from bot.brain import Brain
from bot.channel import Channel, Hooked, Premises, nobody
from bot.channel.page import PageChannel
from bot.ear import Ear
from bot.house import House
from bot.knowledge import Knowledge, embeddings
from bot.label import Labels
from bot.memory import Memory
from bot.mind import Mind
from bot.persona import Persona
from bot.personas import Personas
from bot.phonetics import Phonetics
from bot.popular import Popular
from bot.post import Post
from bot.reminders import Reminders
from bot.service import Service
from bot.settings import Channeled, ChannelSettings, Settings
from bot.store import Store
from bot.tool import Toolbox, calculator, clock, draw, recall
from bot.tool import knowledge as tool_knowledge
from bot.tool import reminders as tool_reminders
from bot.tools import Tools
from bot.turn import Cast
from bot.unpacking import Unpacker
from bot.voice import Voice
from bot.web.access import Access
from bot.web.board import Boards
from bot.web.door import Foyer
from bot.web.logins import Login, Logins
from bot.web.server import Server
from bot.web.wardrobe import Wardrobe
from bot.windows import Windows

log = logging.getLogger(__name__)

Tell = Callable[[str], Awaitable[None]]
PAGE = "page"
"""Name of the page's channel; it is always there."""


@dataclass(slots=True)
class Running:
    """A house that stands: what the commands talk to."""

    service: Service
    server: Server
    brain: Brain
    voice: Voice | None
    store: Store
    phonetics: Phonetics
    bodies: Bodies

    async def warm(self) -> None:
        """Load what the first turn would wait for."""
        await self.brain.warm()
        if self.voice:
            await self.voice.warm()
            await self.phonetics.warm()


@asynccontextmanager
async def opened(settings: Settings, root: Path, personas: Personas) -> AsyncGenerator[Running]:
    """Everything but the listening socket. Raises StoreError and UnknownAdapter."""
    async with AsyncExitStack() as stack:
        memory: Store = await adapters.adapter(store, "sqlite").open(settings.data)
        stack.push_async_callback(memory.close)

        async def read(id: str, text: str) -> None:
            """How far what she knows is read, and what of it cannot be."""
            told = "\n".join(filter(None, (personas.faults.get(id, ""), text)))
            await server.notice("knowledge", told or fault())

        meanings = embeddings.open(settings.knowledge.embeddings)
        knowledge = Knowledge(personas.get, settings.data.dir / "knowledge", read, meanings)
        stack.push_async_callback(knowledge.close)
        thinker, speaker, phonetics = await stack.enter_async_context(senses(settings, knowledge))
        mouth = adapters.adapter(lips, settings.lips.kind).open(phonetics, settings.data.dir / "lips")
        stack.push_async_callback(mouth.close)
        news = adapters.adapter(bus, "memory").open()
        bodies = Bodies(root / "build" / "avatar")
        listener = _ear(settings)
        if listener:
            stack.push_async_callback(listener.close)

        async def tell(text: str) -> None:
            log.warning("%s", text)
            await server.notice("channel", text)

        async def show_out(conversation: str, forgotten: bool) -> None:
            await server.show_out(conversation, forgotten=forgotten)

        def greeting(name: str) -> str:
            return greeted(persona(name), settings)

        channels = await _channels(settings, memory, greeting, tell, stack)
        for id in dict.fromkeys(_chosen(settings, name) for name in channels):
            await asyncio.to_thread(bodies.make, personas.get(id))
            knowledge.want(id)

        def cast(name: str) -> Cast:
            who = persona(name)
            limits = settings.brain.attempts, settings.limits.reply
            return Cast(who, bodies.cues(who), thinker, speaker, mouth, thinker.last_resort, *limits)

        def persona(name: str) -> Persona:
            return personas.get(_chosen(settings, name))

        def reach(door: str) -> float:
            return channels[door].capabilities.window_s if door in channels else 0.0

        def shows(door: str) -> bool:
            return door in channels and channels[door].capabilities.pictures

        def keys(name: str) -> Channeled:
            return settings.channels.get(name) or ChannelSettings(kind=PAGE)

        mind = minded(settings, knowledge, memory, reach, shows, tell)
        stack.push_async_callback(mind.tools.close)
        gate = Gate(memory, settings.limits)
        turns = asyncio.Semaphore(settings.limits.turns)
        post = Post(memory, news, channels, speaker, persona, Labels(settings.label))
        unpacker = Unpacker(memory, listener, settings.ear)
        house = House(
            memory, news, settings, cast, channels, keys, gate.answered, turns, unpacker, post.escort,
            mind, show_out,
        )  # fmt: skip
        page = channels[PAGE]
        assert isinstance(page, PageChannel)
        boards = Boards(mind.popular, lambda: persona(PAGE), thinker, knowledge, personas.roots[0])
        mind.popular.changed = boards.changed

        def fault() -> str:
            her = _chosen(settings, PAGE)
            return "\n".join(filter(None, (personas.faults.get(her, ""), knowledge.faults(her))))

        foyer = Foyer(
            PAGE, memory, news, settings, page.take, lambda: persona(PAGE), lambda: bodies.url(persona(PAGE)), listener,
            fault=fault, boards=boards,
        )  # fmt: skip
        hooks = {name: channel for name, channel in channels.items() if isinstance(channel, Hooked)}
        access = Access(settings.web)
        wardrobe = Wardrobe(access, lambda: persona(PAGE), bodies.root, personas.roots[0])
        server = Server(
            foyer,
            access,
            root / "bot" / "web" / "page" / "dist",
            bodies.root,
            hooks,
            Logins(logins(settings)),
            wardrobe,
        )
        service = Service(house, gate, post, tell)
        yield Running(service, server, thinker, speaker, memory, phonetics, bodies)


def minded(
    settings: Settings,
    knowledge: Knowledge,
    memory: Store,
    window: Callable[[str], float] = lambda door: 0.0,
    shows: Callable[[str], bool] = lambda door: True,
    tell: Tell = nobody,
) -> Mind:
    """Her mind over a store; ``window``, and ``shows`` (pictures), as a channel's capabilities tell it, ``tell`` for the operator."""
    where = zone.chosen(settings.zone)
    remembers, reminds = Memory(memory, where), Reminders(memory, where, knowledge.persona)
    boxes = [
        tool_knowledge.open(knowledge),
        recall.open(remembers),
        tool_reminders.open(reminds, window),
        clock.open(),
        calculator.open(),
        draw.open(settings.draw, settings.brain, settings.tools.draw_per_day, memory, Labels(settings.label), shows),
        *(_server(settings, name, tell) for name in settings.tools.mcp),
    ]
    popular = Popular(memory, settings.popular.users, where)
    words = tuple(word.casefold() for word in settings.popular.words)
    tools = Tools(memory, settings.tools, boxes)
    return Mind(memory, knowledge, tools, remembers, popular, Windows(memory), reminds, where, words)


def _server(settings: Settings, name: str, tell: Tell) -> Toolbox:
    """The tools of an MCP server."""
    server = settings.tools.mcp[name]
    return adapters.adapter(tool, "mcp").open(name, server, tell, call_s=settings.tools.call_s)


@asynccontextmanager
async def senses(settings: Settings, knowledge: Knowledge) -> AsyncGenerator[tuple[Brain, Voice | None, Phonetics]]:
    """Brain, voice (None where she only writes) and what both voice and lips read with."""
    async with AsyncExitStack() as stack:
        phonetics = await stack.enter_async_context(Phonetics())
        thinker: Brain = adapters.adapter(brain, settings.brain.kind).open(settings.brain, knowledge)
        stack.push_async_callback(thinker.close)
        if settings.voice.kind == "none":
            yield thinker, None, phonetics
        else:
            speaker: Voice = adapters.adapter(voice, settings.voice.kind).open(settings.voice, phonetics)
            stack.push_async_callback(speaker.close)
            yield thinker, speaker, phonetics


async def _channels(
    settings: Settings,
    memory: Store,
    greeting: Callable[[str], str],
    tell: Callable[[str], Awaitable[None]],
    stack: AsyncExitStack,
) -> Mapping[str, Channel]:
    """The channels by name, the page always among them."""
    chosen = {PAGE: ChannelSettings(kind=PAGE), **settings.channels}
    channels: dict[str, Channel] = {}
    for name, each in chosen.items():
        module = adapters.adapter(channel, each.kind)
        premises = Premises(
            Notebook(memory, name), settings.data.dir / "credentials" / name, partial(greeting, name), tell
        )
        channels[name] = opened_ = module.open(name, each.read(module.Keys), premises)
        stack.push_async_callback(opened_.close)
    return channels


def logins(settings: Settings) -> Mapping[str, Login]:
    """How channels are logged in, by name: those whose kind knows of logging in."""
    found: dict[str, Login] = {}
    for name, each in settings.channels.items():
        module = adapters.adapter(channel, each.kind)
        if hasattr(module, "login"):
            found[name] = partial(module.login, each.read(module.Keys), settings.data.dir / "credentials" / name)
    return found


@asynccontextmanager
async def probed(settings: Settings, name: str) -> AsyncGenerator[Channel]:
    """A channel that is only looked at, which remembers nothing."""
    each = settings.channels[name]
    module = adapters.adapter(channel, each.kind)
    notes = Notebook(await adapters.adapter(store, "memory").open(settings.data), name)
    found: Channel = module.open(
        name, each.read(module.Keys), Premises(notes, settings.data.dir / "credentials" / name)
    )
    try:
        yield found
    finally:
        await found.close()


def _ear(settings: Settings) -> Ear | None:
    return None if settings.ear.kind == "none" else adapters.adapter(ear, settings.ear.kind).open(settings.ear)


def greeted(persona: Persona, settings: Settings) -> str:
    """Her first words to somebody new."""
    notice = f"\n{phrases.NOTICE.zh}" if settings.label.notice else ""
    return f"{persona.greeting.zh}{notice}"


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


def _chosen(settings: Settings, channel: str) -> str:
    """The persona who answers at a channel."""
    chosen = settings.channels.get(channel)
    return (chosen and chosen.persona) or settings.persona
