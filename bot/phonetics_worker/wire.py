"""What travels between the bot and its phonetics worker: frames of a JSON head and raw bytes."""

import json
import struct
from collections.abc import Iterator
from typing import Any

LENGTHS = struct.Struct("<II")
"""Bytes of the head, bytes of the body."""
LIMIT = 1 << 26
"""No honest frame is longer, in bytes."""

Head = dict[str, Any]


def pack(head: Head, body: bytes = b"") -> bytes:
    """A frame, ready to be written."""
    encoded = json.dumps(head, separators=(",", ":")).encode()
    return LENGTHS.pack(len(encoded), len(body)) + encoded + body


class Frames:
    """Bytes as a pipe brings them become whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Head, bytes]]:
        """The frames that are complete now. Raises ValueError for what is no frame."""
        self._buffer += data
        while len(self._buffer) >= LENGTHS.size:
            head, body = LENGTHS.unpack_from(self._buffer)
            if head > LIMIT or body > LIMIT:
                raise ValueError("not a frame")
            end = LENGTHS.size + head + body
            if len(self._buffer) < end:
                return
            frame = bytes(self._buffer[LENGTHS.size : end])
            del self._buffer[:end]
            yield json.loads(frame[:head]), frame[head:]
