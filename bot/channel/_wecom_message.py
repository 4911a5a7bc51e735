"""A callback of WeCom's AI bot as the house reads it (facts/wecom.md, section A)."""

import re
import time

from bot.channel import _wecom_media as media
from bot.channel._wecom_wire import Json, number, record
from bot.message import Attachment, Message, Part, Text
from bot.settings import Groups

ATTACHED = {"image": "picture", "file": "file", "video": "video"}
"""Kinds that bring something to fetch, and what the house calls it."""
SHOWN = {"image": "[图片]", "file": "[文件]", "video": "[视频]", "voice": "[语音]", "mixed": "[图文]"}
"""What stands for a quoted message that has no words."""
QUOTED = 200
"""Characters of a quoted message."""


def chat(body: Json) -> str:
    """Where it was said: ``g/<chatid>`` or ``u/<userid>``; the kind of chat is needed to write there."""
    chatid = str(body.get("chatid") or "")
    return f"g/{chatid}" if body.get("chattype") == "group" and chatid else f"u/{sender(body)}"


def address(place: str) -> Json:
    """The same as the service wants it."""
    kind, _, id = place.partition("/")
    return {"chatid": id, "chat_type": 2 if kind == "g" else 1}


def sender(body: Json) -> str:
    """Who said it."""
    return str(record(body, "from").get("userid") or "")


def message(channel: str, body: Json, groups: Groups, bot_name: str) -> Message | None:
    """What somebody said; None for what the bot said itself, or what is no message.

    In groups the service brings only what calls the bot.
    """
    id, user, place = str(body.get("msgid") or ""), sender(body), chat(body)
    if not id or not user or user == body.get("aibotid"):
        return None
    group = place.startswith("g/")
    parts = _parts(body)
    if group:
        parts = _uncalled(parts, bot_name)
    if quoted := _quoted(record(body, "quote")):
        parts = _quoting(parts, quoted)
    return Message(
        id=id,
        channel=channel,
        conversation=f"{channel}:{place}",
        sender=user,
        parts=tuple(parts),
        at=float(number(body.get("create_time")) or time.time()),
        group=group,
        addressed=not group or groups.answer != "never",
    )


def _parts(body: Json) -> list[Part]:
    if body.get("msgtype") == "mixed":
        items = record(body, "mixed").get("msg_item")
        return [_part(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [_part(body)]


def _part(item: Json) -> Part:
    kind = str(item.get("msgtype") or "unknown")
    fields = record(item, kind)
    if kind == "text":
        return Text(_content(fields))
    if kind == "voice":
        return Attachment("voice", transcript=_content(fields))
    if what := ATTACHED.get(kind):
        name = str(fields.get("filename") or fields.get("file_name") or "")
        return Attachment(what, media.ref(fields), name, number(fields.get("file_size")))
    return Attachment(kind[:40])


def _content(fields: Json) -> str:
    return str(fields.get("content") or "")


def _uncalled(parts: list[Part], bot_name: str) -> list[Part]:
    """Without the @ that calls her; a bare @ stays, it is all that was said."""
    call = re.compile(rf"\A\s*@(?:{re.escape(bot_name)}\s*|\S+\s+)" if bot_name else r"\A\s*<?@\S+\s+")
    for place, part in enumerate(parts):
        if isinstance(part, Text):
            return [*parts[:place], Text(call.sub("", part.text) or part.text), *parts[place + 1 :]]
    return parts


def _quoted(quote: Json) -> str:
    """A line for what the message answers to."""
    kind = str(quote.get("msgtype") or "")
    said = [part.text for part in _parts(quote) if isinstance(part, Text)] if kind in ("text", "mixed") else []
    words = " ".join((" ".join(said) or _content(record(quote, kind))).split()) or SHOWN.get(kind, "")
    return words if len(words) <= QUOTED else f"{words[:QUOTED]}…"


def _quoting(parts: list[Part], quoted: str) -> list[Part]:
    if parts and isinstance(first := parts[0], Text):
        return [Text(f"> {quoted}\n{first.text}"), *parts[1:]]
    return [Text(f"> {quoted}"), *parts]
