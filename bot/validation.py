"""A model against what an operator wrote: the record, or what is wrong in plain words, line by line."""

import re
from collections.abc import Iterable
from inspect import isclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.faults import Fault, Steps, choices, near, printed, secretive, spelled
from bot.yamlfile import Document, Plain

M = TypeVar("M", bound=BaseModel)
WORDS = {
    "missing": ("缺少这一项，请补上。", "It is missing: add it."),
    "string_type": ("这里要写一段文字。", "Write a text here."),
    "string_too_short": ("不能是空的。", "It must not be empty."),
    "int": ("这里要写整数。", "Write a whole number."),
    "float": ("这里要写数字。", "Write a number."),
    "bool": ("这里要写 true 或 false。", "Write true or false."),
    "greater_than_equal": ("不能小于 {ge}。", "It must be {ge} or more."),
    "greater_than": ("要大于 {gt}。", "It must be more than {gt}."),
    "less_than_equal": ("不能大于 {le}。", "It must be {le} or less."),
    "tuple_type": ("这里要写列表，每项前面加“- ”。", "Write a list, each item after a dash."),
    "too_short": ("不能是空的。", "It must not be empty."),
    "string_too_long": ("最多 {max_length} 个字，请写短一点。", "At most {max_length} characters: shorten it."),
    "too_long": ("最多 {max_length} 项，请去掉几项。", "At most {max_length} items: take some out."),
}
"""A kind of pydantic's errors (or its first word) → what to tell the operator."""


def wrong(zh: str, en: str) -> PydanticCustomError:
    """What a model's own validator raises."""
    return PydanticCustomError("bilingual", "{en}", {"zh": zh, "en": en})


def validated(model: type[M], document: Document) -> tuple[M | None, list[Fault]]:
    """The record and the faults; with faults, the record of what is right, so that it can be checked further."""
    if document.broken:
        return None, list(document.faults)
    try:
        return model.model_validate(document.data), list(document.faults)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    paths = [_steps(each, document.data) for each in errors]
    faults = [
        _fault(model, document, each, steps)
        for each, steps in zip(errors, paths, strict=True)
        if steps in _sharpest(paths)
    ]
    seen: dict[str, Fault] = {f"{fault.place}{fault.field}": fault for fault in reversed(faults)}
    return _rest(model, document, errors, paths), [*document.faults, *reversed(seen.values())]


def _rest(model: type[M], document: Document, errors: Iterable[ErrorDetails], paths: Iterable[Steps]) -> M | None:
    """The record without what is wrong; None where nothing can be made of it."""
    bad = {steps[:-1] if each["type"] == "missing" else steps for each, steps in zip(errors, paths, strict=True)}
    try:
        return model.model_validate(_without(document.data, bad, ()))
    except ValidationError:
        return None


def _without(value: Plain, bad: set[Steps], here: Steps) -> Plain:
    match value:
        case dict():
            return {key: _without(each, bad, (*here, key)) for key, each in value.items() if (*here, key) not in bad}
        case list():
            return [_without(each, bad, (*here, n)) for n, each in enumerate(value) if (*here, n) not in bad]
        case _:
            return value


def _steps(error: ErrorDetails, data: Plain) -> Steps:
    """An error's place in the data: pydantic's own labels for the branches of a union are left out."""
    steps: list[str | int] = []
    for part in error["loc"]:
        match data, part:
            case dict(), str() if part in data:
                data = data[part]
            case list(), int() if part < len(data):
                data = data[part]
            case _ if error["type"] != "missing" or part != error["loc"][-1]:
                continue
            case _:
                pass
        steps.append(part)
    return tuple(steps)


def _sharpest(paths: Iterable[Steps]) -> set[Steps]:
    """Paths without those that another one goes deeper than: a union complains once for every branch."""
    known = set(paths)
    return {steps for steps in known if not any(other[: len(steps)] == steps and other != steps for other in known)}


def _fault(model: type[BaseModel], document: Document, error: ErrorDetails, steps: Steps) -> Fault:
    field = shape(model, steps)
    zh, en = _words(model, error, steps, field)
    value = "" if error["type"] == "missing" else printed(error["input"], _secret(model, document, steps))
    return Fault(document.place(steps), spelled((*document.above, *steps)), zh, en, value)


def _words(model: type[BaseModel], error: ErrorDetails, steps: Steps, field: FieldInfo | None) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "bilingual":
        return str(context["zh"]), str(context["en"])
    if kind == "extra_forbidden":
        zh, en = choices(str(steps[-1]), keys(model, steps[:-1]))
        return f"没有这个键。{zh}", f"There is no such key.{en}"
    if kind == "literal_error":
        zh, en = choices(str(error["input"]), re.findall(r"'([^']*)'", str(context["expected"])))
        return f"不能这样写。{zh}", f"Not a choice.{en}"
    if kind in ("model_type", "dict_type"):
        names = ", ".join(keys(model, steps))
        return f"下面要分行写“键: 值”。可用的键：{names}。", f"Write keys below it. Known: {names}."
    if kind == "string_pattern_mismatch":
        example = field.examples[0] if field and field.examples else context["pattern"]
        return f"写法不对，例如：{example}。", f"Wrong form; for example {example}."
    if kind == "string_type" and isinstance(error["input"], dict | list):
        return (
            "这里要写一段文字。文字里有“: ”，或以 [ { 开头时，要整段放进引号里。",
            "Write a text here; put it in quotes where it has a colon in it, or begins with [ or {.",
        )
    zh, en = WORDS.get(kind) or WORDS.get(kind.partition("_")[0]) or ("这个值不对。", f"{error['msg']}.")
    return zh.format(**context), en.format(**context)


def _secret(model: type[BaseModel], document: Document, steps: Steps) -> bool:
    """Whether a value must not be printed: a secret, one that came from elsewhere, or one beside a secret's name."""
    if steps in document.hidden:
        return True
    if field := shape(model, steps):
        return field.annotation is SecretStr
    names = [step for step in steps if isinstance(step, str)]
    meant = near(names[-1], keys(model, steps[:-1])) if names else ""
    return any(map(secretive, (*names, meant)))


def keys(model: type[BaseModel], steps: Steps) -> list[str]:
    """The keys a model knows at a path."""
    field = shape(model, steps)
    kind = model if not steps else field.annotation if field else None
    return list(kind.model_fields) if isclass(kind) and issubclass(kind, BaseModel) else []


def shape(model: type[BaseModel], steps: Steps) -> FieldInfo | None:
    """What stands at a path; None where the model does not say."""
    field: FieldInfo | None = None
    kind: Any = model
    for step in steps:
        if isclass(kind) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(step))
        else:  # a list's or a mapping's values
            inner = get_args(kind)
            field = FieldInfo(annotation=inner[0] if isinstance(step, int) else inner[-1]) if inner else None
        if field is None:
            return None
        kind = field.annotation
    return field
