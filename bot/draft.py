"""A reply in the making: what an attempt has brought so far, and what is written down of it."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.brain import Finish
from bot.deeds import Deed
from bot.director import Directed, Director
from bot.message import Cite, Cue, Line, Picture, Source, Utterance, Words

UNKNOWN = "unknown"
"""What she writes like a stage direction where she does not know what was asked; nobody sees it, the operator's list does."""
Find = Callable[[str], Source | None]
KEPT = 1000
"""Characters of a call's arguments and result that are written down."""


def nothing(id: str) -> Source | None:
    """Nothing can be cited."""
    return None


class Draft:
    """Collects an attempt's text, cues and citations as they come."""

    def __init__(self, cues: Collection[str], brain: str, find: Find = nothing, *, mannered: bool = True) -> None:
        self.director = Director([*cues, UNKNOWN], mannered=mannered)
        self.find = find
        """What may be cited, by id."""
        self.unknown = False
        """She said that she does not know."""
        self.brain = brain
        """Which brain it comes from; empty: a set phrase."""
        self.text = ""
        """Display text."""
        self.raw = ""
        """What was taken, cues and citations included."""
        self.cues: list[Cue] = []
        self.cites: list[Cite] = []
        self.invented = 0
        """Citations of what does not exist, left out."""
        self.finish = Finish("")
        self.calls: list[dict[str, Any]] = []
        """What was done on the way, and what came of it."""
        self.pictures: list[Picture] = []
        """What goes with the reply."""

    def take(self, text: str) -> Sequence[Directed]:
        """What a bit of the answer makes of the reply."""
        self.raw += text
        return self._kept(self.director.feed(text))

    def close(self) -> Sequence[Directed]:
        """The rest, now that no more text comes."""
        return self._kept(self.director.close())

    def finished(self, finish: Finish) -> None:
        """One of the brain's answers ended; what they used is added up."""
        usage = Counter(self.finish.usage)
        usage.update(finish.usage)
        self.finish = replace(finish, usage=dict(usage))

    def called(self, deed: Deed) -> list[Picture]:
        """Something was done on the way; the pictures that are new."""
        call, result = deed.call, deed.result
        told = {
            "name": call.name,
            "arguments": call.arguments[:KEPT],
            "text": result.text[:KEPT],
            "failed": result.failed,
        }
        self.calls.append({**told, "seconds": round(deed.seconds, 3)})
        fresh = [part for part in result.parts if isinstance(part, Picture) and part not in self.pictures]
        self.pictures += fresh
        return fresh

    def detail(self, utterances: Sequence[Utterance]) -> dict[str, Any]:
        """What the store keeps beside the text."""
        return {
            "brain": self.brain,
            "model": self.finish.model,
            "finish": self.finish.reason,
            "usage": dict(self.finish.usage),
            "cues": [[cue.name, cue.intensity, cue.at] for cue in self.cues],
            "cites": [[cite.id, cite.at] for cite in self.cites],
            "sources": [
                {**asdict(cite.source), "at": cite.at, "number": cite.number}
                for cite in self.cites
                if cite.source and cite.number
            ],
            "invented": self.invented,
            "calls": self.calls,
            "utterances": [
                {"text": u.text, "start": u.start, "media": u.media, "seconds": u.seconds, "visemes": u.visemes}
                for u in sorted(utterances, key=lambda u: u.start)
            ],
            **({} if "band" in self.finish.detail else self._band()),
            **self.finish.detail,
        }

    def _band(self) -> dict[str, str]:
        """How well she could answer, as far as a model tells: by what it cites, and by what it says it does not know."""
        entry = next((cite.source.id for cite in self.cites if cite.source), "")
        return {"band": "unknown" if self.unknown else "answer" if entry else "free", "entry": entry}

    def _kept(self, pieces: Sequence[Directed]) -> Sequence[Directed]:
        kept: list[Directed] = []
        for piece in pieces:
            match piece:
                case Words():
                    self.text += piece.text
                case Cue(name) if name == UNKNOWN:
                    self.unknown = True
                    continue
                case Cue():
                    self.cues.append(piece)
                case Cite():
                    cite = self._known(piece)
                    if cite is None:
                        self.invented += 1
                        continue
                    self.cites.append(cite)
                    kept.append(cite)
                    continue
                case Line():
                    pass
            kept.append(piece)
        return kept

    def _known(self, cite: Cite) -> Cite | None:
        """A citation with its source and number; None where there is no such thing."""
        source = self.find(cite.id.removeprefix("k:"))
        if not source:
            return None
        if not source.shown:
            return replace(cite, source=source)
        numbers = {each.source.id: each.number for each in self.cites if each.source and each.number}
        return replace(cite, source=source, number=numbers.get(source.id, len(numbers) + 1))
