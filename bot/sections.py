"""The parts of the settings, as records: what each key means, which values it takes, and what it is without one."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.faults import secretive
from bot.validation import wrong

K = TypeVar("K", bound="Channeled")


class Section(BaseModel):
    """A part of the settings: frozen, and a typing slip in a key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ORIGIN = re.compile(r"(https://[a-z0-9-]+(\.[a-z0-9-]+)*|http://(localhost|127\.0\.0\.1))(:\d{1,5})?")
"""Exactly as browsers write it: a browser takes other hosts' pages without TLS for no safe place anyway."""


def _embedder(origin: str) -> str:
    """An origin that may hold the page, as it stands; it becomes part of a header."""
    if not ORIGIN.fullmatch(origin):
        raise wrong(
            "要写完整的来源：https://域名（小写，可以带端口，后面没有斜杠和路径），本机可以写 http://localhost:端口。",
            "Write a whole origin: https://host in lower case, a port if there is one, no slash or path after it; on this machine http://localhost:port.",
        )
    return origin


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
    embed: tuple[Annotated[str, AfterValidator(_embedder)], ...] = ()
    """Origins whose pages may hold the page (``/embed``); empty: none."""


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
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=16)
    first_token_s: float = Field(default=15.0, gt=0, le=3600)
    between_tokens_s: float = Field(default=10.0, gt=0, le=3600)
    whole_s: float = Field(default=90.0, gt=0, le=3600)
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
    first_sound_s: float = Field(default=2.0, gt=0, le=3600)
    """The line somebody waits for falls back after this."""
    whole_line_s: float = Field(default=10.0, gt=0, le=3600)
    cache: bool = True
    """Lines spoken before are found again instead of asking the voice."""
    parallel: int = Field(default=4, ge=1, le=64)
    """Lines in flight at the service at once (edge)."""


class LipsSettings(Section):
    """What moves the mouth."""

    kind: str = "phonemes"


class EarSettings(Section):
    """What listens to voice notes."""

    kind: str = "none"
    """openai, sphinx (English only, offline) or none."""
    base_url: str = ""
    """Of openai: the service's /v1."""
    api_key: SecretStr = SecretStr("")
    model: str = "whisper-1"
    models: str = ""
    """Of sphinx: the folder of another language's model; empty: the English one it brings along."""
    whole_s: float = Field(default=30.0, gt=0, le=3600)
    """Seconds a recording may take to be written down."""
    longest_s: float = Field(default=120.0, gt=0, le=3600)
    """Seconds of a recording that are listened to; a longer one is answered with a word about it."""
    pause_s: float = Field(default=0.55, ge=0.3, le=5)
    """Seconds of silence in the page's microphone after which somebody has spoken."""
    wake: tuple[str, ...] = ()
    """Words of which one must be said, where the microphone stays open, before she feels spoken to; empty: none needed."""


class Label(Section):
    """What the law asks to be said and done (facts: GB 45438-2025; the order on human-like services of 2026-07-15)."""

    text: Literal["each", "first", "off"] = "each"
    """Where a text says that an AI made it: every reply, the first of a conversation, or nowhere (outside China only)."""
    words: str = Field(default="内容由AI生成", max_length=100)
    """What it says; needs AI or 人工智能, and 生成 or 合成."""
    notice: bool = True
    """Whether she tells somebody new that they talk to an AI."""
    metadata: bool = True
    """Whether sound and picture files carry the AIGC record."""
    producer: str = Field(default="Zhiyin", pattern=r"[!#-\[\]-~]{1,100}", examples=["001191110102MAD55U9H0F10002"])
    """Name or code of whoever runs the service, in the AIGC record: ASCII without spaces and quotes."""
    remind_h: float = Field(default=2.0, ge=0)
    """Hours of talk in one go after which she reminds of the time; 0: never."""
    leave: tuple[str, ...] = ("退出", "停止", "结束", "结束对话", "exit", "quit", "stop")
    """A message of just this ends the talk at once."""
    crisis: tuple[str, ...] = (
        "自杀", "自尽", "轻生", "不想活", "活不下去", "想死", "结束生命", "结束自己", "自残", "割腕",
        "suicide", "kill myself", "end my life", "self-harm", "want to die",
    )  # fmt: skip
    """A message with any of these in it gets the help line, and she stops playing a part."""
    help_line: str = "12356"


class Meet(Section):
    """Links to the page, given in private chats elsewhere."""

    words: tuple[str, ...] = ("见面", "视频", "face to face", "meet")
    """A message of just this brings a link."""
    revoke: tuple[str, ...] = ("取消见面", "收回链接", "stop meeting")
    """A message of just this makes all links of the chat void, used ones too."""
    minutes: float = Field(default=10.0, gt=0, le=1440)
    """How long a link may be opened."""


class Own(Section):
    """What users may do with what is kept of them."""

    export: tuple[str, ...] = ("导出我的数据", "export my data")
    delete: tuple[str, ...] = ("删除我的数据", "delete my data")
    confirm: tuple[str, ...] = ("确认删除", "confirm delete")
    """Said after ``delete``, it deletes."""


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


class Popular(Section):
    """The questions that people ask most."""

    words: tuple[str, ...] = ("热门问题", "大家都问什么", "大家常问什么", "popular questions", "hot questions")
    """A message of just this brings the list."""
    users: int = Field(default=2, ge=1)
    """Different people who must have asked a question before strangers see it."""


class Groups(Section):
    """When she answers where several people talk."""

    answer: Literal["mention", "always", "never"] = "mention"
    """mention: when somebody calls her."""
    words: tuple[str, ...] = ()
    """Words that call her besides an @ (at the start of a line)."""


class Channeled(BaseModel):
    """What every way to reach her can be told; its kind adds its own keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    persona: str = ""
    """Empty: the global one."""
    voice: Literal["never", "asked", "always"] = "asked"
    """Whether she sends voice notes after the text; asked: when she got one."""
    groups: Groups = Groups()


class ChannelSettings(Channeled):
    """One way to reach her as the operator wrote it; its kind reads the further keys."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _hide(cls, given: object) -> object:
        """Own keys whose name speaks of a secret become SecretStr."""
        if not isinstance(given, Mapping):
            return given
        secret = {key for key, value in given.items() if isinstance(value, str) and secretive(str(key))}
        return {key: SecretStr(value) if key in secret else value for key, value in given.items()}

    def read(self, keys: type[K]) -> K:
        """The same as the kind's own record."""
        fields = {name: getattr(self, name) for name in self.model_fields_set}
        return keys.model_validate(fields | (self.model_extra or {}))
