"""Arguments held against a schema."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.arguments import checked
from bot.tool import ToolError

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "when": {"type": "string", "format": "date-time"},
        "text": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "ratio": {"type": ["number", "null"]},
        "repeat": {"type": "string", "enum": ["daily", "weekly"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}},
        "sure": {"type": "boolean"},
        "place": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "notes": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["text"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "more",
    [
        {}, {"count": 3}, {"count": 3.0}, {"ratio": 0.5}, {"ratio": None}, {"repeat": "daily"}, {"tags": []}, {"tags": ["a", "b"]}, {"sure": False},
        {"place": {"city": "x", "street": 1}}, {"notes": {"a": 1}}, {"when": "2026-11-24T15:00"}, {"when": "2026-11-24 15:00:00+08:00"}, {"when": "2026-11-24T15:00:00Z"},
    ],
)  # fmt: skip
def test_what_fits_comes_back_as_it_was(more: dict[str, Any]) -> None:
    assert checked({"text": "五个字符啊", **more}, SCHEMA) == {"text": "五个字符啊", **more}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "text: .*missing"), ({"text": 1}, "text: .*string"), ({"text": "六个字符了啊"}, "text: .*5"), ({"text": None}, "text: "),
        ({"text": "a", "what": 1}, "what: .*not known"), ({"text": "a", "count": 0}, "count: .*at least 1"), ({"text": "a", "count": 10}, "count: .*at most 9"),
        ({"text": "a", "count": True}, "count: "), ({"text": "a", "count": 1.5}, "count: "), ({"text": "a", "count": "1"}, "count: "),
        ({"text": "a", "ratio": float("inf")}, "ratio: .*number / null"), ({"text": "a", "ratio": "x"}, "ratio: "), ({"text": "a", "repeat": "hourly"}, "repeat: .*daily, weekly"),
        ({"text": "a", "tags": "abc"}, "tags: "), ({"text": "a", "tags": ["a", "long"]}, r"tags\[1\]: "), ({"text": "a", "sure": 1}, "sure: "),
        ({"text": "a", "place": {}}, r"place\.city: "), ({"text": "a", "place": {"city": 1}}, r"place\.city: "), ({"text": "a", "notes": {"a": "x"}}, r"notes\.a: "),
        ({"text": "a", "when": "tomorrow"}, "when: "), ({"text": "a", "when": "2026-11-24"}, "when: "), ({"text": "a", "when": "2026-02-30T10:00"}, "when: "),
        ({"text": 1, "count": 0}, "text: .*; count: "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolError, match=words):
        checked(given, SCHEMA)


def test_arguments_are_an_object_and_the_words_are_bounded() -> None:
    with pytest.raises(ToolError, match=r"arguments: .*object"):
        checked([1], SCHEMA)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ToolError) as caught:
        checked({"x" * 10_000 + str(number): 1 for number in range(100)}, SCHEMA)
    assert len(str(caught.value)) < 2000
