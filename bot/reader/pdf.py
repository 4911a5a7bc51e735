"""PDF (.pdf): the text of every page with its number; scans and locked files are told as such."""

import io
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.folder import Unreadable
from bot.reader import Notice, Section
from bot.reader._text import empty

if TYPE_CHECKING:
    from pypdf import PdfReader

SPARSE = 20
"""Characters a page, on average, below which it is no text."""
GARBLED = 0.3
"""Share of characters that are none, from which the text is not worth having."""
FULL = 0.8
"""Share of the widest line from which a line may run on into the next."""
RUNNING = 3
"""Pages from which lines that come back on most of them are heads and feet."""
ENDS = "。！？!?；;：:….”"
ITEM = re.compile(
    r"[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]|\d{1,2}\.\d|第\S{1,5}[编章节条]|[•·●○■◆▪\-–—*]|(?:问|答|Q|A)\d*[:：]"
)
"""How a line begins that is never the rest of the one above."""
WEST = re.compile(r"[!-~À-ɏ]")
BROKEN = (
    KeyError, ValueError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError, NotImplementedError,
    AssertionError, EOFError, OSError, zlib.error,
)  # fmt: skip
"""What pypdf raises besides its own errors, on files that are broken."""


def read(data: bytes) -> Iterator[Section | Notice]:
    """The pages' text. Raises Unreadable."""
    pages = _pages(data)
    sizes = [sum(map(len, page.split())) for page in pages]
    if sum(sizes) < SPARSE * len(pages):
        raise Unreadable(
            "没有文字，可能是扫描件：请用文字识别（OCR）处理，或者换成有文字的版本",
            "It has no text and may be a scan: run OCR on it, or take a version with text",
        )
    if _garbled("".join(pages)):
        raise Unreadable(
            "取出来的文字是乱码，字体没有带编码：请从原文件重新导出 PDF，或者换成 Word",
            "Its fonts do not tell what they spell: export the PDF anew, or take the Word file",
        )
    for number, lines in enumerate(_bodies(pages), 1):
        if text := "\n".join(_paragraphs(lines)).strip():
            yield Section((), text, number)
    if bare := [number for number, size in enumerate(sizes, 1) if not size]:
        named = ranges(bare)
        yield Notice(f"第 {named} 页没有文字，可能是图片", f"No text on page {named}; perhaps pictures")


def _pages(data: bytes) -> list[str]:
    """The text of every page."""
    if not data.strip():
        raise empty()
    from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

    try:
        return [page.extract_text() for page in _opened(data).pages]
    except LimitReachedError:
        raise Unreadable("解开以后太大了：请拆成几个文件", "Too large when unpacked: split it") from None
    except DependencyError:
        raise Unreadable(
            "这种加密方式读不了：请去掉密码再放进来", "This encryption cannot be read: remove the password"
        ) from None
    except (PyPdfError, *BROKEN):
        raise Unreadable(
            "打不开：文件坏了，或者不是真正的 PDF，请重新导出", "It is broken or no real PDF: export it anew"
        ) from None


def _opened(data: bytes) -> "PdfReader":
    from pypdf import PasswordType, PdfReader

    reader = PdfReader(io.BytesIO(data))
    # An empty password opens what is only protected against printing or changes
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise Unreadable("文件有密码：请去掉密码再放进来", "It has a password: remove it first")
    return reader


def _garbled(text: str) -> bool:
    text = "".join(text.split())
    none = sum(
        1 for character in text if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn")
    )
    return none > GARBLED * len(text)


def _bodies(pages: Sequence[str]) -> Iterator[list[str]]:
    """The lines of every page without running heads and feet."""
    bodies = [[line.rstrip() for line in page.split("\n") if line.strip()] for page in pages]
    ends = Counter(key for lines in bodies for key in {_key(line) for line in (*lines[:1], *lines[-1:])})
    running = {key for key, times in ends.items() if times >= RUNNING and times > len(pages) / 2}
    for lines in bodies:
        if lines and _key(lines[0]) in running:
            lines = lines[1:]
        if lines and _key(lines[-1]) in running:
            lines = lines[:-1]
        yield lines


def _key(line: str) -> str:
    """A line whatever number it has in it: a page's own."""
    return re.sub(r"\d+", "#", "".join(line.split()))


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """A page's lines with those joined that were only parted by its width."""
    widest = max(map(_width, lines), default=0)
    joined = [line.strip() for line in lines[:1]]
    for above, line in pairwise(lines):
        bare = line.strip()
        full = _width(above) >= FULL * widest
        if full and above[-1] not in ENDS and not ITEM.match(bare) and not line.startswith(("  ", "\u3000")):
            joined[-1] = _together(joined[-1], bare)
        else:
            joined.append(bare)
    return joined


def _together(above: str, line: str) -> str:
    if above.endswith("-") and above[-2:-1].isalpha() and line[0].islower():
        return above[:-1] + line
    return f"{above} {line}" if WEST.match(above[-1]) and WEST.match(line) else above + line


def _width(line: str) -> int:
    """Columns: a Hanzi takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as people write them: 1、3–5."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return "、".join("–".join(map(str, part)) for part in parts)
