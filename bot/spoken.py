"""What a voice says of a line: Markdown, emoji and addresses taken out, numbers and signs put into words.

The neural voice reads numbers itself, the offline one does not: so Chinese numbers are spelled out for both.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.numerals import cardinal, decimal, digits

Match = re.Match[str]
Bit = str | int
"""Text, or the number of a group that is kept as it stands."""
Rule = tuple[re.Pattern[str], Callable[[Match], Sequence[Bit]]]
WIDE = {ord("￥"): "¥", ord("　"): " ", ord("％"): "%", ord("＋"): "+", ord("－"): "-", ord("＝"): "=", ord("＆"): "&", ord("＠"): "@", ord("＃"): "#", ord("＄"): "$", ord("．"): ".", ord("／"): "/", ord("："): "："}  # fmt: skip
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u2300-\u23ff\u25a0-\u25ff\ufe0f\u20e3]"
)
NUMBER = r"\d+(?:\.\d+)?"
AMOUNT = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"


def rule(pattern: str, made: Callable[[Match], Sequence[Bit]] | Sequence[Bit], flags: int = 0) -> Rule:
    """A pattern and what becomes of it."""
    return re.compile(pattern, flags), made if callable(made) else lambda _: made


@dataclass(slots=True)
class Mapped:
    """Text that remembers where each of its characters came from."""

    text: str
    places: list[int]

    def apply(self, rules: Sequence[Rule]) -> None:
        """Replace by each rule in turn."""
        for pattern, made in rules:
            if pattern.search(self.text):
                self._replace(pattern, made)

    def _replace(self, pattern: re.Pattern[str], made: Callable[[Match], Sequence[Bit]]) -> None:
        text, places, at = [], [], 0
        for match in pattern.finditer(self.text):
            text.append(self.text[at : match.start()])
            places += self.places[at : match.start()]
            low = match.start()
            for bit in made(match):
                if isinstance(bit, int):
                    start, stop = match.span(bit)
                    text.append(self.text[start:stop])
                    places += self.places[start:stop]
                    low = max(low, min(stop, match.end() - 1))
                else:
                    text.append(bit)
                    span = max(1, match.end() - low)
                    places += [self.places[low + n * span // max(1, len(bit))] for n in range(len(bit))]
            at = match.end()
        self.text = "".join([*text, self.text[at:]])
        self.places = places + self.places[at:]
        for n in range(1, len(self.places)):  # a piece that was moved forward must not take its place backwards
            self.places[n] = max(self.places[n], self.places[n - 1])


def number(text: str) -> str:
    """A number without its thousands' commas."""
    return text.replace(",", "")


def money(match: Match, unit: str, cent: str) -> list[Bit]:
    """An English amount: 5.50 becomes 5 dollars and 50 cents."""
    whole, _, part = number(match[1]).partition(".")
    if scale := match[2]:
        return [f"{number(match[1])} {scale.strip()} {unit}"]
    cents = f" and {int(part)} {cent}" if len(part) == 2 and int(part) else f" point {part}" if part.strip("0") else ""
    return [f"{whole} {unit}{cents}" if len(part) != 1 else f"{whole}.{part} {unit}"]


def zh_date(match: Match) -> list[Bit]:
    """2026-11-25, read as a date."""
    return [f"{digits(match[1])}年{cardinal(str(int(match[2])))}月{cardinal(str(int(match[3])))}日"]


def zh_time(match: Match) -> list[Bit]:
    """15:04, read as a time of day."""
    hour, minute = int(match[1]), int(match[2])
    words = f"{'两' if hour == 2 else cardinal(str(hour))}点"
    if minute:
        words += f"{'零' if minute < 10 else ''}{cardinal(str(minute))}分"
    return [words + (f"{cardinal(str(int(match[3])))}秒" if match[3] else "")]


def zh_fraction(match: Match) -> list[Bit]:
    """1/2, read as a fraction; 24/7 is none."""
    above, below = int(match[1]), int(match[2])
    return [f"{cardinal(match[2])}分之{cardinal(match[1])}"] if 0 < above < below <= 100 else [match[0]]


