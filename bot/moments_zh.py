"""What Chinese words tell of a moment: 明天下午三点, 半小时后, 每周一早上八点. Pure."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bot import dates
from bot.dates import Clock, Clues, Days, Lapse, Nonsense, Part, Repeat

PLAIN = str.maketrans(
    "０１２３４５６７８９：　點後兩週號鐘頭時個禮過這間計幾當內",
    "0123456789: 点后两周号钟头时个礼过这间计几当内",
)
"""One character for one: full-width and traditional forms of what is looked for."""
DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
N = r"(?:[0-9]{1,5}(?:\.[0-9])?|[零〇一二两三四五六七八九十百]{1,7})"
D = r"(?:[0-9]{1,2}|[零〇一二两三四五六七八九十]{1,4})"
WEEK = r"(?:周|星期|礼拜)"
WEEKDAYS = "一二三四五六日天末"
PARTS: dict[str, Part] = {
    "大清早": dates.EARLY, "凌晨": dates.DAWN, "清晨": dates.EARLY, "清早": dates.EARLY, "早上": dates.FORENOON, "早晨": dates.FORENOON, "一早": dates.FORENOON,
    "上午": dates.LATE_MORNING, "中午": dates.NOON, "午后": dates.AFTERNOON, "下午": dates.AFTERNOON, "傍晚": dates.DUSK, "黄昏": dates.DUSK, "晚上": dates.EVENING, "夜晚": dates.EVENING,
    "夜里": dates.LATE, "深夜": dates.LATE, "半夜": dates.MIDNIGHT, "午夜": dates.MIDNIGHT, "早": dates.FORENOON, "晨": dates.EARLY, "晚": dates.EVENING, "夜": dates.LATE,
}  # fmt: skip
PART = "|".join(PARTS)

AMOUNT = re.compile(
    rf"(?P<n>{N}|半)(?P<each>个)?(?P<half>半)?(?P<unit>年|月|星期|礼拜|周|天|日|小时|钟头|刻钟?|分钟?|秒钟?)(?P<more>半)?"
)
_AMOUNT = re.sub(r"\?P<\w+>", "?:", AMOUNT.pattern)
AMOUNTS = rf"(?:{_AMOUNT}[零又]?){{1,4}}"
LAPSE = re.compile(
    rf"(?P<before>再?过|等|倒计时|定时|计时)?\s?(?P<all>{AMOUNTS})\s?"
    r"(?P<after>之后|以后|过后|后(?!天)|的?(?=倒?计时))?"
)
BARE = re.compile(
    rf"(?<![点时:0-9零一二两三四五六七八九十])(?P<all>(?:{N}个?半?|半个?)(?:小时|钟头|分钟|秒钟?|刻钟)半?)(?=\s?再?(?:提醒|叫|喊))"
)
"""十分钟叫我 says it without 后."""
LEAD = re.compile(rf"提前(?P<all>{AMOUNTS})")
MINUTES = {"小": 60, "钟": 60, "刻": 15, "分": 1}

RHYTHM = re.compile(
    rf"每隔|隔[天日周]|每{N}|每[几半]|每(?:一?个)?半?个?(?:小时|钟头|分|秒|刻钟|季)|每个?{WEEK}末"
    rf"|每逢?个?{WEEK}[一二三四五六日天][、，,和跟及]?(?:每?个?{WEEK}[一二三四五六日天]|[一二三四五六日天](?![点号月时个十:]))"
)
"""What nothing here can repeat."""
REPEAT = re.compile(
    rf"(?P<weekdays>每个?工作日|(?<!个)工作日|每?个?{WEEK}一(?:到|至|-|~){WEEK}?五)(?:的?每天)?"
    rf"|每逢?个?(?:{WEEK}的?)?{WEEK}(?P<weekday>[一二三四五六日天])"
    rf"|每个?月的?(?:(?P<day>{D})[号日]|(?P<last>底|末|最后一天)|(?P<first>初))"
    rf"|每年的?(?P<month>{D})月(?P<date>{D})[号日]?"
    rf"|(?P<daily>每一?天|每日|天天|每个?(?={PART}))|(?P<weekly>每个?{WEEK})|(?P<monthly>每个?月)|(?P<yearly>每年)"
)

NEAR = re.compile(r"(?<![以之过目])(?P<far>大{0,3})(?P<word>后|明|今|昨|前)(?:[天日儿]|(?=[早晚晨夜]))")
WEEKDAY = re.compile(
    rf"(?P<way>下{{1,3}}|这|本|上{{1,2}})?个?{WEEK}(?P<day>[一二三四五六日天末](?!次|个|起|气))|(?P<next>下{{1,3}})个?{WEEK}"
)
YEAR = r"(?:(?P<year>[0-9]{4}|[零〇一二三四五六七八九]{4})年|(?P<near>[今明后去前])年)的?\s?"
MONTH = re.compile(
    rf"(?:{YEAR})?(?:(?<![0-9.])(?P<month>[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})月份?|(?P<way>这个?|本|当|下{{1,2}}个?|上个?)月)的?\s?"
    rf"(?:(?P<day>{D})[号日]|(?P<bare>[0-9]{{1,2}})(?![0-9.:个])|(?P<moon>初[一二三四五六七八九十]|十五)|(?P<edge>初|中|底|末|最后一天))?"
)
DATE = re.compile(r"(?<![0-9])(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?![0-9])")
DAY = re.compile(
    rf"(?<![0-9.第月一二三四五六七八九十])(?:(?P<day>{D})号(?!楼|线|院|门|桌|房|馆|店|机|车|选手|码|文|位|厅|台)|(?P<plain>[0-9]{{1,2}})日(?!内|游|后|间)|月(?P<edge>底|末|中|初(?![一二三四五六七八九十])))"
)
YEARS = re.compile(rf"{YEAR}(?P<edge>底|末|初)?|(?P<end>年底|年末)")
MOON = re.compile(r"农历|阴历|旧历|正月|腊月|除夕|春节|端午|中秋|重阳|元宵")
"""What needs a lunar calendar."""

CLOCK = re.compile(
    rf"(?:(?P<part>{PART})\s?(?:{PART})?的?\s?)?(?:差(?P<short>{D}分|一刻)钟?)?"
    rf"(?<![0-9.:第])(?:(?P<hour>{D})(?:点钟?|时(?![间候常不刻差尚代机光区段装]))(?:(?P<half>半)|(?P<quarter>[一三123])刻|过?(?P<minute>{D})(?![0-9.个点])分?|整)?(?:差(?P<lack>{D}分|一刻))?"
    r"|(?P<digits>[0-9]{1,2}):(?P<colon>[0-9]{2})(?::[0-9]{2})?(?![0-9:]| ?[apAP]\.?[mM]))"
)
ALONE = re.compile(
    rf"(?:(?P<noon>正午)|(?P<part>{'|'.join(part for part in PARTS if len(part) > 1)}|(?<=[今明后天日每当昨前一二三四五六])[早晚晨夜](?![饭餐点会操茶读教安宴辈班霜睡]|自习)))(?!茶|餐|饭)"
)
A_BIT = re.compile(
    r"(?:(?:[快慢多少大小好有差高低远近轻重]|(?<![今明当每天])[早晚])一点|第[一二三四五六七八九十]点|一点(?:也|都|儿|小|意|事|东西|不|没|用)|[一二两三四五六七八九十0-9]点(?:建议|意见|要求|原因|理由|内容|说明|想法))"
)
"""一点 as a little, and points that are made."""


def clues(text: str, now: datetime) -> Clues:
    """All clues of a text of at most some hundred characters. Raises Nonsense."""
    text = text.translate(PLAIN)
    if RHYTHM.search(text) or MOON.search(text):
        raise Nonsense
    text = A_BIT.sub(lambda found: "\0" * len(found[0]), text)
    found = Clues([], [], [])
    if lead := LEAD.search(text):
        found.lead = Lapse(*lead.span(), _length(lead["all"]))
        text = _without(text, found.lead)
    for pattern in (LAPSE, BARE):
        for lapse in pattern.finditer(text):
            if (pattern is BARE or lapse["before"] or lapse["after"]) and _lapse(lapse, found, now.date()):
                text = _without(text, dates.Clue(*lapse.span()))
    if repeat := REPEAT.search(text):
        found.repeat = _repeat(repeat, now.date())
        text = _without(text, found.repeat)
    for days in _days(text, now.date()):
        found.days.append(days)
    for days in found.days:
        text = text[: days.start] + "日" * (days.end - days.start) + text[days.end :]
    found.clocks.extend(_clocks(text))
    return found


def numeral(text: str) -> int:
    """十五 → 15, 一百二十 → 120, 零五 → 5, 15 → 15. Raises Nonsense."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, -1
    for letter in text:
        if letter in DIGITS:
            digit = DIGITS[letter] if digit <= 0 else digit * 10 + DIGITS[letter]
        else:
            total += (1 if digit < 0 else digit) * {"十": 10, "百": 100}[letter]
            digit = 0
    return total + max(digit, 0)


