"""Figures, units and symbols as they are said in English; plain numbers any voice reads by itself."""

import re

from bot.figures import DATE, FREE, GROUPS, HOURS, MAIL, MINUS, RANGE, TO, VERSION, N, S, any_of
from bot.traced import Rule, Traced

UNITS = {
    "KB/s": "kilobyte{s} per second", "MB/s": "megabyte{s} per second", "GB/s": "gigabyte{s} per second",
    "km/h": "kilometer{s} per hour", "m/s": "meter{s} per second", "km²": "square kilometer{s}",
    "m²": "square meter{s}", "m³": "cubic meter{s}", "cm²": "square centimeter{s}", "cm³": "cubic centimeter{s}",
    "km": "kilometer{s}", "cm": "centimeter{s}", "mm": "millimeter{s}", "nm": "nanometer{s}", "m": "meter{s}",
    "kg": "kilogram{s}", "mg": "milligram{s}", "g": "gram{s}", "lbs": "pounds", "lb": "pound{s}", "oz": "ounce{s}",
    "ft": "feet", "mL": "milliliter{s}", "ml": "milliliter{s}", "L": "liter{s}", "kWh": "kilowatt hour{s}",
    "kW": "kilowatt{s}", "W": "watt{s}", "V": "volt{s}", "mAh": "milliamp hour{s}", "kHz": "kilohertz",
    "MHz": "megahertz", "GHz": "gigahertz", "Hz": "hertz", "dB": "decibel{s}", "kcal": "kilocalorie{s}",
    "KB": "kilobyte{s}", "MB": "megabyte{s}", "GB": "gigabyte{s}", "TB": "terabyte{s}", "ms": "millisecond{s}",
    "min": "minute{s}", "hrs": "hours", "hr": "hour{s}", "h": "hour{s}", "s": "second{s}", "px": "pixel{s}",
    "mph": "mile{s} per hour", "°C": "degree{s} Celsius", "°F": "degree{s} Fahrenheit", "°": "degree{s}",
}  # fmt: skip
MONEY = {
    "$": ("dollar", "dollars"), "US$": ("dollar", "dollars"), "HK$": ("Hong Kong dollar", "Hong Kong dollars"),
    "€": ("euro", "euros"), "£": ("pound", "pounds"), "¥": ("yuan", "yuan"), "₹": ("rupee", "rupees"),
    "₩": ("won", "won"),
}  # fmt: skip
SCALES = {"M": "million", "K": "thousand", "k": "thousand", "B": "billion"}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
PARTS = {
    "2": ("half", "halves"), "3": ("third", "thirds"), "4": ("quarter", "quarters"), "5": ("fifth", "fifths"),
    "6": ("sixth", "sixths"), "8": ("eighth", "eighths"), "10": ("tenth", "tenths"),
}  # fmt: skip
COUNTS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIGNS = {
    "≈": "about", "±": "plus or minus", "≥": "at least", "≤": "at most", "≠": "is not", "×": "times",
    "÷": "divided by", "&": "and",
}  # fmt: skip
COMPARED = {">": "greater than", "<": "less than", "=": "equals", "==": "equals", ">=": "at least", "<=": "at most"}
OPERATORS = {"+": "plus", "×": "times", "*": "times", "x": "times", "÷": "divided by", "-": "minus", "−": "minus"}


def words(text: Traced) -> Traced:
    """The text with its symbols as words."""
    for rules in (ONE_BY_ONE, CALENDAR, SUMS, AMOUNTS, SYMBOLS):
        text = text.read(rules)
    return text


def _mail(match: re.Match[str]) -> str:
    return match[0].replace("@", " at ").replace(".", " dot ").replace("_", " underscore ")


