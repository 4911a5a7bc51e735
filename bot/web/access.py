"""Who may talk to the server: hosts and origins, visitors' tokens, the operator's password."""

import hmac
import ipaddress
import secrets
import socket
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web as http

from bot.codes import hashed
from bot.settings import Web

COOKIE = "zhiyin_operator"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TRIES_A_MINUTE = 5
SESSION_S = 30 * 86400.0


def loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Access:
    """Answers whether a request may pass."""

    def __init__(self, web: Web, clock: Callable[[], float] = time.monotonic) -> None:
        self.web = web
        self.clock = clock
        self.sessions: dict[str, float] = {}
        """Operator sessions: hash of the cookie → when it ends."""
        self.tries: defaultdict[str, deque[float]] = defaultdict(deque)
        public = urlsplit(web.public_url).hostname
        wide = {"0.0.0.0", "::", ""}
        self.hosts = LOOPBACK | ({public} if public else set()) | ({web.host} - wide)

    @property
    def visitors(self) -> str:
        """``anyone``, ``link`` or ``nobody``."""
        return self.web.visitors or ("anyone" if self.private else "link")

    @property
    def private(self) -> bool:
        """Whether only this machine can come in: behind a public address a proxy makes every peer look local."""
        return loopback(self.web.host) and not self.web.public_url

    def host(self, header: str) -> bool:
        """Whether a Host header names us (anything else is DNS rebinding or a stray proxy)."""
        return (urlsplit(f"//{header}").hostname or "") in self.hosts

    def origin(self, header: str | None, host: str) -> bool:
        """Whether an Origin header names the page this server gave out."""
        if not header:
            return False
        parts = urlsplit(header)
        if self.web.public_url and header.rstrip("/") == "{0.scheme}://{0.netloc}".format(
            urlsplit(self.web.public_url)
        ):
            return True
        return parts.scheme in ("http", "https") and parts.netloc == host and (parts.hostname or "") in self.hosts

    def operator(self, cookies: Mapping[str, str], peer: str) -> bool:
        """Whether the request carries a live operator session, or comes from this machine where no password was set."""
        if self.private and loopback(peer) and not self.web.password.get_secret_value():
            return True
        token = cookies.get(COOKIE, "")
        return bool(token) and self.sessions.get(hashed(token), 0.0) > self.clock()

    def login(self, password: str, peer: str) -> str | None:
        """A session token for the right password; None for a wrong one. Raises TooMany after some wrong ones."""
        tries, now = self.tries[peer], self.clock()
        while tries and tries[0] < now - 60:
            tries.popleft()
        if len(tries) >= TRIES_A_MINUTE:
            raise TooMany
        expected = self.web.password.get_secret_value()
        if not expected or not hmac.compare_digest(password.encode(), expected.encode()):
            tries.append(now)
            return None
        token = secrets.token_urlsafe(32)
        self.sessions[hashed(token)] = now + SESSION_S
        return token


class TooMany(Exception):
    """Too many wrong passwords: wait a minute."""


def new_visitor() -> str:
    """A fresh visitor token: 128 random bits."""
    return secrets.token_hex(16)


def sender(visitor: str) -> str:
    """A visitor's user id: the store never sees the token itself."""
    return hashed(visitor)[:32]


def new_conversation(channel: str) -> str:
    """A fresh conversation id, unguessable."""
    return f"{channel}:{secrets.token_hex(8)}"


def local(request: http.Request) -> bool:
    """Whether the request came by the data folder's socket."""
    transport = request.transport
    sock = transport.get_extra_info("socket") if transport else None
    return sock is not None and sock.family == socket.AF_UNIX
