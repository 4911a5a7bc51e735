"""Numbers as they are said in Chinese."""

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_SECTIONS = ("", "万", "亿", "万亿")
LONGEST = 4 * len(_SECTIONS)
"""Digits of the longest number with a name; longer ones are read digit by digit."""


def by_digit(digits: str, one: str = "一") -> str:
    """2026 → 二零二六; characters that are no digits stay. Telephone numbers want 幺 for a one."""
    return "".join((DIGITS[int(digit)] if digit in "0123456789" else digit) for digit in digits).replace("一", one)


def cardinal(digits: str, two: str = "二") -> str:
    """12050 → 一万二千零五十. ``two`` is said for a bare 2: 两 before what is counted."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > LONGEST:
        return by_digit(digits)
    if digits in "02":
        return two if digits == "2" else "零"
    padded = digits.zfill(-(-len(digits) // 4) * 4)
    sections = [padded[at : at + 4] for at in range(0, len(padded), 4)]
    said, gap = "", False
    for section, unit in zip(sections, reversed(_SECTIONS[: len(sections)]), strict=True):
        if section == "0000":
            gap = True
            continue
        words = _section(section)
        said += ("零" if said and (gap or section[0] == "0") else "") + words + unit
        gap = False
    said = said.removeprefix("一") if said.startswith("一十") else said
    return f"两{said[1:]}" if said[0] == "二" and said[1:2] in ("千", "万", "亿") else said


def number(text: str, two: str = "二") -> str:
    """1,299.50 → 一千二百九十九点五零; an integer with a zero in front is read digit by digit."""
    whole, point, fraction = text.replace(",", "").partition(".")
    if not point and len(whole) > 1 and whole[0] == "0":
        return by_digit(whole)
    said = cardinal(whole, "二" if point else two)
    return f"{said}点{by_digit(fraction)}" if point else said


def _section(four: str) -> str:
    """Up to 9999, without a zero in front."""
    said, gap = "", False
    for place, digit in zip((3, 2, 1, 0), four, strict=True):
        if digit == "0":
            gap = bool(said)
        else:
            said += ("零" if gap else "") + DIGITS[int(digit)] + _PLACES[place]
            gap = False
    return said
