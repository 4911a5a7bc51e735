"""iLink under load: two hundred accounts at once, two hundred users on one, and what a kill costs."""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.channel import _ilink_accounts
from bot.channel._ilink_accounts import Account
from tests.bench.figures import Figures, median, p95
from tests.processes import Started, bot, process

MANY, SOME = 200, 40
KILLS_S = 0.5, 1.4, 4.0, 7.0
LLM = "--first", "1.0", "--token", "0"
WHOLE_S = 60.0


@dataclass(slots=True)
class WeChat:
    """The stand-in as a process."""

    started: Started

    async def ask(self, path: str, body: Any) -> Any:  # noqa: ANN401
        """What the control says."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.started.url}/control/{path}", json=body) as response,
        ):
            return await response.json()

    async def bind(self, folder: Path, count: int) -> None:
        """Users bind their bots; the bot's side is told as after a login."""
        for each in await self.ask("accounts", {"count": count}):
            _ilink_accounts.save(folder, Account(**each))

    async def say(self, users: Sequence[int], text: str, *, one: bool = False) -> float:
        """Users write, all at once; when (monotonic)."""
        said = [{"user": f"user{number}@im.wechat", "text": text, "one": one} for number in users]
        return (await self.ask("say", said))["at"]

    async def shown(self, count: int) -> list[dict[str, Any]]:
        """What reached phones, once it is so much."""
        async with asyncio.timeout(WHOLE_S):
            while len(shown := (await self.started.stats())["shown"]) < count:
                await asyncio.sleep(0.1)
        return shown

    async def polled(self, count: int) -> None:
        """So many accounts are polled."""
        async with asyncio.timeout(WHOLE_S):
            while (await self.started.stats())["polling"] < count:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def wechat(**switches: Any) -> AsyncGenerator[tuple[WeChat, Started]]:  # noqa: ANN401
    """The service, and an LLM that takes a second."""
    async with process("tests.standins.ilink") as service, process("tests.standins.llm", *LLM) as llm:
        here = WeChat(service)
        await here.ask("set", switches)
        yield here, llm


def shop(service: WeChat, llm: Started, data: Path) -> AbstractAsyncContextManager[Started]:
    """The bot with its channel."""
    url = service.started.url
    return bot(
        llm, data=data, channels__shop__kind="ilink", channels__shop__base_url=url, channels__shop__cdn_url=f"{url}/c2c",
        channels__shop__voice="never",
    )  # fmt: skip


def cpu_s(pid: int) -> float:
    """Processor seconds a process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def crowd(figures: Figures) -> None:
    """Everybody writes at the same instant, each to their own bot; then two hundred to one bot."""
    for accounts in (MANY, 1):
        async with AsyncExitStack() as stack:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhiyin-bench-")))
            service, llm = await stack.enter_async_context(wechat(empty="all", burst=1000))
            await service.bind(data / "credentials" / "shop", accounts)
            running = await stack.enter_async_context(shop(service, llm, data))
            await service.polled(accounts)
            await service.say([0], "hello")
            await service.shown(1)
            before = cpu_s(running.pid)
            said = await service.say(range(MANY), "Hello, who are you?", one=accounts == 1)
            shown = (await service.shown(MANY + 1))[1:]
            took = [each["at"] - said for each in shown]
            if accounts == 1:
                figures.add("ilink200_one_account_p95_s", p95(took), "s", "", "200 users, one account; best peer 7 s")
                return
            whole = max(took)
            figures.add("ilink200_p95_s", p95(took), "s", "<= 1.2", f"median {median(took):.3f}; LLM 1.0 s of it")
            figures.add("ilink200_per_s", MANY / whole, "1/s")
            figures.add("ilink200_cpu_ms", (cpu_s(running.pid) - before) / MANY * 1000, "ms", "<= 6", "a message")


async def kills(figures: Figures) -> None:
    """Forty in flight, the process killed; what the users have got after the restart."""
    answered: list[int] = []
    doubled = resent = 0
    for number, (how, after) in enumerate([(how, s) for how in (signal.SIGKILL, signal.SIGTERM) for s in KILLS_S]):
        shown, again = await killed(how, after, "all" if number % 2 else "nothing")
        users = Counter(each["user"] for each in shown)
        answered.append(len(users))
        doubled += sum(count - 1 for count in users.values())
        resent += again
    note = f"of {SOME}, at {', '.join(map(str, KILLS_S))} s, kill -9 and SIGTERM; worst of {len(answered)}"
    figures.add("ilink_kill_answered", min(answered), "", f"{SOME}", note)
    figures.add("ilink_kill_doubled", doubled, "", "0", "answers more than one, all kills together")
    figures.add("ilink_kill_resent", resent, "", "", "sent again with the same client_id, all kills together")


async def killed(how: signal.Signals, after: float, empty: str) -> tuple[list[dict[str, Any]], int]:
    """One kill; what was shown, and how much was sent again."""
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhiyin-bench-")))
        service, llm = await stack.enter_async_context(wechat(empty=empty, burst=1000))
        await service.bind(data / "credentials" / "shop", SOME)
        async with shop(service, llm, data) as first:
            await service.polled(SOME)
            said = await service.say(range(SOME), "Hello, who are you?")
            await asyncio.sleep(max(0.0, said + after - time.monotonic()))
            os.kill(first.pid, how)
            await first.ended()
        async with shop(service, llm, data):
            async with asyncio.timeout(WHOLE_S):
                while True:
                    stats = await service.started.stats()
                    if len({each["user"] for each in stats["shown"]}) == SOME:
                        break
                    await asyncio.sleep(0.1)
            await asyncio.sleep(2.0)  # whatever would come twice has come by now
            stats = await service.started.stats()
        assert not stats["broken"], json.dumps(stats["broken"][:3])
        return stats["shown"], stats["resent"]
