"""Documents for the tests, made by the libraries that make them everywhere, or by hand where none does."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from docx import Document
from docx.document import Document as Word
from openpyxl import Workbook
from pypdf import PdfReader, PdfWriter

from bot import reader as port
from bot.adapters import adapter
from bot.folder import Unreadable
from bot.reader import Notice, Section


def sections(name: str, data: bytes) -> list[Section]:
    """What an adapter reads, without its notices."""
    return [each for each in adapter(port, name).read(data) if isinstance(each, Section)]


def notices(name: str, data: bytes) -> list[str]:
    """What an adapter tells the operator."""
    return [each.zh for each in adapter(port, name).read(data) if isinstance(each, Notice)]


def reason(name: str, data: bytes) -> str:
    """Why an adapter does not read a file, in Chinese; empty: it does."""
    try:
        list(adapter(port, name).read(data))
    except Unreadable as error:
        zh, en = map(str, error.args)
        assert en.isascii()
        return zh
    return ""


def word() -> Word:
    """A new Word document."""
    return Document()


def saved(document: Word | Workbook) -> bytes:
    """A document's file."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def excel(**sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook of these sheets."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def archive(parts: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def pdf(*pages: str, encoding: str = "Identity-H", told: bool = True) -> bytes:
    """A PDF with text in a font that tells by its map what it spells, or does not tell it.

    ``encoding`` may also be one of PDF's own for Chinese: UniGB-UCS2-H or GBK-EUC-H.
    """
    streams = [_stream(page, {"GBK-EUC-H": "gbk"}.get(encoding, "utf-16-be")) for page in pages]
    return raw_pdf(streams, encoding, _map("".join(pages)) if told and encoding == "Identity-H" else b"")


def raw_pdf(streams: Sequence[bytes], encoding: str = "Identity-H", spelled: bytes = b"") -> bytes:
    """A PDF whose pages are these compressed content streams."""
    kids = " ".join(f"{7 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /{encoding} /DescendantFonts [4 0 R]{' /ToUnicode 5 0 R' if spelled else ''} >>".encode(),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(spelled), spelled),
    ]
    for number, stream in enumerate(streams):
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
    file, places = bytearray(b"%PDF-1.7\n"), list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(file))
    return bytes(file + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + trailer)


def _stream(page: str, codec: str) -> bytes:
    lines = "".join(f"<{line.encode(codec).hex()}> Tj T*\n" for line in page.split("\n"))
    return zlib.compress(f"BT /F1 12 Tf 14 TL 50 800 Td\n{lines}ET".encode())


def _map(text: str) -> bytes:
    codes = sorted(set(text) - {"\n"})
    rows = "\n".join(f"<{ord(each):04x}> <{ord(each):04x}>" for each in codes)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{rows}\nendbfchar\nendcmap end end"
    ).encode()


def scan(pages: int = 2) -> bytes:
    """A PDF without text."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def locked(data: bytes, password: str, owner: str = "owner") -> bytes:
    """The PDF with a password for its readers."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, owner, algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
