"""Arguments of a tool held against its JSON schema: as much of JSON Schema as tools use. Pure.

That is type, properties, required, additionalProperties, enum, minimum, maximum, maxLength, items, and format date-time
(ISO 8601 with or without a zone).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from bot.tool import ToolError

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (Mapping,),
    "array": (list, tuple),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def checked(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments, if they fit the schema of an object. Raises ToolError with what is wrong."""
    wrong = list(_faults("", arguments, {"type": "object", **schema}))
    if wrong:
        raise ToolError("参数不对 / wrong arguments: " + "; ".join(wrong[:5]))
    return dict(arguments)


def _faults(name: str, value: object, schema: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a value; ``name`` is the path that leads to it."""
    here = name or "arguments"
    types = schema.get("type", ())
    types = (types,) if isinstance(types, str) else tuple(types)
    if types and not any(_is(value, each) for each in types):
        yield f"{here}: 应是 must be {' / '.join(types)}"
        return
    if "enum" in schema and not any(value == each and type(value) is type(each) for each in schema["enum"]):
        yield f"{here}: 可选 must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", math.inf):
            yield f"{here}: 最多 at most {schema['maxLength']} 个字符 characters"
        if schema.get("format") == "date-time" and not _moment(value):
            yield f"{here}: 应写成 must look like 2026-11-24T15:00:00+08:00"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", -math.inf):
            yield f"{here}: 最小 at least {schema['minimum']}"
        if value > schema.get("maximum", math.inf):
            yield f"{here}: 最大 at most {schema['maximum']}"
    elif isinstance(value, Mapping):
        yield from _members(name, cast("Mapping[str, object]", value), schema)
    elif isinstance(value, list | tuple) and "items" in schema:
        for number, item in enumerate(cast("Sequence[object]", value)):
            yield from _faults(f"{here}[{number}]", item, schema["items"])


def _members(name: str, members: Mapping[str, object], schema: Mapping[str, Any]) -> Iterator[str]:
    known: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in members:
            yield f"{_path(name, key)}: 缺少 is missing"
    other = schema.get("additionalProperties", True)
    for key, value in members.items():
        if key in known:
            yield from _faults(_path(name, key), value, known[key])
        elif other is False:
            yield f"{_path(name, key)[:80]}: 没有这个参数 is not known; 可用 known: {', '.join(known) or '-'}"
        elif isinstance(other, Mapping):
            yield from _faults(_path(name, key), value, cast("Mapping[str, Any]", other))


def _path(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _is(value: object, name: str) -> bool:
    """Whether the value is of a JSON type: true is no number, 3.0 is an integer, infinity is nothing."""
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES.get(name, ()))


def _moment(text: str) -> bool:
    """Whether it is a day and an hour."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-11-24")
