"""What the engine marked becomes phonemes with a beginning and a length, gathered by the piece of text they belong to."""

from bisect import bisect_right
from dataclasses import dataclass

from bot.phonetics_worker.engine import Mark
from bot.phonetics_worker.script import Run

CLOSURE_S = 0.040
"""How long the mouth is closed before a voiceless stop is heard, at 175 words a minute."""
BLANK_S = 0.090
"""A shorter blank between two phonemes belongs to the second: it is getting ready."""
STOPS = ("p", "t", "k")
# fmt: off
IPA = {
    "ts.h": "ʈʂʰ", "ts.": "ʈʂ", "s.": "ʂ", "tsh": "tsʰ", "tɕh": "tɕʰ", "ph": "pʰ", "th": "tʰ", "kh": "kʰ", "χ": "x",
    "o-": "ɤ", "i.": "ʅ", "i̪": "ɿ", "onɡ": "ʊŋ", "ər": "ɚ", "ŋ-": "ŋ",
}
# fmt: on
"""What espeak-ng writes in its own way for Mandarin."""

Sounded = list[tuple[str, float, float]]
"""IPA (empty: a pause), start and duration in seconds."""


@dataclass(slots=True)
class Unit:
    """A piece of text and how it sounded."""

    at: int
    """Its place in the clause, in characters."""
    length: int
    phonemes: Sounded

    @property
    def start(self) -> float:
        """When its first phoneme begins, in seconds."""
        return self.phonemes[0][1]

    @property
    def duration(self) -> float:
        """Seconds to the end of its last phoneme."""
        return self.phonemes[-1][1] + self.phonemes[-1][2] - self.start


def units(run: Run, marks: list[Mark], samples: int, rate: int, pace: float) -> list[Unit]:
    """The pieces of a run with their phonemes; ``pace`` is 1 at 175 words a minute, more when faster."""
    starts = run.starts()
    sounded = [mark for mark in marks if not mark.ipa.startswith("(")]  # (en): the language changes
    ends = [mark.sample for mark in sounded[1:]] + [samples]
    found: dict[int, Unit] = {}
    blank: float | None = None
    before: Unit | None = None
    for mark, end in zip(sounded, ends, strict=True):
        start, stop = mark.sample / rate, end / rate
        ipa = _ipa(mark.ipa)
        if not ipa:
            blank = start if blank is None else blank
            continue
        index = max(0, bisect_right(starts, mark.place) - 1)
        piece = run.pieces[index]
        start = _begin(ipa, start, blank, before, pace)
        unit = found.setdefault(index, Unit(piece.at, piece.length, []))
        unit.phonemes.append((ipa, start, max(0.0, stop - start)))
        blank, before = None, unit
    return [found[index] for index in sorted(found)]


def _begin(ipa: str, heard: float, blank: float | None, before: Unit | None, pace: float) -> float:
    """When the mouth begins a phoneme that is heard from a moment on; shortens the phoneme before it where it must."""
    start = heard
    if blank is not None and heard - blank < BLANK_S:
        start = blank
    if ipa.lstrip("ˈˌ").startswith(STOPS):
        start = min(start, max(0.0, heard - CLOSURE_S / pace))
    if before is not None:
        previous, began, length = before.phonemes[-1]
        start = max(start, began + length * 0.5)
        before.phonemes[-1] = (previous, began, min(length, start - began))
    return start


def _ipa(mark: str) -> str:
    """A phoneme's name in the International Phonetic Alphabet, tone numbers gone, stress kept."""
    bare = mark.rstrip("0123456789_ ").lstrip("_ ")
    stress = bare[:1] if bare[:1] in "ˈˌ" else ""
    return stress + IPA.get(bare[len(stress) :], bare[len(stress) :])
