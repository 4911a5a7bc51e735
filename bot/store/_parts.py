"""What stores keep as JSON: parts of entries, details, and back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from bot.message import Attachment, File, Part, Picture, Recital, Text, VoiceNote

KINDS: dict[str, type[Part]] = {
    "text": Text, "picture": Picture, "voice": VoiceNote, "file": File, "attachment": Attachment, "recital": Recital,
}  # fmt: skip
NAMES = {kind: name for name, kind in KINDS.items()}


def as_json(value: object) -> str:
    """JSON text that a database can hold. Raises TypeError for what JSON cannot say."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half an emoji, as a model may send it: escaped, it comes back as it was
        return json.dumps(value)
    return text


def plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The detail as it comes back from JSON: tuples are lists, keys are strings."""
    return json.loads(as_json(detail))


def writable(text: str) -> str:
    """The text without the half characters that no file can hold."""
    return text.encode(errors="replace").decode()


def dumped(parts: Iterable[Part]) -> str:
    """Parts as JSON text."""
    return as_json([{"kind": NAMES[type(part)], **asdict(part)} for part in parts])


def loaded(text: str) -> tuple[Part, ...]:
    """The parts of a JSON text."""
    return tuple(KINDS[fields.pop("kind")](**fields) for fields in json.loads(text))


def media(parts: Iterable[Part]) -> list[str]:
    """Hashes of what the parts show or play."""
    return [part.media for part in parts if isinstance(part, Picture | VoiceNote | File)]