def _without(text: str, clue: dates.Clue) -> str:
    """The text with the clue's words blotted out, places unchanged."""
    return text[: clue.start] + "\0" * (clue.end - clue.start) + text[clue.end :]


def _lapse(found: re.Match[str], clues: Clues, today: date) -> bool:
    """Put a span of time among the clues, if it is one: 半天后 and 5月后 are not."""
    amounts = list(AMOUNT.finditer(found["all"]))
    months = sum(_months(each) for each in amounts)
    length = _length(found["all"])
    by_day = all(each["unit"] in "年月星期礼拜周天日" for each in amounts) and not length % timedelta(days=1)
    if months and not by_day:
        raise Nonsense
    if by_day and (months or length):
        clues.days.append(Days(*found.span(), (dates.later(today, length.days, months),), counted=True))
    elif length:
        clues.lapses.append(Lapse(*found.span(), length))
    return bool(months or length)


def _length(text: str) -> timedelta:
    return sum((_span(each) for each in AMOUNT.finditer(text)), timedelta())


def _count(amount: re.Match[str]) -> float:
    count = 0.5 if amount["n"] == "半" else float(amount["n"]) if amount["n"][0].isdigit() else numeral(amount["n"])
    return count + (0.5 if amount["half"] or amount["more"] else 0)


