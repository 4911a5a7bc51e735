"""The stage protocol's frames (PROTOCOL.md): pieces and entries as JSON and binary."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from bot.message import (
    Attachment,
    Author,
    Begin,
    Cite,
    Cue,
    Doing,
    End,
    Entry,
    File,
    Held,
    Line,
    Part,
    Picture,
    Piece,
    Recital,
    Sound,
    Source,
    Spoken,
    Text,
    Viseme,
    Visemes,
    VoiceNote,
    Words,
    WordTime,
)

PROTOCOL = "zhiyin.1"
LABEL = "内容由AI生成"
"""What the law asks beside every generated text (GB 45438-2025: an AI word and a generation word)."""

WORDS = {"voice": "语音 voice note", "picture": "图片 picture", "file": "文件 file", "video": "视频 video"}
"""What stands for an attachment that was not fetched."""

Json = dict[str, Any]
Frame = str | bytes


def number(frame: Json, name: str, default: int) -> int:
    """An integer field, or the default for anything else."""
    value = frame.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else default


def text(frame: Json) -> str:
    """A text frame."""
    told = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    try:
        told.encode()
    except UnicodeEncodeError:  # half a character: escaped, it harms nobody
        return json.dumps(frame, separators=(",", ":"))
    return told


def binary(header: Json, payload: bytes) -> bytes:
    """A binary frame: 4-byte big-endian header length, header, payload."""
    head = text(header).encode()
    return struct.pack(">I", len(head)) + head + payload


def parsed(frame: bytes) -> tuple[Json, bytes]:
    """Header and payload of a binary frame. Raises ValueError."""
    if len(frame) < 4:
        raise ValueError("a binary frame has a 4-byte header length")
    size = int.from_bytes(frame[:4], "big")
    if size > len(frame) - 4:
        raise ValueError("the header is longer than the frame")
    return parsed_text(frame[4 : 4 + size]), frame[4 + size :]


def parsed_text(frame: str | bytes) -> Json:
    """A text frame as an object. Raises ValueError."""
    value = json.loads(frame)
    if isinstance(value, dict):
        return value
    raise ValueError("a frame is an object")


def part(part: Part) -> Json:
    """A part of an entry."""
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Picture():
            return {
                "type": "picture",
                "media": part.media,
                "mime": part.type,
                "width": part.width,
                "height": part.height,
            }
        case VoiceNote():
            return {
                "type": "voice",
                "media": part.media,
                "mime": part.type,
                "seconds": part.seconds,
                "transcript": part.transcript,
            }
        case File():
            return {"type": "file", "media": part.media, "mime": part.type, "name": part.name, "size": part.size}
        case Attachment():
            return {"type": "text", "text": part.transcript or f"[{WORDS.get(part.what, part.what)}]"}
        case Recital():
            return {"type": "text", "text": ""}


def entry(entry: Entry) -> Json:
    """An entry frame."""
    detail: Mapping[str, Any] = entry.detail
    hers = entry.author in (Author.PERSONA, Author.SYSTEM)
    return {
        "type": "entry",
        "entry": entry.number,
        "author": entry.author.value,
        "state": entry.state.value,
        "at": entry.at,
        "id": entry.id.partition("/")[2] if entry.author is Author.USER else "",
        "turn": entry.turn,
        "parts": [part(each) for each in entry.parts],
        "rating": entry.rating,
        "heard": entry.heard,
        "utterances": detail.get("utterances", []),
        "cues": [dict(zip(("name", "intensity", "at"), cue, strict=True)) for cue in detail.get("cues", [])],
        "cites": [dict(zip(("id", "at"), cite, strict=True)) for cite in detail.get("cites", [])],
        "sources": detail.get("sources", []),
        "label": LABEL if hers else "",
    }


def piece(piece: Piece) -> Frame | None:
    """The frame of a piece; None where the page has no use for it."""
    base = {"turn": piece.turn, "attempt": piece.attempt, "piece": piece.number}
    shown = piece.shown
    match shown:
        case Sound():
            return sound(base, shown.line, "pcm", shown.rate, shown.pcm, start=shown.start)
        case Begin():
            return text({"type": "begin", **base, "answers": list(shown.answers), "voiced": shown.voiced})
        case Words():
            return text({"type": "words", **base, "text": shown.text})
        case Line():
            return text({"type": "line", **base, "line": shown.number, "text": shown.text, "start": shown.start})
        case Cue():
            return text({"type": "cue", **base, "name": shown.name, "intensity": shown.intensity, "at": shown.at})
        case Cite():
            source = shown.source or Source(shown.id, "")
            told = {"number": shown.number, "file": source.file, "heading": source.heading, "text": source.text}
            return text({"type": "cite", **base, "id": shown.id, "at": shown.at, **told})
        case Doing():
            told = {"name": shown.name, "state": shown.state, "zh": shown.zh, "en": shown.en}
            return text({"type": "tool", **base, **told})
        case Picture():
            return text({**part(shown), **base})
        case WordTime():
            times = {"start": _ms(shown.start), "duration": _ms(shown.duration)}
            return text({"type": "word", **base, "line": shown.line, "text": shown.text, **times, "at": shown.at})
        case Visemes():
            track = visemes(shown.visemes)
            head = {"type": "visemes", **base, "line": shown.line, "start": _ms(shown.start)}
            return text({**head, "visemes": track, "final": shown.final})
        case Spoken():
            seconds = round(shown.seconds, 4)
            return text({"type": "spoken", **base, "line": shown.line, "seconds": seconds, "failed": shown.failed})
        case End():
            last = entry(shown.entry) if shown.entry else None
            return text({"type": "end", **base, "state": shown.state.value, "entry": last})
        case Held():
            return None if shown.on else text({"type": "held", "turn": piece.turn, "on": False})


def sound(
    base: Json, line: int, codec: str, rate: int, data: bytes, *, start: float = 0.0, skip: int = 0, samples: int = 0
) -> bytes:
    """A chunk of sound, playable alone."""
    count = len(data) // 2 if codec == "pcm" else samples
    times = {"rate": rate, "start": _ms(start), "skip": skip, "samples": count}
    return binary({"type": "sound", **base, "line": line, "codec": codec, **times}, data)


def visemes(track: Sequence[Viseme]) -> list[tuple[str, int, int, float]]:
    """A mouth track as the page reads it: name, start ms, duration ms, weight."""
    return [(each.name, _ms(each.start), _ms(each.duration), round(each.weight, 3)) for each in track]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
