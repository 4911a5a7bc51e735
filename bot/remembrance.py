"""What people ask of her memory in set words: to show it, to forget, to stop, to know them elsewhere too. Pure.

“你记得我吗” is no wish: it is talk, and she answers it herself.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.english_numbers import COUNTS, ORDINALS
from bot.facts import Fact

LONGEST = 80
"""Characters; set words are short."""
MOST = 20
"""Numbers in one wish."""


class Asked(StrEnum):
    """What may be asked of her memory."""

    LIST = "list"
    FORGET = "forget"
    """The facts of the numbers, as they were listed."""
    FORGET_ALL = "forget_all"
    STOP = "stop"
    """Nothing more is noted."""
    RESUME = "resume"
    LINK = "link"
    """A code, to be brought where somebody is known by another name."""
    REDEEM = "redeem"
    """Such a code was brought."""
    UNLINK = "unlink"


@dataclass(frozen=True, slots=True)
class MemoryWish:
    """Something asked of her memory."""

    asked: Asked
    numbers: tuple[int, ...] = ()
    """Of FORGET: from 1, rising, each once; 0 is what somebody may say and nothing has."""
    code: str = ""
    """Of REDEEM: capital letters and digits."""


_ONES = {han: value for value, han in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WORDS = {word: value for words in (COUNTS, ORDINALS) for value, word in enumerate(words)}
_HAN = "[零〇一二两三四五六七八九十百]{1,7}"
_DIGITS = r"\d{1,3}(?:st|nd|rd|th)?"


def _any(words: Sequence[str]) -> str:
    """One of the words; the longer ones first, as seventeen begins with seven."""
    return "|".join(sorted(words, key=len, reverse=True))


NUMBER = re.compile(rf"{_DIGITS}|{_HAN}|{_any([*_WORDS])}")
_ZH_ITEM = rf"(?:第\s*(?:{_DIGITS}|{_HAN})\s*[条个项点件]?|\d{{1,3}}\s*[条项]?)"
_EN_ITEM = (
    rf"(?:(?:the )?(?:numbers?|nos?\.?|facts?|items?|lines?)\s*#?(?:{_DIGITS}|{_any([*_WORDS])})"
    rf"|(?:the )?(?:{_any(ORDINALS)}|{_DIGITS})(?: one| fact| item)?|#?\d{{1,3}})"
)
_ITEMS = rf"{_ZH_ITEM}(?:\s*[和跟与、,及]\s*{_ZH_ITEM}){{0,19}}"
_EN_ITEMS = rf"{_EN_ITEM}(?:(?:,? and |, ?){_EN_ITEM}){{0,19}}"
_PLEASE = "(?:请|麻烦|帮我|你|那|好|please |can you |could you ){0,4}"
_AFTER = "(?:吧|啊|呀|哦|了|一下|行吗|好吗| please| now){0,4}"
_ALL = "(?:全部|全都|所有的?(?:事情?|内容|记忆)?|一切|全)"
_ABOUT = "(?:关于|有关)我的?"
_FORGET = "(?:忘掉|忘记|忘了|删掉|删除|删了|清除|清空|抹掉)"
_WHAT = "(?:些什么|哪些事?|什么事?|些|多少事?)(?:了|事情?)?"
_KNOW = "(?:还|都){0,2}(?:记得|记住了?|记下了?|记了|知道)"
_ACCOUNT = "(?:账号|帐号|账户)"

WORDS: tuple[tuple[Asked, tuple[str, ...]], ...] = (
    (
        Asked.LIST,
        (
            rf"{_KNOW}(?:关于)?我的?{_WHAT}",
            rf"(?:关于|对于)我,?你?{_KNOW}{_WHAT}",
            r"(?:看看|列出|告诉我|查看)你?的?(?:关于我的|有关我的)?(?:记忆|记得的事|记住的事)|我的记忆",
            r"what do you (?:remember|know|have noted|have) (?:about|of) me|what have you (?:noted|remembered|saved) about me",
            r"(?:show|list)(?: me)? (?:your |my |the )?(?:memory|memories|notes)(?: (?:about|of) me)?",
        ),
    ),
    (
        Asked.FORGET_ALL,
        (
            rf"(?:把{_ABOUT}(?:事情?|记忆)?|把我的记忆)?{_ALL}都?{_FORGET}|把我的记忆都?{_FORGET}",
            rf"{_FORGET}(?:{_ABOUT})?{_ALL}|{_FORGET}{_ABOUT}(?:事情?|记忆)|{_FORGET}我的记忆",
            r"(?:forget|delete|erase|clear) (?:everything|all(?: of it)?|all you know)(?: you (?:know|remember))?(?: (?:about|of) me)?",
            r"(?:delete|erase|clear) (?:all )?(?:my|your) (?:memory|memories|notes)(?: (?:about|of) me)?",
        ),
    ),
    (
        Asked.FORGET,
        (
            rf"{_FORGET}\s*{_ITEMS}\s*(?:记忆)?|把\s*{_ITEMS}\s*(?:记忆)?都?{_FORGET}",
            rf"(?:forget|delete|erase|remove) (?:about )?{_EN_ITEMS}",
        ),
    ),
    (
        Asked.STOP,
        (
            r"(?:别|不要|不许|不准|停止|不用)再?(?:记录|记住|记得|记忆|记)(?:关于)?我(?:的事情?|说的话|的任何事)?|停止记忆",
            r"(?:stop|quit) (?:remembering|memori[sz]ing|noting)(?: (?:things|anything|facts))?(?: about)? me|stop remembering",
            r"(?:don't|do not) (?:remember|memori[sz]e|note)(?: (?:things|anything))?(?: about)? me(?: any ?more)?",
        ),
    ),
    (
        Asked.RESUME,
        (
            r"(?:又?可以|重新|继续|恢复)再?(?:记录|记住|记得|记)(?:关于)?我(?:的事情?)?|再?记住我|恢复记忆|继续记忆",
            r"(?:you (?:can|may) )?(?:start )?remember(?:ing)? (?:things about )?me(?: again)?",
        ),
    ),
    (Asked.UNLINK, (rf"(?:解除|取消)(?:{_ACCOUNT})?(?:绑定|关联)|解绑(?:{_ACCOUNT})?|unlink(?: (?:my |the )?accounts?| me)?",)),
    (Asked.LINK, (rf"(?:绑定|关联)(?:我的?)?(?:{_ACCOUNT})?|link (?:my |the )?accounts?|link me",)),
)  # fmt: skip
"""The first that fits the whole message is meant."""
_WORDS_OF = tuple((asked, re.compile(rf"{_PLEASE}(?:{'|'.join(words)}){_AFTER}")) for asked, words in WORDS)
CODE = re.compile(
    r"(?:绑定|关联|link)(?:账号|帐号| my accounts?)?(?:码|code)?\s*:?\s*([A-Za-z0-9](?:[ -]?[A-Za-z0-9]){3,11})"
)
EDGES = " \t\n。.!！~～,，、;；“”\"'"


def wish(text: str) -> MemoryWish | None:
    """What a message asks of her memory in set words; None: nothing, or not for certain."""
    if len(text) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").strip(EDGES)
    if found := CODE.fullmatch(plain):
        code = re.sub("[ -]", "", found[1])
        if code.isupper() or any(map(str.isdigit, code)):  # “link please” brings no code
            return MemoryWish(Asked.REDEEM, code=code.upper())
    bare = plain.rstrip("? ").casefold()
    asks = plain.endswith("?")
    for asked, words in _WORDS_OF:
        if words.fullmatch(bare):
            return _wish(asked, bare, asks)
    return None


def hushes(text: str) -> bool:
    """Whether a message asks that something be forgotten, or nothing more noted."""
    found = wish(text)
    return found is not None and found.asked in (Asked.FORGET, Asked.FORGET_ALL, Asked.STOP)


def _wish(asked: Asked, said: str, asks: bool) -> MemoryWish | None:
    if asks and asked is not Asked.LIST:
        return None  # “全部忘掉？” asks what would happen
    if asked is not Asked.FORGET:
        return MemoryWish(asked)
    said = re.sub("(?<=st|nd|rd|th) one", "", said)  # “the second one” is no one
    numbers = sorted({number(each) for each in NUMBER.findall(said)})
    return MemoryWish(asked, tuple(numbers[:MOST]))


def number(text: str) -> int:
    """A number as people write it: 2, 2nd, 二, 十二, 两, two, second. Raises ValueError for what is none."""
    text = text.casefold()
    if digits := re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", text):
        return int(digits[1])
    if text in _WORDS:
        return _WORDS[text]
    if not re.fullmatch(_HAN, text):
        raise ValueError(f"{text!r} is no number")
    total = 0
    for unit, worth in (("百", 100), ("十", 10)):
        front, found, rest = text.rpartition(unit)
        if found:
            total += _ONES.get(front[-1:], 1) * worth
            text = rest
    return total + int("".join(str(_ONES[han]) for han in text if han in _ONES) or 0)


def listed(facts: Sequence[Fact]) -> str:
    """Facts as a numbered list, one a line; the numbers are those of FORGET."""
    return "\n".join(f"{number}. {fact.text}" for number, fact in enumerate(facts, 1))