def _span(amount: re.Match[str]) -> timedelta:
    """The days, hours, minutes and seconds of an amount; half a month has fifteen days."""
    count, unit = _count(amount), amount["unit"]
    if unit in ("周", "星期", "礼拜"):
        return timedelta(weeks=count)
    if unit in ("天", "日"):
        return timedelta() if amount["n"] == "半" else timedelta(days=count)
    if unit[0] == "秒":
        return timedelta(seconds=count)
    if unit == "月":
        return timedelta(days=15 * (count % 1 > 0)) if amount["each"] else timedelta()
    return timedelta() if unit == "年" else timedelta(minutes=count * MINUTES[unit[0]])


def _months(amount: re.Match[str]) -> int:
    count = _count(amount)
    if amount["unit"] == "年":
        return int(12 * count) if count < 1000 else 0
    return int(count) if amount["unit"] == "月" and amount["each"] else 0


def _repeat(found: re.Match[str], today: date) -> Repeat:
    span, named = found.span(), found.groupdict()
    if found["weekdays"]:
        return Repeat(*span, "weekdays")
    if named["weekday"]:
        return Repeat(
            *span, "weekly", dates.coming(today, WEEKDAYS.index(found["weekday"]) - (found["weekday"] == "天"))
        )
    if named["day"] or named["last"] or named["first"]:
        day = numeral(found["day"]) if named["day"] else 31 if named["last"] else 1
        return Repeat(*span, "monthly", dates.monthly(today, day, clamp=True), day)
    if named["month"]:
        month, day = numeral(found["month"]), numeral(found["date"])
        return Repeat(*span, "yearly", dates.yearly(today, month, day, clamp=True), day)
    return Repeat(*span, next(kind for kind in ("daily", "weekly", "monthly", "yearly") if named[kind] is not None))


