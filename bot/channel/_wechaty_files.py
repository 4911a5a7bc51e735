"""Files that a gateway does not have itself but says where they lie: WeChat's own servers, and nobody else's."""

from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from bot.channel import ChannelError
from bot.channel._wechaty_gateway import LARGEST
from bot.channel._wechaty_refusal import Refused

if TYPE_CHECKING:
    from bot.channel.wechaty import Keys

HOSTS = (".qpic.cn", ".qlogo.cn", ".qq.com", ".wechat.com")
"""Where WeChat keeps what was sent; always asked by https."""


async def downloaded(address: str, keys: "Keys") -> bytes:
    """A file from an address out of a message. Raises Refused where it leads elsewhere, and ChannelError."""
    url = _trusted(address, keys.file_origins)
    try:
        timeout = aiohttp.ClientTimeout(total=keys.file_s, sock_connect=keys.call_s)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise Refused(f"{url.host}: HTTP {response.status}")
            data = bytearray()
            async for piece in response.content.iter_any():
                data += piece
                if len(data) > LARGEST:
                    raise Refused(f"the file has more than {LARGEST} bytes")
            return bytes(data)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ChannelError(f"{url.host}: {type(error).__name__} {error}".strip()) from error


def _trusted(address: str, origins: tuple[str, ...]) -> URL:
    """The address, if it leads to WeChat or where the operator allows it to lead."""
    try:
        url = URL(address)
        if str(url.origin()) in origins:
            return url
    except ValueError:
        raise Refused("a file at no address") from None
    if f".{url.host}".endswith(HOSTS) and url.scheme in ("http", "https") and url.explicit_port is None:
        return url.with_scheme("https")
    raise Refused(f"a file at {url.host}, which is not WeChat's: file_origins can allow it")
