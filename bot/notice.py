"""What the operator is told as it happens, on the page and in the log."""

from collections.abc import Awaitable, Callable

Tell = Callable[[str], Awaitable[None]]
"""Tells the operator something, in both languages."""


async def nobody(text: str) -> None:
    """Tell no one."""