def _digits(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    if len(groups) == 1 and len(groups[0]) == 11:
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    return ("plus " if match[0][0] == "+" else "") + ", ".join(" ".join(group) for group in groups)


def _date(match: re.Match[str]) -> str:
    return f"{MONTHS[int(match[3]) - 1]} {int(match[4])}, {match[1]}"


def _clock(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), match[2], match[3] or ""
    if minute == "00":
        return f"{hour}{half}" if half else f"{hour} o'clock" if 0 < hour <= 12 else f"{hour} hundred"
    return f"{hour} {f'oh {minute[1]}' if minute[0] == '0' else minute}{half}"


def _operator(match: re.Match[str]) -> str:
    return f" {OPERATORS[match[0].strip()]} "


def _money(match: re.Match[str]) -> str:
    amount, scale, (one, many) = match[2].replace(",", ""), match[4], MONEY[match[1]]
    if match[3] or scale:
        upto = f" to {match[3]}" if match[3] else ""
        return f"{amount}{upto}{f' {SCALES.get(scale, scale)}' if scale else ''} {many}"
    return _coins(amount, one, many)


def _coins(amount: str, one: str, many: str) -> str:
    whole, _, cents = amount.partition(".")
    if one not in ("dollar", "euro") or len(cents) != 2:
        return f"{amount} {one if amount == '1' else many}"
    coin = f"{int(cents)} cent{'' if cents == '01' else 's'}"
    if whole == "0" and int(cents):
        return coin
    rest = f" {cents}" if int(cents) > 9 else f" and {coin}" if int(cents) else ""
    return f"{whole} {one if whole == '1' else many}{rest}"


def _version(match: re.Match[str]) -> str:
    return ("version " if match[1] or match[3] else "") + (match[2] or match[4]).replace(".", " point ")


def _fraction(match: re.Match[str]) -> str:
    upper, lower = match[1], match[2]
    if int(upper) >= int(lower):
        return f"{upper} {lower}"
    if lower in PARTS and 0 < int(upper) < len(COUNTS):
        return f"{COUNTS[int(upper)]} {PARTS[lower][upper != '1']}"
    return f"{upper} over {lower}"


def _unit(match: re.Match[str]) -> str:
    if match[2] == "s" and re.fullmatch(r"\d\d\d0s|\d0s", match[0]):
        return match[0]  # the 1990s
    return f"{match[1]} {UNITS[match[2]].format(s='' if match[1] == '1' else 's')}"


def _degrees(match: re.Match[str]) -> str:
    return f" {UNITS[match[1]].format(s='s')}"


def _sign(match: re.Match[str]) -> str:
    return f" {SIGNS[match[1]]} "


def _compared(match: re.Match[str]) -> str:
    return f" {COMPARED[match[1]]} "


ONE_BY_ONE: tuple[Rule, ...] = (
    (MAIL, _mail),
    (re.compile(r"(?<![\w+])\+\d{1,3}(?:[- ]?\(?\d{2,4}\)?){2,4}(?![\d.])"), _digits),
    (re.compile(rf"{FREE}(?:1[- ])?(?:\(\d{{3}}\) ?|\d{{3}}-)\d{{3}}-\d{{4}}(?![\d.])"), _digits),
    (re.compile(rf"{FREE}1[3-9]\d(?:\d{{8}}|([- ])\d{{4}}\1\d{{4}})(?![\d.])"), _digits),
    (re.compile(rf"{FREE}(?:[48]00-\d{{3,4}}-\d{{3,4}}|0\d{{2,3}}-\d{{7,8}})(?![\d.])"), _digits),
)
CALENDAR: tuple[Rule, ...] = (
    (DATE, _date),
    (GROUPS, _digits),
    (HOURS, " to "),
    (re.compile(r"(?<![\d:.A-Za-z])([01]?\d|2[0-4]):([0-5]\d)(?::00)?([^\S\n]?[ap]\.?m\b)?(?![\d:])"), _clock),
)
SUMS: tuple[Rule, ...] = (
    (re.compile(rf"(?<=\d){S}[+×*÷x]{S}(?=\d)|(?<=\d)[^\S\n]+[-−][^\S\n]+(?=\d)"), _operator),
    (re.compile(rf"(?<=\d)[-−](?=\d+{S}=)"), " minus "),
    (VERSION, _version),
    (re.compile(r"(?<![A-Za-z])C#(?!\w)"), "C sharp"),
    (re.compile(r"(?<=\d)\+(?=\s)"), " plus"),
    (re.compile(r"(?<![A-Za-z])(?:No\.|№)[^\S\n]?(?=\d)|#(?=\d)"), "number "),
)
AMOUNTS: tuple[Rule, ...] = (
    (
        re.compile(
            rf"({any_of(MONEY)})({N})(?:{TO}({N}))?(?:[^\S\n]?(million|billion|trillion|thousand|[MKkB](?![A-Za-z])))?"
        ),
        _money,
    ),
    (RANGE, " to "),
    (MINUS, "minus "),
    (re.compile(r"(?<=\d)[^\S\n]?%"), " percent"),
    (re.compile(r"(?<=\d)[^\S\n]?‰"), " per mille"),
    (re.compile(rf"{FREE}(\d{{1,3}})[/⁄](\d{{1,3}})(?![\d/.])"), _fraction),
    (re.compile(rf"{FREE}({N})[^\S\n]?({any_of(UNITS)})(?![A-Za-z\d²³'’])"), _unit),
)
SYMBOLS: tuple[Rule, ...] = (
    (re.compile(rf"{S}(°[CF]|°)"), _degrees),
    (re.compile("²"), " squared"),
    (re.compile("³"), " cubed"),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), " "),
    (re.compile(rf"{S}([{''.join(SIGNS)}]){S}"), _sign),
    (re.compile(rf"(?<=[\w)]){S}([<>=]=|[<>=]){S}(?=[\w(-])"), _compared),
    (re.compile(r"(?<=[A-Za-z])[^\S\n]+\+[^\S\n]+(?=\w)"), " plus "),
    (re.compile(r"(?<=[A-Za-z\d])\.(?=[a-z]{2,})"), " dot "),
    (re.compile(r"[~～]+"), ""),
)
