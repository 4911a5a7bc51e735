"""Which of a server's tools she may use, and under which names, words and conditions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.settings import McpServer
from bot.tool import Tool
from bot.tool._plain import line, plain
from bot.tool._schema import Unsound, sound

if TYPE_CHECKING:
    from mcp_types import Tool as Listed

MOST = 64
"""Tools of a server."""
LONGEST_NAME, LONGEST_ABOUT = 64, 1_000


@dataclass(frozen=True, slots=True)
class Offer:
    """What comes of a server's list."""

    tools: tuple[Tool, ...] = ()
    """By name."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """The server's own name of each."""
    left: Mapping[str, str] = field(default_factory=dict[str, str])
    """The server's tools that cannot be offered, and why, in both languages."""
    others: tuple[str, ...] = ()
    """Its tools that the operator did not choose."""


def offered(server: str, listed: Sequence["Listed"], settings: McpServer) -> Offer:
    """What she may use of a server's list."""
    tools: dict[str, Tool] = {}
    names: dict[str, str] = {}
    left = dict.fromkeys(settings.allow, "服务器没有这个工具 the server has no such tool")
    firsts = {each.name: each for each in reversed(listed)}  # of a name that stands twice the first counts
    ours = named(server, list(firsts))
    chosen = [name for name in sorted(firsts) if not settings.allow or name in settings.allow]
    others = tuple(line(name, LONGEST_NAME) for name in sorted(set(firsts) - set(chosen)))
    for name in chosen:
        left.pop(name, None)
        try:
            tool = _tool(ours[name], firsts[name], server, settings)
            if ours[name] in tools:
                raise Unsound("和另一个工具同名 its name is another tool's")
            if len(tools) >= MOST:
                raise Unsound(f"只放出 {MOST} 个 no more than {MOST} are offered")
        except Unsound as error:
            left[line(name, LONGEST_NAME)] = str(error)
        else:
            tools[ours[name]], names[ours[name]] = tool, name
    return Offer(tuple(tools[name] for name in sorted(tools)), names, left, others)


def _tool(ours: str, listed: "Listed", server: str, settings: McpServer) -> Tool:
    """One of its tools. Raises Unsound where it is not offered."""
    reads = bool(listed.annotations and listed.annotations.read_only_hint)
    if not settings.allow and not reads:
        raise Unsound("没有标明只读，写进 allow 才放出 not marked read-only: name it in allow")
    asks = listed.name in settings.confirm or not reads
    title = listed.title or (listed.annotations and listed.annotations.title) or listed.name
    return Tool(
        ours,
        plain(listed.description or title, LONGEST_ABOUT),
        sound(listed.input_schema),
        writes=asks,
        confirm=asks and listed.name not in settings.trust,
        doing=(f"正在用 {server}", f"Using {server}"),
    )


def named(server: str, names: Sequence[str]) -> dict[str, str]:
    """The server's names → ours, whatever their order: ``<server>__<tool>``, told apart by a hash where they would meet."""
    room = LONGEST_NAME - len(server) - 2
    plainly = {name: re.sub(r"[^A-Za-z0-9_-]+", "_", name) or "_" for name in names}
    meets = Counter(each[:room] for each in plainly.values())
    found: dict[str, str] = {}
    for name, each in plainly.items():
        if len(each) > room or (meets[each[:room]] > 1 and each != name):
            each = f"{each[: room - 9]}-{sha256(name.encode(errors='replace')).hexdigest()[:8]}"
        found[name] = f"{server}__{each}"
    return found
