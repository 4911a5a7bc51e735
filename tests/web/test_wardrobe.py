"""The wardrobe: looks are shown, tried and kept by the operator alone; a persona's comments and the shipped folder stay."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.avatar import LOOKS
from bot.avatar.look import Look
from bot.persona import load
from bot.personas import Personas
from bot.settings import Settings, Web
from bot.web.access import Access
from bot.web.door import Foyer
from bot.web.server import Server
from bot.web.wardrobe import Wardrobe, written
from tests.bodies import glb, vrm1
from tests.fakes import PERSONA, EchoBrain
from tests.stage import stage

SHEET = """# 她是谁
id: zhu
name: {zh: 小竹, en: Zhu}
identity: 你是小竹。  # 一句话
greeting: {zh: 你好, en: Hi}
voice:
  rate: 5   # 快一点
"""


@dataclass
class Shop:
    url: str
    shipped: Path
    own: Path
    personas: Personas

    async def ask(
        self, method: str, body: object = None, *, origin: str | None = None, cookie: str = ""
    ) -> tuple[int, Any]:
        headers = {"Origin": self.url if origin is None else origin, "Cookie": f"zhiyin_operator={cookie}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, f"{self.url}/look", data=json.dumps(body)) as response,
        ):
            text = await response.text()
            return response.status, json.loads(text) if response.ok else text


@asynccontextmanager
async def shop(tmp_path: Path, web: Web | None = None, sheet: str = SHEET) -> AsyncGenerator[Shop]:
    shipped, own = tmp_path / "persona", tmp_path / "own"
    (shipped / "zhu").mkdir(parents=True)
    (shipped / "zhu" / "persona.yaml").write_text(sheet)
    own.mkdir()
    personas = Personas(shipped, own)
    web = web or Web(port=0)
    async with stage(EchoBrain(), listen=False) as running:
        foyer = Foyer(
            "page", running.store, running.bus, Settings(web=web), running.page.take, lambda: PERSONA, lambda: "/m"
        )
        access = Access(web)
        wardrobe = Wardrobe(access, lambda: personas.get("zhu"), tmp_path / "build", own)
        server = Server(foyer, access, tmp_path, tmp_path / "build", wardrobe=wardrobe)
        async with server.serve("127.0.0.1", 0) as port:
            yield Shop(f"http://127.0.0.1:{port}", shipped / "zhu", own, personas)


async def test_all_that_can_be_chosen_is_shown(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        status, shown = await here.ask("GET")
        assert status == 200
        assert {each["name"] for each in shown["parameters"]} == set(asdict(Look()))
        assert set(shown["looks"]) == set(LOOKS)
        assert shown["look"] == asdict(Look())


async def test_a_look_is_tried_on_without_being_kept(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        status, tried = await here.ask("POST", {"look": {"base": "cherry", "eyes": "#112233"}})
        assert status == 200
        manifest = json.loads((tmp_path / "build" / tried["avatar"].removeprefix("/avatar/")).read_text())
        assert manifest["palette"]["eyes"] == "#112233"
        assert load(here.shipped).avatar.look == "ayin"


async def test_a_kept_look_goes_into_a_copy_with_all_comments(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        assert (await here.ask("PUT", {"look": asdict(LOOKS["ink"])}))[0] == 200
        assert (here.shipped / "persona.yaml").read_text() == SHEET
        text = (here.own / "zhu" / "persona.yaml").read_text()
        assert text.startswith(SHEET)
        assert load(here.own / "zhu").avatar.look == "ink"
        changed = asdict(LOOKS["ink"]) | {"hair": "#aabbcc"}
        here.personas = Personas(here.shipped.parent, here.own)
        assert (await here.ask("PUT", {"look": changed}))[0] == 200
        assert load(here.own / "zhu").avatar.look == {"base": "ink", "hair": "#aabbcc"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"look": {"hair": "red"}}, 400, "#rrggbb"), ({"look": {"hat": "#112233"}}, 400, "hat"), ({"look": "ayin"}, 400, "look"),
        ({}, 400, "look"), ([], 400, "look"), ({"look": {"fringe": "none"}}, 400, "swept"),
    ],
)  # fmt: skip
async def test_what_cannot_be_drawn_is_told(tmp_path: Path, body: object, status: int, words: str) -> None:
    async with shop(tmp_path) as here:
        for method in ("POST", "PUT"):
            found = await here.ask(method, body)
            assert found[0] == status
            assert words in found[1]
        assert list(here.own.iterdir()) == []


async def test_a_dropped_body_is_not_painted_over(tmp_path: Path) -> None:
    async with shop(tmp_path, sheet=SHEET + "avatar: {vrm: own.vrm}\n") as here:
        (here.shipped / "own.vrm").write_bytes(glb(vrm1()))
        status, why = await here.ask("PUT", {"look": asdict(LOOKS["ink"])})
        assert status == 409
        assert "avatar.vrm" in why


async def test_only_the_operator_comes_in_and_only_from_our_page(tmp_path: Path) -> None:
    web = Web(port=0, password=SecretStr("long enough"))
    async with shop(tmp_path, web) as here:
        for method in ("GET", "POST", "PUT"):
            assert (await here.ask(method, {"look": {}}))[0] == 403
    async with shop(tmp_path / "open") as here:
        for method in ("POST", "PUT"):
            assert (await here.ask(method, {"look": {}}, origin="https://evil.example"))[0] == 403


async def test_two_at_once_leave_one_whole_sheet(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        looks = [asdict(LOOKS[name]) for name in ("ink", "night", "bamboo")]
        await asyncio.gather(*(here.ask("PUT", {"look": look}) for look in looks))
        assert load(here.own / "zhu").avatar.look in ("ink", "night", "bamboo")


def test_a_look_is_written_as_the_nearest_name_and_what_differs() -> None:
    assert written(LOOKS["night"]) == "night"
    assert written(Look(hair="#000000")) == {"base": "ayin", "hair": "#000000"}
