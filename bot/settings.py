"""What the operator chose: config/zhiyin.yaml, the local overlay and the environment as one frozen record."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


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
    models: tuple[str, ...] = ()
    """What ``model: auto`` prefers, in order."""
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
    """One way to reach her; the keys beyond these are the kind's own."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    persona: str = ""
    """Empty: the global one."""


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
