"""What the operator chose: config/zhiyin.yaml, the local overlay and the environment as one frozen record."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot import adapters, brain, channel, ear, environment, lips, voice, yamlfile
from bot.faults import Fault, Faults, Place, Steps, choices, printed, secretive, shown, spelled
from bot.validation import validated
from bot.yamlfile import Document


class Section(BaseModel):
    """A part of the settings: frozen, and a typing slip in a key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(Section):
    """The page and everything else that listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes a free one."""
    public_url: str = ""
    """How the outside reaches the page; its host is then allowed as Host and Origin."""
    password: SecretStr = SecretStr("")
    """The operator's; needed as soon as the host is wider than this machine."""
    visitors: Literal["", "nobody", "link", "anyone"] = ""
    """Who may talk on the page; empty: anyone on this machine, link otherwise."""


class Data(Section):
    """Where she keeps what she must not forget."""

    dir: Path = Path("data")
    max_gb: float = Field(default=5.0, gt=0)
    """Cap of kept sound, pictures and cached lines together."""
    synchronous: Literal["normal", "full"] = "full"
    """SQLite's durability: normal survives a killed process, full a power cut as well."""


class BrainSettings(Section):
    """What thinks."""

    kind: str = "auto"
    """auto, openai or offline."""
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    model: str = "auto"
    models: tuple[str, ...] = ("gpt-6-luna", "deepseek-chat", "qwen-plus")
    """What ``model: auto`` prefers, in order; else the first chat model the service offers."""
    temperature: float | None = None
    max_tokens: int = Field(default=1024, ge=16)
    first_token_s: float = 15.0
    between_tokens_s: float = 10.0
    whole_s: float = 90.0
    attempts: int = Field(default=3, ge=1, le=10)


class VoiceSettings(Section):
    """What speaks."""

    kind: str = "auto"
    """auto, edge, espeak, openai or none."""
    endpoint: str = ""
    """Of edge: a relay's WebSocket address."""
    proxy: str = ""
    base_url: str = ""
    """Of openai: the service's /v1."""
    api_key: SecretStr = SecretStr("")
    model: str = "tts-1"
    first_sound_s: float = 2.0
    """The line somebody waits for falls back after this."""
    whole_line_s: float = 10.0
    parallel: int = Field(default=4, ge=1, le=64)
    """Lines in flight at the service at once (edge)."""


class LipsSettings(Section):
    """What moves the mouth."""

    kind: str = "phonemes"


class EarSettings(Section):
    """What listens."""

    kind: str = "none"


class Merge(Section):
    """How messages sent in a row become one turn."""

    wait_s: float = Field(default=0.0, ge=0, le=30)
    """Channels without a live display may wait this long for more."""
    restarts: int = Field(default=3, ge=0)
    """How often a new message may restart a turn nothing was shown of."""


class Limits(Section):
    """What one user, and all together, may ask of her."""

    text: int = Field(default=8000, ge=1)
    """Most characters of a message."""
    reply: int = Field(default=20000, ge=100)
    """Most characters of a reply."""
    per_minute: int = Field(default=20, ge=0)
    """Messages a user may send a minute; 0: any number."""
    per_day: int = Field(default=500, ge=0)
    """Messages a user may send a day; 0: any number."""
    all_per_day: int = Field(default=0, ge=0)
    """Answers a day for everyone together; 0: any number."""
    waiting: int = Field(default=20, ge=1)
    """Unanswered messages a conversation may hold."""
    turns: int = Field(default=256, ge=1)
    """Turns at once."""
    all_waiting: int = Field(default=2000, ge=1)
    """Unanswered messages all conversations together may hold."""
    idle_s: float = Field(default=300.0, gt=0)
    """A conversation nobody writes in is let go from memory after this."""
    history: int = Field(default=40, ge=0)
    """Entries a prompt looks back."""


class ChannelSettings(BaseModel):
    """One way to reach her; the keys beyond these are the kind's own, texts as the operator wrote them."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    persona: str = ""
    """Empty: the global one."""

    @model_validator(mode="before")
    @classmethod
    def _hide(cls, given: object) -> object:
        """Own keys whose name speaks of a secret become SecretStr."""
        if not isinstance(given, Mapping):
            return given
        secret = {key for key, value in given.items() if isinstance(value, str) and secretive(str(key))}
        return {key: SecretStr(value) if key in secret else value for key, value in given.items()}


class Settings(Section):
    """Everything the operator chose."""

    persona: str = "ayin"
    language: Literal["zh", "en"] = "zh"
    """Of what the operator reads."""
    web: Web = Web()
    data: Data = Data()
    brain: BrainSettings = BrainSettings()
    voice: VoiceSettings = VoiceSettings()
    lips: LipsSettings = LipsSettings()
    ear: EarSettings = EarSettings()
    merge: Merge = Merge()
    limits: Limits = Limits()
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


def load(root: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the checkout at ``root``; paths in them are absolute. Raises Faults, all at once."""
    document = yamlfile.parse("", "config/local.yaml")
    for file in (root / "config" / "zhiyin.yaml", root / "config" / "local.yaml"):
        if file.is_file():
            document = environment.referred(_read(file), environ, file.parent).over(document)
    document = environment.read(environ, Settings, document.data).over(document)
    chosen, faults = validated(Settings, document)
    if chosen:
        data = chosen.data.model_copy(update={"dir": root / chosen.data.dir.expanduser()})
        chosen = chosen.model_copy(update={"data": data})
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

    def fault(steps: Steps, value: str | None, zh: str, en: str) -> Fault:
        return Fault(document.place(steps), spelled(steps), zh, en, printed(value))

    for steps, port, besides in KINDS:
        kind = getattr(getattr(chosen, str(steps[0])), str(steps[1]))
        if kind not in (known := (*adapters.names(port), *besides)):
            zh, en = choices(kind, known)
            yield fault(steps, kind, f"没有这一种。{zh}", f"There is no such kind.{en}")
    for name, each in chosen.channels.items():
        if not CHANNEL_NAME.fullmatch(name):
            yield fault(
                ("channels", name),
                None,
                "通道名只能用小写字母、数字、- 和 _。",
                "A channel's name takes a-z, 0-9, - and _.",
            )
        if each.kind not in (known := adapters.names(channel)):
            zh, en = choices(each.kind, known)
            yield fault(
                ("channels", name, "kind"), each.kind, f"没有这一种通道。{zh}", f"There is no such kind of channel.{en}"
            )
    folders = [root / "persona", chosen.data.dir / "persona"]
    there = {path.name for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_dir()}
    named: list[tuple[Steps, str]] = [(("persona",), chosen.persona)]
    named += [(("channels", name, "persona"), each.persona) for name, each in chosen.channels.items() if each.persona]
    for steps, id in named:
        if id not in there:
            zh, en = choices(id, sorted(there))
            yield fault(
                steps, id, f"persona/ 下没有这个人设文件夹。{zh}", f"There is no such folder under persona/.{en}"
            )
    if not _loopback(chosen.web.host) and not chosen.web.password.get_secret_value():
        yield fault(
            ("web", "host"),
            chosen.web.host,
            "这个地址别的机器也能访问，必须先设 web.password（运营者的密码），例如 ZHIYIN_WEB__PASSWORD。",
            "Other machines can reach this address: set web.password (the operator's) first, or keep 127.0.0.1.",
        )


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
