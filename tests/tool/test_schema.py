"""Schemas of strangers: what is passed on, what is not, and what arguments are told."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arguments import checked
from bot.tool import ToolError
from bot.tool._schema import LARGEST, Unsound, sound

TEXT = {"type": "string"}


def objects(**properties: object) -> dict[str, Any]:
    """A schema of an object."""
    return {"type": "object", "properties": properties}


def nested(depth: int) -> dict[str, Any]:
    """An object within an object within an object."""
    schema: dict[str, Any] = dict(TEXT)
    for _ in range(depth):
        schema = objects(a=schema)
    return schema


def test_what_everybody_knows_stays_and_the_rest_goes() -> None:
    given = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "weatherArguments",
        "x-secret": "?",
        **objects(
            city={**TEXT, "title": "City", "description": "哪\u202e里\n where", "pattern": "^.+$", "examples": ["x"]}
        ),
        "required": ["city"],
        "additionalProperties": False,
    }
    assert sound(given) == {
        **objects(city={**TEXT, "description": "哪里 where", "pattern": "^.+$"}),
        "required": ["city"],
        "additionalProperties": False,
    }


def test_an_empty_schema_is_an_object_without_arguments() -> None:
    assert sound({}) == {"type": "object", "properties": {}}


def test_references_within_the_schema_are_resolved() -> None:
    place = {**objects(city=TEXT), "description": "somewhere"}
    given = {
        **objects(start={"$ref": "#/$defs/Place", "description": "from"}, ends={"type": "array", "items": {"$ref": "#/$defs/Place"}}),
        "$defs": {"Place": {"$ref": "#/$defs/Real"}, "Real": place},
    }  # fmt: skip
    assert sound(given)["properties"] == {
        "start": {**place, "description": "from"},
        "ends": {"type": "array", "items": place},
    }


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ("text", "malformed"),
        ([], "malformed"),
        ({"type": "array"}, "no object"),
        ({"type": "strange"}, "unknown type"),
        ({"type": []}, "unknown type"),
        (objects(a={"type": ["string", 1]}), "unknown type"),
        ({"type": "object", "properties": []}, "malformed"),
        ({**objects(a=TEXT), "required": "a"}, "malformed"),
        (objects(a={"enum": []}), "malformed"),
        (objects(a={"anyOf": {}}), "malformed"),
        (objects(a={"minimum": "1"}), "malformed"),
        (objects(a={"maximum": float("nan")}), "malformed"),
        (objects(a={"items": [TEXT]}), "malformed"),
        (objects(**{"a\u200b": TEXT}), "invisible"),
        (objects(a={"enum": ["x" * 400]}), "invisible or too long"),
        (objects(a={"$ref": "http://example.com/s.json"}), "refers elsewhere"),
        (objects(a={"$ref": "#/properties/a"}), "refers elsewhere"),
        (objects(a={"$ref": 1}), "refers elsewhere"),
        (objects(a={"$ref": "#/$defs/none"}), "refers to nothing"),
        ({**objects(a={"$ref": "#/$defs/A"}), "$defs": []}, "malformed"),
        ({**objects(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"$ref": "#/$defs/A"}}}, "refers to itself"),
        (
            {
                **objects(a={"$ref": "#/$defs/A"}),
                "$defs": {"A": objects(b={"$ref": "#/$defs/B"}), "B": {"anyOf": [{"$ref": "#/$defs/A"}]}},
            },
            "refers to itself",
        ),
        (nested(9), "too deep"),
        (nested(500), "too deep"),
        (objects(a={"anyOf": [{"anyOf": [{"anyOf": [TEXT] * 20}] * 20}] * 20}), "too large"),
        (objects(**{f"p{n}": {**TEXT, "description": "x" * 300} for n in range(100)}), "too large"),
    ],
)  # fmt: skip
def test_what_is_not_passed_on(schema: object, word: str) -> None:
    with pytest.raises(Unsound, match=word):
        sound(schema)


def test_eight_levels_are_passed_on() -> None:
    assert sound(nested(8)) == nested(8)


ORDER = sound(
    {
        **objects(
            count={"type": "integer", "minimum": 1, "maximum": 9},
            size={"enum": ["s", "m", 1]},
            name={"type": ["string", "null"], "minLength": 2, "maxLength": 4},
            tags={"type": "array", "items": TEXT, "maxItems": 2},
            when={"anyOf": [{"type": "string"}, {"type": "number", "exclusiveMinimum": 0}]},
            price={"allOf": [{"type": "number"}, {"exclusiveMaximum": 5}]},
            kind={"const": "cup"},
            to={**objects(city=TEXT), "required": ["city"]},
            more={"type": "object", "additionalProperties": {"type": "boolean"}},
        ),
        "required": ["count"],
        "additionalProperties": False,
    }
)


@pytest.mark.parametrize(
    "arguments",
    [
        {"count": 1},
        {"count": 9.0},
        {"count": 2, "size": 1, "name": None, "tags": ["a", "b"], "when": 0.5, "price": 4.5, "kind": "cup"},
        {"count": 2, "size": "m", "name": "杯子", "tags": [], "when": "now", "to": {"city": "x", "other": 1}},
        {"count": 2, "more": {"a": True}},
    ],
)
def test_arguments_that_fit(arguments: Mapping[str, Any]) -> None:
    assert checked(arguments, ORDER) == arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "arguments: 应是 must be object"),
        ({}, "count: 缺少 is missing"),
        ({"count": True}, "count: 应是 must be integer"),
        ({"count": 1.5}, "count: 应是 must be integer"),
        ({"count": float("inf")}, "count: 应是 must be integer"),
        ({"count": 0}, "count: 最小 at least 1"),
        ({"count": 10}, "count: 最大 at most 9"),
        ({"count": 1, "size": "l"}, "size: 可选 must be one of s, m, 1"),
        ({"count": 1, "size": True}, "size: 可选"),
        ({"count": 1, "name": "x"}, "name: 最少 at least 2"),
        ({"count": 1, "name": "xxxxx"}, "name: 最多 at most 4"),
        ({"count": 1, "name": 5}, "name: 应是 must be string / null"),
        ({"count": 1, "tags": ["a", 2]}, "tags[1]: 应是 must be string"),
        ({"count": 1, "tags": ["a", "b", "c"]}, "tags: 最多 at most 2 项"),
        ({"count": 1, "when": []}, "when: 应是 must be string"),
        ({"count": 1, "when": -1}, "when: 应是 must be string"),
        ({"count": 1, "price": 5}, "price: 要小于 must be under 5"),
        ({"count": 1, "kind": "pot"}, "kind: 可选 must be one of cup"),
        ({"count": 1, "to": {}}, "to.city: 缺少"),
        ({"count": 1, "to": {"city": 1}}, "to.city: 应是 must be string"),
        ({"count": 1, "more": {"a": 1}}, "more.a: 应是 must be boolean"),
        ({"count": 1, "cuont": 1}, "cuont: 没有这个参数 is not known; 可用 known: count, size"),
    ],
)
def test_arguments_that_do_not_fit(arguments: object, words: str) -> None:
    with pytest.raises(ToolError, match=re.escape(f": {words}")):
        checked(arguments, ORDER)  # pyright: ignore[reportArgumentType]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
)
WORDS = ("type", "properties", "required", "items", "anyOf", "allOf", "enum", "const", "$ref", "$defs", "minimum", "additionalProperties")  # fmt: skip
SCHEMAS = st.recursive(
    JSON | st.sampled_from([{"type": "string"}, {"type": "object"}, {"$ref": "#/$defs/a"}, True]),
    lambda inner: st.dictionaries(st.sampled_from(WORDS), inner | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_size=5),
)  # fmt: skip


@given(SCHEMAS, JSON)
def test_whatever_a_stranger_says_it_is_sound_or_refused(schema: object, arguments: object) -> None:
    try:
        made = sound(schema)
    except Unsound:
        return
    assert len(json.dumps(made, ensure_ascii=False)) <= LARGEST
    assert sound(made) == made
    with suppress(ToolError):
        assert checked(arguments, made) == arguments  # pyright: ignore[reportArgumentType]
