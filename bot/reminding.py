"""What is wanted of reminders, in a user's words: to be reminded, to see them, to cancel one. Pure."""

import re
from typing import Literal

from bot.dates import Clue, Nonsense
from bot.moments_zh import numeral

LONGEST = 8000
"""Characters looked at."""
ASKS = re.compile(
    r"(?<!谢谢)(?<!多谢)(?<!的)(?<!温馨)提醒(?!(?:的|得)(?:对|是|好|真))|[叫喊](?:我|醒|一下我)|闹[钟鐘铃鈴]|倒[计計][时時]|定[时時](?!炸)|通知我|别让我忘|[设設]个?提醒"
    r"|\b(?:remind(?:er)?|wake me|alarm|timer|(?:ping|alert|notify) me|don['’]t let me forget)\b",
    re.IGNORECASE,
)
NEVER = re.compile(
    r"(?:不要|不用|不必|不需要|[别別甭])(?:再|来)?(?:提醒|[叫喊](?:我|醒)|通知我)"
    r"|\b(?:(?:don['’]t|do not|stop|never) (?:remind|wak)|no need to (?:remind|wake)|no (?:more )?reminders)",
    re.IGNORECASE,
)
ERRAND = re.compile(r"提醒我(?!的)|\bremind me\b", re.IGNORECASE)
"""What follows is to be done later, not now."""
LISTS = re.compile(
    r"(?:有|设了?|定了?|建了?)(?:哪些|哪几个|什么|几个|多少个?)(?:闹钟|提醒)(?!我)|(?:提醒|闹钟)(?:列表|清单|有哪些|有什么|有几个)"
    r"|(?:查看?|看看?|列出|显示|列一下|看一下|查一下|翻一下)(?:一下)?(?:我的?|所有的?|全部的?|现在的?){0,2}(?:闹钟|提醒)(?!我)|^我的(?:闹钟|提醒)[?？呢]*$"
    r"|\b(?:list|show|see|view|check)(?: me)?(?: all)?(?: of)?(?: my| the)?(?: current| pending)? (?:reminders|alarms)\b|^(?:my )?reminders\??$"
    r"|\b(?:what|which|any|how many)(?: are)?(?: my| the)?(?: \w{1,10})? (?:reminders|alarms)\b",
    re.IGNORECASE,
)
_N = r"(?P<n>[0-9]{1,4}|[一二两三四五六七八九十]{1,3})"
_OFF = r"(?:取消|删掉|删除|删了|撤销|关掉|去掉|清空|清除)"
_IT = r"(?:闹钟|提醒)(?!我)"
ALL = re.compile(
    rf"{_OFF}掉?了?(?:我的?)?(?:所有|全部|一切)的?{_IT}|{_OFF}掉?我?的?{_IT}(?:全部|都)|把?(?:所有|全部)的?{_IT}(?:都|全部?)?{_OFF}"
    r"|清空(?:我的)?(?:闹钟|提醒)|\b(?:cancel|delete|remove|clear)(?: all)(?: of)?(?: my| the)? (?:reminders|alarms)\b|\bclear (?:my )?reminders\b",
    re.IGNORECASE,
)
ONE = re.compile(
    rf"{_OFF}掉?了?(?:我的?)?(?:第?{_N}(?:个|条|号)?的?{_IT}|{_IT}\s?第?{_N.replace('<n>', '<after>')}(?:个|条|号)?(?![点0-9]))"
    rf"|第{_N.replace('<n>', '<before>')}(?:个|条)的?{_IT}(?:给我|帮我|都)?(?:{_OFF}|不要了|不用了)"
    rf"|\b(?:cancel|delete|remove)(?: my| the)? (?:reminder|alarm)(?: number| no\.?)? ?#?(?P<en>[0-9]{{1,4}})\b"
    r"|\b(?:cancel|delete|remove) (?:the )?(?P<th>first|second|third|fourth|fifth|[0-9]{1,4}(?:st|nd|rd|th)) (?:reminder|alarm)\b",
    re.IGNORECASE,
)
SOME = re.compile(
    rf"{_OFF}掉?了?(?:我的?)?(?:这个|那个|这条|那条)?(?:[^，,。！？!?\s]{{1,20}}?的)?{_IT}|把?[^，,。！？!?\s]{{0,20}}?的{_IT}{_OFF}"
    r"|\b(?:cancel|delete|remove)(?: my| the| that| this)?(?: [\w']{1,20}){0,3} (?:reminder|alarm)s?\b",
    re.IGNORECASE,
)
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


