"""Patterns of strangers: the same answers as Python's, in JavaScript's spelling, and nothing that hangs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pattern import BadPattern, Fuel, compiled, slashed

FUEL = 1_000_000


def found(source: str, text: str, flags: str = "") -> bool:
    return compiled(source, flags).found(text, Fuel(FUEL))


PLAIN = (
    "(a+)+$", "cat|dog", "^ab", "b$", "a{2,3}b", "(?:a|b){2}c", r"\bcat\b", r"\Ba", "[^a-c]x", r"\d+\s?kg",
    "(?:foo|ba(r|z))+!", ".*x", "a.c", "a*", "(a|b)*c", r"(?<!x)cat(?!s)", "a??b+?", "[a-]", r"[\]x]", "(?<n>a)b",
    "(a*)*b", "()", "a||b", r"x{2}", r"d\d|s\s", r"\x61\u0062",
)  # fmt: skip


@given(st.sampled_from(PLAIN), st.text(alphabet="abcxdogt s1k!\n]-", max_size=12))
def test_it_says_what_python_says(source: str, text: str) -> None:
    python = source.replace("$", r"\Z").replace("(?<n>", "(?P<n>")
    assert found(source, text) == bool(re.search(python, text))


@pytest.mark.parametrize(
    ("source", "flags", "text", "is_there"),
    [
        ("CAT", "i", "a cat", True),
        ("CAT", "", "a cat", False),
        ("[^a]", "i", "A", False),
        ("^b$", "m", "a\nb\nc", True),
        ("^b$", "", "a\nb\nc", False),
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        (r"\w", "", "é", False),
        (r"\p{L}", "u", "é", True),
        (r"\P{L}", "u", "é", False),
        (r"\p{Script=Han}+喝", "u", "要喝", True),
        (r"\u{1F600}", "u", "😀", True),
        (r"(?<=^|\W)hi(?=\W|$)", "", "oh, hi", True),
        (r"(?<=^|\W)hi(?=\W|$)", "", "this", False),
        ("猫|狗", "g", "一只猫", True),
        ("[]", "", "a", False),
        ("[^]", "", "\n", True),
    ],
)
def test_javascript_as_it_is(source: str, flags: str, text: str, is_there: bool) -> None:
    assert found(source, text, flags) == is_there


@pytest.mark.parametrize(
    "source",
    [
        "(", ")", "[a", "a**", "*a", "+", "?", "a{3,1}", "a{99999}", "\\", r"(a)\1", r"(?<x>a)\k<x>", "(?=ab)c",
        "(?<!ab)c", r"\q", r"\u{110000}", "[z-a]", "(" * 50 + ")" * 50, "a" * 1001, "(((a{200}){200}){200})",
        "((((){200}){200}){200}){200}",
    ],
)  # fmt: skip
def test_what_is_no_pattern_here_is_refused(source: str) -> None:
    with pytest.raises(BadPattern):
        compiled(source)


@pytest.mark.parametrize(
    "source", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)*,(.*)*;", "a*a*a*a*a*a*b", "(a|b)*a(a|b){100}c"]
)
def test_what_would_hang_others_is_told_within_a_step_a_character(source: str) -> None:
    fuel = Fuel(FUEL)
    assert not compiled(source).found("a" * 20_000 + "!", fuel)
    assert fuel.left > FUEL - 20_000 * 3


def test_without_fuel_nothing_is_found() -> None:
    fuel = Fuel(10)
    assert not compiled("a*b").found("a" * 100 + "b", fuel)
    assert fuel.left < 0


@given(st.text(alphabet=st.sampled_from("ab|()[]{}*+?^$\\.-12,=!<>:duwWpx"), max_size=30), st.text(max_size=10))
def test_no_source_breaks_it(source: str, text: str) -> None:
    try:
        pattern = compiled(source, "i")
    except BadPattern:
        return
    assert pattern.found(text, Fuel(FUEL)) in (True, False)


@pytest.mark.parametrize(
    ("text", "written"),
    [("/a/i", ("a", "i")), ("/a/b/", ("a/b", "")), ("/a", None), ("a/b/", None), ("/usr/bin", None), ("//", None)],
)
def test_slashes(text: str, written: tuple[str, str] | None) -> None:
    assert slashed(text) == written
