"""Parts of entries as JSON and back."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from bot.message import File, Part, Picture, Text, VoiceNote

KINDS: dict[str, type[Part]] = {"text": Text, "picture": Picture, "voice": VoiceNote, "file": File}
NAMES = {kind: name for name, kind in KINDS.items()}


def dumped(parts: Iterable[Part]) -> str:
    """Parts as JSON text."""
    return json.dumps([{"kind": NAMES[type(part)], **asdict(part)} for part in parts], ensure_ascii=False)


def loaded(text: str) -> tuple[Part, ...]:
    """The parts of a JSON text."""
    return tuple(KINDS[fields.pop("kind")](**fields) for fields in json.loads(text))


def media(parts: Iterable[Part]) -> list[str]:
    """Hashes of what the parts show or play."""
    return [part.media for part in parts if not isinstance(part, Text)]
