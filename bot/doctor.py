"""What is real and what a fallback, with reasons; and who holds a port."""

import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from bot.brain import Brain, BrainError, Prompt, Said
from bot.channel import Channel, ChannelError, Probed
from bot.knowledge.embeddings import EmbeddingError, Embeddings
from bot.settings import EarSettings
from bot.tool import Tool, ToolError
from bot.voice import Format, Manner, Voice, VoiceError
from bot.voicenote import MISSING


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    """What was looked at, Chinese and English."""
    good: bool
    text: str
    """What was found, and the mend where it is not good."""

    def __str__(self) -> str:
        return f"{'✓' if self.good else '!'} {self.subject}：{self.text}"


def python() -> Finding:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    return Finding("Python", good, version if good else f"{version}，需要 3.11 以上 / 3.11 or newer is needed")


def disk(folder: Path) -> Finding:
    """Room where she keeps her things."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 2**30
    writable = os.access(existing, os.W_OK)
    text = f"{folder}，剩余 {free:.1f} GB free" + ("" if writable else "，不可写 / not writable: chmod u+w")
    return Finding("数据目录 data folder", free > 0.2 and writable, text)


def built(page: Path, avatars: Path) -> Iterator[Finding]:
    """What set-up makes."""
    mend = "运行 make run 构建 / make run builds it"
    there = (page / "index.html").is_file()
    yield Finding("页面 page", there, "已构建 built" if there else mend)
    there = any(avatars.glob("*/manifest.json"))
    yield Finding("形象 avatar", there, "已生成 generated" if there else mend)


async def brain(brain: Brain, persona: str) -> Finding:
    """Whether the brain answers, tried with a word."""
    subject, name = "大脑 brain", f"{brain.name}（{brain.reason}）" if brain.reason else brain.name
    prompt = Prompt((Said("user", "你好"),), "你好", persona, max_tokens=16)
    try:
        async with aclosing(brain.think(prompt)) as thoughts:
            await anext(thoughts, None)
    except BrainError as error:
        return Finding(subject, False, f"{name}：{error}")
    return Finding(subject, True, name)


async def voice(voice: Voice | None, manner: Manner) -> Finding:
    """Who really speaks, tried with a word."""
    subject = "声音 voice"
    if voice is None:
        return Finding(subject, True, "不出声 none")
    engine = ""
    try:
        async with aclosing(voice.speak("你好", "zh", manner, first=True)) as sound:
            async for item in sound:
                engine = item.engine if isinstance(item, Format) else engine
    except VoiceError as error:
        return Finding(subject, False, f"{voice.name}：{error}")
    return Finding(subject, True, f"{voice.name} → {engine}" + (f"（{voice.reason}）" if voice.reason else ""))


async def channel(name: str, opened: AbstractAsyncContextManager[Channel], *, talks: bool) -> AsyncIterator[Finding]:
    """Whether a channel's service can be reached and is content with us, and what voice notes there need."""
    subject = f"通道 channel {name}"
    async with opened as found:
        if not isinstance(found, Probed):
            yield Finding(subject, True, "✓")
        else:
            try:
                yield Finding(subject, True, await found.probe())
            except ChannelError as error:
                yield Finding(subject, False, str(error))
        formats = found.capabilities.voice, found.capabilities.hears
    if talks and "amr" in formats and find_spec("av") is None:
        yield Finding(f"语音 voice notes {name}", False, MISSING.format(extra="amr"))


def ear(settings: EarSettings) -> Finding:
    """What listens to voice notes."""
    subject = "耳朵 ear"
    match settings.kind:
        case "none":
            return Finding(
                subject, True, "不听语音 none（只用通道自己的转写 only what channels transcribe themselves）"
            )
        case "sphinx" if find_spec("pocketsphinx") is None:
            return Finding(subject, False, MISSING.format(extra="sphinx"))
        case "sphinx" if settings.models and not Path(settings.models).is_dir():
            return Finding(subject, False, f"ear.models: 没有这个文件夹 there is no folder {settings.models}")
        case kind:
            return Finding(subject, True, f"{kind} {settings.base_url}{settings.models}".strip())


async def meanings(service: Embeddings | None) -> Finding:
    """Whether the service of embeddings answers, and with how many dimensions."""
    subject = "向量 embeddings"
    if service is None:
        return Finding(subject, True, "不用，只按字词找 off, found by words (knowledge.embeddings.model)")
    try:
        return Finding(subject, True, f"{service.reason}（{await service.probe()} 维 dimensions）")
    except EmbeddingError as error:
        return Finding(subject, False, f"{service.reason}：{error}")
    finally:
        await service.close()


class Offered(Protocol):
    """What a server of tools has, as far as it is told here."""

    @property
    def tools(self) -> Sequence[Tool]:
        """What is offered to the brain."""
        ...

    @property
    def left(self) -> Mapping[str, str]:
        """What cannot be, and why."""
        ...

    @property
    def others(self) -> Sequence[str]:
        """What was not chosen."""
        ...


async def tools(name: str, looking: Awaitable[Offered]) -> AsyncIterator[Finding]:
    """Whether a server of tools answers, and what she may use of it."""
    subject = f"工具 tools {name}"
    try:
        offer = await looking
    except ToolError as error:
        yield Finding(subject, False, str(error))
        return
    words = [
        f"{tool.name.removeprefix(f'{name}__')}{'（先问用户 asks first）' if tool.confirm else ''}"
        for tool in offer.tools
    ]
    text = "、".join(words) or "没有可用的工具 nothing to use"
    yield Finding(subject, bool(words), text + (f"；没有选 not chosen：{_some(offer.others)}" if offer.others else ""))
    for why in dict.fromkeys(offer.left.values()):
        names = [name for name, each in offer.left.items() if each == why]
        yield Finding(subject, False, f"没有放出 left out：{_some(names)}（{why}）")


def _some(names: Sequence[str]) -> str:
    """Names, as many as anybody reads."""
    return "、".join(names[:10]) + (f" … {len(names)}" if len(names) > 10 else "")


def port(host: str, number: int) -> Finding:
    """Whether the port is free."""
    subject = f"端口 port {number}"
    if number == 0:
        return Finding(subject, True, "随机 any free one")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            return Finding(subject, False, f"{error.strerror}；{port_holder(number)}")
    return Finding(subject, True, "空闲 free")


def port_holder(number: int) -> str:
    """Who listens on a TCP port, as far as this user may know (Linux: /proc)."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listening(Path("/proc/net") / table, number)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = {os.readlink(link) for link in (process / "fd").iterdir()}
            if links & {f"socket:[{inode}]" for inode in inodes}:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"被进程 {process.name} 占用 / held by process {process.name} ({command[:80]})"
        except OSError:
            continue  # gone meanwhile, or another user's
    return "被其他程序占用 / held by another program"


def _listening(table: Path, number: int) -> Iterator[str]:
    """Inodes of sockets in LISTEN state (0A) on the port, from /proc/net/tcp."""
    try:
        rows = table.read_text().splitlines()[1:]
    except OSError:
        return
    for fields in map(str.split, rows):
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == number:
            yield fields[9]
