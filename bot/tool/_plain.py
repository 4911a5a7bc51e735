"""Strangers' words made plain: nothing invisible, nothing endless, no secret of ours."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, cast

T = TypeVar("T")

HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
"""Unicode categories nobody sees: escape sequences, changes of direction, tags that only a model reads."""
MASK = "•••"
TEXT, VALUES, LEVELS = 20_000, 50_000, 40
"""Characters of a text, values of a message and levels within one another that are kept of what a server says."""


def plain(text: str, longest: int) -> str:
    """The text without what cannot be seen, at most so many characters; line breaks stay."""
    seen = "".join(each for each in text if each in "\n\t" or unicodedata.category(each) not in HIDDEN)
    seen = re.sub(r"\n{3,}", "\n\n", seen).strip()
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"


def line(text: str, longest: int) -> str:
    """The same on one line."""
    return plain(" ".join(text.split()), longest)


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret in it hidden."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


class Scissors:
    """Cut a JSON value to a size that costs nobody anything: its beginning stays."""

    def __init__(self) -> None:
        self._left = VALUES

    def cut(self, value: Any, level: int = 0) -> Any:  # noqa: ANN401 — any JSON
        """The value's beginning."""
        if isinstance(value, str):
            return value[:TEXT]
        if not isinstance(value, dict | list) or level >= LEVELS:
            return None if isinstance(value, dict | list) else value
        if isinstance(value, dict):
            items = cast(dict[str, Any], value).items()
            return {key[:TEXT]: self.cut(each, level + 1) for key, each in self._some(items)}
        return [self.cut(each, level + 1) for each in self._some(cast(list[Any], value))]

    def _some(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            if self._left <= 0:
                return
            self._left -= 1
            yield item
