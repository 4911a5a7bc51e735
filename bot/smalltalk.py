"""What any persona can say without being told: greetings, thanks, the time, who she is."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.persona import Persona
from bot.phrases import language

NOW = re.compile(r'<context now="(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)（周(.)）"')
WEEKDAYS = {
    "一": "Monday",
    "二": "Tuesday",
    "三": "Wednesday",
    "四": "Thursday",
    "五": "Friday",
    "六": "Saturday",
    "日": "Sunday",
}
LONGEST = 24
"""Characters; a longer message is about something."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A kind of small talk."""

    pattern: re.Pattern[str]
    zh: Callable[[Persona, str], str]
    en: Callable[[Persona, str], str]


def talk(pattern: str, zh: str | Callable[[Persona, str], str], en: str | Callable[[Persona, str], str]) -> Talk:
    """A pattern and what she says to it."""

    def said(answer: str | Callable[[Persona, str], str]) -> Callable[[Persona, str], str]:
        return answer if callable(answer) else lambda _, __: answer

    return Talk(re.compile(pattern, re.IGNORECASE), said(zh), said(en))


def _time(persona: Persona, context: str) -> str:
    now = NOW.search(context)
    return f"现在是{int(now[4])}点{now[5]}分。" if now else "我这会儿没戴表。"


def _time_en(persona: Persona, context: str) -> str:
    now = NOW.search(context)
    return f"It's {now[4]}:{now[5]}." if now else "I'm not wearing a watch right now."


def _date(persona: Persona, context: str) -> str:
    now = NOW.search(context)
    return f"今天是{int(now[2])}月{int(now[3])}日，星期{now[6]}。" if now else "我手边没有日历。"


def _date_en(persona: Persona, context: str) -> str:
    now = NOW.search(context)
    return f"It's {WEEKDAYS[now[6]]}, {now[1]}-{now[2]}-{now[3]}." if now else "I have no calendar at hand."


TALKS = (
    talk(r"几点|现在.*时间|what time|the time", _time, _time_en),
    talk(r"几号|星期几|周几|今天.*日期|what day|what.*date", _date, _date_en),
    talk(
        r"你(叫什么|是谁|的名字)|who are you|your name",
        lambda persona, _: f"[smile]我叫{persona.name.zh}。",
        lambda persona, _: f"[smile]I'm {persona.name.en or persona.name.zh}.",
    ),
    talk(r"真人|机器人|人工智能|are you (a )?(human|real|bot|an ai)", "我是数字人，说的话由人工智能生成。", "I'm a digital human; my words are made by AI."),
    talk(r"^(哈|嘿|嘻|呵){2,}|^(ha){2,}|\blol\b|^[😂🤣😄😆\s]+$", "[laugh]笑什么呢？也说给我听听。", "[laugh]What's so funny? Let me in on it."),
    talk(r"^[^\w]+$", "[smile]收到。想说什么，慢慢说。", "[smile]Got it. Take your time."),
    talk(r"谢谢|多谢|感谢|thank", "[smile]不客气。", "[smile]You're welcome."),
    talk(r"再见|拜拜|晚安|回头见|\bbye\b|good night|see you", "[wave]回头见，我一直在。", "[wave]See you, I'll be here."),
    talk(r"对不起|抱歉|sorry", "没关系的。", "No worries."),
    talk(
        r"^(你好|您好|嗨|哈喽|早|早上好|晚上好|在吗|hi|hello|hey|good (morning|evening))(?![a-z])",
        lambda persona, _: f"[wave]{persona.greeting.zh}",
        lambda persona, _: f"[wave]{persona.greeting.en or persona.greeting.zh}",
    ),
)  # fmt: skip


def answer(persona: Persona, question: str, context: str) -> str:
    """What she says to small talk; empty when it is none."""
    question, english = question.strip(), language(question) == "en"
    if len(question) > LONGEST * (2 if english else 1):
        return ""
    for each in TALKS:
        if each.pattern.search(question):
            return (each.en if english else each.zh)(persona, context)
    return ""
