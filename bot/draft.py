"""A reply in the making: what an attempt has brought so far, and what is written down of it."""

from collections.abc import Collection, Sequence
from typing import Any

from bot.brain import Finish
from bot.director import Directed, Director
from bot.message import Cite, Cue, Line, Utterance, Words


class Draft:
    """Collects an attempt's text, cues and citations as they come."""

    def __init__(self, cues: Collection[str], brain: str) -> None:
        self.director = Director(cues)
        self.brain = brain
        """Which brain it comes from; empty: a set phrase."""
        self.text = ""
        """Display text."""
        self.cues: list[Cue] = []
        self.cites: list[Cite] = []
        self.finish = Finish("")

    def take(self, text: str) -> Sequence[Directed]:
        """What a bit of the answer makes of the reply."""
        return self._kept(self.director.feed(text))

    def close(self) -> Sequence[Directed]:
        """The rest, now that no more text comes."""
        return self._kept(self.director.close())

    def detail(self, utterances: Sequence[Utterance]) -> dict[str, Any]:
        """What the store keeps beside the text."""
        return {
            "brain": self.brain,
            "model": self.finish.model,
            "finish": self.finish.reason,
            "usage": dict(self.finish.usage),
            "cues": [[cue.name, cue.intensity, cue.at] for cue in self.cues],
            "cites": [[cite.id, cite.at] for cite in self.cites],
            "utterances": [
                {"text": u.text, "start": u.start, "media": u.media, "seconds": u.seconds, "visemes": u.visemes}
                for u in sorted(utterances, key=lambda u: u.start)
            ],
            **self.finish.detail,
        }

    def _kept(self, pieces: Sequence[Directed]) -> Sequence[Directed]:
        for piece in pieces:
            match piece:
                case Words():
                    self.text += piece.text
                case Cue():
                    self.cues.append(piece)
                case Cite():
                    self.cites.append(piece)
                case Line():
                    pass
        return pieces
