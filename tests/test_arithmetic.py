"""Sums, their bounds, and how values are written."""

import string
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arithmetic import BadSum, told, value


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1+1", "2"), ("2+3*4", "14"), ("(2+3)*4", "20"), ("10/4", "2.5"), ("7-10", "-3"), ("-3+5", "2"), ("--3", "3"), ("+3", "3"),
        ("2^10", "1024"), ("2**10", "1024"), ("2^3^2", "512"), ("-2^2", "-4"), ("(-2)^2", "4"), ("2^-1", "0.5"), ("4^0.5", "2"),
        ("0.1+0.2", "0.3"), (".5*2", "1"), ("1.*3", "3"), ("1e3+1", "1001"), ("1/3", "0.333333333333"), ("1/3*3", "1"), ("2/3", "0.666666666667"),
        ("10%3", "1"), ("10 % 3", "1"), ("-7%3", "2"), ("7%(-3)", "-2"), ("7.5%2", "1.5"),
        ("20%", "0.2"), ("200*20%", "40"), ("200+20%", "240"), ("299-20%", "239.2"), ("20%+10%", "0.22"), ("(50%)*4", "2"), ("5%-3", "-2.95"),
        ("max(20%, 0.1)", "0.2"), ("100+20%*2", "100.4"), ("50%%", "0.005"),
        ("1,299.50*2", "2599"), ("1,234,567", "1234567"), ("max(1,200)", "200"), ("min(3, 1, 2)", "1"), ("max(1)", "1"),
        ("sqrt(2)", "1.414213562373"), ("sqrt(16)+1", "5"), ("√16", "4"), ("√√16", "2"), ("√(9)+1", "4"), ("SQRT(4)", "2"), ("abs(-3.5)", "3.5"),
        ("round(2.5)", "3"), ("round(-2.5)", "-3"), ("round(3.14159, 2)", "3.14"), ("round(1234, -2)", "1200"),
        ("３×４÷２", "6"), ("（１＋２）＊３", "9"), ("3−1", "2"), ("2²+3³", "31"), ("3x4", "12"), ("3 X (4)", "12"),
        ("3加5乘以2", "13"), ("10减去4除以2", "8"), ("80乘百分之15", "12"), ("1+1=", "2"), ("1 + 1 = ？", "2"), ("1+1等于多少？", "2"),
        ("2^100", "1267650600228229401496703205376"), ("2^200", "1.606938044259×10^60"), ("-2^200", "-1.606938044259×10^60"),
        ("10^-11", "1×10^-11"), ("1/7/10^12", "1.428571428571×10^-13"), ("10^-9", "0.000000001"), ("0*-1", "0"), ("0.9999999999999", "1"), ("100", "100"), ("10^39", "1" + "0" * 39),
        ("sqrt(2)^2", "2"), ("10^40", "1×10^40"), ("0^5", "0"), ("1.10", "1.1"),
    ],
)  # fmt: skip
def test_sums_and_values(expression: str, result: str) -> None:
    assert told(value(expression)) == result


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("1/0", "zero"), ("1%0", "zero"), ("0^-1", "zero"), ("5/(3-3)", "zero"), ("10**10**10", "power"), ("9^9^9", "power"), ("2^10001", "power"),
        ("9999999^9999", "too large"), ("1e999*1e999^10", "too large"), ("(-8)^0.5", "no value"), ("0^0", "no value"), ("sqrt(-1)", "negative"), ("√-4", "read it"),
        ("", "no sum"), ("   ", "no sum"), ("=?", "no sum"), ("½+1", "no sum"), ("2⁵", "no sum"), ("1+", "ends"), ("(1+2", "ends"), ("1+2)", "read it"),
        ("2 3", "read it"), ("2(3)", "read it"), ("1..2", "read it"), ("2//3", "read it"), ("1,23", "read it"), ("sqrt 4", "read it"), ("sqrt()", "read it"),
        ("import os", "No function import"), ("__import__('os')", "read it"), ("foo(1)", "No function foo"), ("sqrt(1,2)", "number of arguments"), ("round(1,2,3)", "number of arguments"),
        ("round(1, 0.5)", "Places"), ("round(1, 99)", "Places"), ("1" * 201, "200"), ("(" * 60 + "1" + ")" * 60, "deep"), ("-" * 150 + "1", "deep"),
        ("2^" * 60 + "1", "deep"), ("√" * 150 + "2", "deep"), ("abs(" * 35 + "1" + ")" * 35, "deep"), ("a" * 200, "No function"), ("💥", "read it"),
    ],
)  # fmt: skip
def test_what_has_no_value_says_why(expression: str, words: str) -> None:
    with pytest.raises(BadSum, match=words) as caught:
        value(expression)
    assert caught.value.told("en") == caught.value.en
    assert caught.value.told("zh") == caught.value.zh
    assert any("一" <= letter <= "鿿" for letter in caught.value.zh)
    assert len(str(caught.value)) < 500


def test_thirty_levels_are_not_too_deep() -> None:
    assert value("(" * 29 + "1" + ")" * 29) == 1


@given(st.text(st.sampled_from(string.digits + "+-*/%^()., eE√²×÷％（sqrtabminx加"), max_size=200))
def test_anything_has_a_value_or_a_reason(expression: str) -> None:
    try:
        written = told(value(expression))
    except BadSum:
        return
    assert 0 < len(written) <= 60


class Exact:
    """Sums with their exact value: text and fraction."""

    numbers = st.integers(0, 999).map(lambda number: (str(number), Fraction(number)))
    sums = st.recursive(
        numbers,
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda sum: (
                f"({sum[0][0]}{sum[1]}{sum[2][0]})",
                {"+": sum[0][1] + sum[2][1], "-": sum[0][1] - sum[2][1], "*": sum[0][1] * sum[2][1]}[sum[1]],
            )
        ),
        max_leaves=8,
    )


@given(Exact.sums)
def test_whole_numbers_are_exact(sum: tuple[str, Fraction]) -> None:
    expression, exact = sum
    assert value(expression) == exact


@given(st.decimals(-(10**30), 10**30, places=6))
def test_a_value_that_is_told_reads_back(number: Decimal) -> None:
    written = told(number)
    assert Decimal(written) == number
    assert "." not in written or written[-1] not in "0."
    assert written != "-0"
