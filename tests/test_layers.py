"""The house's shape: imports point one way, no cycles, only the composition root names adapters, wechaty stays asleep."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

BOT = Path(__file__).resolve().parents[1] / "bot"
PORTS = (
    "bot.channel",
    "bot.brain",
    "bot.voice",
    "bot.lips",
    "bot.ear",
    "bot.store",
    "bot.bus",
    "bot.tool",
    "bot.reader",
)
LAYERS = (
    {"bot.__main__"},
    {"bot.commands"},
    {"bot.composition", "bot.terminal"},
    {"bot.service", "bot.web"},
    {"bot.conversation"},
    {"bot.asking"},
    {"bot.courtesy"},
    {"bot.house", "bot.post"},
    {"bot.turn", "bot.recital", "bot.unpacking"},
    {"bot.prompt", "bot.draft", "bot.speaker"},
    {"bot.director", "bot.utterance"},
    set(PORTS),
    {"bot.message"},
)
"""Top to bottom; what is not named here may stand anywhere, as long as there is no cycle."""


def module(path: Path) -> str:
    parts = path.relative_to(BOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in sorted(BOT.rglob("*.py")) if "node_modules" not in path.parts}


def imports(name: str) -> set[str]:
    """The bot's modules a module imports when it is imported itself (imports inside functions are later)."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package.split(".")[: len(package.split(".")) - node.level + 1]]) if node.level else ""
            source = ".".join(filter(None, (base, node.module)))
            found |= {
                f"{source}.{alias.name}" if f"{source}.{alias.name}" in MODULES else source for alias in node.names
            }
    return (found & set(MODULES)) - {name}


GRAPH = {name: imports(name) for name in MODULES}


def layer(name: str) -> int | None:
    """A module's layer; an adapter stands in its port's."""
    for number, names in enumerate(LAYERS):
        if any(name == each or name.startswith(f"{each}.") for each in names):
            return number
    return None


def test_there_is_no_import_cycle() -> None:
    assert list(TopologicalSorter(GRAPH).static_order())


def test_imports_point_down() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        for other in others
        if (here := layer(name)) is not None and (there := layer(other)) is not None and there < here
    ]
    assert wrong == []


def test_only_the_composition_root_imports_adapters() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        for other in others
        for port in PORTS
        if other.startswith(f"{port}.")
        and not name.startswith(f"{port}.")
        and name not in ("bot.composition", "bot.commands")
    ]
    assert wrong == []


def test_ports_know_nothing_of_each_other_but_what_a_voice_says_and_a_brain_calls() -> None:
    allowed = {("bot.lips", "bot.voice"), ("bot.brain", "bot.tool")}
    wrong = [
        (port, other) for port in PORTS for other in GRAPH[port] if other in PORTS and (port, other) not in allowed
    ]
    assert wrong == []


def test_heavy_libraries_sleep_until_they_are_needed() -> None:
    heavy = (
        "wechaty",
        "openai",
        "edge_tts",
        "pypinyin",
        "PIL",
        "soundfile",
        "pysilk",
        "av",
        "pocketsphinx",
        "qrcode",
        "cryptography",
        "grpclib",
        "defusedxml",
        "lxml",
        "pypdf",
        "docx",
        "openpyxl",
        "mcp",
    )
    code = f"import sys, bot.commands, bot.reading; print([m for m in {heavy!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=BOT.parent, check=True)
    assert ran.stdout.strip() == "[]"
