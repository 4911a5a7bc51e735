"""Files at addresses that somebody else named: by TLS alone, at public hosts alone, never more than was agreed on.

The host is judged where its socket is made, so that no name, redirect or second answer of a resolver leads into the house.
"""

import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
from yarl import URL

HOPS = 3
"""Redirects that are followed."""
CONNECT_S = 5.0
NAT64 = IPv6Network("64:ff9b::/96")
"""Carries an IPv4 address in its last 32 bits."""


class Unfetched(Exception):
    """It could not be had; the words hold no address."""


def public(host: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped in."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (address, *_wrapped(address)))


def _wrapped(address: IPv4Address | IPv6Address) -> Sequence[IPv4Address]:
    """IPv4 addresses that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return ()
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in inner if each is not None]


@dataclass(frozen=True, slots=True)
class Outside:
    """Fetches files from where anybody may put them."""

    allowed: Callable[[str], bool] = public
    """Whether an IP address may be dialled."""
    tls: ssl.SSLContext | None = None
    """Whom to trust; None: whom the machine trusts."""

    async def fetched(self, address: str, most: int) -> bytes:
        """The file at an address, of at most so many bytes. Raises Unfetched. The caller limits the time."""
        try:
            url = URL(address, encoded=True)  # a signed address must go out as it came
            async with self._session() as session:
                for _ in range(HOPS + 1):
                    if url.scheme != "https" or not url.host:
                        raise Unfetched("no https address")
                    async with session.get(url, allow_redirects=False) as response:
                        if response.status == 200:
                            return await read(response, most)
                        if response.status not in (301, 302, 303, 307, 308):
                            raise Unfetched(f"HTTP {response.status}")
                        url = url.join(URL(response.headers.get("Location", ""), encoded=True))
                raise Unfetched("too many redirects")
        except (
            aiohttp.ClientError,
            OSError,
            ValueError,
            TypeError,
        ) as error:  # addresses that are none raise the latter
            raise Unfetched(type(error).__name__) from error

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._socket, ssl=self.tls or True, force_close=True),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
            headers={"Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,  # a proxy would dial in our stead, past the guard
        )

    def _socket(self, place: tuple[Any, ...]) -> socket.socket:
        """A socket for (family, kind, protocol, name, address), where the address may be dialled."""
        family, kind, protocol, _, address = place
        if not self.allowed(str(address[0])):
            raise OSError(errno.EACCES, "not a public address")
        return socket.socket(family, kind, protocol)


async def read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """A response's body of at most so many bytes. Raises Unfetched."""
    if (response.content_length or 0) > most:
        raise Unfetched("too large")
    body = bytearray()
    async for data in response.content.iter_any():
        body += data
        if len(body) > most:
            raise Unfetched("too large")
    return bytes(body)
