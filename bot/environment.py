"""Settings out of the environment: ZHIYIN_WEB__PORT stands for web.port, {env: X} and {file: p} for a value kept elsewhere."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_origin

from pydantic import BaseModel

from bot import yamlfile
from bot.faults import Place, Steps
from bot.validation import keys, shape
from bot.yamlfile import Document, Plain

PREFIX = "ZHIYIN_"
TESTS = "ZHIYIN_TEST_"
"""Variables of ``make test``, not of the settings."""


def read(environ: Mapping[str, str], model: type[BaseModel], known: Plain) -> Document:
    """What ZHIYIN_ variables say; names that stand in ``known`` already (channels) are found whatever their case."""
    data: dict[str, Plain] = {}
    document = Document(data, {(): Place("config/local.yaml")})
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and not name.upper().startswith(TESTS):
            steps = _steps(name[len(PREFIX) :], model, known)
            _put(data, steps, _value(environ[name], model, steps))
            document.places[steps] = Place(name)
    return document


def _steps(name: str, model: type[BaseModel], known: Plain) -> tuple[str, ...]:
    """WEB__PORT → ("web", "port"); a name in the environment cannot carry a hyphen, so _ may stand for it."""
    steps: list[str] = []
    for part in name.lower().split("__"):
        there: Iterable[str] = (*keys(model, tuple(steps)), *(known if isinstance(known, dict) else ()))
        steps.append(next((key for key in there if key.lower().replace("-", "_") == part), part))
        known = known.get(steps[-1]) if isinstance(known, dict) else None
    return tuple(steps)


def _value(text: str, model: type[BaseModel], steps: Steps) -> Plain:
    """The text, or a list of texts where the model wants one: parted by commas, or as YAML's [a, b]."""
    field = shape(model, steps)
    if field is None or get_origin(field.annotation) is not tuple:
        return text
    if text.lstrip().startswith("["):
        return yamlfile.parse(text, "", list).data
    return [part.strip() for part in text.split(",") if part.strip()]


def _put(node: dict[str, Plain], steps: tuple[str, ...], value: Plain) -> None:
    for step in steps[:-1]:
        below = node.setdefault(step, {})
        if not isinstance(below, dict):
            return  # ZHIYIN_WEB=x is a fault by itself already
        node = below
    node[steps[-1]] = value


def referred(document: Document, environ: Mapping[str, str], folder: Path) -> Document:
    """The document with every {env: X} and {file: p} replaced by what it stands for, and kept from being printed."""

    def fill(value: Plain, here: Steps) -> Plain:
        match value:
            case {"env": str(name)} if len(value) == 1:
                return found(_of_environment(name, environ), here)
            case {"file": str(name)} if len(value) == 1:
                return found(_of_file(name, folder), here)
            case dict():
                return {key: filled for key, each in value.items() if (filled := fill(each, (*here, key))) is not None}
            case list():
                return [fill(each, (*here, number)) for number, each in enumerate(value)]
            case _:
                return value

    def found(result: str | tuple[str, str], here: Steps) -> str | None:
        if isinstance(result, str):
            document.hidden.add(here)
            return result
        document.faults.append(document.fault(here, *result))
        return None

    document.data = fill(document.data, ())
    return document


# The name is not printed in these faults: a secret may have been pasted there.


def _of_environment(name: str, environ: Mapping[str, str]) -> str | tuple[str, str]:
    """The variable's value, or why there is none."""
    return environ.get(name) or (
        "env 指的环境变量没有设置：请先 export 它。",
        "The environment variable named here is not set: export it.",
    )


def _of_file(name: str, folder: Path) -> str | tuple[str, str]:
    """The file's text without white space around it, or why it cannot be had."""
    try:
        return (folder / Path(name).expanduser()).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError, RuntimeError):  # no such file, no text, no such home
        return (
            f"file 指的文件读不了：路径从 {folder.name}/ 算起，请检查路径和权限。",
            f"The file named here cannot be read: its path starts from {folder.name}/; check it and its permissions.",
        )
