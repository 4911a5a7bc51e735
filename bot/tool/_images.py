"""Any OpenAI-compatible service of pictures (``/images/generations``): words become the bytes of a file, still unjudged.

Services differ in what they take and give: some know no ``response_format``, some no such ``size``; some give the picture
itself as base64, some an address where it lies for an hour.
"""

import asyncio
import base64
import binascii
import json
import logging
import os
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp

from bot.settings import BrainSettings, DrawSettings
from bot.tool._outside import CONNECT_S, Outside, Unfetched, read

log = logging.getLogger(__name__)

PLACE = "https://api.openai.com/v1"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LARGEST = 20 * 2**20
"""Bytes of a picture as the service gives it."""
BODY = LARGEST * 4 // 3 + 2**16
"""Bytes of an answer that holds one."""
COMPLAINT = 2**16
"""Bytes of an answer that holds none."""
OPTIONAL = ("response_format", "size")
"""What one can do without."""
UNWANTED = re.compile(
    r"content_?policy|content_?filter|moderation|safety|sensitive|inspection|not_?allowed_?content|nsfw"
    r"|敏感|不安全|违规|审核",
    re.IGNORECASE,
)
"""How services say that they will not draw such a thing (OpenAI, 百炼, 智谱, 方舟, 硅基流动)."""
BUSY = (408, 409, 425, 429, 503, 529)
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,63}")
"""A service's name for a fault; free text may repeat a key."""

Kind = Literal["filtered", "refused", "busy", "unreachable", "broken"]


class Undrawn(Exception):
    """There is no picture, and why; the detail is for the log and holds neither key nor prompt."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind: Kind = kind


class Images:
    """Draws through a service."""

    def __init__(self, settings: DrawSettings, brain: BrainSettings, outside: Outside) -> None:
        own = settings.base_url.strip()
        place = own or brain.base_url.strip() or os.environ.get("OPENAI_BASE_URL", "").strip() or PLACE
        key = settings.api_key.get_secret_value().strip()
        if not own:  # a key goes to the service it is for, and to no other
            key = key or brain.api_key.get_secret_value().strip() or os.environ.get("OPENAI_API_KEY", "").strip()
        self.url = f"{place.rstrip('/')}/images/generations"
        self.model, self.outside = settings.model, outside
        self.without: set[str] = set()
        """What the service turned out not to take."""
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def drawn(self, prompt: str, size: str) -> bytes:
        """A picture's bytes as the service gave them, at most LARGEST. Raises Undrawn. The caller limits the time."""
        body = {"model": self.model, "prompt": prompt, "size": size, "response_format": "b64_json"}
        try:
            found = await self._asked({name: value for name, value in body.items() if value})
            return found if isinstance(found, bytes) else await self.outside.fetched(found, LARGEST)
        except Unfetched as error:
            raise Undrawn("broken", str(error)) from error
        except ValueError as error:  # an address, a key or a certificate that is none
            raise Undrawn("refused", type(error).__name__) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Undrawn("unreachable", type(error).__name__) from error

    async def close(self) -> None:
        """Let go of connections."""
        if self._session:
            await self._session.close()

    async def _asked(self, body: Mapping[str, str]) -> bytes | str:
        """The picture, or where it lies; asked again without what the service does not take."""
        without = set(self.without)
        for _ in range(len(OPTIONAL) + 1):
            asked = {name: value for name, value in body.items() if name not in without}
            async with self._opened().post(self.url, json=asked, allow_redirects=False) as response:
                if response.status == 200:
                    self.without = without
                    return await asyncio.to_thread(_given, await read(response, BODY))
                complaint = (await read(response, COMPLAINT)).decode("utf-8", "replace")
                untaken = _untaken(response.status, complaint, asked)
                if not untaken:
                    raise _refused(response.status, complaint)
                log.info("%s does not take %s", urlsplit(self.url).hostname, untaken)
                without.add(untaken)
        raise Undrawn("refused", "the service takes no request")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),  # one that ended while it was kept would cost a try
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                headers={
                    "Accept-Encoding": "identity",
                    **({"Authorization": f"Bearer {self._key}"} if self._key else {}),
                },
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # what unpacks to more than was read would get past the limit
                trust_env=urlsplit(self.url).hostname not in LOOPBACK,
            )
        return self._session


def _untaken(status: int, complaint: str, asked: Mapping[str, str]) -> str:
    """The part of a request that a service complains of; empty: something that must be there."""
    if status not in (400, 422) or UNWANTED.search(complaint):
        return ""
    return next((name for name in OPTIONAL if name in asked and re.search(rf"\b{name}\b", complaint.lower())), "")


def _refused(status: int, complaint: str) -> Undrawn:
    """A request that was turned down."""
    detail = f"HTTP {status} {_code(complaint)}".strip()
    if status < 500 and status not in (401, 403, 404, 429) and UNWANTED.search(complaint):
        return Undrawn("filtered", detail)
    return Undrawn("busy" if status in BUSY else "broken" if status >= 500 else "refused", detail)


def _code(complaint: str) -> str:
    try:
        told: Any = json.loads(complaint)
    except (ValueError, RecursionError):
        return ""
    told = told if isinstance(told, dict) else {}
    told = told["error"] if isinstance(told.get("error"), dict) else told
    named = (str(told.get(name) or "") for name in ("code", "type"))
    return next((code for code in named if CODE.fullmatch(code)), "")


def _given(body: bytes) -> bytes | str:
    """The picture in an answer, or its address. Raises Undrawn. Takes time: not for the loop."""
    try:
        first: Any = json.loads(body)["data"][0]
        packed, address = first.get("b64_json"), first.get("url")
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError) as error:
        if UNWANTED.search(body[:COMPLAINT].decode("utf-8", "replace")):  # some say so with 200
            raise Undrawn("filtered", "HTTP 200") from error
        raise Undrawn("broken", f"no picture in the answer ({type(error).__name__})") from error
    packed = packed or (address if isinstance(address, str) and address.startswith("data:") else "")
    if not isinstance(packed, str) or not (packed or (isinstance(address, str) and address)):
        raise Undrawn("broken", "neither a picture nor an address")
    if not packed:
        return str(address)
    try:
        return base64.b64decode("".join(packed.rpartition(",")[2].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undrawn("broken", "base64") from error
