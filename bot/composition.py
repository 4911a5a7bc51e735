"""The composition root: settings become a running house. The only module that names concrete adapters."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot import adapters, brain, bus, channel, channels, ear, folder, lips, phrases, store, tool, voice, zone
from bot.admission import Gate
from bot.bodies import Bodies
from bot.brain import Brain
from bot.bus import Bus
from bot.channel import Channel, Hooked, Premises
from bot.channel.page import PageChannel
from bot.channels import PAGE, Notebook
from bot.ear import Ear
from bot.house import House
from bot.knowledge import Knowledge, embeddings
from bot.label import Labels
from bot.lips import Lips
from bot.memory import Memory
from bot.mind import Mind
from bot.notice import Tell, nobody
from bot.persona import Persona
from bot.personas import Personas
from bot.phonetics import Phonetics
from bot.popular import Popular
from bot.post import Post
from bot.reminders import Reminders
from bot.service import Service
from bot.settings import Settings, load
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
from bot.web.foyer import Foyer
from bot.web.logins import Logins
from bot.web.server import Server
from bot.web.wardrobe import Wardrobe
from bot.windows import Windows

log = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class Company:
    """Who answers where, and in which body."""

    settings: Settings
    personas: Personas
    bodies: Bodies

    def id(self, channel: str) -> str:
        """Name of the persona who answers at a channel."""
        chosen = self.settings.channels.get(channel)
        return (chosen and chosen.persona) or self.settings.persona

    def persona(self, channel: str) -> Persona:
        """The persona who answers at a channel, as the folder has her now."""
        return self.personas.get(self.id(channel))

    def greeting(self, channel: str) -> str:
        """Her first words to somebody new."""
        notice = f"\n{phrases.NOTICE.zh}" if self.settings.label.notice else ""
        return f"{self.persona(channel).greeting.zh}{notice}"


@dataclass(frozen=True, slots=True)
class Instruments:
    """What she keeps, knows, thinks, speaks and hears with."""

    store: Store
    knowledge: Knowledge
    brain: Brain
    voice: Voice | None
    phonetics: Phonetics
    lips: Lips
    bus: Bus
    ear: Ear | None

    def cast(self, company: Company, channel: str) -> Cast:
        """Who and what takes part in a turn at a channel."""
        who, settings = company.persona(channel), company.settings
        limits = settings.brain.attempts, settings.limits.reply
        return Cast(who, company.bodies.cues(who), self.brain, self.voice, self.lips, self.brain.last_resort, *limits)


def known(root: Path) -> tuple[Settings, Personas]:
    """The settings and the personas they name. Raises Faults."""
    chosen = load(root, os.environ)
    personas = Personas(root / "persona", chosen.data.dir / "persona")
    for id in {chosen.persona, *(each.persona for each in chosen.channels.values() if each.persona)}:
        personas.get(id)
    return chosen, personas


@asynccontextmanager
async def opened(settings: Settings, root: Path, personas: Personas) -> AsyncGenerator[Running]:
    """Everything but the listening socket. Raises StoreError and UnknownAdapter."""
    company = Company(settings, personas, Bodies(root / "build" / "avatar"))

    async def read(id: str, text: str) -> None:
        """How far what she knows is read, and what of it cannot be."""
        told = "\n".join(filter(None, (personas.faults.get(id, ""), text)))
        await server.notice("knowledge", told or server.foyer.fault())

    async def tell(text: str) -> None:
        """Something the operator should know."""
        log.warning("%s", text)
        await server.notice("channel", text)

    async def show_out(conversation: str, forgotten: bool) -> None:
        await server.show_out(conversation, forgotten=forgotten)

    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(_instruments(settings, personas, read))
        doors = await stack.enter_async_context(channels.opened(settings, own.store, company.greeting, tell))
        for id in dict.fromkeys(map(company.id, doors)):
            await asyncio.to_thread(company.bodies.make, personas.get(id))
            own.knowledge.want(id)
        mind = minded(settings, own.knowledge, own.store, *_carried(doors), tell)
        stack.push_async_callback(mind.tools.close)
        gate = Gate(own.store, settings.limits)
        turns = asyncio.Semaphore(settings.limits.turns)
        post = Post(own.store, own.bus, doors, own.voice, company.persona, Labels(settings.label))
        house = House(
            own.store, own.bus, settings, partial(own.cast, company), doors, partial(channels.keys, settings), gate.answered,
            turns, Unpacker(own.store, own.ear, settings.ear), post.escort, mind, show_out,
        )  # fmt: skip
        server = _server(house, root, company, own)
        service = Service(house, gate, post, tell)
        yield Running(service, server, own.brain, own.voice, own.store, own.phonetics, company.bodies)


@asynccontextmanager
async def _instruments(
    settings: Settings, personas: Personas, read: Callable[[str, str], Awaitable[None]]
) -> AsyncGenerator[Instruments]:
    """All but the channels; ``read`` is told how far documents are read."""
    async with AsyncExitStack() as stack:
        memory: Store = await adapters.adapter(store, "sqlite").open(settings.data)
        stack.push_async_callback(memory.close)
        meanings = embeddings.open(settings.knowledge.embeddings)
        knows = Knowledge(personas.get, settings.data.dir / "knowledge", read, meanings)
        await asyncio.to_thread(knows.tidy, folder.names(personas.roots))
        stack.push_async_callback(knows.close)
        thinker, speaker, phonetics = await stack.enter_async_context(senses(settings, knows))
        mouth: Lips = adapters.adapter(lips, settings.lips.kind).open(phonetics, settings.data.dir / "lips")
        stack.push_async_callback(mouth.close)
        kind = settings.ear.kind
        listener: Ear | None = None if kind == "none" else adapters.adapter(ear, kind).open(settings.ear)
        if listener:
            stack.push_async_callback(listener.close)
        news: Bus = adapters.adapter(bus, "memory").open()
        yield Instruments(memory, knows, thinker, speaker, phonetics, mouth, news, listener)


def _carried(doors: Mapping[str, Channel]) -> tuple[Callable[[str], float], Callable[[str], bool]]:
    """Of a door by its name: how long something can still be sent after a message, and whether pictures can."""

    def window(door: str) -> float:
        return doors[door].capabilities.window_s if door in doors else 0.0

    def pictures(door: str) -> bool:
        return door in doors and doors[door].capabilities.pictures

    return window, pictures


def _server(house: House, root: Path, company: Company, own: Instruments) -> Server:
    """All that browsers talk to."""
    settings, personas, bodies = house.settings, company.personas, company.bodies
    page = house.channels[PAGE]
    assert isinstance(page, PageChannel)
    her = partial(company.persona, PAGE)

    def fault() -> str:
        id = company.id(PAGE)
        return "\n".join(filter(None, (personas.faults.get(id, ""), own.knowledge.faults(id))))

    boards = Boards(house.mind.popular, her, own.brain, own.knowledge, personas.roots[0])
    house.mind.popular.changed = boards.changed
    foyer = Foyer(
        PAGE, own.store, own.bus, settings, page.take, her, lambda: bodies.url(her()), own.ear, fault=fault, boards=boards,
    )  # fmt: skip
    hooks = {name: channel for name, channel in house.channels.items() if isinstance(channel, Hooked)}
    access = Access(settings.web)
    wardrobe = Wardrobe(access, her, bodies.root, personas.roots[0])
    built = root / "bot" / "web" / "page" / "dist"
    return Server(foyer, access, built, bodies.root, hooks, Logins(channels.logins(settings)), wardrobe)


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
        *(_outside(settings, name, tell) for name in settings.tools.mcp),
    ]
    popular = Popular(memory, settings.popular.users, where)
    words = tuple(word.casefold() for word in settings.popular.words)
    tools = Tools(memory, settings.tools, boxes)
    return Mind(memory, knowledge, tools, remembers, popular, Windows(memory), reminds, where, words)


def _outside(settings: Settings, name: str, tell: Tell) -> Toolbox:
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
