"""What readers use of lxml's elements, which come without types."""

from collections.abc import Iterator, Mapping
from typing import Protocol


class Element(Protocol):
    """An element of a parsed document."""

    @property
    def tag(self) -> str:
        """Its name, with its namespace in braces."""
        ...

    @property
    def text(self) -> str | None:
        """The text before its first child."""
        ...

    @property
    def tail(self) -> str | None:
        """The text after its end."""
        ...

    @property
    def attrib(self) -> Mapping[str, str]:
        """Its attributes."""
        ...

    def get(self, key: str) -> str | None:
        """An attribute."""
        ...

    def find(self, path: str) -> "Element | None":
        """The first element on a path below."""
        ...

    def iter(self, *tags: str) -> Iterator["Element"]:
        """Itself and all below."""
        ...

    def iterchildren(self, *tags: str) -> Iterator["Element"]:
        """The elements right below."""
        ...

    def iterancestors(self, *tags: str) -> Iterator["Element"]:
        """The elements around it, the nearest first."""
        ...
