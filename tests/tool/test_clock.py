"""The clock as a tool."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.tool import Occasion, ToolError
from bot.tool.clock import open as clock

NOW = datetime(2026, 11, 23, 16, 40, 12, 999, tzinfo=ZoneInfo("Asia/Shanghai"))


def occasion(language: str = "zh") -> Occasion:
    return Occasion("page:room", "page", "lee", "p1", "ayin", "现在几点", language, NOW, "k1")


async def test_it_tells_the_time_where_the_user_is() -> None:
    result = await clock().call("what_time_is_it", {}, occasion())
    assert result.text == "2026-11-23T16:40:12+08:00 Monday (Asia/Shanghai)"
    assert result.say == "现在是2026年11月23日，星期一，16点40分。"
    assert (await clock().call("what_time_is_it", {}, occasion("en"))).say == "It is 16:40, Monday, 23 November 2026."


async def test_it_tells_the_time_elsewhere() -> None:
    result = await clock().call("what_time_is_it", {"zone": "Pacific/Auckland"}, occasion())
    assert result.text == "2026-11-23T21:40:12+13:00 Monday (Pacific/Auckland)"
    assert result.say == "Pacific/Auckland 的时间是2026年11月23日，星期一，21点40分。"
    english = await clock().call("what_time_is_it", {"zone": "America/Los_Angeles"}, occasion("en"))
    assert english.say == "It is 00:40 in America/Los_Angeles, Monday, 23 November 2026."


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "Asia", "../../etc/passwd", "/etc/passwd", "\0", "东京", "Asia/Tokyo "]
)
async def test_a_zone_nobody_knows_is_a_tool_error_in_the_users_language(zone: str) -> None:
    with pytest.raises(ToolError, match="时区"):
        await clock().call("what_time_is_it", {"zone": zone}, occasion())
    with pytest.raises(ToolError, match="no time zone"):
        await clock().call("what_time_is_it", {"zone": zone}, occasion("en"))