def asks(text: str) -> bool:
    """Whether it has the words of someone who wants a reminder; whether there is a moment in it is another question."""
    text = text[:LONGEST]
    return bool(ASKS.search(text)) and not (NEVER.search(text) or lists(text) or cancels(text))


def asked(text: str) -> Clue | None:
    """Where the word stands that asks for a reminder."""
    found = ASKS.search(text[:LONGEST])
    return Clue(*found.span()) if found else None


def lists(text: str) -> bool:
    """Whether the user wants to see the reminders."""
    return len(text) <= 100 and bool(LISTS.search(text.strip())) and not ERRAND.search(text)


def cancels(text: str) -> int | Literal["all", "which"] | None:
    """Which reminder is to go: its number in the list from 1, ``all``, or ``which`` where that is not said; else None."""
    text = text.strip()
    if len(text) > 100 or ERRAND.search(text):
        return None
    if ALL.search(text):
        return "all"
    if found := ONE.search(text):
        said = next(each for each in found.groups() if each).lower()
        try:
            return ORDINALS.get(said) or numeral(re.sub(r"(?<=[0-9])(?:st|nd|rd|th)$", "", said)) or "which"
        except Nonsense:
            return "which"
    return "which" if SOME.search(text) else None


_ASKING = re.compile(
    r"(?:设(?:置|定)?|定|加|建|订)?(?:一个|个)?\s?(?:闹钟|倒?计时|定时)(?:[叫喊提]醒?我)?|(?:再|来)?(?:提醒|通知)(?:我们?|一下|下)*(?:说|，)?|(?:再|来)?[叫喊](?:一下|一声)?我(?:一下|一声)?|别让我忘(?:了|记)?"
    r"|\b(?:(?:set|create|add|make)(?: me)?(?: up)? |i need )?(?:a |an |the |my )?(?:reminder|alarm|timer)\b(?: for me)?(?: (?:to|for|about|that|of))?"
    r"|\b(?:remind|ping|alert|notify) me\b(?: again)?(?: (?:to|that|about|of))?|\bdon['’]t let me forget\b(?: (?:to|that|about))?",
    re.IGNORECASE,
)
_WAKING = ((re.compile(r"[叫喊]醒我?"), "起床"), (re.compile(r"\bwake me(?: up)?\b", re.IGNORECASE), "wake up"))
_HEAD = re.compile(
    r"^(?:[\s，,。、：:！!；;]|请(?![客假柬教求问])|麻烦[你您]?|拜托[你您]?|[你您](?=[能可帮记给在要到])|帮我|帮忙|给我|记得|到时候?|到点|准时|能不能|可不可以|可以|能(?=帮|不)|我(?!们)"
    r"|(?<![^我请 ])(?:要|得)(?![闻点求奖])|别忘了?|一下|那|嗯|好|就|的(?![士确])|说"
    r"|(?:hey|hi|ok(?:ay)?|so|well|please|(?:can|could|would|will) you|just|and|then|to|that|about)(?![\w']))+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s，,。、！!？?~～：:；;.…]|好吗|好不好|到时候?|到点|可以吗|行吗|行不行|[吧啊呀哦喔哈吗]|谢谢[你您啦了]?|多谢|一下|就行|就好|拜托了?|别忘了?|(?<![\w'])(?:please|pls|thanks|thank you|thx|okay|ok)(?![\w']))+$",
    re.IGNORECASE,
)


def errand(words: str) -> str:
    """What is to be done, of words that ask for it: 请提醒我交报告，谢谢 → 交报告."""
    for pattern, instead in _WAKING:
        words = pattern.sub(instead, words, count=1)
    words = _ASKING.sub(" ", words, count=1)
    words = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", re.sub(r"\s+", " ", words))
    return re.sub(r"\s+([,.!?])", r"\1", _TAIL.sub("", _HEAD.sub("", words)))
