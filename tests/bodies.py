"""VRM files as small as they can be."""

import json
import struct
from typing import Any

Json = dict[str, Any]


def glb(file: Json, binary: bytes = b"") -> bytes:
    """A GLB of some JSON."""
    text = json.dumps(file).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I", len(text)) + b"JSON" + text
    if binary:
        chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def nodes(eyes: float) -> list[Json]:
    """Hips, head and an eye; the eye hangs at a height in metres."""
    return [
        {"children": [1], "translation": [0, 0.9, 0]},
        {"children": [2], "translation": [0, eyes - 1.0, 0]},
        {"translation": [0, 0.1, 0]},
    ]


def vrm1(expressions: Json | None = None, eyes: float = 1.45) -> Json:
    """A VRM 1.0 whose eyes are at a height in metres."""
    bones = {"hips": {"node": 0}, "head": {"node": 1}, "leftEye": {"node": 2}}
    vrm = {
        "specVersion": "1.0",
        "humanoid": {"humanBones": bones},
        "meta": {
            "name": "小竹", "authors": ["somebody"], "licenseUrl": "https://vrm.dev/licenses/1.0/",
            "avatarPermission": "everyone", "commercialUsage": "corporation",
        },
        "expressions": expressions or {},
    }  # fmt: skip
    return {"asset": {"version": "2.0"}, "nodes": nodes(eyes), "extensions": {"VRMC_vrm": vrm}}
