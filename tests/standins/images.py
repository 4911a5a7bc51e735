"""A service of pictures that stands in: OpenAI's ``/v1/images/generations``.

``fault-`` and a name, as the model or in the prompt, make it misbehave: a status such as ``401``; ``policy`` (will not draw
it), ``policy-200``, ``moderation``; ``stall`` (never answers), ``stall-once`` (the first time),
``hangup``, ``html``, ``garbage``, ``empty``, ``base64``
(broken), ``huge``; ``bomb`` (60000 × 60000), ``svg``, ``gif``, ``torn``; ``no-format``, ``no-size`` (takes no such
parameter), ``moved``. ``url`` answers with an address; ``url-`` and a name with the address of that name in ``places``.
"""

import asyncio
import base64
import io
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from PIL import Image

FAULT = re.compile(r"fault-([a-z0-9-]+)")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
COLOUR = (200, 120, 40)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked."""

    body: dict[str, Any]
    key: str


@dataclass(slots=True)
class ImagesStandIn:
    """Draws a plain sheet of the size it is asked for."""

    places: dict[str, str] = field(default_factory=dict[str, str])
    """Where pictures are said to lie, by name; ``url`` for the one that is right."""
    requests: list[Asked] = field(default_factory=list[Asked])
    fetched: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """Headers of what was fetched from it."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody asked for a picture."""

    def app(self) -> web.Application:
        """The service."""
        app = web.Application()
        app.router.add_post("/v1/images/generations", self._generate)
        app.router.add_get("/file/{name}", self._file)
        app.router.add_get("/away/{name}", self._away)
        return app

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        self.requests.append(Asked(body, request.headers.get("Authorization", "")))
        self.begun.set()
        named = FAULT.search(f"{body.get('model', '')} {body.get('prompt', '')}")
        fault = named[1] if named else ""
        if refused := _refusal(fault, body):
            return refused
        if fault == "stall" or (fault == "stall-once" and len(self.requests) == 1):
            await asyncio.sleep(3600)
        if fault == "hangup" and request.transport:
            request.transport.abort()
        if fault.startswith("url"):
            return web.json_response({"created": 1, "data": [{"url": self.places[fault.removeprefix("url-")]}]})
        if fault == "huge":
            return web.Response(body=b" " * (32 * 2**20), content_type="application/json")
        packed = base64.b64encode(drawn(str(body.get("size") or "512x512"), fault)).decode()
        if fault == "base64":
            packed = packed[:100] + "!" + packed[101:]
        return web.json_response({"created": 1, "data": [{"b64_json": packed, "revised_prompt": "better"}]})

    async def _file(self, request: web.Request) -> web.Response:
        self.fetched.append(dict(request.headers))
        name = request.match_info["name"]
        if name == "heavy":
            return web.Response(body=b"\x89PNG\r\n\x1a\n" + bytes(21 * 2**20), content_type="image/png")
        return web.Response(body=drawn("640x480", name), content_type="image/png")

    async def _away(self, request: web.Request) -> web.Response:
        """A redirect to the address of a name, or once more to here."""
        name = request.match_info["name"]
        return web.Response(status=302, headers={"Location": self.places.get(name, str(request.rel_url))})


def _refusal(fault: str, body: dict[str, Any]) -> web.Response | None:
    """An answer without a picture."""
    match fault:
        case "policy":
            words = "Your request was rejected as a result of our safety system."
            return _error(400, words, "content_policy_violation")
        case "moderation":
            return _error(400, "rejected", "moderation_blocked")
        case "policy-200":
            return web.json_response({"code": "DataInspectionFailed", "message": "inappropriate"})
        case "html":
            return web.Response(text="<html>log in first</html>", content_type="text/html")
        case "garbage":
            return web.json_response({"hello": "world"})
        case "empty":
            return web.json_response({"data": []})
        case "no-format" if "response_format" in body:
            return _error(400, "Unknown parameter: 'response_format'.", "unknown_parameter")
        case "no-size" if "size" in body:
            return _error(422, "size: not one of 720x1280", "")
        case "moved":
            return web.Response(status=307, headers={"Location": "/v1/elsewhere"})
        case _ if fault.isdecimal():
            return _error(int(fault), "Incorrect API key provided: sk-secret", "invalid_api_key")
        case _:
            return None


def _error(status: int, message: str, code: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code, "type": "image_error"}}, status=status)


def drawn(size: str, fault: str = "") -> bytes:
    """A picture's bytes, or what a fault puts in their place."""
    match fault:
        case "bomb":
            return bomb()
        case "svg":
            return SVG
        case _:
            width, _, height = ("640x480" if size == "auto" else size).partition("x")
            out = io.BytesIO()
            format = fault.upper() if fault in ("gif", "jpeg", "webp") else "PNG"
            sheet = Image.new("RGB", (int(width), int(height)), COLOUR)
            exif = Image.Exif()
            exif[0x010E] = "made in a secret place"
            sheet.save(out, format, **({} if format == "GIF" else {"exif": exif}))
            return out.getvalue()[:-200] if fault == "torn" else out.getvalue()


def bomb() -> bytes:
    """A small PNG that says it is 60000 × 60000."""
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
