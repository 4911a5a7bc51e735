"""Cards as other programs make them, built by hand: chunk by chunk, entry by entry."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping

from bot.jsonfile import Json

SIGNATURE = b"\x89PNG\r\n\x1a\n"
V1: dict[str, Json] = {
    "name": "米娅", "description": "{{char}}是画家。", "personality": "温柔", "scenario": "画室里",
    "first_mes": "你好，{{user}}！", "mes_example": "<START>\n{{user}}: 在吗\n{{char}}: 在呢",
}  # fmt: skip
BOOK: dict[str, Json] = {
    "name": "画室", "extensions": {"x": 1},
    "entries": [
        {"keys": ["颜料"], "content": "@@depth 2\n颜料是矿物做的。", "enabled": True, "insertion_order": 1,
         "extensions": {"odd": [1, None]}, "use_regex": False, "id": 7},
    ],
}  # fmt: skip


def v1(**more: Json) -> dict[str, Json]:
    return {**V1, **more}


def v2(**more: Json) -> dict[str, Json]:
    data: dict[str, Json] = {
        **V1, "creator_notes": "别给模型看", "system_prompt": "", "post_history_instructions": "",
        "alternate_greetings": [], "tags": ["画"], "creator": "某人", "character_version": "1.0", "extensions": {},
    }  # fmt: skip
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**data, **more}}


def v3(**more: Json) -> dict[str, Json]:
    return {**v2(group_only_greetings=[], **more), "spec": "chara_card_v3", "spec_version": "3.0"}


def sillytavern(card: dict[str, Json]) -> dict[str, bytes]:
    """The notes SillyTavern writes: version 2, and the same with the name of version 3."""
    as_v2 = {**card, "spec": "chara_card_v2", "spec_version": "2.0"}
    as_v3 = {**card, "spec": "chara_card_v3", "spec_version": "3.0"}
    return {"chara": encoded(as_v2), "ccv3": encoded(as_v3)}


def encoded(card: Json) -> bytes:
    return base64.b64encode(json.dumps(card, ensure_ascii=False).encode())


def dumped(card: Json) -> bytes:
    return json.dumps(card, ensure_ascii=False).encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text(keyword: str, value: bytes) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + value)


def png(notes: Mapping[str, bytes] | None = None, *more: bytes, width: int = 2, height: int = 2) -> bytes:
    """A red picture with notes; ``more`` are chunks that stand before its pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + b"\xff\0\0" * 2) * 2))
    said = b"".join(text(keyword, value) for keyword, value in (notes or {}).items())
    return SIGNATURE + header + b"".join(more) + pixels + said + chunk(b"IEND", b"")


def charx(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()
