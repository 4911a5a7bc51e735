"""What a server answers to a call, as text for the model."""

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from bot.tool import Result
from bot.tool._plain import line, masked, plain

if TYPE_CHECKING:
    from mcp_types import CallToolResult, ContentBlock

LONGEST = 8_000
"""Characters of a result."""
CUT = "\n（后面还有，没有给出 there is more, left out）"
NOTHING = "（没有内容 nothing）"


def told(answer: "CallToolResult", secrets: Collection[str]) -> Result:
    """The answer as text: words first, what only machines read as JSON, pictures and sound by name alone."""
    texts = [_told(block) for block in answer.content]
    if answer.structured_content is not None and not _said(texts, answer.structured_content):
        texts.append("".join(_beginning(answer.structured_content)))
    text = "\n".join(filter(None, texts))[: 2 * LONGEST]
    text = masked(plain(text, 2 * LONGEST), secrets)
    text = text if len(text) <= LONGEST else text[:LONGEST] + CUT
    return Result(text or NOTHING, failed=bool(answer.is_error))


def _told(block: "ContentBlock") -> str:
    match block.type:
        case "text":
            return block.text
        case "resource":
            inner = getattr(block.resource, "text", None)
            return inner if isinstance(inner, str) else _named("文件 file", block.resource.mime_type)
        case "resource_link":
            return _named("链接 link", str(block.uri))
        case "image":
            return _named("图片 picture", block.mime_type)
        case "audio":
            return _named("声音 sound", block.mime_type)


def _named(kind: str, what: str | None) -> str:
    return f"（{kind} {line(what or '', 200)}，没有附上 left out）"


def _said(texts: list[str], structured: object) -> bool:
    """Whether the words say the same as what machines read, as servers mostly do."""
    if structured == {"result": "\n".join(texts)}:
        return True
    try:
        return len(texts) == 1 and json.loads(texts[0]) == structured
    except (ValueError, RecursionError):
        return False


def _beginning(value: object) -> Iterator[str]:
    """JSON of a value until it is long enough."""
    length = 0
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        yield piece
        length += len(piece)
        if length > 2 * LONGEST:
            return