def _days(text: str, today: date) -> Iterator[Days]:
    for found in NEAR.finditer(text):
        far = len(found["far"]) if found["word"] in "后前" else 0
        days = {"后": 2 + far, "明": 1, "今": 0, "昨": -1, "前": -2 - far}[found["word"]]
        yield Days(*found.span(), (today + timedelta(days=days),))
    for found in WEEKDAY.finditer(text):
        yield Days(*found.span(), _weekday(found, today))
    for found in DATE.finditer(text):
        yield Days(*found.span(), (dates.exact(int(found["year"]), int(found["month"]), int(found["day"])),))
    for found in MONTH.finditer(text):
        yield Days(*found.span(), _month(found, today))
    text = MONTH.sub(lambda found: "\0" * len(found[0]), text)
    for found in DAY.finditer(text):
        yield Days(*found.span(), _day(found, today))
    for found in YEARS.finditer(text):
        year = today.year if found["end"] else _year(found, today)
        end = found["end"] or found["edge"] in ("底", "末")
        if found["near"] != "今" or found["edge"]:
            yield Days(*found.span(), (date(year, 12, 31) if end else date(year, 1, 1),))


def _weekday(found: re.Match[str], today: date) -> tuple[date, ...]:
    if found["next"]:
        return (dates.weekday(today, 0, len(found["next"])),)
    day = {"末": 5, "天": 6}.get(found["day"], WEEKDAYS.index(found["day"]))
    way = found["way"]
    if not way:
        return dates.coming(today, day)
    weeks = len(way) if way[0] == "下" else -len(way) if way[0] == "上" else 0
    return (dates.weekday(today, day, weeks),)


def _year(found: re.Match[str], today: date) -> int:
    if found["near"]:
        return today.year + {"今": 0, "明": 1, "后": 2, "去": -1, "前": -2}[found["near"]]
    year = found["year"]
    return int(year) if year.isdecimal() else int("".join(str(DIGITS[digit]) for digit in year))


def _month(found: re.Match[str], today: date) -> tuple[date, ...]:
    """The days that a month's name, with or without a year and a day, may mean."""
    if found["moon"]:
        raise Nonsense
    edge = {"初": 1, "中": 15, "底": 31, "末": 31, "最后一天": 31}.get(found["edge"] or "", 0)
    named = found["day"] or found["bare"]
    day = numeral(named) if named else edge or 1
    if found["way"]:
        way = found["way"].rstrip("个")
        first = dates.later(today.replace(day=1), months=len(way) if way[0] == "下" else -1 if way == "上" else 0)
        year, month = first.year, first.month
    else:
        year, month = _year(found, today) if found["year"] or found["near"] else 0, numeral(found["month"])
    if not year:
        return dates.yearly(today, month, day, clamp=edge == 31)
    if edge == 31 and 1 <= month <= 12:
        return (dates.clamped(year, month, day),)
    return (dates.exact(year, month, day),)


def _day(found: re.Match[str], today: date) -> tuple[date, ...]:
    if edge := found["edge"]:
        return dates.monthly(today, {"初": 1, "中": 15}.get(edge, 31), clamp=True)
    return dates.monthly(today, numeral(found["day"] or found["plain"]))


def _clocks(text: str) -> Iterator[Clock]:
    for found in CLOCK.finditer(text):
        part = PARTS[found["part"]] if found["part"] else None
        yield Clock(*found.span(), _readings(found, part))
    text = CLOCK.sub(lambda found: "\0" * len(found[0]), text)
    for found in ALONE.finditer(text):
        if found["noon"]:
            yield Clock(*found.span(), (12 * dates.HOUR,))
        else:
            yield Clock(*found.span(), (PARTS[found["part"]].usual,), PARTS[found["part"]])


def _readings(found: re.Match[str], part: Part | None) -> tuple[int, ...]:
    if digits := found["digits"]:
        return dates.clock(int(digits), int(found["colon"]), part, sure=digits[0] == "0")
    minute = 30 if found["half"] else 15 * numeral(found["quarter"]) if found["quarter"] else 0
    minute = numeral(found["minute"]) if found["minute"] else minute
    short = found["short"] or found["lack"] or ""
    lack = 15 if short == "一刻" else numeral(short[:-1]) if short else 0
    if lack >= dates.HOUR:
        raise Nonsense
    hour = found["hour"]
    return tuple(
        each - lack for each in dates.clock(numeral(hour), minute, part, sure=len(hour) > 1 and hour[0] in "0零")
    )
