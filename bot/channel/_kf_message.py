"""What 微信客服 lists becomes ours (facts/wecom.md, §B)."""

from bot.channel._api import Json, ref
from bot.message import Attachment, Message, Part, Text

CUSTOMER = 3
"""Origin of what a customer sent; 4 is the system, 5 a human agent."""


def message(name: str, item: Json) -> Message | None:
    """A customer's message; None for everything else."""
    sender, id, kf = (str(item.get(key) or "") for key in ("external_userid", "msgid", "open_kfid"))
    if item.get("origin") != CUSTOMER or not (sender and id and kf) or item.get("msgtype") == "event":
        return None
    return Message(id, name, f"{name}:{kf}/{sender}", sender, _parts(item), float(item.get("send_time") or 0))


def _parts(item: Json) -> tuple[Part, ...]:
    kind = str(item.get("msgtype") or "?")
    found = item.get(kind)
    content: Json = found if isinstance(found, dict) else {}
    place = ref(content, "media_id")
    match kind:
        case "text":
            return (Text(str(content.get("content") or "")),)
        case "voice":
            return (Attachment("voice", place),)
        case "image":
            return (Attachment("picture", place),)
        case "video":
            return (Attachment("video", place, "video.mp4"),)
        case "file":
            return (Attachment("file", place, str(content.get("filename") or "")),)
        case "location":
            where = f"{content.get('latitude', '')}, {content.get('longitude', '')}"
            return (Text(f"[位置 location] {content.get('name', '')} {content.get('address', '')} ({where})"),)
        case "link":
            told = (str(content.get(key) or "") for key in ("title", "desc", "url"))
            return (Text(f"[链接 link] {' '.join(filter(None, told))}"),)
        case _:
            return (Attachment(kind),)
