"""JSON Schemas for the operators' editors, made from the models: ``python -m bot.schemas`` writes them anew."""

import ast
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from bot import exam, sections, settings, sheet, tool_settings
from bot.exam import Case
from bot.settings import Settings
from bot.sheet import Faq, Sheet

REFERENCE = {
    "type": "object",
    "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
"""{env: X} or {file: p} instead of the value itself."""


def schemas() -> dict[str, str]:
    """File of each schema, from the root of the checkout, and its text."""
    case = _schema(Case, exam)
    cases = {"$defs": case.pop("$defs"), "type": "array", "minItems": 1, "items": case}
    faq = {"type": "array", "items": _schema(Faq, sheet)}
    return {
        "config/settings.schema.json": _text(_schema(Settings, settings, sections, tool_settings)),
        "persona/persona.schema.json": _text(_schema(Sheet, sheet)),
        "persona/faq.schema.json": _text(faq),
        "persona/exam.schema.json": _text(cases),
    }


def _text(schema: dict[str, Any]) -> str:
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _schema(model: type[BaseModel], *modules: ModuleType) -> dict[str, Any]:
    schema = model.model_json_schema()
    words = {name: told for module in modules for name, told in _docstrings(module).items()}
    for definition in (schema, *schema.get("$defs", {}).values()):
        for name, field in definition.get("properties", {}).items():
            field.pop("title", None)
            for each in (field, field.get("additionalProperties")):
                if isinstance(each, dict) and each.get("format") == "password":
                    each.clear()
                    each["anyOf"] = [{"type": "string"}, REFERENCE]
            if word := words.get(definition["title"], {}).get(name):
                field["description"] = word
    return schema


def _docstrings(module: ModuleType) -> dict[str, dict[str, str]]:
    """Class → field → the string that stands under it (pydantic can do this too, but at every start of the bot)."""
    found: dict[str, dict[str, str]] = {}
    for each in ast.parse(inspect.getsource(module)).body:
        if isinstance(each, ast.ClassDef):
            words = found.setdefault(each.name, {})
            for field, word in zip(each.body, each.body[1:], strict=False):
                match field, word:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        words[name] = inspect.cleandoc(text).replace("``", "")
                    case _:
                        pass
    return found


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    for path, text in schemas().items():
        (root / path).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
