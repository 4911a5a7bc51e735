"""What the law asks to be written on what she makes: words beside a text, a record within a file.

GB 45438-2025, as facts/compliance.md has it: a text says both AI and generated; a file carries one JSON record named AIGC
(MP3: an ID3v2 TXXX frame; WAV: a RIFF chunk; JPEG and PNG: XMP; Markdown: its front matter). AMR and SILK have no place
for it, so the text beside them speaks for them.
"""

import json
import struct
import uuid
import zlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bot.channel import Capabilities
from bot.settings import Label

KEYS = (
    "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2",
)  # fmt: skip
NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:TC260="{}">'
    "<TC260:AIGC>{}</TC260:AIGC></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
)
HEAD = 4096
"""Bytes of a picture within which its record stands, if it has one."""
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels what leaves the house."""

    settings: Label

    def words(self, capabilities: Capabilities, *, first: bool) -> str:
        """What is written beside a reply's texts at a channel; empty where the service writes it, or nothing is asked."""
        wanted = self.settings.text == "each" or (self.settings.text == "first" and first)
        return f"（{self.settings.words}）" if wanted and not capabilities.labels and not capabilities.live else ""

    def record(self) -> str:
        """A fresh AIGC record, ASCII."""
        values = "1", self.settings.producer, uuid.uuid4().hex, "", "", "", ""
        return json.dumps({"AIGC": dict(zip(KEYS, values, strict=True))}, separators=(",", ":"))

    def labelled(self, data: bytes, type: str) -> bytes:
        """The file with its record, where its format has a place for one; a picture that has one keeps it."""
        if not self.settings.metadata or NAMESPACE.encode() in data[:HEAD]:
            return data
        match type:
            case "audio/mpeg":
                return _id3(self.record()) + data
            case "audio/wav":
                return _riff(data, self.record().encode())
            case "image/jpeg" if data[:2] == b"\xff\xd8":
                packet = b"http://ns.adobe.com/xap/1.0/\0" + self._xmp()
                return data[:2] + b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + data[2:]
            case "image/png" if data[:8] == PNG:
                chunk = b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + self._xmp()
                size, check = struct.pack(">I", len(chunk) - 4), struct.pack(">I", zlib.crc32(chunk))
                return data[:33] + size + chunk + check + data[33:]  # after IHDR, which is 25 bytes long
            case "text/markdown":
                fields = json.loads(self.record())["AIGC"]
                lines = "\n".join(f'  {key}: "{value}"' for key, value in fields.items())
                return f"---\nAIGC:\n{lines}\n---\n\n".encode() + data
            case _:
                return data

    def _xmp(self) -> bytes:
        return XMP.format(NAMESPACE, escape(self.record())).encode()


def _id3(record: str) -> bytes:
    """An ID3v2.3 tag with one TXXX frame (id3.org, ID3v2.3.0 §4.2.2): Latin-1, description, value."""
    body = b"\0AIGC\0" + record.encode("ascii")
    frame = b"TXXX" + struct.pack(">I", len(body)) + b"\0\0" + body
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame


def _riff(data: bytes, record: bytes) -> bytes:
    """A WAV with one more chunk at its end."""
    if data[:4] != b"RIFF":
        return data
    data += b"\0" * (len(data) % 2) + b"AIGC" + struct.pack("<I", len(record)) + record + b"\0" * (len(record) % 2)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
