"""CHARX files: a zip with card.json and the card's files, opened with care."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from bot.card import LARGEST, BadCard

CARD = "card.json"
MOST_FILES, MOST_BYTES, MOST_RATIO, SMALL = 1000, 200_000_000, 200, 1_000_000
"""Of a zip: files, bytes unpacked, times a file may grow; below SMALL bytes growth is no matter."""
LONGEST_NAME, DIRECTORY = 300, 1_000_000
"""Characters of a path; bytes of the zip's own list of files."""
END, END64 = b"PK\x05\x06", b"PK\x06\x07"
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""Names that are no files on Windows."""


def is_zip(data: bytes) -> bool:
    """Whether it is a zip, maybe one behind a JPEG."""
    return data.startswith(b"PK\x03\x04") or (data.startswith(b"\xff\xd8\xff") and _end(data) >= 0)


def member(data: bytes, path: str, largest: int) -> bytes | None:
    """A file of a CHARX; None where there is none. Raises BadCard."""
    return _member(_opened(data), path, largest)


def members(data: bytes) -> dict[str, bytes]:
    """All files of a CHARX but card.json, by path. Raises BadCard."""
    archive = _opened(data)
    names = [info.filename for info in archive.infolist() if not info.is_dir() and info.filename != CARD]
    return {name: _member(archive, name, MOST_BYTES) or b"" for name in names}


def packed(files: Mapping[str, bytes]) -> bytes:
    """A CHARX of these files; the same files make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _member(archive: zipfile.ZipFile, path: str, largest: int) -> bytes | None:
    try:
        info = archive.getinfo(path)
    except KeyError:
        return None
    if info.file_size > largest:
        zh, en = f"{path} 太大：最多 {largest // 1_000_000} MB。", f"{path} is too large."
        raise BadCard(zh, en)
    try:
        with archive.open(info) as file:
            return file.read(largest + 1)[:largest]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise _refused("里面的文件坏了", f"a file in it is damaged ({error})") from None


def _opened(data: bytes) -> zipfile.ZipFile:
    """The zip, every entry of it judged. Raises BadCard."""
    if len(data) > LARGEST:
        raise BadCard(f"文件太大：最多 {LARGEST // 1_000_000} MB。", f"Too large: at most {LARGEST // 1_000_000} MB.")
    end = _end(data)
    if end < 0 or end + 22 > len(data):
        raise _refused("不是完整的 zip", "it is no whole zip")
    count, size = struct.unpack_from("<HI", data, end + 10)
    if count > MOST_FILES or size > DIRECTORY or data[max(0, end - 20) : end].startswith(END64):
        raise _refused(f"文件太多：最多 {MOST_FILES} 个", f"too many files, at most {MOST_FILES}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise _refused("zip 坏了", f"the zip is damaged ({error})") from None
    _judge(archive.infolist())
    return archive


def _end(data: bytes) -> int:
    """Where the zip's last record stands, as zipfile finds it; below 0: nowhere."""
    if data[-22:-18] == END and data[-2:] == b"\0\0":
        return len(data) - 22
    return data.rfind(END, max(0, len(data) - 22 - 0xFFFF))


def _judge(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_FILES:
        raise _refused(f"文件太多：最多 {MOST_FILES} 个", f"too many files, at most {MOST_FILES}")
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise _refused("解压后太大", "it unpacks to too much")
    seen: set[str] = set()
    for info in infos:
        if info.file_size > max(SMALL, MOST_RATIO * info.compress_size):
            raise _refused("压缩得离谱，像炸弹", "a file in it grows far too much, like a bomb")
        if info.flag_bits & 1:
            raise _refused("加了密", "it is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused("用了少见的压缩方法", "it is compressed in an unusual way")
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused("里面有链接或设备", "there is a link or a device in it")
        if not _harmless(info.orig_filename) or info.filename.casefold() in seen:
            shown = ascii(info.orig_filename[:60])
            raise _refused(f"里面的文件名不能用：{shown}", f"a file's name cannot be: {shown}")
        seen.add(info.filename.casefold())


def _harmless(path: str) -> bool:
    """Whether a path stays below where it is put, on any computer."""
    parts = path.removesuffix("/").split("/")
    return len(path) <= LONGEST_NAME and all(
        part not in ("", ".", "..") and not DEVICES.fullmatch(part.strip()) and part == part.rstrip(". ") for part in parts
    ) and not re.search(r'[\x00-\x1f\\:<>"|?*]', path)  # fmt: skip


def _refused(zh: str, en: str) -> BadCard:
    return BadCard(f"这个 CHARX 不收：{zh}。", f"This CHARX is refused: {en}.")
