"""A whole running service over the memory store, with one room that is watched."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.admission import Gate
from bot.brain import Brain
from bot.bus.memory import MemoryBus
from bot.channel import Channel
from bot.channel.page import PageChannel
from bot.composition import minded
from bot.ear import Ear
from bot.house import House
from bot.knowledge import Knowledge
from bot.label import Labels
from bot.lips import Lips
from bot.message import Author, Control, End, Entry, Piece, Shown
from bot.mind import Mind
from bot.persona import Persona
from bot.post import Post
from bot.service import Service
from bot.settings import Channeled, Merge, Settings
from bot.store import Store, memory
from bot.tool import Toolbox
from bot.turn import Cast
from bot.unpacking import Unpacker
from bot.voice import Voice
from tests.fakes import PERSONA, OpenLips, message, soon

ROOM = "page:room"
TURNS = 8
"""Turns at once."""


@dataclass
class Stage:
    """A running service with one page, and what it shows."""

    service: Service
    store: Store
    bus: MemoryBus
    page: PageChannel
    now: Callable[[], float] | None = None
    """Unix seconds, where a test says what time it is."""
    pieces: asyncio.Queue[Piece] = field(default_factory=asyncio.Queue[Piece])
    seen: list[Piece] = field(default_factory=list[Piece])

    @property
    def mind(self) -> Mind:
        """What she knows, remembers and can do."""
        return self.service.house.mind

    async def say(self, text: str, id: str = "1", *, chat: str = "room", sender: str = "lee") -> None:
        said = message(text, id, chat=chat, sender=sender)
        admission = await self.page.take(replace(said, at=self.now()) if self.now else said)
        assert admission.entry, admission.refusal

    async def until(self, kind: type[Shown]) -> Piece:
        """The next piece of the kind."""
        while True:
            self.seen.append(piece := await soon(self.pieces.get()))
            if isinstance(piece.shown, kind):
                return piece

    async def end(self) -> End:
        """How the turn ended."""
        ended = (await self.until(End)).shown
        assert isinstance(ended, End)
        return ended

    async def quiet(self) -> None:
        """Wait until no turn runs, and all is noted that came of the last one."""
        turns = self.service.house.turns
        for _ in range(TURNS):
            await soon(turns.acquire())
        for _ in range(TURNS):
            turns.release()

    def control(self, kind: str, heard: int = 0) -> None:
        self.bus.control(Control(ROOM, kind, "", heard))

    def shown(self, kind: type[Shown]) -> list[Shown]:
        return [piece.shown for piece in self.seen if isinstance(piece.shown, kind)]

    async def replies(self, conversation: str = ROOM) -> list[Entry]:
        return [e for e in await self.store.history(conversation) if e.author is Author.PERSONA]


@asynccontextmanager
async def stage(
    brain: Brain,
    *,
    voice: Voice | None = None,
    lips: Lips | None = None,
    last_resort: Brain | None = None,
    store: Store | None = None,
    merge: Merge | None = None,
    idle_s: float = 60.0,
    listen: bool = True,
    channels: Sequence[Channel] = (),
    keys: Channeled | None = None,
    ear: Ear | None = None,
    settings: Settings | None = None,
    pause_s: float = 0.0,
    persona: Persona = PERSONA,
    boxes: Sequence[Toolbox] = (),
    now: Callable[[], float] | None = None,
) -> AsyncGenerator[Stage]:
    """A service over the memory store whose room is followed with sound."""
    settings = settings or Settings()
    limits = settings.limits.model_copy(update={"idle_s": idle_s, "per_minute": 0})
    settings = settings.model_copy(update={"merge": merge or Merge(), "limits": limits})
    store = store or await memory.open(settings.data)
    bus, page = MemoryBus(), PageChannel("page")
    cast = Cast(persona, {"smile", "nod"}, brain, voice, lips or OpenLips(), last_resort, attempts=2)
    gate = Gate(store, settings.limits)

    async def no_sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, pause_s))

    def cast_(name: str) -> Cast:
        return cast

    here: dict[str, Channel] = {"page": page, **{each.name: each for each in channels}}
    post = Post(store, bus, here, voice, lambda _: persona, Labels(settings.label), (pause_s, pause_s))
    mind = minded(settings, Knowledge(lambda _: persona), store)
    mind.tools.boxes = (*mind.tools.boxes, *boxes)
    if now:
        mind.memory.now = mind.popular.now = mind.reminders.now = now
    house = House(
        store, bus, settings, cast_, here, lambda _: keys or Channeled(kind="script"), gate.answered,
        asyncio.Semaphore(TURNS), Unpacker(store, ear, settings.ear), post.escort,
        mind, sleep=no_sleep, hold_s=0.05, now=now or time.time,
    )  # fmt: skip
    service = Service(house, gate, post)
    running = Stage(service, store, bus, page, now)

    async def watch() -> None:
        async with bus.listen(ROOM, sound=True) as door:
            async for piece in door:
                running.pieces.put_nowait(piece)

    async with asyncio.TaskGroup() as group:
        serving = group.create_task(service.run())
        watching = group.create_task(watch()) if listen else None
        while listen and not bus.listeners(ROOM):
            await asyncio.sleep(0)
        try:
            yield running
        finally:
            serving.cancel()
            if watching:
                watching.cancel()
            await house.mind.tools.close()
