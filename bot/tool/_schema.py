"""Schemas of tools from strangers: made small and plain enough to be passed on, and arguments held against them."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from bot.tool._plain import line

LARGEST, DEEPEST, MOST = 20_000, 8, 2_000
"""Characters of a schema as JSON, schemas within one another, and schemas in it."""
ABOUT = 300
"""Characters of what a schema says about a value."""
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
    "integer": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value == int(value)
    ),
}
LIMITS: Mapping[str, tuple[str, Callable[[Any, float], bool], str, str]] = {
    "minimum": ("number", lambda value, limit: value >= limit, "不能小于 {limit:g}", "must be {limit:g} or more"),
    "maximum": ("number", lambda value, limit: value <= limit, "不能大于 {limit:g}", "must be {limit:g} or less"),
    "exclusiveMinimum": ("number", lambda value, limit: value > limit, "要大于 {limit:g}", "must be over {limit:g}"),
    "exclusiveMaximum": ("number", lambda value, limit: value < limit, "要小于 {limit:g}", "must be under {limit:g}"),
    "minLength": ("string", lambda value, limit: len(value) >= limit, "太短", "is too short"),
    "maxLength": ("string", lambda value, limit: len(value) <= limit, "太长", "is too long"),
    "minItems": ("array", lambda value, limit: len(value) >= limit, "项数太少", "has too few items"),
    "maxItems": ("array", lambda value, limit: len(value) <= limit, "项数太多", "has too many items"),
}
"""Keyword → the type it is about, whether a value keeps it, and what to say where it does not."""
CHOICES = ("anyOf", "oneOf")
Schema = Mapping[str, Any]


class Unsound(Exception):
    """A schema that is not passed on; both languages."""


def sound(schema: object) -> dict[str, Any]:
    """The same schema with its references resolved, and of its keywords only those everybody knows. Raises Unsound."""
    made = _Maker(schema).made(schema, 0, ())
    if made.setdefault("type", "object") != "object":
        raise Unsound("参数不是一个对象 the arguments are no object")
    made.setdefault("properties", {})
    if len(json.dumps(made, ensure_ascii=False)) > LARGEST:
        raise Unsound("参数说明太长 the schema is too large")
    return made


class _Maker:
    """Makes one schema plain."""

    def __init__(self, root: object) -> None:
        self._root: Schema = root if isinstance(root, dict) else {}
        self._left = MOST

    def made(self, schema: object, level: int, trail: tuple[str, ...]) -> dict[str, Any]:
        """A schema within the whole one; ``trail`` are the references that led here."""
        if schema is True:
            return {}
        if not isinstance(schema, dict):
            raise Unsound("参数说明写法不对 the schema is malformed")
        self._left -= 1
        if level > DEEPEST or self._left < 0:
            raise Unsound("参数说明太深或太长 the schema is too deep or too large")
        node = cast(dict[str, Any], schema)
        while "$ref" in node:
            node, trail = self._referred(node, trail)
        made: dict[str, Any] = {}
        for keyword, value in node.items():
            self._keep(made, keyword, value)
        for keyword in ("items", "additionalProperties"):
            if isinstance(value := node.get(keyword), bool):
                made[keyword] = value
            elif value is not None:
                made[keyword] = self.made(value, level + 1, trail)
        for keyword in (*CHOICES, "allOf"):
            if keyword in node:
                made[keyword] = [self.made(each, level + 1, trail) for each in _listed(node[keyword])]
        if "properties" in node:
            made["properties"] = {
                _word(name): self.made(each, level + 1, trail) for name, each in _mapped(node["properties"]).items()
            }
        return made

    def _referred(self, node: Schema, trail: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What a reference within the same schema stands for; what is written beside it counts more."""
        name = node["$ref"]
        if not isinstance(name, str) or not name.startswith(("#/$defs/", "#/definitions/")):
            raise Unsound("参数说明引用了别处 the schema refers elsewhere")
        if name in trail:
            raise Unsound("参数说明引用了自己 the schema refers to itself")
        _, part, key = name.split("/", 2)
        found = _mapped(self._root.get(part, {})).get(key.replace("~1", "/").replace("~0", "~"))
        if not isinstance(found, dict):
            raise Unsound("参数说明引用的东西不存在 the schema refers to nothing")
        return {**found, **{key: value for key, value in node.items() if key != "$ref"}}, (*trail, name)

    def _keep(self, made: dict[str, Any], keyword: str, value: object) -> None:
        """Keep a keyword that needs no schema of its own; what nobody needs is left out."""
        match keyword, value:
            case "description" | "format", str():
                made[keyword] = line(value, ABOUT)
            case "pattern", str() if len(value) <= ABOUT:
                made[keyword] = value
            case "type", _:
                kinds = cast(list[Any], value) if isinstance(value, list) else [value]
                if not kinds or not all(isinstance(kind, str) and kind in TYPES for kind in kinds):
                    raise Unsound("参数说明里有不认识的类型 the schema has an unknown type")
                made[keyword] = value
            case "enum", _:
                made[keyword] = [_scalar(each) for each in _listed(value)]
            case "const", _:
                made[keyword] = _scalar(value)
            case "default", str() | int() | float() | bool() | None:
                made[keyword] = line(value, ABOUT) if isinstance(value, str) else value
            case "required", _:
                made[keyword] = [_word(each) for each in _listed(value, least=0)]
            case _ if keyword in LIMITS:
                if not TYPES["number"](value):
                    raise Unsound("参数说明写法不对 the schema is malformed")
                made[keyword] = value
            case _:
                pass


