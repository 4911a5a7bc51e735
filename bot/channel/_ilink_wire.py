"""iLink requests: headers, deadlines and what the service's ``ret`` means (facts/ilink.md, §2, §5, §6)."""

import asyncio
import base64
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.channel import ChannelError

Json = dict[str, Any]
VERSION = "2.4.9"
"""Of the official client whose protocol this is."""
APP = {"iLink-App-Id": "bot", "iLink-App-ClientVersion": str(2 << 16 | 4 << 8 | 9)}
BASE_INFO = {"channel_version": VERSION, "bot_agent": "Zhiyin/0.1.0"}
SEND_S, CONFIG_S = 15.0, 10.0
EXPIRED, THROTTLED = -14, -2


class Refused(Exception):
    """The service answered, and not with success."""

    def __init__(self, ret: int, message: str) -> None:
        super().__init__(f"ret {ret} {message}".strip())
        self.ret = ret


class Slow(ChannelError):
    """No answer within the deadline."""


class Wire:
    """Talks JSON with the service; one connection pool for all accounts."""

    def __init__(self, route_tag: str = "") -> None:
        self.headers = APP | ({"SKRouteTag": route_tag} if route_tag else {})
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool; long polls of many accounts need as many sockets."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None, sock_connect=10)
            )
        return self._session

    async def close(self) -> None:
        """Let go of all sockets."""
        if self._session:
            await self._session.close()

    async def post(self, base: str, path: str, body: Json, token: str = "", seconds: float = SEND_S) -> Json:
        """The answer to a request. Raises Refused, Slow and ChannelError."""
        headers = self.headers | {"Content-Type": "application/json", "AuthorizationType": "ilink_bot_token"}
        headers["X-WECHAT-UIN"] = base64.b64encode(str(secrets.randbits(32)).encode()).decode()
        if token:
            headers["Authorization"] = f"Bearer {token}"
            body = body | {"base_info": BASE_INFO}
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        return await self._asked("POST", f"{base}/{path}", headers, seconds, data)

    async def get(self, base: str, path: str, query: dict[str, str], seconds: float) -> Json:
        """The answer to a question without a token. Raises Refused, Slow and ChannelError."""
        return await self._asked("GET", f"{base}/{path}", self.headers, seconds, None, query)

    async def _asked(
        self, method: str, url: str, headers: dict[str, str], seconds: float, data: bytes | None, query: dict[str, str] | None = None
    ) -> Json:  # fmt: skip
        try:
            async with (
                asyncio.timeout(seconds),
                self.session.request(method, url, headers=headers, data=data, params=query) as response,
            ):
                if response.status != 200:
                    raise ChannelError(f"HTTP {response.status}")
                answer: Any = json.loads(await response.read() or b"{}")
        except TimeoutError as error:
            raise Slow(f"{urlsplit(url).netloc}：{seconds:.0f} 秒没有回答 / no answer") from error
        except (aiohttp.ClientError, OSError) as error:
            place, why = urlsplit(url).netloc, type(error).__name__
            raise ChannelError(f"连不上 {place}（{why}），检查网络 / cannot be reached: check the network") from error
        except ValueError as error:
            raise ChannelError("the answer is no JSON") from error
        if not isinstance(answer, dict):
            raise ChannelError("the answer is no object")
        for field in ("ret", "errcode"):
            if code := answer.get(field):
                raise Refused(int(code), str(answer.get("errmsg") or ""))
        return answer
