"""What the operator chose: config/zhiyin.yaml, the local overlay and the environment as one frozen record."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from bot import adapters, brain, channel, ear, environment, folder, lips, voice, yamlfile, zone
from bot.faults import Fault, Faults, Place, Steps, choices, secretive, shown
from bot.validation import validated, wrong
from bot.yamlfile import Document

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


HEADER, HEADER_VALUE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}"), re.compile(r"[\t -~]*")
VARIABLE = re.compile(r"[^=\x00]{1,200}")


def _reachable(url: str) -> bool:
    """Whether an address is whole, of the web, and without a password in it."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and parts.port != 0
            and url.isprintable()
            and " " not in url
        )
    except ValueError:  # a port that is no number, a bracket that is not closed
        return False


class McpServer(Section):
    """A server of the Model Context Protocol whose tools she may use: a program of this machine, or an address."""

    command: tuple[str, ...] = ()
    """The program and its arguments; it talks over its standard input and output."""
    url: str = ""
    """Address of a server that talks Streamable HTTP, instead of a program."""
    env: dict[str, SecretStr] = Field(default_factory=dict)
    """Of a program: its environment besides PATH, HOME and LANG."""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Of an address: what every request carries, such as Authorization."""
    cwd: Path | None = None
    """Of a program: the folder it starts in; a relative path starts from the checkout."""
    allow: tuple[str, ...] = ()
    """Tools she may use, by the server's own names; empty: those the server marks as read-only."""
    trust: tuple[str, ...] = ()
    """Tools that change things and are done without asking the user."""
    confirm: tuple[str, ...] = ()
    """Tools that are done only after the user agreed, although the server marks them as read-only."""
    call_s: float = Field(default=0.0, ge=0, le=3600)
    """Seconds a call may take; 0: as long as tools.call_s, and never longer."""
    start_s: float = Field(default=20.0, gt=0, le=600)
    """Seconds the server has to start and to tell its tools."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        """A program or an address, and each with its own keys."""
        if bool(self.command) == bool(self.url):
            raise wrong("command 和 url 要写一个，也只能写一个。", "Write either command or url, and only one of them.")
        if self.url and not _reachable(self.url):  # told here: an address may carry a key, and here it is not printed
            raise wrong(
                "url 要写 http:// 或 https:// 开头的完整地址；用户名和密码放进 headers。",
                "url is a whole address that begins with http:// or https://; a name and password go into headers.",
            )
        if self.url and (self.env or self.cwd):
            raise wrong("env 和 cwd 只用于 command。", "env and cwd are for command only.")
        if self.command and self.headers:
            raise wrong("headers 只用于 url。", "headers are for url only.")
        if both := sorted(set(self.trust) & set(self.confirm)):
            raise wrong(
                f"{both[0]} 同时写在 trust 和 confirm 里：留下一个。",
                f"{both[0]} is in trust and in confirm: keep one.",
            )
        return self

    @field_validator("command")
    @classmethod
    def _program(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if command and (not command[0].strip() or any("\0" in part for part in command)):
            raise wrong(
                "第一项要写程序名，例如 [npx, -y, 包名]。", "The first item is the program: [npx, -y, a-package]."
            )
        return command

    @field_validator("env")
    @classmethod
    def _environment(cls, env: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if not all(VARIABLE.fullmatch(name) and "\0" not in env[name].get_secret_value() for name in env):
            raise wrong("环境变量名里不能有 =，值里不能有 NUL。", "A variable's name takes no =, its value no NUL.")
        return env

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not HEADER.fullmatch(name) or not HEADER_VALUE.fullmatch(value.get_secret_value()):
                raise wrong(
                    "请求头的名字只能用字母、数字和 -，值只能是一行 ASCII 文字。",
                    "A header's name takes letters, digits and -, its value one line of ASCII.",
                )
        return headers


class Tools(Section):
    """What she can do besides talking."""

    rounds: int = Field(default=5, ge=0, le=20)
    """Most rounds of calls in an answer; 0: none."""
    call_s: float = Field(default=20.0, gt=0, le=3600)
    """Seconds a call may take."""
    draw_per_day: int = Field(default=5, ge=0)
    """Pictures a user may have drawn a day; 0: none."""
    mcp: dict[str, McpServer] = Field(default_factory=dict)
    """Servers whose tools she may use, by a name of their own."""


SIZE = r"([1-9]\d{1,4}x[1-9]\d{1,4}|auto)?"


class DrawSettings(Section):
    """What draws the pictures that users ask for."""

    base_url: str = ""
    """The service's /v1, which has /images/generations; empty: the brain's service, with the brain's key."""
    api_key: SecretStr = SecretStr("")
    model: str = ""
    """Empty: she draws nothing."""
    square: str = Field(default="1024x1024", pattern=SIZE)
    """Width and height that are asked for, in pixels; empty: whatever the service likes."""
    portrait: str = Field(default="1024x1536", pattern=SIZE)
    landscape: str = Field(default="1536x1024", pattern=SIZE)
    whole_s: float = Field(default=90.0, gt=0, le=3600)
    """Seconds a picture may take."""


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
    tools: Tools = Tools()
    draw: DrawSettings = DrawSettings()
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)


CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""It becomes the first part of a conversation's name."""
SERVER_NAME = re.compile(r"(?!.*__)(?!.*_$)[a-z0-9][a-z0-9_-]{0,19}")
"""It becomes the first part of a tool's name, up to the first ``__``."""
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
        chosen = chosen.model_copy(update={"data": data, "tools": _placed(chosen.tools, root)})
        faults.extend(_further(chosen, document, root))
    if not chosen or faults:
        raise Faults(faults)
    return chosen


def _placed(tools: Tools, root: Path) -> Tools:
    """The same with absolute folders."""
    servers = {
        name: each.model_copy(update={"cwd": root / os.path.expanduser(each.cwd)}) if each.cwd else each
        for name, each in tools.mcp.items()
    }
    return tools.model_copy(update={"mcp": servers})


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
    yield from _servers(chosen.tools, document)
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


def _servers(tools: Tools, document: Document) -> Iterator[Fault]:
    """What is wrong with the MCP servers."""
    for name, each in tools.mcp.items():
        steps: Steps = ("tools", "mcp", name)
        if not SERVER_NAME.fullmatch(name):
            zh = "名字最多 20 个字符，只能用小写字母、数字、- 和 _，不能有 __，不能以 _ 结尾。"
            en = "A server's name takes a-z, 0-9, - and _, at most 20 of them, no __, no _ at its end."
            yield document.fault(steps, zh, en)
        if each.call_s > tools.call_s:
            zh = f"不能超过 tools.call_s（{tools.call_s:g} 秒）：改小它，或改大 tools.call_s。"
            en = f"It cannot be more than tools.call_s ({tools.call_s:g} s): lower it, or raise tools.call_s."
            yield document.fault((*steps, "call_s"), zh, en, f"{each.call_s:g}")
        if each.cwd and not each.cwd.is_dir():
            yield document.fault((*steps, "cwd"), "没有这个文件夹。", "There is no such folder.", each.cwd)


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
