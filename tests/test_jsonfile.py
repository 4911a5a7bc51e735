"""JSON from strangers: what comes out is what was written, can be written down again, and is never too much."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jsonfile import DEEPEST, MOST, BadJson, Json, parsed

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(anything)
def test_what_was_written_comes_out(value: Json) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert parsed(text) == value


@given(st.text(alphabet=st.sampled_from('{}[],:"\\ua0d8 1e-+.tn')))
def test_no_text_breaks_it(text: str) -> None:
    with suppress(BadJson):
        json.dumps(parsed(text), ensure_ascii=False).encode()


def test_half_a_character_is_put_right_and_a_whole_one_stays() -> None:
    assert parsed(r'{"\ud800": ["a\udfffb", "\ud83d\ude00"]}') == {"\ufffd": ["a\ufffdb", "😀"]}


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("[" * DEEPEST + "]" * DEEPEST, True),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), False),
        ('"' + "[" * 1000 + '"', True),
        ("[" + "0," * (MOST - 2) + "0]", True),
        ("[" + "0," * MOST + "0]", False),
        ('"' + "," * (2 * MOST) + '"', True),
        ("-Infinity", False),
        ("1e400", False),
        ("1" * 5000, False),
    ],
)
def test_bounds(text: str, taken: bool) -> None:
    if taken:
        assert parsed(text) == json.loads(text)
    else:
        with pytest.raises(BadJson):
            parsed(text)


def test_size_is_bounded() -> None:
    assert parsed("[1]", 3) == [1]
    with pytest.raises(BadJson, match="Too large"):
        parsed("[1] ", 3)
