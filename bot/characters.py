"""Characters of documents that hide, mislead or break a line, and what is read in their place."""

import re
import unicodedata

RADICALS = dict(
    zip(
        "⼾⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳⼽⽀",
        "户母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟戈支",
        strict=True,
    )
)
"""Radicals that PDFs spell Hanzi with and Unicode does not fold, or folds into the traditional form."""
CHARACTERS: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xAD), None),  # control characters
    **dict.fromkeys((0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF), None),
    **dict.fromkeys(range(0xE0000, 0xE0080), None),  # invisible letters: a way to hide orders
    **dict.fromkeys((*range(0xD800, 0xF900), 0xFFFE, 0xFFFF), None),  # halves of characters, and private ones
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((0x09, 0xA0, *range(0x2000, 0x200B), 0x202F), " "),
    **dict.fromkeys((0xF06C, 0xF06E, 0xF0A7, 0xF0B7, 0xF0D8), "·"),  # bullets of Wingdings
    # Look-alikes of Hanzi, ligatures
    **{n: unicodedata.normalize("NFKC", chr(n)) for n in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB07))},
    **str.maketrans(RADICALS),
}

GAP = re.compile(" {9,}")
"""More spaces than any indent has: nothing but a trap for patterns."""


def cleaned(text: str) -> str:
    """The text in honest characters; lines end bare and do not begin with a paragraph's Chinese indent."""
    lines = GAP.sub(" " * 8, text.replace("\r\n", "\n").translate(CHARACTERS)).split("\n")
    return "\n".join(line.lstrip("\u3000").rstrip() for line in lines)
