"""Manners: where the brain gives no stage direction, a line's own words ask for one."""

import re
from collections.abc import Collection

from bot.message import Cue

RULES: tuple[tuple[str, tuple[str, ...], float], ...] = (
    (r"哈哈|嘻嘻|嘿嘿|\b(ha){2,}\b|\blol\b", ("delighted", "happy"), 0.8),
    (r"对不起|抱歉|不好意思|真遗憾|\bsorry\b|\bapologi[sz]e\b", ("sad",), 0.5),
    (r"再见|拜拜|回头见|晚安|\b(good)?bye\b|\bsee you\b|\bgood night\b", ("wave",), 0.8),
    (
        r"^\W*(你好|您好|嗨|早上好|下午好|晚上好|欢迎|(hello|hi|hey|welcome|good (morning|afternoon|evening))\b)",
        ("wave",), 0.9,
    ),
    (r"谢谢|感谢|\bthanks?\b|\bthank you\b", ("smile",), 0.8),
    (r"不知道|不清楚|没听说|不确定|\bnot sure\b|\b(do not|don't|don’t) know\b", ("shrug", "thinking"), 0.5),
    (r"让我想想|我想想|想一想|\blet me (think|see)\b", ("think", "thinking"), 0.8),
    (r"恭喜|太好了|太棒了|真棒|congratulations|\bwell done\b|\bwonderful\b", ("clap", "happy"), 0.8),
    (r"^\W*(好的|好呀|好啊|当然|没错|是的|对呀|没问题|(yes|sure|of course|certainly|right)\b)", ("nod",), 0.7),
    (r"^\W*(不是|不行|不可以|不能|no)[，,。.!！]", ("shake",), 0.6),
    (r"[？?]\W*$", ("smile",), 0.4),
)  # fmt: skip
"""Words, the cues they ask for (the first one the body knows), and how strongly."""
_RULES = tuple((re.compile(words, re.IGNORECASE), names, intensity) for words, names, intensity in RULES)


def fitting(text: str, at: int, cues: Collection[str]) -> Cue | None:
    """A direction for a line without one, of those that the body knows; None: the words ask for none."""
    for words, names, intensity in _RULES:
        name = next((each for each in names if each in cues), "")
        if name and words.search(text):
            return Cue(name, intensity, at)
    return None
