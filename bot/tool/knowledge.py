"""Looking things up in what the operator gave her."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.knowledge import Knowledge
from bot.retrieval import Item
from bot.tool import Occasion, Result, Tool, ToolError

MOST, CHARACTERS = 6, 6000
"""Passages of a result, and characters of all of them."""
SEARCH = Tool(
    "search_knowledge",
    "Search the company's documents and FAQ. Use it before answering a question about facts that the prompt does not hold."
    " Write the query with the words the documents are likely to use, in Chinese where they are Chinese. Cite what you use"
    " as [k:id].",
    {
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "description": "Keywords or a short question.",
                "minLength": 1,
                "maxLength": 200,
            }
        },
        "required": ["query"],
        "additionalProperties": False,
    },
    doing=("正在查资料…", "Looking it up…"),
)


def open(knowledge: Knowledge) -> "KnowledgeToolbox":
    """The tool over what personas know."""
    return KnowledgeToolbox(knowledge)


class KnowledgeToolbox:
    """Searches."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    @property
    def tools(self) -> Sequence[Tool]:
        """Searching."""
        return (SEARCH,)

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """The passages that fit best, each with the id to cite it by."""
        if name != SEARCH.name or not isinstance(query := arguments.get("query"), str):
            raise ToolError("search_knowledge takes a query.")
        persona = self.knowledge.persona(occasion.persona)
        hits = await self.knowledge.search(persona, query, most=MOST)
        if not hits:
            return Result(
                "Nothing was found. Try other words once; else say that you do not know.",
                "没有找到。" if occasion.language == "zh" else "Nothing found.",
            )
        told: list[str] = []
        left = CHARACTERS
        for hit in hits:
            told.append(_told(hit.item)[: max(0, left)])
            left -= len(told[-1])
        return Result("\n\n".join(filter(None, told)), hits[0].item.answer)

    async def tend(self) -> None:
        """Nothing to keep up: the knowledge is tended by itself."""

    async def close(self) -> None:
        """Nothing to let go of."""


def _told(item: Item) -> str:
    where = " › ".join(filter(None, (item.file or "faq", item.heading or next(iter(item.wordings), ""))))
    return f"[k:{item.id}] ({where})\n{item.answer}"
