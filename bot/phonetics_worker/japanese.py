"""Japanese becomes phonemes: words and their kana by MeCab with UniDic, from the optional part ``ja``."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from bot.phonetics_worker.sounds import Sounded

LATIN = re.compile(r"[A-Za-z]")
ONLY_KANA = re.compile(r"[ァ-ヴー]+")
UNREAD = re.compile(r"[\x00-\x1f\ud800-\udfff]")
"""What MeCab stops at."""
KATAKANA = {hiragana: hiragana + 0x60 for hiragana in range(ord("ぁ"), ord("ゖ") + 1)}
ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "ɡ": "ガギグゲゴ", "s": "サ スセソ", "z": "ザ ズゼゾ", "t": "タ  テト", "d": "ダ  デド",
    "n": "ナニヌネノ", "h": "ハヒ ヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ", "j": "ヤ ユ ヨ", "ɾ": "ラリルレロ",
    "w": "ワ    ", "ɕ": " シ   ", "dʑ": " ジ   ", "tɕ": " チ   ", "ts": "  ツ  ", "ɸ": "  フ  ", "v": "  ヴ  ",
}  # fmt: skip
"""Consonant → its kana before a, i, u, e and o."""
VOWELS = "aiɯeo"
MORAE = {
    **{kana: (consonant, VOWELS[n]) for consonant, row in ROWS.items() for n, kana in enumerate(row) if kana != " "},
    "ヂ": ("dʑ", "i"),
    "ヅ": ("z", "ɯ"),
    "ヲ": ("", "o"),
}
"""Kana → its consonant and its vowel."""
SMALL = {"ャ": ("j", "a"), "ュ": ("j", "ɯ"), "ョ": ("j", "o"), "ァ": ("", "a"), "ィ": ("", "i"), "ゥ": ("", "ɯ"),
         "ェ": ("", "e"), "ォ": ("", "o")}  # fmt: skip
"""Small kana: the glide they bring, and the vowel that takes the place of the one before."""
HUSHING = ("ɕ", "dʑ", "tɕ", "j")
"""Consonants that have the glide in themselves."""
DIGITS = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
PLACES = ("", "ジュー", "ヒャク", "セン")
ALTERED = {"私": "ワタシ"}
"""Words said in another way than UniDic's first one."""
VOWEL_S, CONSONANT_S, HELD_S = 0.085, 0.060, 0.100
"""Typical lengths at a calm pace; a held consonant (ッ) is closed as long as a mora."""


def words(clause: str) -> Iterator[tuple[int, int, Sounded | None]]:
    """Each word's place and length in the clause, in characters, and its phonemes from 0 on; None: kana don't tell."""
    at = 0
    clause = UNREAD.sub(" ", clause)
    for surface, known in _tagger()(clause):
        at = clause.index(surface, at)
        if kana := ALTERED.get(surface) or known or _spelt(surface):
            yield at, len(surface), phonemes(kana)
        elif LATIN.search(surface):
            yield at, len(surface), None
        at += len(surface)


def phonemes(kana: str) -> Sounded:
    """Katakana, as they are said, as IPA with typical times in seconds."""
    said: list[tuple[str, float]] = []
    held = False
    for each in kana:
        if each == "ー" and said:
            said[-1] = (said[-1][0], said[-1][1] + VOWEL_S)
        elif each == "ッ":
            held = True
        elif each == "ン":
            said.append(("ɴ", VOWEL_S))
        elif each in SMALL and said:
            glide, vowel = SMALL[each]
            said.pop()
            if glide and said and said[-1][0] not in HUSHING:
                said.append((glide, CONSONANT_S / 2))
            said.append((vowel, VOWEL_S))
        elif each in MORAE:
            consonant, vowel = MORAE[each]
            if consonant:
                said.append((consonant, CONSONANT_S + held * HELD_S))
            said.append((vowel, VOWEL_S))
            held = False
    found: Sounded = []
    at = 0.0
    for ipa, seconds in said:
        found.append((ipa, at, seconds))
        at += seconds
    return found


def number(digits: str) -> str:
    """A whole number below ten thousand as katakana; longer ones digit by digit."""
    if len(digits) > len(PLACES) or (len(digits) > 1 and digits[0] == "0"):
        return "".join(DIGITS[int(each)] for each in digits)
    if int(digits) == 0:
        return DIGITS[0]
    places = zip(digits, reversed(range(len(digits))), strict=True)
    return "".join(
        ("" if digit == "1" and place else DIGITS[int(digit)]) + PLACES[place]
        for digit, place in places
        if digit != "0"
    )


def _spelt(surface: str) -> str:
    """A word that no dictionary has, as katakana where its characters say how it is read; else empty."""
    plain = unicodedata.normalize("NFKC", surface).translate(KATAKANA)
    if plain.isdecimal():
        return number(plain)
    return plain if ONLY_KANA.fullmatch(plain) else ""


@cache
def _tagger() -> Callable[[str], list[tuple[str, str]]]:
    """What cuts a text into words with their kana; loaded when Japanese is first read."""
    from fugashi.fugashi import Tagger  # the package's own stub does not name it

    tagger = Tagger()

    def cut(text: str) -> list[tuple[str, str]]:
        return [(node.surface, _kana(node)) for node in tagger(text)]

    return cut


def _kana(node: object) -> str:
    """A word's kana as they are said; empty where the dictionary has none."""
    said = getattr(getattr(node, "feature", None), "pron", None)
    return said if isinstance(said, str) and said != "*" else ""
