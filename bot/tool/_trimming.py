"""Answers of servers cut before anything else looks at them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.tool._plain import Scissors

if TYPE_CHECKING:
    from mcp.shared.message import SessionMessage

LARGEST = 12 * 2**20
"""Bytes of a message; what is larger is not read."""
ENDLESS = 10 * LARGEST
"""Bytes of a line that will never end."""
TOO_LARGE = "回答太大 the answer is too large"
EDGE = 256
"""Bytes at either end of an answer that is not read, where its number is looked for."""


class Endless(Exception):
    """A server says one line for ever."""


class Lines:
    """A stream of bytes becomes lines; of one that is too large only the ends are kept."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._skipped = 0

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Each line that is complete now, and whether it is whole. Raises Endless."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._add(end)
            yield bytes(self._line), not self._skipped
            self._line, self._skipped = bytearray(), 0
        self._add(rest)

    def _add(self, data: bytes) -> None:
        self._line += data
        if len(self._line) > (2 * EDGE if self._skipped else LARGEST):
            self._skipped += len(self._line) - 2 * EDGE
            del self._line[EDGE:-EDGE]
            if self._skipped > ENDLESS:
                raise Endless


def numbered(ends: bytes) -> int | None:
    """The number of the request that an answer answers, from its ends: servers write it first or last."""
    first = re.search(rb'^\s*\{[^\[{]{0,100}?"id"\s*:\s*(\d{1,18})\s*,', ends[:EDGE])
    found = first or re.search(rb'"id"\s*:\s*(\d{1,18})\s*\}\s*$', ends[-EDGE:])
    return int(found[1]) if found else None


def shortened(message: "SessionMessage") -> "SessionMessage":
    """The same message, an answer in it no longer than anybody needs."""
    from mcp_types import JSONRPCError, JSONRPCResponse

    if isinstance(answer := message.message, JSONRPCResponse):
        answer.result = Scissors().cut(answer.result)
    elif isinstance(answer, JSONRPCError):
        answer.error.message, answer.error.data = answer.error.message[:1000], None
    return message
