"""What WeChat pushes to an Official Account becomes ours (facts/official-account.md, §3)."""

from collections.abc import Mapping

from bot.channel._api import ref
from bot.message import Attachment, Message, Part, Text

EVENT = "event"


def message(name: str, fields: Mapping[str, str]) -> Message:
    """A push as a message; an event's id is made of what is told of it."""
    sender, kind = fields.get("FromUserName", ""), fields.get("MsgType", "")
    at = fields.get("CreateTime", "0")
    id = fields.get("MsgId") or f"{sender}-{at}-{fields.get('Event', '')}-{fields.get('EventKey', '')}"
    words = (Text(event_words(fields)),)
    parts = words if kind == EVENT else _parts(kind, fields)
    return Message(id, name, f"{name}:{sender}", sender, parts, float(at) if at.isdecimal() else 0.0)


def event_words(fields: Mapping[str, str]) -> str:
    """What a user says by an event: the key of a menu's button; empty where they only did something."""
    return fields.get("EventKey", "") if fields.get("Event") == "CLICK" else ""


def _parts(kind: str, fields: Mapping[str, str]) -> tuple[Part, ...]:
    place = ref(fields, "MediaId")
    match kind:
        case "text":
            return (Text(fields.get("Content", "")),)
        case "voice":
            return (Attachment("voice", place, transcript=fields.get("Recognition", "").strip()),)
        case "image":
            return (Attachment("picture", place),)
        case "video" | "shortvideo":
            return (Attachment("video", place, "video.mp4"),)
        case "location":
            where = f"{fields.get('Location_X', '')}, {fields.get('Location_Y', '')}"
            return (Text(f"[位置 location] {fields.get('Label', '')} ({where})"),)
        case "link":
            told = (fields.get(name, "") for name in ("Title", "Description", "Url"))
            return (Text(f"[链接 link] {' '.join(filter(None, told))}"),)
        case _:
            return (Attachment(kind or "?"),)
