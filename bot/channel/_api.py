"""WeChat's and WeCom's APIs: an access token that many ask for and one fetches, and files by their media ids."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.channel import ChannelError

Json = dict[str, Any]
EARLY_S = 300.0
"""A token is renewed this long before it ends."""
CALL_S, LOAD_S = 15.0, 60.0
STALE = {40001, 40014, 42001, 41001}
"""Codes that say the token is no good (any more)."""
BUSY, NOT_LISTED = -1, {40164, 60020}


class Refused(Exception):
    """The service answered with an error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"errcode {code} {message}".strip())
        self.code = code


@dataclass(slots=True)
class Api:
    """Calls a service that wants a token in the address; the token itself never stands in an error."""

    base_url: str
    grant: Callable[[aiohttp.ClientSession, str], Awaitable[Json]]
    """Asks for a token: {access_token, expires_in}. Raises Refused."""
    now: Callable[[], float]
    token: str = field(default="", repr=False)
    ends: float = 0.0
    flight: asyncio.Lock = field(default_factory=asyncio.Lock)
    _session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        """Let go of them."""
        if self._session:
            await self._session.close()

    async def valid(self, not_this: str = "") -> str:
        """A token; another than ``not_this``. However many ask, one fetches. Raises Refused and ChannelError."""
        async with self.flight:
            if not self.token or self.token == not_this or self.now() >= self.ends:
                try:
                    async with asyncio.timeout(CALL_S):
                        answer = checked(await self.grant(self.session, self.base_url))
                except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                    raise self._lost(error) from error
                self.token = str(answer["access_token"])
                self.ends = self.now() + float(answer.get("expires_in") or 7200) - EARLY_S
            return self.token

    async def post(self, path: str, body: Json) -> Json:
        """The answer to a call; the text goes out as it is, not as escapes. Raises Refused and ChannelError."""
        data = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        headers = {"Content-Type": "application/json"}
        return checked(json.loads((await self._call("POST", path, {}, lambda: data, headers))[1]))

    async def upload(self, type: str, name: str, data: bytes, mime: str) -> str:
        """Put a file at the service for three days; its media id. Raises Refused and ChannelError."""

        def form() -> aiohttp.FormData:
            form = aiohttp.FormData()
            form.add_field("media", data, filename=name, content_type=mime)
            return form

        answer = checked(json.loads((await self._call("POST", "/cgi-bin/media/upload", {"type": type}, form))[1]))
        return str(answer["media_id"])

    async def download(self, media_id: str) -> bytes:
        """A file at the service. Raises Refused and ChannelError."""
        mime, data = await self._call("GET", "/cgi-bin/media/get", {"media_id": media_id}, lambda: None)
        if "json" in mime or "text" in mime:
            checked(json.loads(data))
            raise ChannelError("the service sent no file", again=False)
        return data

    async def _call(
        self, method: str, path: str, query: dict[str, str], body: Callable[[], object], headers: dict[str, str] | None = None
    ) -> tuple[str, bytes]:  # fmt: skip
        """Type and bytes of an answer; with a fresh token, once, where the service did not take the old one."""
        token = await self.valid()
        mime, data = await self._asked(method, path, {**query, "access_token": token}, body(), headers)
        if _code(mime, data) in STALE:
            token = await self.valid(token)
            mime, data = await self._asked(method, path, {**query, "access_token": token}, body(), headers)
        return mime, data

    async def _asked(
        self, method: str, path: str, query: dict[str, str], body: object, headers: dict[str, str] | None
    ) -> tuple[str, bytes]:
        try:
            async with (
                asyncio.timeout(LOAD_S if "media" in path else CALL_S),
                self.session.request(
                    method, self.base_url + path, params=query, data=body, headers=headers
                ) as response,
            ):
                data = await response.read()
                if response.status != 200:
                    raise ChannelError(f"HTTP {response.status}")
                return response.content_type, data
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> ChannelError:
        """What is told of a service out of reach; an error's own text may hold the address, and that the token."""
        place, why = urlsplit(self.base_url).netloc, type(error).__name__
        return ChannelError(f"连不上 {place}（{why}），检查网络 / cannot be reached: check the network")


def ref(content: Mapping[str, object], name: str) -> str:
    """What an attachment is found by; empty where the content names none."""
    return json.dumps({"media": content[name]}) if content.get(name) else ""


def media_id(ref: str) -> str:
    """What an attachment is called at the service."""
    return str(json.loads(ref)["media"])


def _code(mime: str, data: bytes) -> int:
    """The error code of an answer that may be a file."""
    if "json" not in mime and "text" not in mime and not data.startswith(b"{"):
        return 0
    try:
        return int(json.loads(data).get("errcode") or 0)
    except (ValueError, AttributeError):
        return 0


def checked(answer: object) -> Json:
    """An answer without an error. Raises Refused, and ChannelError where it is only busy or wants the operator."""
    if not isinstance(answer, dict):
        raise ChannelError("the answer is no object")
    fields: Json = answer
    code = int(fields.get("errcode") or 0)
    if code == BUSY:
        raise ChannelError("the service is busy")
    if code in NOT_LISTED:
        raise ChannelError(
            f"errcode {code}：把本机的公网 IP 加进后台的 IP 白名单。 Add this machine's public IP to the allow-list in the console."
        )
    if code:
        raise Refused(code, str(fields.get("errmsg") or "")[:200])
    return fields
