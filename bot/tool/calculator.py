"""A calculator: models guess at sums, this does not."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot import arithmetic
from bot.arguments import checked
from bot.tool import Occasion, Result, Tool, ToolError

CALCULATE = Tool(
    "calculate",
    "Works out a sum exactly. Use it for every calculation beyond one-digit numbers instead of reckoning yourself.",
    {
        "type": "object",
        "properties": {
            "expression": {
                "type": "string",
                "description": "The sum, such as (3+4.5)*2^3, 15% or sqrt(2); with + - * / % ^, brackets, sqrt, abs,"
                " round(x, places), min and max. 200+20% is 240; % before a number is the remainder.",
                "maxLength": arithmetic.LONGEST,
            }
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
)


class Calculator:
    """The toolbox with the calculator alone."""

    tools: Sequence[Tool] = (CALCULATE,)

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """The value, rounded to 12 places. Raises ToolError."""
        if name != CALCULATE.name:
            raise ToolError(f"没有这个工具 / no such tool: {name[:64]}")
        expression: str = checked(arguments, CALCULATE.arguments)["expression"]
        try:
            value = arithmetic.told(arithmetic.value(expression))
        except arithmetic.BadSum as error:
            raise ToolError(error.told(occasion.language)) from error
        asked = " ".join(expression.split()).rstrip(" =?？")
        return Result(f"{asked} = {value}", f"{asked} = {value}")

    async def tend(self) -> None:
        """Nothing to keep up."""

    async def close(self) -> None:
        """Nothing to let go of."""


def open() -> Calculator:
    """A calculator; it needs nothing."""
    return Calculator()
