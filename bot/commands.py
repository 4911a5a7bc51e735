"""What the command line does but run and exam: chat, login, check, import, export, prompt, doctor, backup."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from bot import adapters, documents, logs, persona, proof, settings, tool
from bot import doctor as findings
from bot import exam as exams
from bot.bodies import Bodies
from bot.card import BadCard, cards
from bot.channel import ChannelError
from bot.channels import logins
from bot.composition import known, minded, opened, probed, senses
from bot.faults import Faults
from bot.knowledge import Knowledge, embeddings
from bot.label import Labels
from bot.lock import Locked, locked
from bot.outcome import BAD_INPUT, GOOD, complain
from bot.store import StoreError, sqlite
from bot.terminal import SOCKET, Terminal, typed
from bot.web.logins import WORDS, drawn


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
