"""What a delivery becomes in WeCom: Markdown, or media that are uploaded first (facts/wecom.md, section A)."""

from bot.channel import _wecom_media as media
from bot.channel._wecom_wire import Json, Link
from bot.message import Delivery, File, Picture, Text, VoiceNote

PICTURES = {"image/jpeg": "jpg", "image/png": "png"}
"""What shows as a picture; others go as files."""
VOICE_S = 60.0


def unfit(delivery: Delivery) -> str:
    """Why WeCom cannot carry it; empty: it can."""
    part, size = delivery.part, len(delivery.data)
    if isinstance(part, Text):
        return "" if part.text.strip() else "an empty text"
    if not isinstance(part, VoiceNote | Picture | File):
        return "WeCom carries no such thing"
    if isinstance(part, VoiceNote) and part.seconds > VOICE_S:
        return "a voice note of more than 60 s"
    if not media.SMALLEST <= size <= media.MOST[_carrier(delivery)[0]]:
        return f"{size} bytes: too large, or next to nothing"
    return ""


async def body(link: Link, delivery: Delivery) -> Json:
    """A message's own fields. Raises Refused and ChannelError."""
    if isinstance(delivery.part, Text):
        return {"msgtype": "markdown", "markdown": {"content": delivery.part.text}}
    kind, name = _carrier(delivery)
    return {"msgtype": kind, kind: {"media_id": await media.uploaded(link, kind, name, delivery.data)}}


def _carrier(delivery: Delivery) -> tuple[str, str]:
    """As what it is uploaded, and under which name."""
    match delivery.part:
        case VoiceNote():
            return "voice", "voice.amr"
        case Picture(type=type):
            small = type in PICTURES and len(delivery.data) <= media.MOST["image"]
            return "image" if small else "file", f"picture.{PICTURES.get(type) or type.rpartition('/')[2]}"
        case File(name=name):
            return "file", name or "file"
        case _:
            return "file", "file"
