"""Sums: an expression in, its value out; our own parser, bounded so that nothing explodes. Pure.

``20%`` is a fifth, and ``200 + 20%`` is 240 as on a pocket calculator; ``%`` before a number or a bracket is the
remainder, which has the divisor's sign. ``-2^2`` is -4, ``2^3^2`` is 2^9, and ``round`` rounds halves away from zero.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from decimal import localcontext as context
from typing import Literal

LONGEST = 200
"""Characters of an expression."""
DEEPEST = 30
"""Brackets, signs and powers within one another."""
LARGEST_POWER = 10_000
PRECISION = 50
PLAIN = Decimal(10) ** 40
"""From here on a value is told as a power of ten."""
PLACES = 12
"""Decimal places told."""
FINEST = Decimal(1).scaleb(-PLACES)
NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?")
WORD = re.compile(r"[A-Za-z]+")
OPERAND = re.compile(r"\s*[0-9.(A-Za-z√]")
"""After ``%``: it was the remainder's sign."""
CLOSING = re.compile(r"(?:\s|[=?？。]|等于|多少|是)+$")
SIGNS = str.maketrans({"×": "*", "✕": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "⁄": "/", "²": "^2", "³": "^3"})
WORDS = (("加上", "+"), ("减去", "-"), ("乘以", "*"), ("除以", "/"), ("加", "+"), ("减", "-"), ("乘", "*"))
TIMES = re.compile(r"(?<=[0-9)])\s{0,9}[xX](?=\s{0,9}[0-9(])")
PERCENT = re.compile(r"百分之\s*([0-9.]{1,20})")


class BadSum(ArithmeticError):
    """Why there is no value, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en = zh, en

    def told(self, language: str) -> str:
        """The reason in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


def value(expression: str) -> Decimal:
    """What it comes to: + - * / % ^ ** √, brackets, sqrt abs round min max. Raises BadSum."""
    text = _plain(expression)
    with context(Context(prec=PRECISION, Emax=9999, Emin=-9999, traps=[InvalidOperation, DivisionByZero, Overflow])):
        try:
            return _Reader(text).whole()
        except DivisionByZero as error:
            raise BadSum("不能除以零。", "Division by zero.") from error
        except Overflow as error:
            raise BadSum("结果太大了，算不了。", "The result is too large.") from error
        except DecimalException as error:
            raise BadSum("这个算式没有结果。", "This has no value.") from error


def told(value: Decimal) -> str:
    """The value as people write it: no zeros at the end, at most 12 decimal places, 1.5×10^60 where it is large."""
    with context(Context(prec=PRECISION + PLACES)):
        if abs(value) < PLAIN and value == value.to_integral_value():
            return f"{value.to_integral_value() + 0:f}"
        if FINEST * 100 <= abs(value) < PLAIN:
            short = f"{value.quantize(FINEST, ROUND_HALF_UP):f}"
            return short.rstrip("0").rstrip(".")
        digits, power = f"{value:.{PLACES}E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}×10^{int(power)}"


def _plain(expression: str) -> str:
    """The expression in ASCII, as far as it has a meaning."""
    if len(expression) > LONGEST:
        raise BadSum(f"算式太长：最多 {LONGEST} 个字符。", f"Too long: at most {LONGEST} characters.")
    text = unicodedata.normalize("NFKC", expression.translate(SIGNS)) if not _odd(expression) else ""
    text = TIMES.sub("*", CLOSING.sub("", PERCENT.sub(r"\1%", text).translate(SIGNS)))
    for word, sign in WORDS:
        text = text.replace(word, sign)
    if not text.strip():
        raise BadSum("这不是算式，请写成 (3+4)*5 这样。", "This is no sum; write it like (3+4)*5.")
    return text


def _odd(expression: str) -> bool:
    """Whether a character would turn into digits that it is not, such as ½ and ⁵."""
    return any(unicodedata.category(sign) == "No" and sign not in "²³" for sign in expression)


def _root(number: Decimal) -> Decimal:
    if number < 0:
        raise BadSum("负数没有平方根。", "A negative number has no square root.")
    return number.sqrt()


