"""Hanzi become pinyin as espeak-ng reads it: readings in context, sandhi, erhua, neutral tones, word by word."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两")
LIGHT = frozenset("吧啊呀啦哇嘛喽咯呢们么")
"""Particles that have no tone after another character."""
NEUTRAL = frozenset(
    [
        "爸爸",
        "妈妈",
        "哥哥",
        "姐姐",
        "弟弟",
        "妹妹",
        "爷爷",
        "奶奶",
        "叔叔",
        "舅舅",
        "姑姑",
        "婶婶",
        "宝宝",
        "星星",
        "猩猩",
        "娃娃",
        "喜欢",
        "头发",
        "衣服",
        "朋友",
        "先生",
        "学生",
        "事情",
        "东西",
        "意思",
        "知道",
        "认识",
        "告诉",
        "便宜",
        "客气",
        "关系",
        "休息",
        "漂亮",
        "明白",
        "葡萄",
        "豆腐",
        "眼睛",
        "耳朵",
        "嘴巴",
        "消息",
        "热闹",
        "舒服",
        "聪明",
        "打听",
        "商量",
        "麻烦",
        "名字",
        "时候",
        "地方",
        "月亮",
        "太阳",
        "故事",
        "窗户",
        "困难",
        "厉害",
        "精神",
        "力气",
        "脾气",
        "师傅",
        "大夫",
        "护士",
        "小姐",
        "太太",
        "晚上",
        "早上",
        "觉得",
        "记得",
        "懂得",
        "暖和",
        "凉快",
        "干净",
        "清楚",
        "合适",
        "打算",
        "照顾",
        "咳嗽",
        "收拾",
        "萝卜",
        "蘑菇",
        "玻璃",
        "行李",
        "钥匙",
        "胳膊",
        "屁股",
        "指甲",
    ]
)
"""Words whose second character has no tone, though the dictionary gives it one."""
CHILDREN = frozenset(["女儿", "婴儿", "幼儿", "孤儿", "少儿", "胎儿", "健儿", "宠儿", "男儿", "患儿", "妻儿"])
"""Words that end in a child, not in an r."""
GAINED = frozenset(["获得", "取得", "难得", "心得", "所得", "赢得", "求得", "博得", "夺得", "只得", "不得"])
"""Words in which 得 is no particle."""
COUNTED = frozenset("第初统唯专之单划归期")
"""What 一 keeps its first tone after."""
WRITTEN = {"n": "en", "ng": "en", "m": "mu", "hm": "heng", "hng": "heng", "ê": "ei", "wong": "weng"}
"""Syllables espeak-ng would read as English, as it reads them nearly right."""


@dataclass(slots=True)
class Syllable:
    """One Hanzi's reading."""

    hanzi: str
    sound: str
    """Pinyin without its tone, ``v`` for ü; empty: nobody knows how it is read."""
    own: int
    """Its tone alone: 1 to 4, 5 neutral."""
    tone: int
    """Its tone here."""
    ends: bool
    """The last character of a longer word."""


def words(hanzi: str) -> list[list[Syllable]]:
    """A run of Hanzi as words of syllables, with the tones they take beside each other."""
    cut, read = _library()
    found: list[list[Syllable]] = []
    for word in cut(hanzi):
        readings = read(word)
        if len(readings) != len(word):  # characters outside the dictionaries
            readings = [next(iter(read(character)), "") for character in word]
        pairs = enumerate(zip(word, readings, strict=True), 1)
        found.append([_syllable(*pair, ends=number == len(word) > 1) for number, pair in pairs])
    whole = [syllable for word in found for syllable in word]
    _soften(whole)
    _bend(whole)
    return found


def written(syllable: Syllable, before: Syllable | None, after: Syllable | None) -> str:
    """A syllable as espeak-ng reads it; its neighbours say whether it takes part in an r."""
    if _is_r(syllable):
        return "" if before and before.sound == "zhe" else "er5"
    if not syllable.sound:
        return ""
    sound, tone = WRITTEN.get(syllable.sound, syllable.sound), syllable.tone
    if after and _is_r(after):
        if sound == "zhe":
            return f"zher{tone}"
        sound = re.sub(r"(?<=[aeiuv])n$|(?<=[aeu])i$", "", sound)  # 点儿, 块儿: the r takes the place of n and i
    if match := re.fullmatch(r"([jqx])iong", sound):  # espeak-ng has no -iong; two syllables come close
        return f"{match[1]}i{tone}yong{tone}"
    return f"{sound}{tone}"


