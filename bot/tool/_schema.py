"""Schemas of tools from strangers: made small and plain enough to be passed on."""

import json
from typing import Any, cast

from bot.arguments import CHOICES, LIMITS, TYPES, Schema
from bot.tool._plain import line

LARGEST, DEEPEST, MOST = 20_000, 8, 2_000
"""Characters of a schema as JSON, schemas within one another, and schemas in it."""
ABOUT = 300
"""Characters of what a schema says about a value."""


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
