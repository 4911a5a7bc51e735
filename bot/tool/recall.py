"""Looking things up in what she remembers of the person she talks to."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot import facts
from bot.memory import Memory
from bot.tool import Occasion, Result, Tool, ToolError

MOST = 10
RECALL = Tool(
    "recall",
    "Look up what you remember of this user from earlier days, beyond what stands in <memory>.",
    {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "What it is about.", "minLength": 1, "maxLength": 200}
        },
        "required": ["query"],
        "additionalProperties": False,
    },
    doing=("正在回想…", "Thinking back…"),
)


def open(memory: Memory) -> "RecallToolbox":
    """The tool over what she remembers."""
    return RecallToolbox(memory)


class RecallToolbox:
    """Recalls."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    @property
    def tools(self) -> Sequence[Tool]:
        """Recalling."""
        return (RECALL,)

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """The facts that share something with the query; of a group none: what was said in private stays there.

        None, too, of somebody who does not want to be remembered.
        """
        if name != RECALL.name or not isinstance(query := arguments.get("query"), str):
            raise ToolError("recall takes a query.")
        closed = occasion.group or await self.memory.off(occasion.person)
        known = [] if closed else await self.memory.active(occasion.person, occasion.persona)
        found = facts.relevant(known, query, MOST)
        if not found:
            return Result(
                "You remember nothing about that.",
                "这个我没有记下来。" if occasion.language == "zh" else "I have no note of that.",
            )
        lines = "\n".join(f"- {fact.text}" for fact in found)
        return Result(lines, lines)

    async def tend(self) -> None:
        """Nothing to keep up."""

    async def close(self) -> None:
        """Nothing to let go of."""
