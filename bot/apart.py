"""Work in a task of its own, so that cancelling whoever waits for it is never lost.

Python 3.11 loses it twice: a task group that breaks while it is cancelled tells of its faults alone, and libraries that end
their calls by cancelling the task they run in (grpclib) swallow a true cancelling.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def apart(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives or raises; when cancelled, the work is over before this is."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # nobody waits for it any more
        raise
    return task.result()


def leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """The errors of tasks, within groups within a group."""
    return [
        leaf
        for error in group.exceptions
        for leaf in (leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]
