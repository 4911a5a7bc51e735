"""What every toolbox promises, held against all built-in ones that can be opened without anything."""

import inspect
import json
import re
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import tool as port
from bot.adapters import adapter, names
from bot.tool import NAME, Occasion, Tool, Toolbox, ToolError

NOW = datetime(2026, 11, 23, 16, 40, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "what_time_is_it": {"zone": "Europe/Berlin"},
    "calculate": {"expression": "9^9999"},
}
"""Arguments a call succeeds with, by tool; a tool that needs none may be missing."""
WRONG: Mapping[str, Any] = {
    "string": 7, "integer": "x", "number": "x", "boolean": "x", "array": "x", "object": "x",
}  # fmt: skip
"""A value that is not of the type."""


def bare(name: str) -> bool:
    """Whether the adapter opens without anything."""
    parameters = inspect.signature(adapter(port, name).open).parameters.values()
    return all(parameter.default is not parameter.empty for parameter in parameters)


def occasion(language: str = "zh") -> Occasion:
    return Occasion("page:room", "page", "lee", "p1", "ayin", "", language, NOW, "k1")


@pytest.fixture(params=[name for name in names(port) if bare(name)])
async def toolbox(request: pytest.FixtureRequest) -> AsyncGenerator[Toolbox]:
    made: Toolbox = adapter(port, request.param).open()
    yield made
    await made.close()


def properties(tool: Tool) -> Mapping[str, Mapping[str, Any]]:
    return tool.arguments.get("properties", {})


def test_the_clock_and_the_calculator_are_among_them() -> None:
    assert {"clock", "calculator"} <= {name for name in names(port) if bare(name)}


async def test_tools_have_a_name_a_service_takes_and_words(toolbox: Toolbox) -> None:
    assert toolbox.tools
    assert len({tool.name for tool in toolbox.tools}) == len(toolbox.tools)
    for tool in toolbox.tools:
        assert re.fullmatch(NAME, tool.name)
        assert 10 < len(tool.about) < 1000


async def test_arguments_are_a_closed_object_and_each_is_described(toolbox: Toolbox) -> None:
    for tool in toolbox.tools:
        assert json.loads(json.dumps(tool.arguments)) == tool.arguments
        assert tool.arguments["type"] == "object"
        assert tool.arguments["additionalProperties"] is False
        assert set(tool.arguments.get("required", ())) <= set(properties(tool))
        assert all(each.get("description") and each.get("type") for each in properties(tool).values())


async def test_the_tools_stay(toolbox: Toolbox) -> None:
    assert list(toolbox.tools) == list(toolbox.tools)
    await toolbox.tend()


@pytest.mark.parametrize("name", ["", "no_such_tool", "x" * 10_000])
async def test_an_unknown_tool_is_a_tool_error(toolbox: Toolbox, name: str) -> None:
    with pytest.raises(ToolError) as caught:
        await toolbox.call(name, {}, occasion())
    assert 0 < len(str(caught.value)) < 1000


async def test_arguments_of_a_wrong_type_are_a_tool_error(toolbox: Toolbox) -> None:
    for tool in toolbox.tools:
        for name, schema in properties(tool).items():
            for value in (WRONG[schema["type"]], None, float("nan"), [{}]):
                with pytest.raises(ToolError, match=name):
                    await toolbox.call(tool.name, {**SAMPLES.get(tool.name, {}), name: value}, occasion())


async def test_arguments_nobody_knows_or_that_are_missing_are_a_tool_error(toolbox: Toolbox) -> None:
    for tool in toolbox.tools:
        with pytest.raises(ToolError, match="nobody_knows"):
            await toolbox.call(tool.name, {**SAMPLES.get(tool.name, {}), "nobody_knows": 1}, occasion())
        for name in tool.arguments.get("required", ()):
            rest = {key: value for key, value in SAMPLES[tool.name].items() if key != name}
            with pytest.raises(ToolError, match=name):
                await toolbox.call(tool.name, rest, occasion())


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_result_has_bounded_words_for_the_model_and_for_her(toolbox: Toolbox, language: str) -> None:
    for tool in toolbox.tools:
        result = await toolbox.call(tool.name, SAMPLES.get(tool.name, {}), occasion(language))
        assert 0 < len(result.text) <= 8000
        assert 0 < len(result.say) <= 8000
        assert not result.failed
