"""What the operator chose: config/zhiyin.yaml, the local overlay and the environment as one frozen record."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType
from typing import Literal

from pydantic import Field

from bot import adapters, brain, channel, ear, environment, folder, lips, tool_settings, voice, yamlfile, zone
from bot.faults import Fault, Faults, Place, Steps, choices, shown
from bot.sections import (
    BrainSettings,
    Channeled,
    ChannelSettings,
    Data,
    EarSettings,
    Groups,
    Label,
    Limits,
    LipsSettings,
    Meet,
    Merge,
    Own,
    Popular,
    Section,
    VoiceSettings,
    Web,
)  # fmt: skip
from bot.tool_settings import DrawSettings, EmbeddingSettings, KnowledgeSettings, McpServer, Tools
from bot.validation import validated
from bot.yamlfile import Document

__all__ = (
    "BrainSettings", "ChannelSettings", "Channeled", "Data", "DrawSettings", "EarSettings", "EmbeddingSettings", "Groups",
    "KnowledgeSettings", "Label", "Limits", "LipsSettings", "McpServer", "Meet", "Merge", "Own", "Popular", "Settings", "Tools",
    "VoiceSettings", "Web", "labelled", "load",
)  # fmt: skip


class Settings(Section):
    """Everything the operator chose."""

    persona: str = "ayin"
    language: Literal["zh", "en"] = "zh"
    """Of what the operator reads."""
    zone: str = ""
    """IANA name of the time zone she lives in, such as Asia/Shanghai; empty: the machine's."""
    web: Web = Web()
    data: Data = Data()
    brain: BrainSettings = BrainSettings()
    voice: VoiceSettings = VoiceSettings()
    lips: LipsSettings = LipsSettings()
    ear: EarSettings = EarSettings()
    merge: Merge = Merge()
    limits: Limits = Limits()
    label: Label = Label()
    meet: Meet = Meet()
    own: Own = Own()
    popular: Popular = Popular()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    tools: Tools = Tools()
    draw: DrawSettings = DrawSettings()
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)


CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""It becomes the first part of a conversation's name."""
KINDS: tuple[tuple[Steps, ModuleType, tuple[str, ...]], ...] = (
    (("brain", "kind"), brain, ()),
    (("voice", "kind"), voice, ("none",)),
    (("lips", "kind"), lips, ()),
    (("ear", "kind"), ear, ("none",)),
)
"""Where an adapter is named, its port, and what may stand there besides."""
NOTHING = {
    "kind": ("没有这一种。", "There is no such kind."),
    "persona": ("persona/ 下没有这个人设文件夹。", "There is no such folder under persona/."),
}


def load(root: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the checkout at ``root``; paths in them are absolute. Raises Faults, all at once."""
    document = yamlfile.parse("", "config/local.yaml")
    for file in (root / "config" / "zhiyin.yaml", root / "config" / "local.yaml"):
        if file.is_file():
            document = environment.referred(_read(file), environ, file.parent).over(document)
    document = environment.read(environ, Settings, document.data).over(document)
    chosen, faults = validated(Settings, document)
    if chosen:
        data = chosen.data.model_copy(update={"dir": root / os.path.expanduser(chosen.data.dir)})
        chosen = chosen.model_copy(update={"data": data, "tools": tool_settings.placed(chosen.tools, root)})
        faults.extend(_further(chosen, document, root))
    if not chosen or faults:
        raise Faults(faults)
    return chosen


def _read(file: Path) -> Document:
    try:
        return yamlfile.parse(file.read_text(encoding="utf-8-sig"), shown(file))
    except (OSError, UnicodeDecodeError) as error:
        place = Place(shown(file))
        fault = Fault(place, "", f"读不了这个文件：{error}。请存成 UTF-8 并检查权限。", f"It cannot be read: {error}.")
        return Document({}, {(): place}, [fault])


def _further(chosen: Settings, document: Document, root: Path) -> Iterator[Fault]:
    """What is wrong although every value by itself is right."""
    for steps, port, besides in KINDS:
        kind = getattr(getattr(chosen, str(steps[0])), str(steps[1]))
        yield from _chosen(document, steps, kind, (*adapters.names(port), *besides))
    known = folder.names((root / "persona", chosen.data.dir / "persona"))
    yield from _chosen(document, ("persona",), chosen.persona, known)
    for name, each in chosen.channels.items():
        if not CHANNEL_NAME.fullmatch(name):
            zh, en = "通道名只能用小写字母、数字、- 和 _。", "A channel's name takes a-z, 0-9, - and _."
            yield document.fault(("channels", name), zh, en)
        yield from _chosen(document, ("channels", name, "kind"), each.kind, adapters.names(channel))
        if each.kind in adapters.names(channel):
            yield from validated(adapters.adapter(channel, each.kind).Keys, document.below(("channels", name)))[1]
        if each.persona:
            yield from _chosen(document, ("channels", name, "persona"), each.persona, known)
    yield from tool_settings.faults(chosen.tools, document)
    try:
        zone.chosen(chosen.zone)
    except ValueError:
        zh, en = (
            "没有这个时区：写 Asia/Shanghai 这样的名字，空着就用本机的。",
            "No such zone: write a name such as Asia/Shanghai.",
        )
        yield document.fault(("zone",), zh, en, chosen.zone)
    if not labelled(chosen.label.words) and chosen.label.text != "off":
        zh, en = (
            "要同时有“AI”或“人工智能”，和“生成”或“合成”。",
            "It needs AI or 人工智能, and 生成 or 合成 (GB 45438-2025).",
        )
        yield document.fault(("label", "words"), zh, en, chosen.label.words)
    if not _loopback(chosen.web.host) and not chosen.web.password.get_secret_value():
        zh = "这个地址别的机器也能访问，必须先设 web.password（运营者的密码），例如 ZHIYIN_WEB__PASSWORD。"
        en = "Other machines can reach this address: set web.password (the operator's) first, or keep 127.0.0.1."
        yield document.fault(("web", "host"), zh, en, chosen.web.host)


def _chosen(document: Document, steps: Steps, name: str, known: Collection[str]) -> Iterator[Fault]:
    """A fault where a name is not among those there are."""
    if name not in known:
        (zh, en), (there_zh, there_en) = NOTHING[str(steps[-1])], choices(name, known)
        yield document.fault(steps, f"{zh}{there_zh}", f"{en}{there_en}", name)


def labelled(words: str) -> bool:
    """Whether a label says all that GB 45438-2025 asks for."""
    return any(word in words for word in ("AI", "人工智能")) and any(word in words for word in ("生成", "合成"))


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
