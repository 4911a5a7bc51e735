"""A binary glTF file: buffers, accessors, meshes with morph targets, and its two chunks."""

import io
import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .mesh import Mesh

_POINTS, _FACES = 34962, 34963
"""glTF's targets of a buffer view: vertices, indices."""
_KINDS = {"uint8": 5121, "uint16": 5123, "uint32": 5125, "float32": 5126}


class Glb:
    """Collects the file's parts; `written` gives it."""

    def __init__(self) -> None:
        """An empty file."""
        self._binary = bytearray()
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "bot.avatar"}, "bufferViews": [], "accessors": [],
            "images": [], "textures": [], "meshes": [],
        }  # fmt: skip

    def view(self, content: bytes, target: int = 0) -> int:
        """Stores bytes; the number of their buffer view."""
        self._binary += bytes(-len(self._binary) % 4)
        entry = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(content)}
        self._binary += content
        self.json["bufferViews"].append(entry | ({"target": target} if target else {}))
        return len(self.json["bufferViews"]) - 1

    def accessor(self, rows: NDArray[Any], kind: str, target: int = 0, bounds: bool = False) -> int:
        """Stores rows of numbers as glTF's `kind`; the number of their accessor."""
        entry = {
            "bufferView": self.view(np.ascontiguousarray(rows).tobytes(), target),
            "componentType": _KINDS[rows.dtype.name], "count": len(rows), "type": kind,
        }  # fmt: skip
        if bounds:
            entry |= {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
        self.json["accessors"].append(entry)
        return len(self.json["accessors"]) - 1

    def sparse(self, moves: NDArray[np.float32]) -> int:
        """Stores the rows that are not zero; the number of the accessor of all rows."""
        moved = np.flatnonzero(np.abs(moves).max(axis=1) > 0)
        entry: dict[str, Any] = {
            "componentType": 5126, "count": len(moves), "type": "VEC3",
            "min": moves.min(axis=0).tolist(), "max": moves.max(axis=0).tolist(),
        }  # fmt: skip
        if len(moved):
            entry["sparse"] = {
                "count": len(moved),
                "indices": {"bufferView": self.view(moved.astype("<u2").tobytes()), "componentType": 5123},
                "values": {"bufferView": self.view(np.ascontiguousarray(moves[moved]).tobytes())},
            }
        self.json["accessors"].append(entry)
        return len(self.json["accessors"]) - 1

    def texture(self, image: Image.Image, name: str) -> int:
        """Stores a picture as PNG; the number of its texture."""
        png = io.BytesIO()
        image.save(png, "PNG", optimize=True)
        self.json["images"].append({"bufferView": self.view(png.getvalue()), "mimeType": "image/png", "name": name})
        self.json["textures"].append({"source": len(self.json["images"]) - 1, "sampler": 0})
        return len(self.json["textures"]) - 1

    def mesh(self, mesh: Mesh, material: int, joints: Mapping[str, int]) -> tuple[int, list[str]]:
        """Stores a mesh; its number and the names of its morph targets in order."""
        bones, shares = mesh.joints(joints)
        primitive: dict[str, Any] = {
            "attributes": {
                "POSITION": self.accessor(_stepped(mesh.points(), 2**16), "VEC3", _POINTS, bounds=True),
                "NORMAL": self.accessor(_stepped(mesh.normals(), 2**11), "VEC3", _POINTS),
                "TEXCOORD_0": self.accessor(_stepped(mesh.uv(), 2**13), "VEC2", _POINTS),
                "JOINTS_0": self.accessor(bones.astype("u1"), "VEC4", _POINTS),
                "WEIGHTS_0": self.accessor(shares.astype("<f4"), "VEC4", _POINTS),
            },
            "indices": self.accessor(mesh.faces().astype("<u2").ravel(), "SCALAR", _FACES),
            "material": material,
        }
        entry: dict[str, Any] = {"name": mesh.name, "primitives": [primitive]}
        morphs = mesh.morphs()
        if morphs:
            primitive["targets"] = [{"POSITION": self.sparse(_stepped(moves, 2**16))} for moves in morphs.values()]
            entry |= {"extras": {"targetNames": list(morphs)}, "weights": [0] * len(morphs)}
        self.json["meshes"].append(entry)
        return len(self.json["meshes"]) - 1, list(morphs)

    def written(self) -> bytes:
        """The finished file."""
        binary = bytes(self._binary) + bytes(-len(self._binary) % 4)
        self.json["buffers"] = [{"byteLength": len(binary)}]
        text = json.dumps(self.json, separators=(",", ":"), ensure_ascii=True).encode()
        text += b" " * (-len(text) % 4)
        size = 12 + 8 + len(text) + 8 + len(binary)
        head = struct.pack("<4sIIII", b"glTF", 2, size, len(text), 0x4E4F534A)
        return head + text + struct.pack("<II", len(binary), 0x004E4942) + binary


def _stepped(rows: NDArray[np.float64], steps: int) -> NDArray[np.float32]:
    """Rows in steps of 1/`steps`: nobody sees the difference, and the file packs to little more than half."""
    return (np.round(rows * steps) / steps).astype("<f4")
