"""Work in a task of its own: what it gives and raises comes through, and cancelling is never lost."""

import asyncio

import pytest

from bot.apart import apart


async def test_what_the_work_gives_and_raises_comes_through() -> None:
    async def well() -> int:
        return 42

    async def badly() -> None:
        raise ZeroDivisionError

    assert await apart(well()) == 42
    with pytest.raises(ZeroDivisionError):
        await apart(badly())


@pytest.mark.parametrize("gap", range(6))
async def test_who_is_cancelled_while_a_group_breaks_is_cancelled(gap: int) -> None:
    ended: list[str] = []

    async def breaking() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_fail())
                await asyncio.Event().wait()
        finally:
            ended.append("work")

    async def waiting() -> None:
        try:
            await apart(breaking())
        finally:
            ended.append("waiter")

    task = asyncio.ensure_future(waiting())
    for _ in range(gap):
        await asyncio.sleep(0)
    cancelled = task.cancel()
    (end,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(end, asyncio.CancelledError if cancelled else ExceptionGroup)
    assert ended in ([], ["work", "waiter"])  # nothing began, or the work was over first


async def _fail() -> None:
    raise ZeroDivisionError
