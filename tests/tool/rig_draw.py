"""A box that draws at a service that stands in, and a place with TLS where its pictures lie."""

import datetime
import io
import ipaddress
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from bot.label import Labels
from bot.message import Picture
from bot.settings import BrainSettings, Data, DrawSettings, Label
from bot.store import memory
from bot.tool import Occasion, Result, ToolError, draw
from bot.tool._outside import Outside, public
from tests.fakes import message, soon
from tests.standins.images import ImagesStandIn
from tests.standins.llm import served

NOW = datetime.datetime(2026, 11, 23, 16, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
KEY = "canary-0123456789-key"


def occasion(language: str = "zh", person: str = "p1", **more: Any) -> Occasion:  # noqa: ANN401 — any field
    """Somebody asks for a picture."""
    usual = Occasion("page:room", "page", "lee", person, "ayin", "画一只猫", language, NOW, "k1")
    return replace(usual, **more)


@dataclass
class Rig:
    """A box with its service and what it keeps."""

    box: draw.DrawToolbox
    service: ImagesStandIn
    store: memory.MemoryStore

    async def draw(self, prompt: str = "一只猫", who: Occasion | None = None, **more: str) -> Result:
        """Have something drawn."""
        return await soon(self.box.call("draw", {"prompt": prompt, **more}, who or occasion()), 20)

    async def counted(self) -> int:
        """How many pictures are counted."""
        return len(await self.store.records(draw.DRAWN))


@asynccontextmanager
async def rig(
    *,
    per_day: int = 5,
    label: Label | None = None,
    store: memory.MemoryStore | None = None,
    outside: Outside | None = None,
    service: ImagesStandIn | None = None,
    brain: BrainSettings | None = None,
    shows: Callable[[str], bool] = lambda door: True,
    **settings: Any,  # noqa: ANN401 — keys of DrawSettings
) -> AsyncGenerator[Rig]:
    """A box that draws at the service."""
    service = service or ImagesStandIn()
    store = store or await memory.open(Data())
    await store.accept(message("画"))
    async with served(service.app()) as url:
        given = DrawSettings.model_validate({"base_url": f"{url}/v1", "model": "m", "api_key": KEY, **settings})
        box = draw.open(given, brain or BrainSettings(), per_day, store, Labels(label or Label()), shows, outside)
        try:
            yield Rig(box, service, store)
        finally:
            await box.close()


async def seen(rig: Rig, part: object) -> Image.Image:
    """A kept picture."""
    assert isinstance(part, Picture)
    kept = await rig.store.media("page:room", part.media)
    assert kept
    assert kept[0] == part.type == "image/jpeg"
    picture = Image.open(io.BytesIO(kept[1]))
    assert picture.format == "JPEG"
    assert picture.size == (part.width, part.height)
    return picture


async def refused(rig: Rig, prompt: str, language: str = "zh") -> str:
    """Why it cannot be drawn, as it is told."""
    with pytest.raises(ToolError) as caught:
        await rig.draw(prompt, occasion(language))
    return str(caught.value)


@asynccontextmanager
async def secured(service: ImagesStandIn, folder: Path, allowed: Callable[[str], bool] = public) -> AsyncGenerator[Outside]:  # fmt: skip
    """The service once more, with TLS; its address as ``url`` is in its places, and we trust its certificate."""
    server, client = _contexts(folder)
    runner = web.AppRunner(service.app(), access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
        place = f"https://127.0.0.1:{runner.addresses[0][1]}"
        for name, path in (("url", "file/x"), ("heavy", "file/heavy"), ("away", "away/url"), ("round", "away/again")):
            service.places[name] = f"{place}/{path}?sign=a%2Fb%3D"
        yield Outside(allowed, client)
    finally:
        await runner.cleanup()


def _contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and its client's, by a certificate made for this."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "stand-in.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