def _listed(value: object, least: int = 1) -> list[Any]:
    if not isinstance(value, list) or len(cast(list[Any], value)) < least:
        raise Unsound("参数说明写法不对 the schema is malformed")
    return cast(list[Any], value)


def _mapped(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unsound("参数说明写法不对 the schema is malformed")
    return cast(dict[str, Any], value)


def _word(value: object) -> str:
    """A name or a choice, which must reach the server as it stands."""
    if not isinstance(value, str) or line(value, ABOUT) != value:
        raise Unsound("参数说明里有看不见或太长的名字 the schema has names that are invisible or too long")
    return value


def _scalar(value: object) -> object:
    return _word(value) if not isinstance(value, int | float | bool | None) else value


def checked(arguments: object, schema: Schema, at: str = "") -> str:
    """What is wrong with arguments, in both languages; empty: nothing.

    A ``pattern`` is left to the server: a stranger's expression may run for ever.
    """
    here = at or "参数 arguments"
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else cast(Sequence[str], kinds or ())
    if kinds and not any(TYPES[kind](arguments) for kind in kinds):
        names = " / ".join(kinds)
        return f"{here} 要是 {names}。 It must be {names}."
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and not any(type(arguments) is type(each) and arguments == each for each in allowed):
        choices = json.dumps(allowed, ensure_ascii=False)[:ABOUT]
        return f"{here} 只能是 {choices}。 It must be one of these."
    for keyword, (kind, keeps, zh, en) in LIMITS.items():
        if (limit := schema.get(keyword)) is not None and TYPES[kind](arguments) and not keeps(arguments, limit):
            return f"{here} {zh.format(limit=limit)}。 It {en.format(limit=limit)}."
    for keyword in CHOICES:
        if schema.get(keyword) and all(told := [checked(arguments, each, at) for each in schema[keyword]]):
            return told[0]
    inner = next(filter(None, (checked(arguments, each, at) for each in schema.get("allOf", ()))), "")
    return inner or _members(arguments, schema, at)


def _members(value: object, schema: Schema, at: str) -> str:
    """What is wrong within an object or a list."""
    if isinstance(value, list | tuple) and isinstance(inner := schema.get("items"), dict):
        told = (checked(each, cast(Schema, inner), f"{at}[{n + 1}]") for n, each in enumerate(cast(list[Any], value)))
        return next(filter(None, told), "")
    if not isinstance(value, Mapping):
        return ""
    given = cast(Mapping[str, Any], value)
    known = cast(Mapping[str, Schema | bool], schema.get("properties", {}))
    more = cast(Schema | bool, schema.get("additionalProperties", True))
    for name in schema.get("required", ()):
        if name not in given:
            return f"缺少参数 {_path(at, name)}。 This argument is missing."
    for name, each in given.items():
        inner = known.get(name, more)
        if inner is False:
            names = "、".join(known)[:ABOUT]
            return f"没有参数 {_path(at, line(name, 64))}，可用的：{names}。 There is no such argument."
        if not isinstance(inner, bool) and (told := checked(each, inner, _path(at, name))):
            return told
    return ""


def _path(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