def _is_r(syllable: Syllable) -> bool:
    return syllable.hanzi in "儿兒" and syllable.tone == 5


def _syllable(hanzi: str, reading: str, *, ends: bool) -> Syllable:
    match = re.fullmatch(r"([a-zê]+)([1-5]?)", reading)
    sound, tone = (match[1], int(match[2] or 5)) if match else ("", 5)
    return Syllable(hanzi, sound, tone, tone, ends)


def _soften(whole: list[Syllable]) -> None:
    """Neutral tones the dictionaries do not tell, and the r of erhua."""
    for index in range(1, len(whole)):
        before, here = whole[index - 1], whole[index]
        pair, after = before.hanzi + here.hanzi, whole[index + 1].hanzi if index + 1 < len(whole) else ""
        if pair in NEUTRAL or here.hanzi in LIGHT:
            here.tone = 5
        elif here.hanzi == "得" and before.hanzi in "我你您他她它们咱谁就":
            here.sound, here.tone = "dei", 3  # 我得走了
        elif here.hanzi == "得" and here.own == 2 and pair not in GAINED and after not in ("", "了", "到", "知", "以"):
            here.tone = 5  # 说得慢
        elif here.hanzi == "地" and index > 1 and whole[index - 2].hanzi == before.hanzi:
            here.sound, here.tone = "de", 5  # 慢慢地走
        elif here.hanzi in "儿兒" and here.sound == "er":
            child = pair in CHILDREN or after in ("童", "子", "女", "科", "歌", "媳")
            here.tone = 2 if child else 5


def _bend(whole: list[Syllable]) -> None:
    """Tone sandhi of 一, 不 and the third tone."""
    for index, here in enumerate(whole):
        before = whole[index - 1] if index else None
        after = whole[index + 1] if index + 1 < len(whole) else None
        if here.hanzi in "一不" and before and after and before.hanzi == after.hanzi:
            here.tone = 5  # 看一看, 能不能
        elif here.hanzi == "不" and here.sound == "bu":
            here.tone = 2 if after and after.own == 4 else 4
        elif here.hanzi == "一":
            here.tone = _one(before, here, after)
        elif here.tone == 3 and after and after.tone == 3:
            here.tone = 2


def _one(before: Syllable | None, here: Syllable, after: Syllable | None) -> int:
    """The tone of 一."""
    counted = before is not None and before.hanzi in NUMERALS | COUNTED
    if after is None or here.ends or counted or after.hanzi in "月号日一二三四五六七八九十":
        return 1
    return 2 if after.own == 4 or after.hanzi == "个" else 4


@cache
def _library() -> tuple[Callable[[str], Iterable[str]], Callable[[str], list[str]]]:
    """What cuts Hanzi into words, and what reads a word; loaded when Mandarin is first spoken."""
    os.environ["PYPINYIN_NO_PHRASES"] = os.environ["PYPINYIN_NO_DICT_COPY"] = "1"
    import pypinyin
    from pypinyin.seg import mmseg

    pypinyin.load_phrases_dict(_phrases())

    def read(word: str) -> list[str]:
        try:
            return pypinyin.lazy_pinyin([word], style=pypinyin.Style.TONE3, neutral_tone_with_five=True)
        except IndexError:  # pypinyin 0.55 stumbles over characters with a reading of two syllables, such as 㐂
            return []

    return mmseg.seg.cut, read


def _phrases() -> dict[str, list[list[str]]]:
    """pypinyin's dictionary of phrases with equal readings shared: 17 MB less than its own module makes of it."""
    from pathlib import Path

    import pypinyin

    shared: dict[str, list[str]] = {}
    phrases: dict[str, list[list[str]]] = {}
    readings: list[list[str]] = []
    text = Path(pypinyin.__file__).with_name("phrases_dict.json").read_text("utf-8")
    for match in re.finditer(r'"([^"]*)"\s*(:?)', text):
        string = match[1]
        if match[2]:
            readings = phrases.setdefault(string, [])
        else:
            readings.append(shared.setdefault(string, [string]))
    return phrases
