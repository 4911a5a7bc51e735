"""The bodies that personas stand in: made when a look is new, told by address and cues."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from bot import avatar
from bot.avatar import manifest
from bot.avatar.manifest import Manifest
from bot.persona import Persona


@dataclass(frozen=True, slots=True)
class Body:
    """A generated body."""

    name: str
    """Its folder's, a hash."""
    manifest: Manifest


@dataclass(slots=True)
class Bodies:
    """One body per persona; while a changed look is being drawn she keeps the one she had."""

    root: Path
    """build/avatar"""
    made: dict[str, Body] = field(default_factory=dict[str, Body])
    """Persona id → her body."""

    def make(self, persona: Persona) -> None:
        """See that the persona's body is there; drawing a new look takes seconds of CPU. Raises OSError, ValueError."""
        if persona.avatar.vrm:
            folder = avatar.adopt((persona.folder / persona.avatar.vrm).read_bytes(), self.root)
        else:
            folder = avatar.ensure(avatar.chosen(persona.avatar.look), self.root)
        self.made[persona.id] = Body(folder.name, manifest.load(folder))

    def url(self, persona: Persona) -> str:
        """Address of the body's manifest on the server."""
        return f"/avatar/{self.made[persona.id].name}/manifest.json"

    def cues(self, persona: Persona) -> Collection[str]:
        """The cues the persona may use."""
        known, only = self.made[persona.id].manifest.cues, persona.avatar.only
        return [cue for cue, (_, name) in known.items() if not only or name in only or cue in only]