CLEAN: Sequence[Rule] = (
    rule(r"[^\S\n]+|\r", [" "]),
    rule(r"!\[([^\]]*)\]\([^)\s]*\)", [1]),
    rule(r"\[([^\]]+)\]\((?:[^()\s]|\([^()\s]*\))*\)", [1]),
    rule(r"(?m)^[ ]{0,3}(?:#{1,6}|>+|[-*•+])[ ]+", []),
    rule(r"(?m)^[ ]*\|.*\|[ ]*$", []),
    rule(r"(?m)^[ ]*(?:[-*_][ ]*){3,}$", []),
    rule(r"(`+)([^`]*)\1", [2]),
    rule(r"\*\*|__|~~|`+", []),
    rule(r"(?<![\w*])[*_](?=\S)([^*_\n]*\S)[*_](?![\w*])", [1]),
    rule(r"[（(][^A-Za-z0-9\u3400-\u9fff（()）\n]{1,12}[)）]", []),
    rule(r"(?<=[^\W\d])[~～]+(?=[^\W\d])", ["，"]),
    rule(r"[~～]+(?!\d)", []),
)
FENCE = r"```[^\n]*(?:\n.*?)?(?:```|\Z)"
URL = (
    r"(?:https?://|www\.)[^\s<>\"'`，。！？；：、（）【】《》「」”’]*[^\s<>\"'`，。！？；：、（）【】《》「」”’.,!?;:)]"
)
ZH: Sequence[Rule] = (
    rule(FENCE, ["代码如下。"], re.DOTALL),
    rule(URL, ["链接"], re.IGNORECASE),
    rule(r"(?m)^[ ]*(\d{1,3})[.)][ ]+", [1, "，"]),
    rule(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d.])", zh_date),
    rule(r"(?<!\d)(\d{4})(?=年(?!级))", lambda m: [digits(m[1])]),
    rule(r"(?<![\d.:])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])", zh_time),
    rule(r"(?<![\d.])(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)", lambda m: [digits(m[1] + m[2] + m[3], "幺")]),
    rule(r"(?<![\d.])(400|800|0\d{2,3})-(\d{3,4})-?(\d{4})(?!\d)", lambda m: [digits(m[1] + m[2] + m[3], "幺")]),
    rule(r"(?<![\d.])\d+(?:\.\d+){2,}", lambda m: ["点".join(map(cardinal, m[0].split(".")))]),
    rule(rf"(-)(?={NUMBER}[ ]?(?:℃|°[CF]|℉|°|度))", ["零下"]),
    rule(rf"(?<=\d)[ ]?(%?)[ ]?[-~～–—]+[ ]?(?={NUMBER}(?!\d*-))", [1, "到"]),
    rule(rf"¥\s?{AMOUNT}(万|亿)?元?", [1, 2, "元"]),
    rule(rf"\$\s?{AMOUNT}(万|亿)?(?:美元|元)?", [1, 2, "美元"]),
    rule(rf"€\s?{AMOUNT}(万|亿)?", [1, 2, "欧元"]),
    rule(rf"£\s?{AMOUNT}(万|亿)?", [1, 2, "英镑"]),
    rule(rf"({NUMBER})[ ]?%", ["百分之", 1]),
    rule(r"(?<=\d)[ ]?(?:℃|°C)", ["摄氏度"]),
    rule(r"(?<=\d)[ ]?(?:℉|°F)", ["华氏度"]),
    rule(r"(?<=\d)[ ]?°", ["度"]),
    *(
        rule(rf"(?<=\d)[ ]?{unit}(?![A-Za-z0-9²³])", [word])
        for unit, word in (
            ("km/h", "公里每小时"), ("m/s", "米每秒"), ("km²", "平方公里"), ("m²", "平方米"), ("㎡", "平方米"),
            ("m³", "立方米"), ("km", "公里"), ("cm", "厘米"), ("mm", "毫米"), ("kg", "公斤"), ("mg", "毫克"),
            ("ml", "毫升"), ("mL", "毫升"), ("kWh", "度电"), ("ms", "毫秒"), ("min", "分钟"), ("m", "米"), ("g", "克"),
            ("L", "升"), ("h", "小时"), ("s", "秒"),
        )
    ),
    rule(r"(?<![\d/])(\d{1,4})/(\d{1,4})(?![\d/])", zh_fraction),
    rule(r"(?<=[\d\s])[ ]?×[ ]?(?=\d)", ["乘"]),
    rule(r"(?<=\d)[ ]?÷[ ]?(?=\d)", ["除以"]),
    rule(r"(?<=\d)[ ]?\+[ ]?(?=\d)", ["加"]),
    rule(r"(?<=[\w])[ ]?=[ ]?(?=\w)", ["等于"]),
    rule(r"(?<=\w)[ ]?&[ ]?(?=\w)", ["和"]),
    rule(r"(?<=[\u3400-\u9fff\d])\+(?!\w)", ["加"]),
    rule(r"(?<![\w)）])-(?=\d)", ["负"]),
    rule(r"\d{1,3}(?:,\d{3})+(?!\d)", lambda m: [number(m[0])]),
    rule(r"(?<![\d.第])2(?=[个位只条张本次天年周家间杯瓶件种块元点遍趟倍份层颗首句段篇双对套](?!级|楼|号)|个月|小时|分钟|公里|公斤|米(?!\d))", ["两"]),
    rule(r"(?<![\d.])0\d+(?![\d.])", lambda m: [digits(m[0])]),
    rule(NUMBER, lambda m: [decimal(m[0])]),
)  # fmt: skip
EN: Sequence[Rule] = (
    rule(FENCE, ["Here is the code."], re.DOTALL),
    rule(URL, ["the link"], re.IGNORECASE),
    rule(r"(?<!\d)(1[3-9]\d{9})(?!\d)", lambda m: [" ".join(m[1])]),
    rule(r"(?<![\d.])\d+(?:\.\d+){2,}", lambda m: [" point ".join(m[0].split("."))]),
    rule(rf"\$\s?{AMOUNT}( (?:thousand|million|billion))?", lambda m: money(m, "dollars", "cents")),
    rule(rf"€\s?{AMOUNT}( (?:thousand|million|billion))?", lambda m: money(m, "euros", "cents")),
    rule(rf"£\s?{AMOUNT}( (?:thousand|million|billion))?", lambda m: money(m, "pounds", "pence")),
    rule(rf"¥\s?{AMOUNT}( (?:thousand|million|billion))?", lambda m: money(m, "yuan", "fen")),
    rule(r"(?<=\d)[ ]?(?:℃|°C)", [" degrees Celsius"]),
    rule(r"(?<=\d)[ ]?(?:℉|°F)", [" degrees Fahrenheit"]),
    rule(r"(?<=\d)[ ]?°", [" degrees"]),
    rule(r"(?<![\w-])-(?=\d)", ["minus "]),
    rule(rf"(?<![\d.-])({NUMBER})[ ]?[-–~][ ]?(?={NUMBER}(?![\d-]))", [1, " to "]),
    *(
        rule(rf"(?<=\d)[ ]?{unit}(?![A-Za-z0-9²³])", [f" {word}"])
        for unit, word in (
            ("km/h", "kilometers per hour"), ("m/s", "meters per second"), ("m²", "square meters"),
            ("km", "kilometers"), ("cm", "centimeters"), ("mm", "millimeters"), ("kg", "kilograms"),
            ("ml", "milliliters"), ("ms", "milliseconds"),
        )
    ),
    rule(r"(?<=\w)[ ]?&[ ]?(?=\w)", [" and "]),
    rule(r"(?<=\w)[ ]?=[ ]?(?=\w)", [" equals "]),
    rule(r"(?<=\d)[ ]?×[ ]?(?=\d)", [" times "]),
    rule(r"(?<=\d)[ ]?\+[ ]?(?=\d)", [" plus "]),
    rule(r"\d{1,3}(?:,\d{3})+(?!\d)", lambda m: [number(m[0])]),
)  # fmt: skip
LAST: Sequence[Rule] = (rule(r"\s*\n\s*", [" "]), rule(r"  +", [" "]), rule(r"^\s+|\s+$", []))


def spoken(text: str, language: str) -> tuple[str, tuple[int, ...]]:
    """(what is said, for each of its characters the place in ``text`` it came from); empty when nothing can be pronounced."""
    mapped = _folded(text)
    mapped.apply(((re.compile(FENCE, re.DOTALL), (ZH if language == "zh" else EN)[0][1]),))
    mapped.apply(CLEAN)
    mapped.apply((ZH if language == "zh" else EN)[1:])
    mapped.apply(LAST)
    if not any(map(str.isalnum, mapped.text)):
        return "", ()
    return mapped.text, tuple(mapped.places)


def _folded(text: str) -> Mapped:
    """Letters and digits of full width made plain, emoji and invisible characters gone."""
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if character == "\n" or character == "\t":
            folded = character
        elif category in ("Cc", "Cf", "Cs", "Co", "Cn") or EMOJI.match(character):
            folded = ""
        elif category[0] in "LN" and not ("\u2070" <= character <= "\u209f" or character in "²³"):
            folded = unicodedata.normalize("NFKC", character)
        else:
            folded = character.translate(WIDE)
        out.append(folded)
        places += [place] * len(folded)
    return Mapped("".join(out), places)
