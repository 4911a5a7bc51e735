"""The wardrobe: the operator tries looks on in the page, and keeps one in the persona's folder."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bot import avatar
from bot.avatar import LOOKS, Look, LookError
from bot.faults import Faults
from bot.folder import SHEET
from bot.manuscript import amended, rewritten
from bot.persona import Persona
from bot.web.access import Access, local

log = logging.getLogger(__name__)

MOST_TRIED = 40
"""Bodies that are kept of looks that were only tried on."""
OWN_BODY = "她现在用的是文件夹里的 VRM 文件：先去掉 persona.yaml 里的 avatar.vrm。 She wears a VRM file: take avatar.vrm out first."


@dataclass(slots=True)
class Wardrobe:
    """Shows, tries and keeps looks."""

    access: Access
    persona: Callable[[], Persona]
    bodies: Path
    """Where bodies are drawn."""
    own: Path
    """The operator's own personas: a shipped one is copied there before it is changed."""

    def routes(self) -> list[web.RouteDef]:
        """Where it is found."""
        return [web.get("/look", self._shown), web.post("/look", self._tried), web.put("/look", self._kept)]

    async def _shown(self, request: web.Request) -> web.StreamResponse:
        """All that can be chosen, and what is."""
        self._admit(request)
        who = self.persona()
        worn = asdict(avatar.chosen(who.avatar.look))
        return web.json_response(
            {**avatar.describe(), "persona": who.id, "look": worn, "vrm": who.avatar.vrm},
            headers={"Cache-Control": "no-store"},
        )

    async def _tried(self, request: web.Request) -> web.StreamResponse:
        """Draw a look; where its manifest is."""
        look = await self._look(request)
        folder = await asyncio.to_thread(avatar.ensure, look, self.bodies)
        await asyncio.to_thread(self._clear, folder)
        return web.json_response({"avatar": f"/avatar/{folder.name}/manifest.json"})

    async def _kept(self, request: web.Request) -> web.StreamResponse:
        """Write a look into the persona; she wears it as soon as her folder is read again."""
        look = await self._look(request)
        who = self.persona()
        if who.avatar.vrm:
            return _refused(OWN_BODY, 409)
        try:
            await asyncio.to_thread(kept, who, look, self.own)
        except Faults as faults:
            return _refused(str(faults), 409)
        except OSError as error:
            return _refused(f"写不进去 / cannot be written: {error.strerror}", 507)
        return web.json_response({"look": written(look)})

    async def _look(self, request: web.Request) -> Look:
        self._admit(request)
        if not self.access.origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden
        try:
            values: Any = (await request.json())["look"]
            return avatar.chosen({str(name): str(value) for name, value in dict(values).items()})
        except LookError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from None
        except (ValueError, LookupError, TypeError):
            raise web.HTTPBadRequest(text="{look: {…}}\n") from None

    def _admit(self, request: web.Request) -> None:
        if not local(request) and not self.access.operator(request.cookies, request.remote or ""):
            raise web.HTTPForbidden

    def _clear(self, but: Path) -> None:
        """Drop the bodies that were tried on longest ago; a body that is worn is drawn again at the next start."""
        drawn = sorted(self.bodies.glob("*/manifest.json"), key=lambda each: each.stat().st_mtime)
        worn = avatar.ensure(avatar.chosen(self.persona().avatar.look), self.bodies)
        for each in drawn[:-MOST_TRIED]:
            if each.parent not in (but, worn):
                shutil.rmtree(each.parent, ignore_errors=True)


def written(look: Look) -> str | dict[str, str]:
    """A look as persona.yaml says it: a name, or the nearest named one and what differs."""
    values = asdict(look)
    differing = {
        name: {key: value for key, value in values.items() if value != asdict(known)[key]}
        for name, known in LOOKS.items()
    }
    base = min(differing, key=lambda name: len(differing[name]))
    return {"base": base, **differing[base]} if differing[base] else base


def kept(who: Persona, look: Look, own: Path) -> Path:
    """Write a look into a persona's sheet, its comments kept; the folder. Raises Faults and OSError, nothing changed then."""

    def wear(data: Any) -> None:  # noqa: ANN401 — YAML
        data.setdefault("avatar", {})["look"] = written(look)

    return amended(who, own, SHEET, lambda now, text: rewritten(text, wear)).folder


def _refused(why: str, status: int) -> web.Response:
    return web.Response(text=f"{why}\n", status=status)
