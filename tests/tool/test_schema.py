"""Schemas of strangers: what is passed on, what is not, and what arguments are told."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tool._schema import LARGEST, Unsound, checked, sound

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
    assert checked(arguments, ORDER) == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "参数 arguments 要是 object"),
        ({}, "缺少参数 count"),
        ({"count": True}, "count 要是 integer"),
        ({"count": 1.5}, "count 要是 integer"),
        ({"count": float("inf")}, "count 要是 integer"),
        ({"count": 0}, "count 不能小于 1"),
        ({"count": 10}, "count 不能大于 9"),
        ({"count": 1, "size": "l"}, 'size 只能是 ["s", "m", 1]'),
        ({"count": 1, "size": True}, "size 只能是"),
        ({"count": 1, "name": "x"}, "name 太短"),
        ({"count": 1, "name": "xxxxx"}, "name 太长"),
        ({"count": 1, "name": 5}, "name 要是 string / null"),
        ({"count": 1, "tags": ["a", 2]}, "tags[2] 要是 string"),
        ({"count": 1, "tags": ["a", "b", "c"]}, "tags 项数太多"),
        ({"count": 1, "when": []}, "when 要是 string"),
        ({"count": 1, "when": -1}, "when 要是 string"),
        ({"count": 1, "price": 5}, "price 要小于 5"),
        ({"count": 1, "kind": "pot"}, 'kind 只能是 ["cup"]'),
        ({"count": 1, "to": {}}, "缺少参数 to.city"),
        ({"count": 1, "to": {"city": 1}}, "to.city 要是 string"),
        ({"count": 1, "more": {"a": 1}}, "more.a 要是 boolean"),
        ({"count": 1, "cuont": 1}, "没有参数 cuont，可用的：count、size"),
    ],
)
def test_arguments_that_do_not_fit(arguments: object, words: str) -> None:
    assert checked(arguments, ORDER).startswith(words)


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
    assert isinstance(checked(arguments, made), str)
