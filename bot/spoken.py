"""What the voice says of a line: no markup, no pictures, figures and symbols as words."""

import re
import unicodedata

from bot import chinese, english
from bot.markup import plain
from bot.traced import Traced

LONGEST = 4096
"""Nobody says more than so many characters in one line."""
LETTERS = r"\u4e00-\u9fff\u3041-\u3096\u30a1-\u30faA-Za-z"
EASY = re.compile(rf"[{LETTERS}]+(?:[，。！？：；、“”,!?' ’]{{1,2}}[{LETTERS}]+)*[，。！？…,.!?]{{0,2}}")
"""Letters and marks only: said as they stand."""
FOLDED = re.compile(
    r"[^\x00-\x7f，。！？：；、（）“”‘’「」『』…～—·\u3000-\u303f\u4e00-\u9fff][\u0300-\u036f]*|[A-Za-z][\u0300-\u036f]+"
)
"""What compatibility forms are folded in; Chinese marks are no full-width ones."""
KEPT = {"²": "²", "³": "³", "№": "№", "℃": "°C", "℉": "°F", "㎡": "m²", "㎥": "m³"}
"""What folding would make unreadable: m² is not m2."""
MIXED = re.compile(r"(\d)([¼-¾⅐-⅞])")
LEFT = re.compile(r"[\\^_{}<>|#*`~\[\]]+")
"""Marks that were no markup, and are not said."""
BREAK = re.compile(r"[^\S\n]*\n\s*")
BLANKS = re.compile(r"[^\S\n]{2,}|[\u00a0\u2000-\u200a\u3000\t\r\v\f]")
LONELY = re.compile(r" (?=[，。！？：；、,.!?;:）)”」』】](?:\s|$|[^\w]))")
HEAD = re.compile(
    r"[\s，。！？：；、,.!?;:…)\]）】”」』·—~～/=+*-]*(?=[^\s，。！？：；、,.!?;:…)\]）】”」』·—~～/=+*-])"
)
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)*")
HAN = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
WIDE = re.compile("[，。！？：；、]")
UNSAID = re.compile(r"```[^`]*(?:```|\Z)|`[^`\n]*`|(?:https?://|www\.)[!-~]+|[\w.+-]{1,64}@[\w.-]+")


def language(text: str, before: str) -> str:
    """``zh`` or ``en``: what most of a line is in, a Hanzi weighing as much as a word; ``before`` without letters."""
    text = UNSAID.sub(" ", text)
    latin, han = len(LATIN.findall(text)), len(HAN.findall(text))
    if not latin and not han:
        return before
    return "zh" if han + len(WIDE.findall(text)) >= latin else "en"


def spoken(text: str, language: str) -> tuple[str, tuple[int, ...]]:
    """What the voice says of a text in ``zh`` or ``en``, and each character's place in the text, which never falls.

    Empty where there is nothing to pronounce. Never raises, whatever the text.
    """
    if not any(character.isalnum() for character in text):
        return "", ()
    bare = text.strip()
    if EASY.fullmatch(bare):
        start = text.index(bare)
        return bare, tuple(range(start, start + len(bare)))
    said = plain(Traced.of(text), language).sliced(0, LONGEST)
    said = said.put(MIXED, r"\1 \2").put(FOLDED, _folded)
    said = (chinese if language == "zh" else english).words(said)
    said = said.put(LEFT, " ").put(BREAK, _pause).put(BLANKS, " ").put(BLANKS, " ").put(LONELY, "")
    start = HEAD.match(said.text)
    said = said.sliced(start.end() if start else 0, len(said.text.rstrip()))
    if not any(character.isalnum() for character in said.text):
        return "", ()
    return said.text, said.places


def _folded(match: re.Match[str]) -> str:
    """Full width becomes half, a letter and its accents become one."""
    if "Ⅰ" <= match[0] <= "Ⅻ":
        return str(int(unicodedata.numeric(match[0])))
    return KEPT.get(match[0]) or unicodedata.normalize("NFKC", match[0])


def _pause(match: re.Match[str]) -> str:
    """A new line is a pause, where no mark makes one."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if not before or not after or before in "，。！？：；、…":
        return ""
    wide = before > "\u2e80" or after > "\u2e80"
    return " " if not before.isalnum() else "，" if wide else ", "
