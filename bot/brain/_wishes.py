"""What a user wants done, as far as it can be told without a model: the call that a model would make. Pure."""

import json
import re

from bot import reminding
from bot.brain import Prompt, ToolCall

SUM = re.compile(
    r"(?:请|帮我|算一下|算算|计算|等于多少|是多少|等于几|what(?:'s| is)|calculate|compute|[\s=？?。.!！,，])*",
    re.IGNORECASE,
)
EXPRESSION = re.compile(r"[\d.+\-*/×÷xX^%（）() ]*\d\s*[+\-*/×÷xX^%]\s*[\d(（.][\d.+\-*/×÷xX^%（）() ]*")
NUMBERED = re.compile(r"\d+(?:[-/.]\d+)+")
"""A date or a telephone number rather than a sum."""
LONGEST = 200
"""Characters of a message that may be a wish."""


def call_for(prompt: Prompt) -> ToolCall | None:
    """The call a message asks for, of those on offer; None: it asks for none."""
    if prompt.enough or len(prompt.question) > LONGEST:
        return None
    names = {tool.name for tool in prompt.tools}
    if "calculate" in names and (sum := _sum(prompt.question)):
        return ToolCall("call_1", "calculate", json.dumps({"expression": sum}, ensure_ascii=False))
    if "set_reminder" in names:
        return _reminder(prompt.question)
    return None


def _reminder(question: str) -> ToolCall | None:
    """What is wanted of reminders; the tools read the user's words themselves."""
    if reminding.lists(question):
        return ToolCall("call_1", "list_reminders", "{}")
    if reminding.cancels(question) is not None:
        return ToolCall("call_1", "cancel_reminder", "{}")
    return ToolCall("call_1", "set_reminder", "{}") if reminding.asks(question) else None


def _sum(question: str) -> str:
    """The sum that is all a message asks for; empty: it is none."""
    if not (found := EXPRESSION.search(question)):
        return ""
    rest = question[: found.start()] + question[found.end() :]
    if NUMBERED.fullmatch(found[0].strip()) and not rest.strip(" 。.?？!！"):
        return ""
    return found[0].strip().replace("x", "×").replace("X", "×") if SUM.fullmatch(rest) else ""
