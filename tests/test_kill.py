"""Whoever kills the process finds every message answered exactly once after the restart."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Started, bot, process
from tests.visitor import Visitor, visit

PEOPLE = 40


async def seen(llm: Started, requests: int) -> None:
    """Wait until the stand-in has seen so many requests in this bot's life."""
    async with asyncio.timeout(60):
        while len((await llm.stats())["requests"]) < requests:
            await asyncio.sleep(0.02)


async def write(url: str, number: int, known: dict[int, dict[str, str]]) -> None:
    """One person writes three messages in a row and leaves."""
    async with visit(url) as page:
        welcome = await page.hello(voiced=False)
        known[number] = {"visitor": welcome["visitor"], "conversation": welcome["conversation"]}
        for part in ("一", "二", "三"):
            await page.say(f"第{number}人说{part}", f"{number}-{part}")
            await page.until("accepted")


async def history(url: str, who: dict[str, str]) -> list[tuple[str, str, str]]:
    """(author, state, text) of a conversation once nothing waits in it any more."""
    async with asyncio.timeout(120), visit(url) as page:
        await page.hello(**who)
        entries = await _settled(page)
        return [(e["author"], e["state"], e["parts"][0]["text"] if e["parts"] else "") for e in entries]


async def _settled(page: Visitor) -> list[dict[str, Any]]:
    while True:
        await page.send({"type": "older", "before": 0, "limit": 50})
        entries = (await page.until("older"))["entries"]
        if all(entry["state"] in ("answered", "stopped", "failed") for entry in entries):
            return entries
        await page.until("end")


@asynccontextmanager
async def stand_in() -> AsyncGenerator[Started]:
    """An LLM that takes its time."""
    async with process("tests.standins.llm", "--first", "0.4", "--token", "0.01") as llm:
        yield llm


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM])
async def test_every_message_is_answered_once_after_a_kill(tmp_path: Path, signal_: signal.Signals) -> None:
    known: dict[int, dict[str, str]] = {}
    async with stand_in() as llm:
        async with bot(llm, data=tmp_path) as first:
            async with asyncio.TaskGroup() as group:
                for number in range(PEOPLE):
                    group.create_task(write(first.url, number, known))
            await seen(llm, PEOPLE)
            os.kill(first.pid, signal_)
        assert len(known) == PEOPLE
        async with bot(llm, data=tmp_path) as second:
            for number, who in known.items():
                said = await history(second.url, who)
                mine = [text for author, _, text in said if author == "user"]
                assert mine == [f"第{number}人说{part}" for part in ("一", "二", "三")]
                hers = [text for author, state, text in said if author == "persona" and state == "answered"]
                assert 1 <= len(hers) <= 3
                assert said[-1][0] == "persona"
                assert {state for author, state, _ in said if author == "user"} == {"answered"}
