"""Numbers in Chinese, checked by reading them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.numerals import DIGITS, by_digit, cardinal, number


def value(said: str) -> int:
    """A cardinal read back."""
    total = section = digit = 0
    for character in said.replace("两", "二").replace("万亿", "兆"):
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
        else:
            total += (section + digit) * {"万": 10**4, "亿": 10**8, "兆": 10**12}[character]
            section = digit = 0
    return total + section + digit


@given(st.integers(0, 10**16 - 1))
def test_a_cardinal_says_its_number(number: int) -> None:
    assert value(cardinal(str(number))) == number


@given(st.integers(0, 10**16 - 1))
def test_zeros_are_said_once_and_never_at_the_end(number: int) -> None:
    said = cardinal(str(number))
    assert "零零" not in said
    assert number == 0 or said[-1] != "零"
    assert number < 10 or not said.startswith("一十")


@pytest.mark.parametrize(
    ("digits", "said"),
    [("2", "两"), ("12", "十二"), ("20", "二十"), ("2002", "两千零二"), ("22222", "两万二千二百二十二"), ("200000002", "两亿零二")],
)  # fmt: skip
def test_two_is_said_in_two_ways(digits: str, said: str) -> None:
    assert cardinal(digits, "两") == said


def test_digits_fractions_and_what_is_no_amount() -> None:
    assert by_digit("2026") == "二零二六"
    assert by_digit("110", "幺") == "幺幺零"
    assert number("1,299.50") == "一千二百九十九点五零"
    assert number("2.0", "两") == "二点零"
    assert number("007") == "零零七"
    assert cardinal("1" + "0" * 16) == "一" + "零" * 16
