"""What the bench found: printed as one table, written as build/bench.json."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Figures:
    """Named values with unit, aim and note."""

    rows: dict[str, tuple[float, str, str, str]] = field(default_factory=dict[str, tuple[float, str, str, str]])

    def add(self, name: str, value: float, unit: str, aim: str = "", note: str = "") -> None:
        """Note a figure."""
        self.rows[name] = (value, unit, aim, note)
        print(f"  {name:36} {value:>10.4g} {unit:6} {aim:12} {note}", flush=True)

    def save(self, path: Path) -> None:
        """Write them for machines."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = {
            name: {"value": value, "unit": unit, "note": note} for name, (value, unit, _, note) in self.rows.items()
        }
        path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def environment() -> str:
    """What the figures were taken on."""
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load}"


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 % stay below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
