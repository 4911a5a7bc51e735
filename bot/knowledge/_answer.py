"""What a service of embeddings answers: vectors that hold together, or why there are none."""

import json
import math
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

DIMENSIONS = 16384
"""Most numbers of a vector."""
UNFIT = (400, 413, 422)
"""What services say where texts are too many or too long."""
BUSY = (408, 409, 425, 429, 503, 529)

Kind = Literal["unreachable", "timeout", "busy", "broken", "refused", "unfit"]
WORDS = {
    "unreachable": ("连不上", "cannot be reached"),
    "timeout": ("没有及时回答", "does not answer in time"),
    "busy": ("太忙", "is too busy"),
    "broken": ("答得不对", "answers wrongly"),
    "refused": ("拒绝了请求：请检查 knowledge.embeddings 的地址、密钥和模型", "refuses: see to address, key and model in knowledge.embeddings"),
    "unfit": ("不收这些文字：请检查 knowledge.embeddings 的模型和 batch", "does not take these texts: see to model and batch in knowledge.embeddings"),
}  # fmt: skip


class EmbeddingError(Exception):
    """Why there are no vectors; never with the key or what was sent."""

    def __init__(self, kind: Kind, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(kind, detail)
        self.kind: Kind = kind
        self.detail, self.retry_after = detail, retry_after

    def __str__(self) -> str:
        zh, en = WORDS[self.kind]
        return (
            f"{zh}{f'（{self.detail}）' if self.detail else ''}。 It {en}{f' ({self.detail})' if self.detail else ''}."
        )


def read(answer: bytes, count: int) -> list[bytes]:
    """The vectors of an answer in the order of the texts, of length 1, as 16-bit floats. Raises EmbeddingError."""
    try:
        data: Any = json.loads(answer)
    except (ValueError, RecursionError):
        raise EmbeddingError("broken", "no JSON") from None
    rows = data.get("data") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EmbeddingError("broken", "no vectors")
    if len(rows) != count:
        raise EmbeddingError("broken", f"{len(rows)} vectors for {count} texts")
    places = [str(row.get("index", place)) for place, row in enumerate(rows)]
    if count > 1 and set(places) != set(map(str, range(count))):
        raise EmbeddingError("broken", "vectors without a place")
    placed = dict(zip(places, rows, strict=True))
    ordered = [placed[str(place)] for place in range(count)] if count > 1 else rows
    vectors = [_unit(row.get("embedding")) for row in ordered]
    if len({len(vector) for vector in vectors}) != 1:
        raise EmbeddingError("broken", "vectors of several dimensions")
    return vectors


def _unit(values: object) -> bytes:
    """A vector of length 1, as 16-bit floats. Raises EmbeddingError."""
    if not isinstance(values, list) or not 0 < len(values) <= DIMENSIONS:
        raise EmbeddingError("broken", "a vector that is no list of numbers")
    if not all(type(value) in (int, float) for value in values):
        raise EmbeddingError("broken", "a vector with something else than numbers")
    try:
        length = math.sqrt(math.fsum(value * value for value in values))
        if not math.isfinite(length) or length == 0:
            raise EmbeddingError("broken", "a vector without a direction")
        return struct.pack(f"<{len(values)}e", *(value / length for value in values))
    except (OverflowError, ValueError):  # a sum of opposite infinities, a number no float can be
        raise EmbeddingError("broken", "a vector with numbers out of range") from None


def turned_down(status: int, body: bytes, headers: Mapping[str, str]) -> EmbeddingError:
    """A request that was turned down; the service's own words may repeat the key, its code does not."""
    detail = f"HTTP {status}"
    if status in BUSY:
        if b"insufficient_quota" in body:  # told as "too many requests", but no waiting helps
            return EmbeddingError("refused", f"{detail} insufficient_quota")
        return EmbeddingError("busy", detail, _retry_after(headers))
    if status in UNFIT:
        return EmbeddingError("unfit", detail)
    return EmbeddingError("broken" if status >= 500 else "refused", detail, _retry_after(headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a service asks to wait, told as seconds or as a date."""
    value = headers.get("Retry-After", "").strip()
    if value[:9].isdecimal():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
