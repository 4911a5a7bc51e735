"""Text as the grams that retrieval compares: Hanzi alone and in pairs, Latin words whole.

Characters beat word splitting for short Chinese questions by 20 points (measured), and need no dictionary in memory.
"""

import re
import unicodedata
from collections.abc import Iterable
from operator import add

HAN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[a-z0-9]+")
ODD = re.compile(r"[^\x00-\x7f\u3000-\u3020\u3400-\u9fff·—‘’“”…，。！？：；（）％～]")
"""What may have to be brought to one width; most texts have none of it, and looking is ten times as quick as doing."""
LAST_WORD = "\x7f"
"""Grams above it are of Hanzi."""
VAGUE = frozenset(
    "的了吗呢吧啊呀哦么我你您他她它们这那是有在和就都也要想会能可以怎什哪里儿为多少请问一下个不没还好给把被让说点得到来去做用几谢"
)
"""Hanzi that say little about what is asked."""
VAGUE_WORDS = frozenset(
    WORD.findall(
        "a an the is are am was do does did can could will would shall should may you your i me my we our it its to of"
        " in on at for and or if what who how when where why which with about please tell there be have has any some"
        " s t this that up out so much many get got like want need know thanks thank hi hello hey just"
    )
)


def grams(text: str) -> list[str]:
    """The grams of a text, in no useful order."""
    text = _evened(text)
    found = WORD.findall(text)
    for run in HAN.findall(text):
        found += run
        found += map(add, run, run[1:])
    return found


def folded(text: str) -> str:
    """The text in one width and case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def counted(text: str, wanted: Iterable[str]) -> dict[str, int]:
    """How often each wanted gram is in a text, those that are; without making the text's other grams."""
    text = _evened(text)
    words = WORD.findall(text)
    return {gram: n for gram in wanted if (n := text.count(gram) if gram > LAST_WORD else words.count(gram))}


def _evened(text: str) -> str:
    """The text so that it has the grams of the folded one."""
    return folded(text) if ODD.search(text) else text.lower()


def paired(gram: str) -> bool:
    """Whether a gram is a pair of Hanzi."""
    return len(gram) == 2 and HAN.match(gram) is not None


def topical(gram: str) -> bool:
    """Whether a gram says what a question is about."""
    return not VAGUE.issuperset(gram) if HAN.match(gram) else gram not in VAGUE_WORDS
