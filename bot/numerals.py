"""Numbers as Mandarin says them."""

DIGITS = "零一二三四五六七八九"
SMALL = ("", "十", "百", "千")
LARGE = ("", "万", "亿", "万亿")


def digits(number: str, one: str = "一") -> str:
    """Digit by digit; telephone numbers say 幺 for one."""
    return "".join(one if digit == "1" else DIGITS[int(digit)] for digit in number)


def cardinal(number: str) -> str:
    """A whole number; beyond 16 digits, or with zeros in front, digit by digit."""
    if len(number) > 16 or (len(number) > 1 and number[0] == "0"):
        return digits(number)
    groups = [number[max(0, end - 4) : end] for end in range(len(number), 0, -4)]
    words, gap = "", False
    for place in reversed(range(len(groups))):
        value = groups[place]
        if int(value) == 0:
            gap = bool(words)
            continue
        if words and (gap or int(value) < 1000):
            words += "零"
        words, gap = words + _thousand(int(value)) + LARGE[place], False
    if words.startswith("一十"):
        words = words[1:]
    return words or "零"


def decimal(number: str) -> str:
    """A number with an optional fraction."""
    whole, _, fraction = number.partition(".")
    return cardinal(whole) + (f"点{digits(fraction)}" if fraction else "")


def _thousand(value: int) -> str:
    """1 to 9999."""
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + DIGITS[digit] + SMALL[place]
        gap = False
    return words
