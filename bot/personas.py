"""The personas that are alive: the last good version of each, read again when the operator saves."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path
from types import MappingProxyType

from watchfiles import DefaultFilter, awatch

from bot import persona
from bot.faults import Fault, Faults, Place, choices, shown
from bot.folder import names
from bot.persona import Persona

log = logging.getLogger(__name__)

Tell = Callable[[str, str], Awaitable[None]]
"""Gets a persona's id and what is wrong with its folder; empty: it is good, and new."""
QUIET_MS = 100
"""A save is over when nothing changed for this long: editors write in several steps."""


class Personas:
    """Shipped folders and the operator's own, which go before shipped ones of the same name."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self.roots = (own, shipped)
        self._good: dict[str, Persona] = {}
        self._faults: dict[str, str] = {}

    @property
    def faults(self) -> Mapping[str, str]:
        """What is wrong now with folders whose last good version is still in use."""
        return MappingProxyType(self._faults)

    def get(self, id: str) -> Persona:
        """The last good version, at once; the folder is read when there is none yet. Raises Faults if that fails."""
        if id not in self._good:
            self._good[id] = self._read(id)
        return self._good[id]

    async def watch(self, tell: Tell) -> None:
        """Read folders again as they are saved, and tell what became of it, until cancelled."""
        roots = [root for root in self.roots if await asyncio.to_thread(_there, root)]
        if not roots:
            log.warning("没有可以看着的人设文件夹 / there is no persona folder to watch")
            return
        async with aclosing(self._saved(roots)) as saves:
            async for ids in saves:
                for id in sorted(ids):
                    await self._renew(id, tell)

    async def _saved(self, roots: list[Path]) -> AsyncGenerator[set[str]]:
        """Ids of living personas whose folders changed, save by save."""
        try:
            async for changes in awatch(*roots, watch_filter=DefaultFilter(), step=QUIET_MS):
                yield self._touched(path for _, path in changes)
        except (OSError, RuntimeError) as error:  # the machine has no watch left to give
            zh = "人设改动不会自动生效，改完请重启"
            log.warning("%s / persona folders cannot be watched, restart after a change: %s", zh, error)

    def _touched(self, paths: Iterable[str]) -> set[str]:
        """Living personas that paths belong to."""
        found = {
            Path(path).relative_to(start).parts[:1]
            for path in paths
            for root in self.roots
            for start in {root.absolute(), root.resolve()}
            if Path(path).is_relative_to(start)
        }
        return {id for part in found for id in part if id in self._good}

    async def _renew(self, id: str, tell: Tell) -> None:
        """Read a folder again; keep the last good version where it is broken."""
        before, broken = self._good[id].version, self._faults.get(id, "")
        try:
            fresh = await asyncio.to_thread(self._read, id)
        except Faults as faults:
            self._faults[id] = str(faults)
            if str(faults) != broken:
                log.warning("%s: 保留上一个好版本 / keeping the last good version\n%s", id, faults)
                await tell(id, str(faults))
            return
        self._good[id] = fresh
        self._faults.pop(id, None)
        if broken or fresh.version != before:
            log.info("%s: 新版本 / new version %s", id, fresh.version)
            await tell(id, "")

    def _read(self, id: str) -> Persona:
        """What the folder says now. Raises Faults."""
        folder = next((root / id for root in self.roots if id in names([root])), None)
        if folder is None:
            zh, en = choices(id, names(self.roots))
            place = Place(shown(self.roots[-1] / id))
            raise Faults([Fault(place, "", f"没有这个人设文件夹。{zh}", f"There is no such persona folder.{en}")])
        fresh = persona.load(folder)
        for notice in fresh.notices:
            log.warning("%s", notice)
        return fresh


def _there(root: Path) -> bool:
    """Whether a folder can be watched; the operator's own is made where it may be."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError:
        return root.is_dir()
    return os.access(root, os.R_OK)
