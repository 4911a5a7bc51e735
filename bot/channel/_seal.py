"""WeChat's callbacks: signatures, and the AES envelope of Official Account, WeCom and 微信客服 (facts/official-account.md, §1, §2)."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
import time
from collections import OrderedDict

BLOCK = 32
"""Bytes of a PKCS#7 block; wider than AES asks for."""
WINDOW_S = 300.0
"""How far a timestamp may be from our clock."""
REMEMBERED = 10_000


class Forged(Exception):
    """A call that its service did not make."""


def signature(*parts: str) -> str:
    """SHA-1 over the parts, sorted as text and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


class Seal:
    """Checks and opens what a service sends, and seals what it is answered."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        self.token, self.receiver = token, receiver
        self.key = base64.b64decode(f"{aes_key}=") if aes_key else b""
        self.seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        """(timestamp, nonce, signature) of the last five minutes' calls."""

    def check(self, given: str, timestamp: str, nonce: str, *more: str) -> bool:
        """Whether the same call came before. Raises Forged for a wrong signature or a stale timestamp."""
        if not hmac.compare_digest(signature(self.token, timestamp, nonce, *more).encode(), given.encode()):
            raise Forged("the signature is wrong")
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > WINDOW_S:
            raise Forged("the timestamp is stale")
        call = timestamp, nonce, given
        before = call in self.seen
        self.seen[call] = None
        while len(self.seen) > REMEMBERED:
            self.seen.popitem(last=False)
        return before

    def opened(self, encrypted: str) -> str:
        """The text in an envelope. Raises Forged."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Forged("the envelope is no base64") from error
        if not data or len(data) % 16 or not self.key:
            raise Forged("the envelope is cut")
        opening = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).decryptor()
        plain = opening.update(data) + opening.finalize()
        missing = plain[-1]
        if not 1 <= missing <= BLOCK or len(plain) < 20 + missing:
            raise Forged("the envelope's key does not fit")
        plain = plain[16:-missing]
        (size,) = struct.unpack_from(">I", plain)
        text, receiver = plain[4 : 4 + size], plain[4 + size :]
        if not hmac.compare_digest(receiver, self.receiver.encode()):
            raise Forged("the envelope is for somebody else")
        try:
            return text.decode()
        except UnicodeDecodeError as error:
            raise Forged("the envelope holds no text") from error

    def sealed(self, text: str) -> str:
        """An envelope for a text."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        data = text.encode()
        plain = secrets.token_bytes(16) + struct.pack(">I", len(data)) + data + self.receiver.encode()
        missing = BLOCK - len(plain) % BLOCK
        sealing = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).encryptor()
        return base64.b64encode(sealing.update(plain + bytes([missing]) * missing) + sealing.finalize()).decode()

    def signed(self, encrypted: str) -> tuple[str, str, str]:
        """Signature, timestamp and nonce of an envelope that is sent."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
        return signature(self.token, timestamp, nonce, encrypted), timestamp, nonce
