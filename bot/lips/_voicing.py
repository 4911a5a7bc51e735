"""What the lips learn of a voice as it talks, kept in a file of its own: how its sounds sound, how late its word times are."""

import logging
import os
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.lips._cepstra import CEPSTRA, Frames
from bot.lips._sounds import WIDTH, Key, Sounds, Tally

log = logging.getLogger(__name__)

PRIOR = Path(__file__).with_name("prior.npz")
"""How sounds sound in general: learned from espeak-ng's labelled speech by ``python -m bot.lips._prior``."""
COLD = 5
"""So many sentences of a voice are aligned twice, the second time knowing themselves."""
AGREEING = 3
"""So many sentences must agree before word times are shifted."""
ASKED = 8
"""So many first sentences are asked how late their word times are."""
SURE_S, AGREE_S = 0.02, 0.012
"""A smaller shift than the first is none; estimates agree within the second."""
EVERY = 10
"""After so many sentences what was learned is saved."""


@dataclass(slots=True)
class Voicing:
    """One voice."""

    file: Path | None
    sounds: Sounds
    tallies: dict[Key, Tally] = field(default_factory=dict[Key, Tally])
    mean: Frames | None = None
    """The mean of its spoken frames' cepstra."""
    sentences: int = 0
    lateness: list[float] = field(default_factory=list[float])
    """What each of the first sentences says of how late its words are, in seconds."""

    @property
    def shift(self) -> float:
        """Seconds to add to its word times."""
        if len(self.lateness) < AGREEING:
            return 0.0
        middle = statistics.median(self.lateness)
        apart = statistics.median(abs(each - middle) for each in self.lateness)
        return middle if abs(middle) >= SURE_S and apart <= AGREE_S else 0.0

    def learn(self, heard: Mapping[Key, Tally], mean: Frames) -> None:
        """Take a sentence in."""
        for key, tally in heard.items():
            known = self.tallies.setdefault(key, Tally())
            known.join(tally)
            known.fade()
        self.sounds = Sounds.of(self.tallies, prior())
        self.mean = mean if self.mean is None else (0.8 * self.mean + 0.2 * mean).astype(np.float32)
        self.sentences += 1
        if self.sentences % EVERY == 0:
            self.save()

    def save(self) -> None:
        """Keep what was learned; without room for it, it is learned anew another time."""
        if self.file is None or not self.sentences:
            return
        names = sorted(self.tallies)
        table = {
            "names": np.array(names),
            "counts": np.array([self.tallies[name].count for name in names]),
            "sums": np.array([self.tallies[name].sum for name in names]),
            "squares": np.array([self.tallies[name].squares for name in names]),
            "mean": self.mean if self.mean is not None else np.zeros(CEPSTRA, np.float32),
            "sentences": np.array(self.sentences),
            "lateness": np.array(self.lateness),
        }
        draft = self.file.with_name(f"{self.file.name}.{os.getpid()}.new")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as out:
                np.savez(out, allow_pickle=False, **table)
            draft.replace(self.file)
        except OSError as error:
            log.warning("what was learned of a voice is not kept: %s", error)
            draft.unlink(missing_ok=True)


def voicing(folder: Path | None, engine: str) -> Voicing:
    """What is known of a voice; a broken file is left aside."""
    if folder is None:
        return Voicing(None, prior())
    file = folder / f"{sha256(engine.encode()).hexdigest()[:16]}.npz"
    found = Voicing(file, prior())
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as table:
            _fill(found, table)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        log.warning("%s is broken (%s); the voice is learned anew", file, error)
        found = Voicing(file, prior())
    return found


def _fill(found: Voicing, table: Mapping[str, Frames]) -> None:
    """Raises ValueError and KeyError for a table of another kind."""
    names, counts, sums, squares = (table[name] for name in ("names", "counts", "sums", "squares"))
    shape = (len(names), WIDTH)
    if (
        sums.shape != shape
        or squares.shape != shape
        or table["mean"].shape != (CEPSTRA,)
        or not np.isfinite(sums).all()
    ):
        raise ValueError("another kind of table")
    found.tallies = {
        str(name): Tally(float(count), sum, square)
        for name, count, sum, square in zip(names, counts, sums, squares, strict=True)
    }
    found.mean = table["mean"].astype(np.float32)
    found.sentences = int(table["sentences"])
    found.lateness = [float(each) for each in table["lateness"]]
    found.sounds = Sounds.of(found.tallies, prior())


@lru_cache(1)
def prior() -> Sounds:
    """How sounds sound in general."""
    with np.load(PRIOR, allow_pickle=False) as table:
        names = [str(name) for name in table["names"]]
        means, spreads = table["means"].astype(np.float32), table["spreads"].astype(np.float32)
    return Sounds(dict(zip(names, means, strict=True)), dict(zip(names, spreads, strict=True)))
