"""Phonemes become mouth shapes: which ones, how long they typically last, how far they stretch, how strong they are."""

import re
from dataclasses import dataclass
from functools import cache

STRESSED, PLAIN, WEAK = 1.0, 0.85, 0.65
"""Weights of vowels: under stress, without, and of the colourless ones."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One mouth shape of a phoneme."""

    name: str
    ms: float
    """Typical length, in milliseconds."""
    stretch: float
    """How much of a change of pace it takes part in: 1 all, 0.5 its square root."""
    weight: float
    """0.5 to 1."""
    sound: str = ""
    """The piece of IPA it belongs to, such as tɕʰ."""


CONSONANTS = {
    "PP": (78, 1.0, "p b m pʰ"),
    "FF": (85, 0.9, "f v ɱ ʋ ɸ"),
    "TH": (65, 0.8, "θ ð"),
    "DD": (65, 0.7, "t d tʰ ɾ ʈ ɖ"),
    "kk": (68, 0.6, "k ɡ g kʰ x χ ɣ h ɦ ʔ ŋ ɴ"),
    "CH": (102, 0.85, "ʃ ʒ tʃ dʒ ʂ ʈʂ ʈʂʰ"),
    "SS": (98, 0.8, "s z ts tsʰ dz ɕ ʑ tɕ tɕʰ dʑ ç"),
    "nn": (65, 0.65, "n l ɲ ɫ ʎ ɳ"),
    "RR": (62, 0.8, "ɹ r ɻ ʐ ʁ"),
    "I": (60, 0.7, "j"),
    "U": (64, 0.9, "w ɥ"),
}
"""Shape: typical length in ms, weight, phonemes. Alveolo-palatals (x, j, q of pinyin) have spread lips, so SS, not CH."""
VOWELS = {
    "aa": "a ɑ ɐ æ ʌ ä ɒ",
    "E": "e ɛ ə ɘ ɤ",
    "I": "i ɪ ᵻ ɨ ɿ ʅ",
    "O": "o ɔ ɵ",
    "U": "u ʊ y ʏ ɯ ʉ",
    "RR": "ɚ ɝ ɜ",
}
"""Shape: vowels. ü (y) is as round as u; ɜ is the vowel of *nurse*, which espeak-ng writes without its r."""
WEAK_VOWELS = "əɐᵻɨɿʅɤ"
VOWEL_MS, WEAK_MS, GLIDE_MS, LONG_MS = 95, 58, 48, 28
RISING = ("i", "u", "y")
"""A diphthong that begins with these leans on its second half."""

LENGTHS = {
    "l": 1.35, "w": 1.3, "j": 1.6, "θ": 1.3, "f": 1.2, "s": 1.15, "ʃ": 1.15, "tʃ": 1.15, "dʒ": 1.1, "p": 1.15, "t": 1.1, "k": 1.15,
    "ɡ": 1.1, "ɹ": 1.1, "d": 0.8, "v": 0.7, "z": 0.85, "b": 0.95, "ɪ": 0.85, "ɛ": 0.8, "ʊ": 0.85, "ʌ": 0.85, "ɔ": 0.85, "ɜ": 0.85,
}  # fmt: skip
"""What a sound's length is of its shape's: voiceless and liquid ones last longer, lax vowels shorter (fitted on Flite's
voices rms and awb)."""

_SHAPE = {phoneme: name for name, (_, _, phonemes) in CONSONANTS.items() for phoneme in phonemes.split()}
_VOWEL = {vowel: name for name, vowels in VOWELS.items() for vowel in vowels.split()}
_PIECE = re.compile("|".join(sorted([*_SHAPE, *_VOWEL], key=len, reverse=True)))


@cache
def shapes(ipa: str) -> tuple[Shape, ...]:
    """The mouth shapes of a phoneme in order; none for what is no phoneme."""
    stress = STRESSED if "ˈ" in ipa else PLAIN
    pieces: list[str] = _PIECE.findall(ipa)
    vowels = [piece for piece in pieces if piece in _VOWEL]
    found: list[Shape] = []
    for piece in pieces:
        if piece in _SHAPE:
            name = _SHAPE[piece]
            length, weight, _ = CONSONANTS[name]
            length = length * LENGTHS.get(piece, 1.0) if len(pieces) == 1 else GLIDE_MS
            shape = Shape(name, length, 0.5, weight, piece)
        else:
            shape = _vowel(piece, vowels, ipa, stress)
        if found and found[-1].name == shape.name:
            last = found.pop()
            longer = last.ms + shape.ms / 2
            shape = Shape(last.name, longer, last.stretch, max(last.weight, shape.weight), last.sound)
        found.append(shape)
    return tuple(found)


def _vowel(vowel: str, vowels: list[str], ipa: str, stress: float) -> Shape:
    """A vowel's shape; in a diphthong the half it leans on is the longer one."""
    weight = WEAK if vowel in WEAK_VOWELS and stress < STRESSED else stress
    length = WEAK_MS if vowel in WEAK_VOWELS and len(vowels) == 1 and stress < STRESSED else VOWEL_MS
    if len(vowels) > 1:
        heart = 1 if vowels[0] in RISING else 0
        length = VOWEL_MS - 12 if vowel == vowels[heart] else GLIDE_MS
        weight = weight if vowel == vowels[heart] else weight * 0.9
    if "ː" in ipa:
        length += LONG_MS
    if stress == STRESSED:
        length *= 1.15
    if len(vowels) == 1:
        length *= LENGTHS.get(vowel, 1.0)
    return Shape(_VOWEL[vowel], length, 1.0, max(0.5, weight), vowel)
