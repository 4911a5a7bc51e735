"""espeak-ng through ctypes: a clause becomes samples and exact phoneme times."""

import ctypes
from dataclasses import dataclass
from typing import Any

import espeakng_loader

SYNCHRONOUS, BUFFER_MS = 2, 200
PHONEME_EVENTS, PHONEME_IPA, DO_NOT_EXIT = 0x0001, 0x0002, 0x8000
PHONEME, LIST_END = 7, 0
RATE, PITCH, RANGE = 1, 3, 4
UTF8, CHARACTER = 1, 1


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("place", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _Id),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Tone:
    """How a clause is spoken, in espeak's own terms."""

    voice: str
    """Language and variant, such as ``en-us+f3``."""
    rate: int = 175
    """Nominal words a minute."""
    pitch: int = 50
    """0 to 99."""
    range: int = 50
    """0 to 99."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a phoneme begins."""

    ipa: str
    """Empty: a pause."""
    place: int
    """Of its word in the text, in characters."""
    sample: int


class Espeak:
    """The one engine of this process."""

    def __init__(self) -> None:
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        options = PHONEME_EVENTS | PHONEME_IPA | DO_NOT_EXIT
        self.rate: int = self._library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, data, options)
        if self.rate <= 0:
            raise OSError("espeak-ng does not start")
        self._callback = _Callback(self._hear)  # the library keeps only the address
        self._library.espeak_SetSynthCallback(self._callback)
        self._tone: Tone | None = None
        self._pcm = bytearray()
        self._marks: list[Mark] = []
        self._samples = 0

    def speak(self, clause: str, tone: Tone) -> tuple[bytes, list[Mark], int]:
        """The clause's 16-bit samples, its marks in order, and how many samples. Raises ValueError for an unknown voice."""
        self._set(tone)
        self._pcm, self._marks, self._samples = bytearray(), [], 0
        text = clause.encode() + b"\0"
        failed = self._library.espeak_Synth(text, len(text), 0, CHARACTER, 0, UTF8, None, None)
        if failed:
            raise OSError(f"espeak-ng says {failed}")
        return bytes(self._pcm), self._marks, self._samples

    def _set(self, tone: Tone) -> None:
        if tone == self._tone:
            return
        if self._library.espeak_SetVoiceByName(tone.voice.encode()):
            self._tone = None
            raise ValueError(f"espeak-ng has no voice {tone.voice!r}")
        for parameter, value in ((RATE, tone.rate), (PITCH, tone.pitch), (RANGE, tone.range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._tone = tone

    def _hear(self, samples: int | None, count: int, events: "ctypes.Array[_Event]") -> int:
        """What the library calls with every stretch of sound."""
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, count * 2)
            self._samples += count
        index = 0
        while (event := events[index]).type != LIST_END:
            if event.type == PHONEME:
                self._marks.append(Mark(event.id.string.decode(errors="ignore"), event.place - 1, event.sample))
            index += 1
        return 0
