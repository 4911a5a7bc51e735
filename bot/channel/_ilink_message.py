"""iLink messages become ours (facts/ilink.md, §5)."""

from bot.channel import _ilink_media as media
from bot.channel._ilink_wire import Json
from bot.message import Attachment, Message, Part, Text

TEXT, IMAGE, VOICE, FILE, VIDEO = 1, 2, 3, 4, 5
USER = 1


def message(name: str, raw: Json) -> Message | None:
    """What a user sent; None for what the bot sent itself, or what is no message."""
    sender, id = str(raw.get("from_user_id") or ""), str(raw.get("message_id") or "")
    if raw.get("message_type") != USER or not sender or not id:
        return None
    parts = tuple(part for item in raw.get("item_list") or [] if isinstance(item, dict) for part in _parts(item))
    at = float(raw.get("create_time_ms") or 0) / 1000
    return Message(id, name, f"{name}:{sender}", sender, parts, at)


def _parts(item: Json) -> list[Part]:
    quoted = _quoted(item.get("ref_msg"))
    match item.get("type"):
        case 1:
            text = str(_dict(item, "text_item").get("text") or "")
            return [Text(f"{quoted}{text}")] if text or quoted else []
        case 2:
            image = _dict(item, "image_item")
            return [Attachment("picture", media.ref(image), size=_number(image.get("mid_size")))]
        case 3:
            voice = _dict(item, "voice_item")
            seconds = _number(voice.get("playtime")) / 1000
            return [Attachment("voice", media.ref(voice), seconds=seconds, transcript=str(voice.get("text") or ""))]
        case 4:
            file = _dict(item, "file_item")
            return [Attachment("file", media.ref(file), str(file.get("file_name") or ""), _number(file.get("len")))]
        case 5:
            video = _dict(item, "video_item")
            return [Attachment("video", media.ref(video), "video.mp4", _number(video.get("video_size")))]
        case kind:
            return [Attachment(f"item {kind}")]


def _quoted(ref: object) -> str:
    """A first line for what the message answers to; newer clients name it only, and then there is nothing to quote."""
    if not isinstance(ref, dict):
        return ""
    fields: Json = ref
    text = str(_dict(_dict(fields, "message_item"), "text_item").get("text") or fields.get("title") or "")
    return f"> {' '.join(text.split())}\n" if text else ""


def _dict(fields: Json, name: str) -> Json:
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int:
    try:
        return int(str(value or 0))
    except (TypeError, ValueError):
        return 0
