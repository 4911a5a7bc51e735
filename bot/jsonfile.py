"""JSON from strangers: bounded in size, depth and number of values, and text that can be written down again."""

import json
import math
import re

from bot.folder import Unreadable, decoded

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
"""What JSON can say."""
LARGEST = 16_000_000
"""Bytes of a JSON text."""
DEEPEST, MOST = 64, 200_000
"""Levels of nesting; values in all."""
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
"""A string (to the end where it is not closed), or what opens, closes and parts; possessive, so that it is linear."""
LONE = re.compile("[\ud800-\udfff]")
"""Half of a character: no file can hold it."""
HALF = re.compile(r"\\u[dD][89a-fA-F]")


class BadJson(ValueError):
    """Why it is not taken: (zh, en), whole sentences without the end mark."""


def parsed(data: bytes | str, largest: int = LARGEST) -> Json:
    """What a JSON text says. Raises BadJson."""
    if len(data) > largest:
        raise BadJson(f"太大了：最多 {largest // 1_000_000} MB", f"Too large: at most {largest // 1_000_000} MB")
    try:
        text = data if isinstance(data, str) else decoded(data)
    except Unreadable:
        raise BadJson("这不是文字：JSON 要存成 UTF-8", "This is no text: JSON is saved as UTF-8") from None
    _bounded(text)
    try:
        found = json.loads(text, parse_constant=_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise BadJson(
            f"不是合法的 JSON：第 {error.lineno} 行第 {error.colno} 个字符读不懂",
            f"Not JSON: line {error.lineno}, column {error.colno} ({error.msg})",
        ) from None
    except (ValueError, RecursionError):  # a number nobody writes
        raise BadJson("里面有写不出来的数字", "There is a number in it that cannot be") from None
    return whole(found) if HALF.search(text) or LONE.search(text) else found


def _bounded(text: str) -> None:
    depth = values = 0
    for token in TOKEN.finditer(text):
        match token[0][0]:
            case "[" | "{":
                depth, values = depth + 1, values + 1
            case "]" | "}":
                depth -= 1
            case ",":
                values += 1
            case _:
                pass
        if depth > DEEPEST:
            raise BadJson(f"嵌套超过 {DEEPEST} 层", f"Nested deeper than {DEEPEST} levels")
        if values > MOST:
            raise BadJson(f"内容太多：超过 {MOST} 项", f"Too much in it: more than {MOST} values")


def _constant(name: str) -> float:
    raise ValueError(name)


def _finite(number: str) -> float:
    if math.isinf(value := float(number)):
        raise ValueError(number)
    return value


def whole(value: Json) -> Json:
    """The same without halves of characters, which no file and no page can hold."""
    match value:
        case str():
            return LONE.sub("\ufffd", value)
        case list():
            return [whole(each) for each in value]
        case dict():
            return {LONE.sub("\ufffd", key): whole(each) for key, each in value.items()}
        case _:
            return value
