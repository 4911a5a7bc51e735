"""The locks: every package with its hashes, all that pyproject asks for, and never the name of a host."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = {
    "requirements.txt": PROJECT["project"]["dependencies"],
    "requirements-test.txt": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"],
    "requirements-amr.txt": PROJECT["project"]["optional-dependencies"]["amr"],
    "requirements-ja.txt": PROJECT["project"]["optional-dependencies"]["ja"],
    "requirements-mcp.txt": PROJECT["project"]["optional-dependencies"]["mcp"],
    "requirements-sphinx.txt": PROJECT["project"]["optional-dependencies"]["sphinx"],
    "requirements-node.txt": PROJECT["dependency-groups"]["node"],
}


def name(requirement: str) -> str:
    """A package's name as locks write it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("file", ASKED)
def test_a_lock_holds_what_is_asked_for_with_hashes_and_no_hosts(file: str) -> None:
    text = (ROOT / "config" / file).read_text()
    assert "://" not in text
    pins = re.split(r"\n(?=\S)", text.strip())
    assert {name(pin) for pin in pins} >= {name(each) for each in ASKED[file]}
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_the_tests_run_what_is_shipped() -> None:
    shipped, tested = (
        set(re.findall(r"^\S+==\S+", (ROOT / "config" / file).read_text(), re.MULTILINE))
        for file in ("requirements.txt", "requirements-test.txt")
    )
    assert shipped <= tested


@pytest.mark.parametrize("folder", ["bot/web/page", "tests/gateway"])
def test_the_locks_of_node_name_no_hosts(folder: str) -> None:
    lock = (ROOT / folder / "package-lock.json").read_text()
    assert "://" not in lock
    assert lock.count('"integrity"') > 10
