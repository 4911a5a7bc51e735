"""WeCom AI bot media: sealed files fetched and opened, files uploaded over the socket (facts/wecom.md, section A)."""

import asyncio
import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

import aiohttp

from bot.channel import ChannelError
from bot.channel._wecom_wire import Json, Link

OWN = re.compile(r".+\.qq\.com|ww-aibot-img-1258476243\.cos\.[a-z0-9-]+\.myqcloud\.com")
"""Hosts that WeCom keeps its files at: its own, and its bucket at Tencent's cloud, whatever the region."""
LARGEST, LOAD_S = 100 * 2**20, 120.0
BLOCK = 32
"""Padding is to this, not to the cipher's 16."""
CHUNK, UPLOAD_S = 512 * 1024, 30.0
SMALLEST = 6
MOST = {"image": 10 * 2**20, "voice": 2 * 2**20, "file": 20 * 2**20}
"""Largest upload of a kind."""


def ref(fields: Json) -> str:
    """What an attachment is found by, with its key; empty where there is no address."""
    url = str(fields.get("url") or "")
    return json.dumps({"url": url, "key": str(fields.get("aeskey") or "")}) if url else ""


async def fetched(session: aiohttp.ClientSession, found: str, origins: Collection[str]) -> bytes:
    """An attachment's bytes; the address is good for five minutes. Raises ChannelError."""
    place: dict[str, str] = json.loads(found)
    if not trusted(place["url"], origins):
        raise ChannelError("the attachment lies at a host we do not know (see file_origins)", again=False)
    data = await _loaded(session, place["url"])
    return await asyncio.to_thread(opened, data, place["key"]) if place["key"] else data


def trusted(url: str, origins: Collection[str]) -> bool:
    """Whether an address is the service's own, or one the operator named."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if f"{parts.scheme}://{parts.netloc}" in origins:
        return True
    return parts.scheme == "https" and parts.netloc in (host, f"{host}:443") and OWN.fullmatch(host) is not None


async def _loaded(session: aiohttp.ClientSession, url: str) -> bytes:
    data = bytearray()
    try:
        async with asyncio.timeout(LOAD_S), session.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise ChannelError(f"HTTP {response.status} for an attachment", again=response.status >= 500)
            async for chunk in response.content.iter_chunked(2**16):
                data += chunk
                if len(data) > LARGEST:
                    raise ChannelError("the attachment is too large", again=False)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ChannelError(f"an attachment: {type(error).__name__}") from error
    return bytes(data)


def opened(data: bytes, key: str) -> bytes:
    """AES-256-CBC; some keys come without their padding, or as in a URL. Raises ChannelError."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:
        raw = base64.b64decode(unquote(key).rstrip("=") + "=", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != BLOCK:
        raise ChannelError("the attachment's key is none", again=False)
    if not data or len(data) % 16:
        raise ChannelError("the attachment is cut", again=False)
    opening = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    plain = opening.update(data) + opening.finalize()
    missing = plain[-1]
    if not 1 <= missing <= BLOCK or not plain.endswith(bytes([missing]) * missing):
        raise ChannelError("the attachment's key does not fit", again=False)
    return plain[:-missing]


async def uploaded(link: Link, kind: str, name: str, data: bytes) -> str:
    """The ``media_id`` of uploaded bytes, good for three days. Raises Refused and ChannelError."""
    pieces = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    digest = await asyncio.to_thread(lambda: hashlib.md5(data, usedforsecurity=False).hexdigest())
    about = {"type": kind, "filename": name, "total_size": len(data), "total_chunks": len(pieces), "md5": digest}
    begun = await link.request("aibot_upload_media_init", about, seconds=UPLOAD_S)
    upload = {"upload_id": begun.get("upload_id")}
    for index, piece in enumerate(pieces):
        chunk = {"chunk_index": index, "base64_data": base64.b64encode(piece).decode()}
        await link.request("aibot_upload_media_chunk", upload | chunk, seconds=UPLOAD_S)
    done = await link.request("aibot_upload_media_finish", upload, seconds=UPLOAD_S)
    if not (media_id := str(done.get("media_id") or "")):
        raise ChannelError("the upload has no media_id")
    return media_id
