"""Arguments of a tool held against its JSON schema: as much of JSON Schema as tools use. Pure.

That is type, properties, required, additionalProperties, items, enum, const, anyOf, oneOf (as anyOf), allOf, the bounds in
LIMITS, and format date-time (ISO 8601 with or without a zone). A ``pattern`` is left to the tool: a stranger's expression
may run for ever.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from bot.tool import ToolError

Schema = Mapping[str, Any]


def _number(value: object) -> bool:
    """A number that is one: true is none, nor is infinity."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _number,
    "integer": lambda value: _number(value) and value == int(value),
}
"""What a JSON type takes; 3.0 is an integer."""
LIMITS: Mapping[str, tuple[str, Callable[[Any, float], bool], str]] = {
    "minimum": ("number", lambda value, limit: value >= limit, "最小 at least {limit}"),
    "maximum": ("number", lambda value, limit: value <= limit, "最大 at most {limit}"),
    "exclusiveMinimum": ("number", lambda value, limit: value > limit, "要大于 must be over {limit}"),
    "exclusiveMaximum": ("number", lambda value, limit: value < limit, "要小于 must be under {limit}"),
    "minLength": ("string", lambda value, limit: len(value) >= limit, "最少 at least {limit} 个字符 characters"),
    "maxLength": ("string", lambda value, limit: len(value) <= limit, "最多 at most {limit} 个字符 characters"),
    "minItems": ("array", lambda value, limit: len(value) >= limit, "最少 at least {limit} 项 items"),
    "maxItems": ("array", lambda value, limit: len(value) <= limit, "最多 at most {limit} 项 items"),
}
"""Keyword → the type it is about, whether a value keeps it, and what to say where it does not."""
CHOICES = ("anyOf", "oneOf")
TOLD = 5
"""Faults that are told at once."""
ABOUT = 300
"""Characters of the names or choices that a fault tells."""


def checked(arguments: Mapping[str, Any], schema: Schema) -> Mapping[str, Any]:
    """The arguments, if they fit the schema of an object. Raises ToolError with what is wrong."""
    wrong = list(_faults("", arguments, {"type": "object", **schema}))
    if wrong:
        raise ToolError("参数不对 / wrong arguments: " + "; ".join(wrong[:TOLD]))
    return dict(arguments)


def _faults(name: str, value: object, schema: Schema) -> Iterator[str]:
    """What is wrong with a value; ``name`` is the path that leads to it."""
    here = name or "arguments"
    types = schema.get("type", ())
    types = (types,) if isinstance(types, str) else tuple(types)
    if types and not any(TYPES[each](value) for each in types if each in TYPES):
        yield f"{here}: 应是 must be {' / '.join(types)}"
        return
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and not any(value == each and type(value) is type(each) for each in allowed):
        yield f"{here}: 可选 must be one of {', '.join(map(str, allowed))[:ABOUT]}"
    for keyword, (kind, keeps, words) in LIMITS.items():
        if (limit := schema.get(keyword)) is not None and TYPES[kind](value) and not keeps(value, limit):
            yield f"{here}: {words.format(limit=limit)}"
    if isinstance(value, str) and schema.get("format") == "date-time" and not _moment(value):
        yield f"{here}: 应写成 must look like 2026-11-24T15:00:00+08:00"
    for keyword in CHOICES:
        choices = [list(_faults(name, value, each)) for each in schema.get(keyword, ())]
        if choices and all(choices):
            yield from choices[0]
    for each in schema.get("allOf", ()):
        yield from _faults(name, value, each)
    if isinstance(value, Mapping):
        yield from _members(name, cast("Mapping[str, object]", value), schema)
    elif isinstance(value, list | tuple) and isinstance(inner := schema.get("items"), Mapping):
        for number, item in enumerate(cast("Sequence[object]", value)):
            yield from _faults(f"{here}[{number}]", item, cast("Schema", inner))


def _members(name: str, members: Mapping[str, object], schema: Schema) -> Iterator[str]:
    """What is wrong within an object."""
    known: Mapping[str, Schema] = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in members:
            yield f"{_path(name, key)}: 缺少 is missing"
    other = schema.get("additionalProperties", True)
    for key, value in members.items():
        if key in known:
            yield from _faults(_path(name, key), value, known[key])
        elif other is False:
            names = ", ".join(known)[:ABOUT] or "-"
            yield f"{_path(name, key)[:80]}: 没有这个参数 is not known; 可用 known: {names}"
        elif isinstance(other, Mapping):
            yield from _faults(_path(name, key)[:80], value, cast("Schema", other))


def _path(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _moment(text: str) -> bool:
    """Whether it is a day and an hour."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-11-24")
