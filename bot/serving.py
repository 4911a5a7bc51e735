"""What ``python -m bot run`` does: she is opened, served until a signal, and let finish."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from bot import doctor as findings
from bot import logs
from bot.apart import leaves
from bot.brain import Brain
from bot.channels import logins
from bot.composition import Running, known, opened
from bot.faults import Faults
from bot.lock import Lock, Locked, locked
from bot.outcome import BROKEN_STORE, GOOD, complain
from bot.personas import Personas
from bot.settings import Settings
from bot.store import StoreError
from bot.terminal import SOCKET
from bot.voice import Voice

log = logging.getLogger(__name__)

DRAIN_S = 5.0
"""Turns that run when she is asked to stop get this long to end."""


async def run(root: Path) -> int:
    """Serve the page and the channels until asked to stop; the exit code."""
    try:
        chosen, personas = await asyncio.to_thread(known, root)
    except Faults as faults:
        return complain(faults)
    logs.start(logs.secrets(chosen, os.environ))
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(locked(chosen.data.dir))
        except Locked as other:
            who = f"{other.pid or '?'}（{other.url or '正在启动 starting'}）"
            return complain(
                f"数据目录 {chosen.data.dir} 正被进程 {who} 使用。先停掉它，或用 data.dir 换一个目录。\n"
                f"The data folder is in use by process {who}: stop it, or set data.dir."
            )
        except OSError as error:
            return complain(
                f"数据目录 {chosen.data.dir} 写不进去：{error.strerror}。请改权限（chmod u+w），或用 data.dir 换一个目录。\n"
                f"The data folder cannot be written ({error.strerror}): fix its permissions, or set data.dir."
            )
        return await _serve(chosen, root, personas, lock)


async def _serve(chosen: Settings, root: Path, personas: Personas, lock: Lock) -> int:
    try:
        async with opened(chosen, root, personas) as here:
            return await _listen(chosen, personas, here, lock)
    except* StoreError as group:
        for leaf in leaves(group):
            log.critical("%s", leaf)
    return BROKEN_STORE


async def _listen(chosen: Settings, personas: Personas, here: Running, lock: Lock) -> int:
    host, port = chosen.web.host, chosen.web.port
    try:
        async with here.server.serve(host, port, chosen.data.dir / SOCKET) as port:
            url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            lock.tell(url)
            await _until_stopped(chosen, personas, here, url)
    except OSError as error:
        held = findings.port(host, port)
        if held.good:
            raise
        return complain(
            f"{held.subject}：{held.text}。换一个端口 / take another: ZHIYIN_WEB__PORT=8081 make run ({error.strerror})"
        )
    return GOOD


async def _until_stopped(chosen: Settings, personas: Personas, here: Running, url: str) -> None:
    """Serve until a signal; then let running turns end, and go."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    async def tell(id: str, fault: str) -> None:
        """A persona was saved: draw a new look, say what is wrong."""
        try:
            await asyncio.to_thread(here.bodies.make, personas.get(id))
        except (
            OSError,
            ValueError,
        ) as error:  # no room for a new look, or a file changed meanwhile: she keeps the one she has
            log.error("persona %s: %s", id, error)
        here.service.house.mind.knowledge.want(id)
        await here.server.notice("persona_fault" if fault else "persona_changed", fault or here.server.foyer.fault())

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(here.service.run()), group.create_task(personas.watch(tell))]
        tasks += [group.create_task(_warm(here)), group.create_task(here.server.logins.run())]
        here.server.ready = True
        for line in _banner(chosen, personas, here, url):
            print(line)
        print(f'READY {{"url": "{url}"}}', flush=True)
        await stop.wait()
        here.server.ready, here.service.gate.closing = False, True
        await _drain(chosen, here)
        for task in tasks:
            task.cancel()


async def _warm(here: Running) -> None:
    """Load what the first turn would wait for; what is loaded then stays, so that no collection walks it again."""
    await here.warm()
    gc.collect()
    gc.freeze()


async def _drain(chosen: Settings, here: Running) -> None:
    """Wait until no turn runs and no reply is on its way, but not for ever: the rest is done after the next start."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            for _ in range(chosen.limits.turns):
                await here.service.house.turns.acquire()
            await here.service.post.idle.wait()


def _banner(chosen: Settings, personas: Personas, here: Running, url: str) -> Iterator[str]:
    """Where to look, what is real and what a fallback."""
    name = personas.get(chosen.persona).name
    yield f"\n  知音 Zhiyin · {name.zh} {name.en}\n"
    yield f"  页面 page   {chosen.web.public_url or url}"
    yield f"  大脑 brain  {here.brain.name}{_why(here.brain)}"
    yield f"  声音 voice  {here.voice.name + _why(here.voice) if here.voice else '不出声 none'}"
    if chosen.channels:
        where = f"，扫码登录 log in: {url}/channels" if logins(chosen) else ""
        yield f"  通道 doors  {', '.join(f'{name}（{each.kind}）' for name, each in chosen.channels.items())}{where}"
    yield f"  数据 data   {chosen.data.dir}\n"


def _why(adapter: Brain | Voice) -> str:
    return f"（{adapter.reason}）" if adapter.reason else ""
