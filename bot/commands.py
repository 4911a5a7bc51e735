"""What the command line does: run, chat, login, check, import, export, doctor, backup."""

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import aiohttp

from bot import adapters, documents, logs, persona, proof, settings, tool
from bot import doctor as findings
from bot import exam as exams
from bot.apart import leaves
from bot.bodies import Bodies
from bot.brain import Brain
from bot.card import BadCard, cards
from bot.channel import ChannelError
from bot.composition import Running, logins, minded, opened, probed, senses
from bot.faults import Faults
from bot.knowledge import Knowledge, embeddings
from bot.label import Labels
from bot.lock import Lock, Locked, locked
from bot.personas import Personas
from bot.settings import Settings
from bot.store import StoreError, sqlite
from bot.terminal import SOCKET, Terminal, typed
from bot.voice import Voice
from bot.web.logins import WORDS, drawn

log = logging.getLogger(__name__)

GOOD, BAD_INPUT, BROKEN_STORE = 0, 2, 70
DRAIN_S = 5.0
"""Turns that run when she is asked to stop get this long to end."""


def complain(text: object) -> int:
    """Say what is wrong with the input; the exit code for it."""
    print(text, file=sys.stderr)
    return BAD_INPUT


def known(root: Path) -> tuple[Settings, Personas]:
    """The settings and the personas they name. Raises Faults."""
    chosen = settings.load(root, os.environ)
    personas = Personas(root / "persona", chosen.data.dir / "persona")
    for id in {chosen.persona, *(each.persona for each in chosen.channels.values() if each.persona)}:
        personas.get(id)
    return chosen, personas


# run


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


# chat


async def chat(root: Path, say: Path | None) -> int:
    """Talk in the terminal: with the running server, or with a house of its own where none runs."""
    try:
        chosen, personas = known(root)
    except Faults as faults:
        return complain(faults)
    terminal = Terminal(chosen.data.dir, sys.stdout, Labels(chosen.label), say)
    try:
        with locked(chosen.data.dir):
            logs.start(logs.secrets(chosen, os.environ), logging.ERROR)
            async with (
                opened(chosen, root, personas) as here,
                here.server.serve(None, path=chosen.data.dir / SOCKET),
                asyncio.TaskGroup() as group,
            ):
                serving = group.create_task(here.service.run())
                await terminal.run(typed())
                serving.cancel()
    except Locked:
        try:
            await terminal.run(typed())
        except aiohttp.ClientError as error:
            return complain(f"连不上正在运行的知音：{error}\nThe running server cannot be reached.")
    return GOOD


# login, check, import, export, doctor, backup


async def login(root: Path, name: str) -> int:
    """Log a channel in by a QR code in the terminal, while she runs or not."""
    try:
        offered = logins(settings.load(root, os.environ))
    except Faults as faults:
        return complain(faults)
    if name not in offered:
        known = "、".join(offered) or "（没有 none）"
        return complain(
            f"{name} 不是可以扫码登录的通道。可以写：{known}。\nNot a channel to log in; choose from: {known}."
        )

    async def code() -> str:
        return await asyncio.to_thread(input, "手机上显示的数字 / the number on the phone: ")

    try:
        async for step in offered[name](code):
            print(drawn(step.text) if step.kind == "qr" else WORDS[step.kind], flush=True)
            if step.text:
                print(step.text, flush=True)
            if step.kind == "done":
                return GOOD
    except ChannelError as error:
        return complain(error)
    return BAD_INPUT


def check(folder: Path) -> int:
    """Say what is wrong with a persona folder, or that all is well."""
    try:
        her = persona.load(folder)
        cases = len(exams.load(her).cases) if exams.written(her) else 0
        found = asyncio.run(documents.looked_through(her))
    except Faults as faults:
        return complain(faults)
    print("\n".join([persona.summary(her, found.passages), *found.notices]))
    if cases:
        print(f"考题 {cases} 道，考一考：python -m bot exam {folder} / {cases} exam cases")
    return GOOD


def import_card(root: Path, file: Path, id: str) -> int:
    """Make a persona of a character card, in the data folder."""
    return _told(lambda: cards.taken_in(root, file, id))


def export_card(folder: Path, target: Path) -> int:
    """Write a persona as a character card; the target's ending says in which form."""
    return _told(lambda: cards.given_out(folder, target))


def _told(do: Callable[[], list[str]]) -> int:
    """Print what something says of itself, or what was wrong."""
    try:
        print("\n".join(do()))
    except (Faults, BadCard) as error:
        return complain(error)
    except OSError as error:
        return complain(f"读写不了 {error.filename}：{error.strerror}\nIt cannot be read or written: {error.strerror}.")
    return GOOD


async def doctor(root: Path) -> int:
    """Say what is real and what a fallback."""
    print(findings.python())
    try:
        chosen, personas = known(root)
    except Faults as faults:
        return complain(faults)
    for finding in (
        findings.disk(chosen.data.dir),
        *findings.built(root / "bot" / "web" / "page" / "dist", root / "build" / "avatar"),
        findings.port(chosen.web.host, chosen.web.port),
    ):
        print(finding)
    for id, fault in personas.faults.items():
        print(findings.Finding(f"人设 persona {id}", False, fault))
    for name, each in chosen.channels.items():
        async for finding in findings.channel(name, probed(chosen, name), talks=each.voice != "never"):
            print(finding)
    print(findings.ear(chosen.ear))
    print(await findings.meanings(embeddings.open(chosen.knowledge.embeddings)))
    for name, server in chosen.tools.mcp.items():
        box = adapters.adapter(tool, "mcp").open(name, server, call_s=chosen.tools.call_s)
        async for finding in findings.tools(name, box.look()):
            print(finding)
    async with senses(chosen, Knowledge(personas.get)) as (brain, voice, _):
        await brain.warm()
        print(await findings.brain(brain, chosen.persona))
        print(await findings.voice(voice, personas.get(chosen.persona).voice.manner))
    return GOOD


async def prompt(root: Path, conversation: str) -> int:
    """Show exactly what a brain would be sent for a conversation's last message, with its size part by part."""
    try:
        chosen, personas = await asyncio.to_thread(known, root)
        store = await sqlite.look(chosen.data)
    except (Faults, StoreError) as error:
        return complain(error)
    knowledge = Knowledge(personas.get, chosen.data.dir / "knowledge")
    try:
        named = chosen.channels.get(conversation.partition(":")[0])
        her = personas.get((named and named.persona) or chosen.persona)
        bodies = Bodies(root / "build" / "avatar")
        await asyncio.to_thread(bodies.make, her)
        mind = minded(chosen, knowledge, store)
        found = await proof.proof(mind, store, her, sorted(bodies.cues(her)), conversation, chosen.limits.history)
    finally:
        await store.close()
        await knowledge.close()
    if found is None:
        return complain(f"没有这个对话：{conversation}。\nThere is no such conversation.")
    print(proof.shown(*found))
    return GOOD


def backup(root: Path, target: Path | None) -> int:
    """Copy what must not be lost, while she runs or not."""
    try:
        data = settings.load(root, os.environ).data.dir
        target = target or data / "backups" / time.strftime("%Y%m%d-%H%M%S")
        sqlite.backup(data, target)
    except (Faults, StoreError, OSError) as error:
        return complain(error)
    print(f"已备份到 / backed up to {target}")
    return GOOD
