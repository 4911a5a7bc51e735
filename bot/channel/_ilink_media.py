"""iLink media: AES-128-ECB, up to the CDN and down from it (facts/ilink.md, §9)."""

import asyncio
import base64
import binascii
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from bot.channel import ChannelError
from bot.channel._ilink_accounts import Account
from bot.channel._ilink_wire import Json, Wire

IMAGE, FILE = 1, 3
BLOCK = 16
LARGEST = 100 * 2**20
TRIES, LOAD_S = 3, 120.0
TRUSTED = (".weixin.qq.com", ".wechat.com", ".qq.com")


def sealed(data: bytes, key: bytes) -> bytes:
    """AES-128-ECB with PKCS#7."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    missing = BLOCK - len(data) % BLOCK
    sealing = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return sealing.update(data + bytes([missing]) * missing) + sealing.finalize()


def opened(data: bytes, key: bytes) -> bytes:
    """What was sealed. Raises ChannelError."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if not data or len(data) % BLOCK:
        raise ChannelError("the attachment is cut", again=False)
    opening = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    plain = opening.update(data) + opening.finalize()
    missing = plain[-1]
    if not 1 <= missing <= BLOCK or plain[-missing:] != bytes([missing]) * missing:
        raise ChannelError("the attachment's key does not fit", again=False)
    return plain[:-missing]


def ref(item: Json) -> str:
    """What an attachment is found by, with its key; empty where the item has no media."""
    media: Any = item.get("media")
    if not isinstance(media, dict) or not (media.get("full_url") or media.get("encrypt_query_param")):
        return ""
    key = str(item.get("aeskey") or "") or _hex(str(media.get("aes_key") or ""))
    found = {"url": str(media.get("full_url") or ""), "param": str(media.get("encrypt_query_param") or ""), "key": key}
    return json.dumps(found)


def _hex(encoded: str) -> str:
    """A key as hexadecimal: base64 of 16 raw bytes, or of 32 hexadecimal digits."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return ""
    return raw.hex() if len(raw) == BLOCK else raw.decode("ascii", "replace")


async def fetched(wire: Wire, cdn_url: str, found: str) -> bytes:
    """An attachment's bytes. Raises ChannelError."""
    place: dict[str, str] = json.loads(found)
    url = place["url"] or f"{cdn_url}/download?encrypted_query_param={quote(place['param'], safe='')}"
    if not _trusted(url, cdn_url):
        raise ChannelError("the attachment lies at a host we do not know", again=False)
    data = await _loaded(wire, url)
    if not place["key"]:
        return data
    try:
        key = bytes.fromhex(place["key"])
    except ValueError as error:
        raise ChannelError("the attachment's key is none", again=False) from error
    return await asyncio.to_thread(opened, data, key)


async def _loaded(wire: Wire, url: str) -> bytes:
    try:
        async with asyncio.timeout(LOAD_S), wire.session.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise ChannelError(f"HTTP {response.status} of the CDN", again=response.status >= 500)
            data = bytearray()
            async for chunk in response.content.iter_chunked(2**16):
                data += chunk
                if len(data) > LARGEST:
                    raise ChannelError("the attachment is too large", again=False)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChannelError(f"the CDN: {type(error).__name__}") from error
    return bytes(data)


def _trusted(url: str, cdn_url: str) -> bool:
    """Whether an address is the service's own: the answer that named it came over the network, too."""
    parts, own = urlsplit(url), urlsplit(cdn_url)
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    return parts.scheme == "https" and (parts.hostname or "").endswith(TRUSTED)


async def uploaded(wire: Wire, account: Account, cdn_url: str, user: str, data: bytes, kind: int) -> Json:
    """Put bytes on the CDN; the media field of an item. Raises Refused and ChannelError."""
    key = secrets.token_bytes(BLOCK)
    filekey = secrets.token_hex(BLOCK)
    cipher = await asyncio.to_thread(sealed, data, key)
    body: Json = {
        "filekey": filekey, "media_type": kind, "to_user_id": user, "rawsize": len(data),
        "rawfilemd5": hashlib.md5(data, usedforsecurity=False).hexdigest(), "filesize": len(cipher),
        "no_need_thumb": True, "aeskey": key.hex(),
    }  # fmt: skip
    place = await wire.post(account.base_url, "ilink/bot/getuploadurl", body, account.token)
    url = str(place.get("upload_full_url") or "")
    if not url:
        param = quote(str(place.get("upload_param") or ""), safe="")
        url = f"{cdn_url}/upload?encrypted_query_param={param}&filekey={filekey}"
    if not _trusted(url, cdn_url):
        raise ChannelError("the service names an upload host we do not know", again=False)
    param = await _put(wire, url, cipher)
    encoded = base64.b64encode(key.hex().encode()).decode()
    return {"encrypt_query_param": param, "aes_key": encoded, "encrypt_type": 1}


async def _put(wire: Wire, url: str, cipher: bytes) -> str:
    """What the uploaded bytes are found by; a refusal (4xx) is final, everything else is tried again. Raises ChannelError."""
    why = ""
    for _ in range(TRIES):
        try:
            headers = {"Content-Type": "application/octet-stream"}
            async with asyncio.timeout(LOAD_S), wire.session.post(url, data=cipher, headers=headers) as response:
                if response.status == 200 and (param := response.headers.get("x-encrypted-param")):
                    return param
                why = f"HTTP {response.status} of the CDN {response.headers.get('x-error-message', '')}".strip()
                if 400 <= response.status < 500:
                    raise ChannelError(why, again=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = f"the CDN: {type(error).__name__}"
    raise ChannelError(why)
