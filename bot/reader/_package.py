"""Office files are ZIP archives of XML: what must hold before a library opens one."""

import io
import zipfile

from bot.folder import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old Office files begin, and those with a password."""
LARGEST = 256_000_000
"""Bytes of all parts when unpacked."""
SMALL, RATIO = 20_000_000, 150
"""Above these bytes, nothing honest is packed this many times smaller."""
MOST_PARTS = 5_000
PROLOG = 4096
"""Bytes of an XML part in which a DOCTYPE would stand."""


def checked(data: bytes, part: str, ending: str) -> io.BytesIO:
    """The file for a library to open; ``part`` is what a file with this ending has. Raises Unreadable."""
    if data.startswith(OLE):
        raise Unreadable(
            f"文件有密码，或者是旧格式：请去掉密码，另存为 {ending}",
            f"It has a password, or is of the old format: remove the password and save it as {ending}",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _limited(archive, len(data))
            if part not in archive.namelist():
                raise broken(ending)
            _plain(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, EOFError, OSError, *_packing()):
        raise broken(ending) from None
    return io.BytesIO(data)


def broken(ending: str) -> Unreadable:
    """What to say of a file that is not what its ending says."""
    return Unreadable(
        f"打不开：文件坏了，或者不是真正的 {ending}，请重新导出或另存一份",
        f"It cannot be opened: it is broken or no real {ending}; export or save it anew",
    )


def _packing() -> tuple[type[Exception], ...]:
    import lzma
    import zlib

    return zlib.error, lzma.LZMAError


def _limited(archive: zipfile.ZipFile, packed: int) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("文件有密码：请去掉密码再放进来", "It has a password: remove it first")
    whole = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or whole > LARGEST or (whole > SMALL and whole > RATIO * packed):
        raise Unreadable(
            "解开以后太大了：请拆成几个文件，或者去掉图片", "Too large when unpacked: split it, or take out pictures"
        )


def _plain(archive: zipfile.ZipFile) -> None:
    """Office writes no DOCTYPE: only attacks do."""
    for part in archive.infolist():
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as opened:
                head = opened.read(PROLOG).replace(b"\0", b"")  # as UTF-16 too
            if b"<!DOCTYPE" in head:
                raise Unreadable(
                    "里面有不安全的 XML（DOCTYPE）：请另存一份", "It has unsafe XML (DOCTYPE): save it anew"
                )
