"""A running service whose persona lies in a folder that the operator's page may write to, and whose time is the test's."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.brain import Brain
from bot.brain.offline import OfflineBrain
from bot.composition import minded
from bot.knowledge import Knowledge
from bot.personas import Personas
from bot.popular import Popular
from bot.settings import Settings, Web
from bot.turn import Cast
from bot.web.access import Access
from bot.web.board import Boards
from bot.web.door import Foyer
from bot.web.server import Server
from tests.fakes import OpenLips
from tests.stage import Stage, stage
from tests.visitor import Visitor

SHEET = "id: zhu\nname: {zh: 小竹, en: Zhu}\nidentity: 你是小竹。\n"
FAQ = "# 常见问题\n- {id: hours, q: 几点开门, also: [什么时候开门, 营业时间], a: 早上九点开门。}\n- {id: hello, q: 你好, a: 你好呀。, hot: false}\n"
PASSWORD = "open sesame"
OPEN = Web(port=0, visitors="anyone", password=SecretStr(PASSWORD))
"""Anybody may come in; who changes her needs the password."""


@dataclass
class Time:
    """Passes when the test lets it."""

    now: float = 0.0
    passed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self) -> float:
        """Seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until so much has passed."""
        until = self.now + seconds
        while self.now < until:
            await self.passed.wait()

    def pass_(self, seconds: float = 2.0) -> None:
        """Let it pass."""
        self.now += seconds
        self.passed.set()
        self.passed = asyncio.Event()


@dataclass
class School:
    """What runs."""

    url: str
    stage: Stage
    server: Server
    personas: Personas
    popular: Popular
    boards: Boards
    time: Time
    shipped: Path
    own: Path
    told: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    """Faults of her folder, as it was read again; empty: it is good."""

    async def ask(self, text: str, users: str, *, anchor: str = "", band: str = "unknown") -> None:
        """Count a question as if these users had asked it and been answered."""
        for user in users:
            await self.popular.note(self.personas.get("zhu"), text, anchor=anchor, band=band, user=f"page:{user}")

    async def until_known(self, question: str) -> None:
        """Wait until she has an entry for a question."""
        async with asyncio.timeout(15):
            while question not in [each.q for each in self.personas.get("zhu").faq]:
                await self.told.get()


@asynccontextmanager
async def school(
    root: Path,
    *,
    web: Web = OPEN,
    brain: Brain | None = None,
    watched: bool = False,
    page: Path = Path("nowhere"),
    avatars: Path = Path("nowhere"),
    manifest: str = "/avatar/x/m.json",
) -> AsyncGenerator[School]:
    """The service behind a real socket; ``watched``: what is written into her folder is read again, as in a real run."""
    shipped, own = root / "persona" / "zhu", root / "own"
    shipped.mkdir(parents=True)
    (shipped / "persona.yaml").write_text(SHEET, encoding="utf-8")
    (shipped / "faq.yaml").write_text(FAQ, encoding="utf-8")
    personas = Personas(shipped.parent, own)
    personas.get("zhu")
    knowledge, settings, time = Knowledge(personas.get), Settings(web=web), Time()
    thinks = brain or OfflineBrain(knowledge)
    async with stage(thinks, listen=False) as running, asyncio.TaskGroup() as group:
        mind = minded(settings, knowledge, running.store)
        boards = Boards(mind.popular, lambda: personas.get("zhu"), thinks, knowledge, own, time.sleep, time)
        mind.popular.changed = boards.changed

        def cast(name: str) -> Cast:
            return Cast(personas.get("zhu"), {"smile"}, thinks, None, OpenLips(), None, attempts=1)

        running.service.house = replace(running.service.house, cast=cast, mind=mind)
        foyer = Foyer(
            "page", running.store, running.bus, settings, running.page.take, lambda: personas.get("zhu"), lambda: manifest,
            boards=boards,
        )  # fmt: skip
        server = Server(foyer, Access(settings.web), page, avatars)
        async with server.serve("127.0.0.1", 0) as port:
            server.ready = True
            url = f"http://127.0.0.1:{port}"
            here = School(url, running, server, personas, mind.popular, boards, time, shipped, own)
            watching = group.create_task(_watch(here)) if watched else None
            await _until_watched(here) if watched else None
            yield here
            if watching:
                watching.cancel()


async def _watch(here: School) -> None:
    async def tell(id: str, fault: str) -> None:
        here.told.put_nowait(fault)

    await here.personas.watch(tell)


async def _until_watched(here: School) -> None:
    """Nobody says when a watch has begun: change something until it is seen."""
    number = 0
    async with asyncio.timeout(10):
        while here.told.empty():
            (here.shipped / "faq.yaml").write_text(f"{FAQ}# {(number := number + 1)}\n", encoding="utf-8")
            await asyncio.sleep(0.05)


@asynccontextmanager
async def operator(url: str) -> AsyncGenerator[Visitor]:
    """The operator's page, logged in."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        given = {"password": PASSWORD}
        async with session.post(f"{url}/login", data=given, headers={"Origin": url}, allow_redirects=False) as response:
            assert response.status == 303
        async with session.ws_connect(f"{url}/ws", origin=url) as ws:
            yield Visitor(ws)
