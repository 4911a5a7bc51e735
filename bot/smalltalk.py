"""What any persona can say without being told: greetings, thanks, the time, who she is. Pure."""

import re
from datetime import datetime

from bot.persona import Persona
from bot.phrases import language as language_of
from bot.pleasantries import CRISIS, TALKS, WORDLESS

FILLERS = re.compile(
    r"^(?:请问|那个|嗯|呃|哎|诶|喂|那|so|well|um+|hey|ok(?:ay)?|please)[\s,，]+(?=\S)|(?:请|啊|呀|呢|吧|哦|哟|嘛|哈|啦|诶)+$"
)
MARKS = re.compile(r"[^\w\s']+")
NOW = re.compile(r'^<context now="(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)')
"""The clock in the prompt's last message."""
WEEKDAYS = "一二三四五六日"


LONGEST = 60
"""Characters; a longer message is about something."""


def answer(persona: Persona, question: str, language: str, context: str, turn: int) -> str:
    """What she says to small talk; empty when it is none. ``turn`` picks among her ways to say it."""
    question = question.strip()
    if not question or len(question) > LONGEST:
        return ""
    if bare := _bare(question):
        talks = (each for each in TALKS if each.zh.fullmatch(bare) or each.en.fullmatch(bare))
        choices = next((each.answers[language] for each in talks), None)
    else:
        choices = WORDLESS[language]
    return choices[turn % len(choices)].format_map(_facts(persona, language, context)).rstrip() if choices else ""


def crisis(question: str, language: str) -> str:
    """What must be said to someone in danger; empty when nobody is."""
    asked = question.lower()
    found = CRISIS.zh.search(asked) or CRISIS.en.search(asked)
    return CRISIS.answers[language][0] if found else ""


def unnamed(question: str, persona: Persona) -> str:
    """The question without her name before or after it; her name alone is a greeting."""
    text = question.strip()
    for name in filter(None, (persona.name.zh, persona.name.en)):
        text = re.sub(rf"^{re.escape(name)}[\s,，]+(?=\S)", "", text, flags=re.IGNORECASE)
        text = re.sub(rf"[,，]\s?{re.escape(name)}[\s!！?？。.]*$", "", text, flags=re.IGNORECASE)
        if text.rstrip(" !！?？。.~～").lower() == name.lower():
            return "hi" if name == persona.name.en else "你好"
    return text


def _bare(question: str) -> str:
    """The words alone: no marks, no fillers."""
    text = " ".join(MARKS.sub(" ", question.lower().replace("’", "'")).split())
    return FILLERS.sub("", text).strip() or text


def _facts(persona: Persona, language: str, context: str) -> dict[str, str]:
    """What answers may mention."""
    return {
        "name": persona.name.text(language),
        "greeting": persona.greeting.text(language),
        **_clock(language, context),
        "topics": _topics(persona, language),
    }


def _clock(language: str, context: str) -> dict[str, str]:
    """Time and date, from the prompt's own clock."""
    now = moment(context)
    if not now:
        unknown = "说不准，我没戴表" if language == "zh" else "hard to say, I wear no watch"
        return {"time": unknown, "date": unknown}
    if language == "zh":
        date = f"{now.month}月{now.day}日，星期{WEEKDAYS[now.weekday()]}"
        return {"time": f"{now.hour}点{now.minute:02}分", "date": date}
    return {"time": f"{now:%H:%M}", "date": f"{now:%A}, {now:%Y-%m-%d}"}


def moment(context: str) -> datetime | None:
    """When the prompt was made, by its own clock; None where it tells nothing."""
    told = NOW.search(context)
    if not told:
        return None
    year, month, day, hour, minute = map(int, told.groups())
    return datetime(year, month, day, hour, minute)


def _topics(persona: Persona, language: str) -> str:
    """Two questions she can answer."""
    asked = [f"“{faq.q}”" for faq in persona.faq if language_of(faq.q) == language][:2]
    if not asked:
        return ""
    return f"比如问我：{'、'.join(asked)}。" if language == "zh" else f" Ask me, say: {' or '.join(asked)}"
