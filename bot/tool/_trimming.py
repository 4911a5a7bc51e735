"""Answers of servers cut before anything else looks at them."""

from typing import TYPE_CHECKING

from bot.tool._plain import Scissors

if TYPE_CHECKING:
    from mcp.shared.message import SessionMessage

LARGEST = 12 * 2**20
"""Bytes of a message; with one that is larger a connection ends."""


def shortened(message: "SessionMessage") -> "SessionMessage":
    """The same message, an answer in it no longer than anybody needs."""
    from mcp_types import JSONRPCError, JSONRPCResponse

    if isinstance(answer := message.message, JSONRPCResponse):
        answer.result = {name: Scissors().cut(value) for name, value in answer.result.items()}
    elif isinstance(answer, JSONRPCError):
        answer.error.message, answer.error.data = answer.error.message[:1000], None
    return message
