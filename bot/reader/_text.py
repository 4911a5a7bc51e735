"""What readers of plain text share: bytes as text, and a clear word for what is none."""

from bot.folder import Unreadable, decoded

OTHERS = (
    (b"%PDF-", "PDF", "PDF", ".pdf"),
    (b"PK\x03\x04", "Word、Excel 或压缩文件", "Word, Excel or ZIP", ".docx / .xlsx"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件", "an old Office file", ".doc / .xls"),
    (b"{\\rtf", "RTF", "RTF", ".rtf"),
)
"""How files begin that only got a text file's name."""


def empty() -> Unreadable:
    """What to say of a file without content."""
    return Unreadable("文件是空的：写点内容，或者删掉它", "The file is empty: write something into it, or delete it")


def text(data: bytes) -> str:
    """The text, lines parted by newlines. Raises Unreadable."""
    for magic, kind, english, ending in OTHERS:
        if data.startswith(magic):
            raise Unreadable(
                f"里面其实是{kind}：请改回原来的后缀（{ending}），或者另存为文字",
                f"It really is {english}: give it its own ending ({ending}), or save it as text",
            )
    found = decoded(data).replace("\r", "\n")
    if not found.strip():
        raise empty()
    return found
