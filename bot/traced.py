"""Text that remembers where each of its characters came from, through every replacement."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

New = str | Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], New]
"""What is looked for, and what is put in its place."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A text and, for each character, its place in the text it was made from; places never fall."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Traced":
        """A text as it is."""
        return cls(text, tuple(range(len(text))))

    def put(self, pattern: re.Pattern[str], new: New) -> "Traced":
        """Every match replaced; the new characters are spread over the old ones' places, equal ends keep theirs."""
        if not pattern.search(self.text):
            return self
        matches = pattern.finditer(self.text)
        if isinstance(new, str):
            return self._changed((match.start(), match.end(), match.expand(new)) for match in matches)
        return self._changed((match.start(), match.end(), new(match)) for match in matches)

    def read(self, rules: Iterable[Rule]) -> "Traced":
        """One rule after the other applied."""
        text = self
        for pattern, new in rules:
            text = text.put(pattern, new)
        return text

    def keep(self, pattern: re.Pattern[str]) -> "Traced":
        """Of every match only its groups."""

        def cuts() -> Iterable[tuple[int, int, str]]:
            for match in pattern.finditer(self.text):
                at = match.start()
                for group in range(1, (pattern.groups or 0) + 1):
                    if match[group] is not None:
                        yield at, match.start(group), ""
                        at = match.end(group)
                yield at, match.end(), ""

        return self._changed(cuts())

    def sliced(self, start: int, end: int) -> "Traced":
        """A part of it."""
        return Traced(self.text[start:end], self.places[start:end])

    def _changed(self, changes: Iterable[tuple[int, int, str]]) -> "Traced":
        texts: list[str] = []
        places: list[int] = []
        last = 0
        for start, end, new in changes:
            if self.text[start:end] != new:
                texts += (self.text[last:start], new)
                places += self.places[last:start]
                places += self._spread(start, end, new)
                last = end
        if not texts:
            return self
        return Traced("".join((*texts, self.text[last:])), (*places, *self.places[last:]))

    def _spread(self, start: int, end: int, new: str) -> Iterable[int]:
        """Places for the characters that take the place of a stretch."""
        old, count = self.text[start:end], len(new)
        head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), count))
        rest = min(len(old), count) - head
        tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
        middle = range(start + head, end - tail) or range(max(start + head - 1, 0), max(start + head, 1))
        if not self.places:
            return [0] * count
        spread = [middle[n * len(middle) // (count - head - tail)] for n in range(count - head - tail)]
        whole = (*range(start, start + head), *spread, *range(end - tail, end))
        return [self.places[min(at, len(self.places) - 1)] for at in whole]
