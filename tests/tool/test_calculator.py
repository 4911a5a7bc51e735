"""The calculator as a tool."""

from datetime import UTC, datetime

import pytest

from bot.tool import Occasion, ToolError
from bot.tool.calculator import open as calculator


def occasion(language: str = "zh") -> Occasion:
    return Occasion("page:room", "page", "lee", "p1", "ayin", "", language, datetime(2026, 11, 23, tzinfo=UTC), "k1")


async def test_it_says_sum_and_value() -> None:
    result = await calculator().call("calculate", {"expression": " 1,299.50  × 3 = ? "}, occasion())
    assert result.text == result.say == "1,299.50 × 3 = 3898.5"


@pytest.mark.parametrize(("language", "words"), [("zh", "不能除以零"), ("en", "Division by zero")])
async def test_what_has_no_value_is_a_tool_error_in_the_users_language(language: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        await calculator().call("calculate", {"expression": "1/0"}, occasion(language))


async def test_a_sum_that_is_too_long_is_refused_by_its_schema() -> None:
    with pytest.raises(ToolError, match="200"):
        await calculator().call("calculate", {"expression": "1+" * 100 + "1"}, occasion())
