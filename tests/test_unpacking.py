"""Attachments: what they become, and what she says about those that are of no use."""

import io
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PIL import Image

from bot import phrases, voicenote
from bot.ear import EarError, Transcript
from bot.message import Attachment, Entry, File, Part, Picture, VoiceNote
from bot.pcm import RATE, Samples
from bot.persona import Bilingual
from bot.settings import Data, EarSettings
from bot.store import memory
from bot.unpacking import Unpacker, readable
from tests.fakes import message

TONE = (8000 * np.sin(np.arange(2 * RATE) / 20)).astype(np.int16)


@dataclass
class ScriptEar:
    """Hears the same in everything."""

    text: str = "喂，在吗"
    name: str = "script"
    heard: list[int] = field(default_factory=list[int])

    async def hear(self, samples: Samples) -> Transcript:
        self.heard.append(len(samples))
        if self.text == "deaf":
            raise EarError("deaf")
        return Transcript(self.text)

    async def close(self) -> None:
        """Nothing to let go of."""


async def unpacked(data: bytes, attachment: Attachment, ear: ScriptEar | None = None, **more: float) -> tuple[Part, list[Bilingual], memory.MemoryStore]:  # fmt: skip
    """What one attachment becomes."""
    store = await memory.open(Data())
    entry: Entry = (await store.accept(replace(message(""), parts=(attachment,)))).entry

    async def fetch(ref: str) -> bytes:
        assert ref == attachment.ref
        return data

    unpacker = Unpacker(store, ear, EarSettings.model_validate({"longest_s": 60, **more}))
    entry, notices = await unpacker.unpacked(entry, fetch)
    assert await store.entry(entry.conversation, entry.number) == entry
    assert (await unpacker.unpacked(entry, None))[0].parts == entry.parts  # once
    return entry.parts[0], notices, store


VOICE = Attachment("voice", "ref", seconds=2.0)


@pytest.mark.parametrize("format", ["silk", "amr", "mp3"])
async def test_a_voice_note_is_heard_and_kept(format: str) -> None:
    ear = ScriptEar()
    part, notices, store = await unpacked(await voicenote.encoded(TONE, format), VOICE, ear)
    assert isinstance(part, VoiceNote)
    assert (part.transcript, part.type, notices) == ("喂，在吗", "audio/mpeg", [])
    assert part.seconds == pytest.approx(2.0, abs=0.05)
    assert ear.heard == [pytest.approx(len(TONE), abs=1200)]
    assert await store.media("page:room", part.media)


async def test_a_transcript_of_the_service_needs_no_ear() -> None:
    part, notices, _ = await unpacked(b"", Attachment("voice", "ref", seconds=1.5, transcript="你好"))
    assert (part, notices) == (VoiceNote("", "", 1.5, "你好"), [])


@pytest.mark.parametrize(
    ("data", "attachment", "ear", "notice"),
    [
        (b"", VOICE, None, phrases.NO_EAR),
        (b"GIF89a", VOICE, ScriptEar(), phrases.UNREADABLE),
        (b"\x02#!SILK_V3\x30\x00abc", VOICE, ScriptEar(), phrases.UNREADABLE),
        (b"\x02#!SILK_V3" + b"\x02\x00ab" * 30_000, VOICE, ScriptEar(), phrases.TOO_LONG_NOTE),
        (b"#!AMR\nxx", Attachment("picture", "ref"), None, phrases.UNREADABLE),
        (b"", Attachment("picture"), None, phrases.LOST),
        (b"", Attachment("file", "ref", "big.iso", 2**30), None, phrases.TOO_BIG),
        (b"", Attachment("red-envelope", "ref"), None, phrases.UNKNOWN_KIND),
    ],
)
async def test_what_is_of_no_use_gets_a_polite_line(
    data: bytes, attachment: Attachment, ear: ScriptEar | None, notice: Bilingual
) -> None:
    part, notices, _ = await unpacked(data, attachment, ear)
    assert notices == [notice]
    assert part == replace(attachment, ref="")


@pytest.mark.parametrize("text", ["", "deaf"])
async def test_a_recording_without_words(text: str) -> None:
    _, notices, _ = await unpacked(await voicenote.encoded(TONE, "silk"), VOICE, ScriptEar(text))
    assert notices == [phrases.UNHEARD]


async def test_a_picture_is_judged_by_its_bytes_made_small_and_freed_of_its_secrets() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "at home"
    Image.new("RGB", (3000, 1500)).save(out, "JPEG", exif=exif)
    part, notices, store = await unpacked(out.getvalue(), Attachment("picture", "ref", "x.exe"))
    assert isinstance(part, Picture)
    assert (part.width, part.height, notices) == (1536, 768, [])
    kept = await store.media("page:room", part.media)
    assert kept
    assert b"at home" not in kept[1]


async def test_a_file_is_kept_with_its_name() -> None:
    part, notices, _ = await unpacked("你好".encode(), Attachment("file", "ref", "信.txt"))
    assert isinstance(part, File)
    assert (part.name, part.size, notices) == ("信.txt", 6, [])


@pytest.mark.parametrize(
    ("data", "text"),
    [("你好\n".encode(), "你好\n"), ("你好".encode("gb18030"), "你好"), (b"\xef\xbb\xbfhi", "hi"), (b"\x89PNG\r\n\x1a\n\0\0", ""), (b"a\0b", ""), (bytes(range(256)), "")],
)  # fmt: skip
def test_only_plain_text_is_read(data: bytes, text: str) -> None:
    assert readable(data) == text
