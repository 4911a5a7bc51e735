"""What she can do besides talking, as the operator sets it: her tools, servers of the Model Context Protocol, drawing, finding."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.faults import Fault, Steps
from bot.sections import Section
from bot.validation import wrong
from bot.yamlfile import Document

SERVER_NAME = re.compile(r"(?!.*__)(?!.*_$)[a-z0-9][a-z0-9_-]{0,19}")
"""It becomes the first part of a tool's name, up to the first ``__``."""
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
    whole_s: float = Field(default=120.0, gt=0, le=3600)
    """Seconds after which an answer begins no further round."""
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
    all_per_day: int = Field(default=0, ge=0)
    """Pictures a day for everybody together; 0: any number."""


class EmbeddingSettings(Section):
    """A service that tells how near in meaning two texts are: OpenAI's /embeddings, wherever it is spoken."""

    base_url: str = ""
    """The service's /v1; empty: OPENAI_BASE_URL with OPENAI_API_KEY, else OpenAI itself."""
    api_key: SecretStr = SecretStr("")
    model: str = ""
    """Empty: off; what she knows is found by words alone."""
    batch: int = Field(default=16, ge=1, le=256)
    """Most texts of a request."""
    whole_s: float = Field(default=20.0, gt=0, le=3600)
    """Seconds a request may take; a question waits much less."""

    @model_validator(mode="after")
    def _whole_address(self) -> Self:
        if self.base_url and not _reachable(self.base_url):  # told here: an address may carry a key
            raise wrong(
                "base_url 要写 http:// 或 https:// 开头的完整地址；密钥写进 api_key。",
                "base_url is a whole address that begins with http:// or https://; the key goes into api_key.",
            )
        return self


class KnowledgeSettings(Section):
    """How she finds what she knows."""

    embeddings: EmbeddingSettings = EmbeddingSettings()


def placed(tools: Tools, root: Path) -> Tools:
    """The same with absolute folders; relative ones start from ``root``."""
    servers = {
        name: each.model_copy(update={"cwd": root / os.path.expanduser(each.cwd)}) if each.cwd else each
        for name, each in tools.mcp.items()
    }
    return tools.model_copy(update={"mcp": servers})


def faults(tools: Tools, document: Document) -> Iterator[Fault]:
    """What is wrong with the MCP servers although every value by itself is right."""
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
