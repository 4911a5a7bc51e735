"""PNG files as chunks: what is written in them is found and changed without decoding a pixel."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.card import LARGEST, BadCard
from bot.pictures import PIXELS

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS, INFLATED = 20_000, 8_000_000
"""Chunks of a file; bytes that its compressed notes may unpack to, all together."""
COMPRESSED = (b"zTXt", b"iTXt", b"iCCP")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a PNG."""

    kind: bytes
    data: bytes

    @property
    def packed(self) -> bytes:
        """As it stands in the file."""
        crc = zlib.crc32(self.data, zlib.crc32(self.kind))
        return struct.pack(">I", len(self.data)) + self.kind + self.data + struct.pack(">I", crc)

    @property
    def keyword(self) -> str:
        """What a note is about, in lower case."""
        return self.data[:80].partition(b"\0")[0].decode("latin-1").lower()


def chunks(data: bytes) -> list[Chunk]:
    """A PNG's chunks, up to its end. Raises BadCard for what is damaged, too large, or a bomb."""
    found = list(_chunks(data))
    header = found[0]
    if header.kind != b"IHDR" or len(header.data) != 13:
        raise _damaged("开头不是 IHDR", "it does not begin with IHDR")
    width, height = struct.unpack(">II", header.data[:8])
    if not 0 < width * height <= PIXELS:
        raise BadCard(
            f"图片太大：{width} × {height} 像素，最多 {PIXELS // 1_000_000} 百万像素。请先缩小。",
            f"The picture has {width} × {height} pixels, at most {PIXELS // 1_000_000} million are taken: make it smaller.",
        )
    _not_a_bomb(found)
    return found


def _chunks(data: bytes) -> Iterator[Chunk]:
    if len(data) > LARGEST:
        raise BadCard(f"文件太大：最多 {LARGEST // 1_000_000} MB。", f"Too large: at most {LARGEST // 1_000_000} MB.")
    if not data.startswith(SIGNATURE):
        raise BadCard("这不是 PNG 图片。", "This is no PNG picture.")
    at = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(data):
            raise _damaged("它没有完", "it is cut off")
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) != length or at + 12 + length > len(data):
            raise _damaged("它没有完", "it is cut off")
        chunk = Chunk(kind, body)
        if chunk.packed[-4:] != data[at + 8 + length : at + 12 + length]:
            raise _damaged("校验和不对", "a checksum is wrong")
        yield chunk
        if kind == b"IEND":
            return
        at += 12 + length
    raise _damaged("块太多", "it has too many chunks")


def _damaged(zh: str, en: str) -> BadCard:
    return BadCard(f"PNG 图片坏了：{zh}。请重新下载。", f"The PNG is damaged: {en}. Download it again.")


def _not_a_bomb(found: Sequence[Chunk]) -> None:
    """Whether compressed notes stay small: whoever opens the picture later would unpack them."""
    left = INFLATED
    for chunk in found:
        if chunk.kind not in COMPRESSED:
            continue
        try:
            left -= len(zlib.decompressobj().decompress(_compressed(chunk), left + 1))
        except zlib.error:
            continue  # it says nothing then
        if left < 0:
            raise BadCard(
                "图片里藏着一段解压后大得离谱的文字，不收。", "A note in the picture unpacks to far too much: refused."
            )


def _compressed(chunk: Chunk) -> bytes:
    _, _, rest = chunk.data.partition(b"\0")
    if chunk.kind != b"iTXt":
        return rest[1:]
    return rest[2:].split(b"\0", 2)[-1] if rest[:1] == b"\1" else b""


def notes(found: Sequence[Chunk]) -> dict[str, bytes]:
    """Keyword in lower case → what a tEXt chunk says; of two with the same keyword the first."""
    said: dict[str, bytes] = {}
    for chunk in found:
        if chunk.kind == b"tEXt":
            said.setdefault(chunk.keyword, chunk.data.partition(b"\0")[2])
    return said


def noted(found: Sequence[Chunk], said: Mapping[str, bytes]) -> bytes:
    """The file with other notes under these keywords: they stand before its end."""
    kept = [each for each in found if each.kind not in (b"tEXt", *COMPRESSED[:2]) or each.keyword not in said]
    new = [Chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text) for keyword, text in said.items()]
    return SIGNATURE + b"".join(each.packed for each in (*kept[:-1], *new, kept[-1]))