def _round(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    if places != places.to_integral_value() or abs(places) > 20:
        raise BadSum("小数位数要是 -20 到 20 的整数。", "Places must be a whole number from -20 to 20.")
    return number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


FUNCTIONS: dict[str, tuple[Callable[..., Decimal], int, int]] = {
    "sqrt": (_root, 1, 1),
    "abs": (Decimal.__abs__, 1, 1),
    "round": (_round, 1, 2),
    "min": (lambda *numbers: min(numbers), 1, LONGEST),
    "max": (lambda *numbers: max(numbers), 1, LONGEST),
}
"""Name → function, fewest and most arguments."""
Sign = Literal["+", "-", "**", "*", "/", "%", "^", "(", ")", ",", "√"]


class _Reader:
    """A recursive descent: sums of products of signed powers."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth, self._calls = text, 0, 0, 0

    def whole(self) -> Decimal:
        """All of it, as one value."""
        found = self._sum()
        if self._at < len(self._text):
            raise self._unexpected()
        return found

    def _sum(self) -> Decimal:
        found = self._product()
        while sign := self._take("+") or self._take("-"):
            start = self._at
            right = self._product()
            if re.fullmatch(r"\s*[0-9.,]+\s*%\s*", self._text[start : self._at]):
                right *= found
            found = found + right if sign == "+" else found - right
        return found

    def _product(self) -> Decimal:
        found = self._signed()
        while sign := self._take("*") or self._take("/") or self._take("%"):
            right = self._signed()
            if sign == "*":
                found *= right
            elif right == 0:
                raise DivisionByZero
            elif sign == "/":
                found /= right
            else:
                rest = found % right
                found = rest + right if rest and (rest < 0) != (right < 0) else rest
        return found

    def _signed(self) -> Decimal:
        """Whatever nests passes here."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadSum(f"套得太深：最多 {DEEPEST} 层。", f"Nested too deep: at most {DEEPEST} levels.")
        minus = self._take("-")
        found = self._signed() if minus or self._take("+") else self._power()
        self._depth -= 1
        return -found if minus else found

    def _power(self) -> Decimal:
        base = self._percent()
        if not (self._take("**") or self._take("^")):
            return base
        power = self._signed()
        if abs(power) > LARGEST_POWER:
            raise BadSum(f"指数太大：最多 {LARGEST_POWER}。", f"The power is too large: at most {LARGEST_POWER}.")
        if base == 0 and power < 0:
            raise DivisionByZero
        return base**power

    def _percent(self) -> Decimal:
        found = self._atom()
        while self._sees("%") and not OPERAND.match(self._text, self._at + 1):
            self._take("%")
            found /= 100
        return found

    def _atom(self) -> Decimal:
        if self._take("("):
            found = self._sum()
            self._close()
            return found
        if self._take("√"):
            return _root(self._signed() if self._sees("√") else self._atom())
        if word := WORD.match(self._text, self._at):
            return self._called(word[0])
        number = None if self._calls else GROUPED.match(self._text, self._at)  # max(1,200) has two arguments
        number = number or NUMBER.match(self._text, self._at)
        if not number:
            raise self._unexpected()
        self._at = number.end()
        return +Decimal(number[0].replace(",", ""))

    def _called(self, name: str) -> Decimal:
        if name.lower() not in FUNCTIONS:
            known = "、".join(FUNCTIONS)
            raise BadSum(
                f"不认识“{name}”，可用的有：{known}。", f"No function {name}; there are: {', '.join(FUNCTIONS)}."
            )
        self._at += len(name)
        function, fewest, most = FUNCTIONS[name.lower()]
        if not self._take("("):
            raise self._unexpected()
        self._calls += 1
        given = [self._sum()]
        while self._take(","):
            given.append(self._sum())
        self._close()
        self._calls -= 1
        if not fewest <= len(given) <= most:
            raise BadSum(f"{name} 的参数个数不对。", f"{name} takes another number of arguments.")
        return function(*given)

    def _close(self) -> None:
        if not self._take(")"):
            raise self._unexpected()

    def _sees(self, sign: Sign) -> bool:
        """Whether the sign comes next; blanks before it are passed."""
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1
        return self._text.startswith(sign, self._at) and not (sign == "*" and self._text.startswith("**", self._at))

    def _take(self, sign: Sign) -> Sign | None:
        if not self._sees(sign):
            return None
        self._at += len(sign)
        self._sees(sign)
        return sign

    def _unexpected(self) -> BadSum:
        rest = self._text[self._at : self._at + 20].strip()
        if not rest:
            return BadSum("算式没写完。", "The sum ends too soon.")
        return BadSum(f"看不懂“{rest}”这里。", f"I can't read it from “{rest}” on.")
