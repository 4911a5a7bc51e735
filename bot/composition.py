"""The composition root: settings become a running house. The only module that names concrete adapters."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import adapters, avatar, brain, bus, channel, lips, store, voice
from bot.admission import Gate
from bot.avatar import manifest
from bot.avatar.manifest import Manifest
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
class Bodies:
    """The generated bodies, one per look."""

    root: Path
    """build/avatar"""
    known: dict[str, tuple[Path, Manifest]] = field(default_factory=dict[str, tuple[Path, Manifest]])

    def of(self, persona: Persona) -> tuple[Path, Manifest]:
        """(folder, manifest) of a persona's body; makes a look that was not there yet."""
        key = str(persona.avatar.look)
        if key not in self.known:
            folder = avatar.ensure(avatar.chosen(persona.avatar.look), self.root)
            self.known[key] = folder, manifest.load(folder)
        return self.known[key]

    def cues(self, persona: Persona) -> Collection[str]:
        """The cues a persona may use."""
        known = self.of(persona)[1].cues
        only = persona.avatar.only
        return [cue for cue, (_, name) in known.items() if not only or name in only or cue in only]


@dataclass(slots=True)
class Running:
    """A house that stands: what the commands talk to."""

    service: Service
    server: Server
    brain: Brain
    voice: Voice | None
    store: Store


@asynccontextmanager
async def opened(settings: Settings, root: Path, personas: Personas) -> AsyncGenerator[Running]:
    """Everything but the listening socket. Raises StoreError and UnknownAdapter."""
    async with AsyncExitStack() as stack:
        memory: Store = await adapters.adapter(store, "sqlite").open(settings.data)
        stack.push_async_callback(memory.close)
        phonetics = await stack.enter_async_context(Phonetics())
        thinker: Brain = adapters.adapter(brain, settings.brain.kind).open(settings.brain, personas.get)
        stack.push_async_callback(thinker.close)
        speaker = _voice(settings, phonetics)
        if speaker:
            stack.push_async_callback(speaker.close)
        mouth = adapters.adapter(lips, settings.lips.kind).open(phonetics)
        stack.push_async_callback(mouth.close)
        news = adapters.adapter(bus, "memory").open()
        channels, bodies = _channels(settings), Bodies(root / "build" / "avatar")

        def cast(name: str) -> Cast:
            who = persona(name)
            limits = settings.brain.attempts, settings.limits.reply
            return Cast(who, bodies.cues(who), thinker, speaker, mouth, thinker.last_resort, *limits)

        def persona(name: str) -> Persona:
            chosen = settings.channels.get(name)
            return personas.get((chosen and chosen.persona) or settings.persona)

        def live(name: str) -> bool:
            return name in channels and channels[name].capabilities.live

        gate = Gate(memory, settings.limits)
        turns = asyncio.Semaphore(settings.limits.turns)
        house = House(memory, news, settings, cast, live, gate.answered, turns)
        page = channels[PAGE]
        assert isinstance(page, PageChannel)
        url = f"/avatar/{bodies.of(persona(PAGE))[0].name}/manifest.json"
        foyer = Foyer(PAGE, memory, news, settings, page.take, lambda: persona(PAGE), url)
        server = Server(foyer, Access(settings.web), root / "bot" / "web" / "page" / "dist", bodies.root)
        yield Running(Service(house, channels, gate), server, thinker, speaker, memory)


def _voice(settings: Settings, phonetics: Phonetics) -> Voice | None:
    """The voice, or None where she only writes."""
    kind = settings.voice.kind
    return None if kind == "none" else adapters.adapter(voice, kind).open(settings.voice, phonetics)


def _channels(settings: Settings) -> Mapping[str, Channel]:
    chosen = {PAGE: ChannelSettings(kind="page"), **settings.channels}
    return {name: adapters.adapter(channel, each.kind).open(name, each) for name, each in chosen.items()}
