"""The composition root: settings become a running house. The only module that names concrete adapters."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import adapters, brain, bus, channel, lips, store, voice
from bot.admission import Gate
from bot.bodies import Bodies
from bot.brain import Brain
from bot.channel import Channel
from bot.channel.page import PageChannel
from bot.conversation import House
from bot.persona import Persona
from bot.personas import Personas
from bot.phonetics import Phonetics
from bot.service import Service
from bot.settings import ChannelSettings, Settings
from bot.store import Store
from bot.turn import Cast
from bot.voice import Voice
from bot.web.access import Access
from bot.web.door import Foyer
from bot.web.server import Server

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
        thinker, speaker, phonetics = await stack.enter_async_context(senses(settings, personas))
        mouth = adapters.adapter(lips, settings.lips.kind).open(phonetics)
        stack.push_async_callback(mouth.close)
        news = adapters.adapter(bus, "memory").open()
        channels, bodies = _channels(settings), Bodies(root / "build" / "avatar")
        for name in channels:
            await asyncio.to_thread(bodies.make, personas.get(_chosen(settings, name)))

        def cast(name: str) -> Cast:
            who = persona(name)
            limits = settings.brain.attempts, settings.limits.reply
            return Cast(who, bodies.cues(who), thinker, speaker, mouth, thinker.last_resort, *limits)

        def persona(name: str) -> Persona:
            return personas.get(_chosen(settings, name))

        def live(name: str) -> bool:
            return name in channels and channels[name].capabilities.live

        gate = Gate(memory, settings.limits)
        turns = asyncio.Semaphore(settings.limits.turns)
        house = House(memory, news, settings, cast, live, gate.answered, turns)
        page = channels[PAGE]
        assert isinstance(page, PageChannel)
        foyer = Foyer(
            PAGE, memory, news, settings, page.take, lambda: persona(PAGE), lambda: bodies.url(persona(PAGE)),
            lambda: personas.faults.get(_chosen(settings, PAGE), ""),
        )  # fmt: skip
        server = Server(foyer, Access(settings.web), root / "bot" / "web" / "page" / "dist", bodies.root)
        yield Running(Service(house, channels, gate), server, thinker, speaker, memory, phonetics, bodies)


@asynccontextmanager
async def senses(settings: Settings, personas: Personas) -> AsyncGenerator[tuple[Brain, Voice | None, Phonetics]]:
    """Brain, voice (None where she only writes) and what both voice and lips read with."""
    async with AsyncExitStack() as stack:
        phonetics = await stack.enter_async_context(Phonetics())
        thinker: Brain = adapters.adapter(brain, settings.brain.kind).open(settings.brain, personas.get)
        stack.push_async_callback(thinker.close)
        if settings.voice.kind == "none":
            yield thinker, None, phonetics
        else:
            speaker: Voice = adapters.adapter(voice, settings.voice.kind).open(settings.voice, phonetics)
            stack.push_async_callback(speaker.close)
            yield thinker, speaker, phonetics


def _channels(settings: Settings) -> Mapping[str, Channel]:
    chosen = {PAGE: ChannelSettings(kind="page"), **settings.channels}
    return {name: adapters.adapter(channel, each.kind).open(name, each) for name, each in chosen.items()}


def _chosen(settings: Settings, channel: str) -> str:
    """The persona who answers at a channel."""
    chosen = settings.channels.get(channel)
    return (chosen and chosen.persona) or settings.persona
