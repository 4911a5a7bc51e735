"""What a service's sound comes wrapped in, told by its first bytes: not every service answers in the format it was asked for."""

import struct
from dataclasses import dataclass

from bot.voice import VoiceError

RATE = 24000
"""Samples a second of bare samples, by the interface's definition."""
TELLING = 16
"""Bytes that must be there before they are taken for samples."""
LONGEST = 65536
"""Bytes of a head that is believed."""
UNTOLD = 0x7F000000
"""A length that a WAV header gives when it was written before the sound."""
OTHERS = {b"OggS": "Ogg", b"fLaC": "FLAC", b"\x1aE\xdf\xa3": "WebM"}
PLAIN, EXTENSIBLE = 1, 0xFFFE
"""Kinds of WAV that may hold whole numbers."""
SLOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
FAST = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""Kilobits a second of an MP3 frame by their number in its header, below 32 kHz and from there on."""
HALVINGS = {3: 0, 2: 1, 0: 2}
"""How often the rate is halved in each version of MP3."""


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Where the sound begins, and what it is."""

    codec: str
    """``pcm`` or ``mp3``."""
    rate: int = RATE
    channels: int = 1
    at: int = 0
    """Bytes before the sound."""
    size: int | None = None
    """Bytes of the sound, where that is told."""


def wrapping(head: bytes, *, ended: bool = False) -> Wrapping | None:
    """What sound that begins so is; None: more of it must be seen. Raises VoiceError when it cannot be played."""
    if len(head) < TELLING and not ended:
        return None
    if _prose(head):
        raise VoiceError("openai: the service sent text instead of sound")
    if other := OTHERS.get(head[:4]):
        raise VoiceError(f"openai: the service sent {other} although samples were asked for")
    if not head:
        raise VoiceError("openai: the service sent no sound")
    found = _wav(head) if head.startswith(b"RIFF") else _mp3(head)
    if not found and (ended or len(head) > LONGEST):
        raise VoiceError("openai: the service sent a head without sound")
    return found


def _prose(head: bytes) -> bool:
    """Whether it reads as a page or as JSON."""
    shown = head[:64].lstrip()
    told = shown.decode("utf-8", "replace")[:-1]  # the last letter may be cut
    return shown[:1] in (b"<", b"{") and all(c != "\ufffd" and (c.isprintable() or c.isspace()) for c in told)


def _wav(head: bytes) -> Wrapping | None:
    at, rate, channels = 12, 0, 0
    while len(head) >= at + 8:
        name, size = struct.unpack_from("<4sI", head, at)
        at += 8
        if name == b"data":
            if not rate:
                raise VoiceError("openai: the service sent a broken WAV")
            return Wrapping("pcm", rate, channels, at, size if 0 < size < UNTOLD else None)
        if name == b"fmt ":
            if len(head) < at + 16:
                return None
            kind, channels, rate, bits = struct.unpack_from("<HHI6xH", head, at)
            if kind not in (PLAIN, EXTENSIBLE) or bits != 16 or not 0 < channels <= 8 or not 8000 <= rate <= 96000:
                raise VoiceError(f"openai: the service sent a WAV of {bits} bits, kind {kind}, {channels} × {rate} Hz")
        at += size + size % 2
    return None


def _mp3(head: bytes) -> Wrapping | None:
    """MP3 when it has a tag or two frames follow each other, else bare samples."""
    if head.startswith(b"ID3"):
        size = sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        return Wrapping("mp3", at=10 + size) if len(head) > 10 + size else None
    frame = _frame(head)
    if frame and len(head) < frame[1] + 4:
        return None
    again = frame and _frame(head[frame[1] :])
    return Wrapping("mp3", frame[0]) if frame and again and again[0] == frame[0] else Wrapping("pcm")


def _frame(head: bytes) -> tuple[int, int] | None:
    """(Samples a second, bytes) of the MP3 frame that begins here; None: none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer = HALVINGS.get(head[1] >> 3 & 3), head[1] >> 1 & 3
    bits, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version is None or layer != 1 or bits in (0, 15) or rate == 3:
        return None
    a_second = (44100, 48000, 32000)[rate] >> version
    kilobits, share = (SLOW[bits], 72000) if version else (FAST[bits], 144000)
    return a_second, share * kilobits // a_second + padding
