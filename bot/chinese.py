"""Figures, units and symbols as they are said in Chinese."""

import re
from decimal import Decimal

from bot.figures import DATE, FREE, GROUPS, HOURS, MAIL, RANGE, TO, VERSION, N, S, any_of
from bot.numerals import by_digit, cardinal, number
from bot.traced import Rule, Traced

HAN = r"\u4e00-\u9fff"
UNITS = {
    "KB/s": "KB每秒", "MB/s": "MB每秒", "GB/s": "GB每秒",
    "km/h": "公里每小时", "m/s": "米每秒", "km²": "平方公里", "m²": "平方米", "m³": "立方米", "cm²": "平方厘米",
    "cm³": "立方厘米", "km": "公里", "cm": "厘米", "mm": "毫米", "nm": "纳米", "μm": "微米", "m": "米", "kg": "公斤",
    "mg": "毫克", "g": "克", "t": "吨", "lb": "磅", "mL": "毫升", "ml": "毫升", "L": "升", "l": "升", "kWh": "千瓦时",
    "kW": "千瓦", "MW": "兆瓦", "W": "瓦", "V": "伏", "mAh": "毫安时", "kHz": "千赫", "MHz": "兆赫", "GHz": "吉赫",
    "Hz": "赫兹", "dB": "分贝", "kcal": "千卡", "kJ": "千焦", "kPa": "千帕", "ms": "毫秒", "min": "分钟", "hrs": "小时",
    "hr": "小时", "h": "小时", "s": "秒", "px": "像素", "rpm": "转每分钟", "mph": "英里每小时", "°C": "摄氏度",
    "°F": "华氏度", "°": "度",
}  # fmt: skip
MONEY = {
    "¥": "元", "RMB": "元", "CNY": "元", "$": "美元", "US$": "美元", "USD": "美元", "HK$": "港元", "NT$": "新台币",
    "€": "欧元", "EUR": "欧元", "£": "英镑", "GBP": "英镑", "₩": "韩元", "₽": "卢布", "₹": "卢比",
}  # fmt: skip
SCALES = {"million": 10**6, "billion": 10**9, "M": 10**6, "K": 10**3, "k": 10**3, "B": 10**9}
OPERATORS = {"+": "加", "-": "减", "−": "减", "*": "乘", "×": "乘", "x": "乘", "/": "除以", "÷": "除以", "=": "等于"}
SIGNS = {"&": "和", "≈": "约等于", "±": "正负", "≥": "大于等于", "≤": "小于等于", "≠": "不等于", "×": "乘", "÷": "除以"}
COMPARED = {">": "大于", "<": "小于", "=": "等于", "==": "等于", ">=": "大于等于", "<=": "小于等于"}
MEASURES = (
    "个|位|只|条|本|张|次|天|种|块|元|毛|分|分钟|小时|刻钟|点|件|双|对|杯|碗|瓶|包|袋|盒|箱|家|间"
    "|层|座|栋|辆|台|部|架|艘|把|根|支|颗|粒|片|朵|棵|群|排|份|道|句|段|篇|页|首|步|口|名|人|周"
    "|秒|公里|千米|米|厘米|毫米|公斤|千克|克|斤|吨|升|毫升|平方|立方|摄氏度|度|倍|岁|万|亿|千|百万"
    "|美元|欧元|英镑|套|笔|场|趟|遍|顿|桶|盘|针|副|封|顶|匹|头|扇|门|幅|类|项|款|样|下|回|组|队"
    "|行"
)
"""What is counted with 两, not with 二; so are years, but not years at school."""
COUNTED = re.compile(rf"(?:到{N})?{S}[多余来]?(?:{MEASURES}|年(?!级))")
PER = "人|天|月|年|斤|公斤|千克|小时|分钟|秒|次|个|位|晚|间|张|米|平米|平方米|h|kg"
CALLED = (
    "电话|手机号?|热线|拨打|致电|客服|传真|微信号?|[Qq][Qq]群?号?|号码|编号|单号|学号|工号|卡号|账号|密码|验证码|邮编|尾号|房间|航班"
)  # fmt: skip
"""Words after which figures are read one by one."""
NUMERAL = "零一二两三四五六七八九十百"


def words(text: Traced) -> Traced:
    """The text with its figures and symbols in Hanzi."""
    for rules in (ONE_BY_ONE, CALENDAR, SUMS, NAMES, AMOUNTS, SYMBOLS):
        text = text.read(rules)
    return text


def _mail(match: re.Match[str]) -> str:
    return match[0].replace("@", " at ").replace(".", "点").replace("_", "下划线")


def _listed(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}，"


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    if len(groups) == 1 and len(groups[0]) == 11 and groups[0][0] == "1":
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    elif len(groups) == 1 and len(groups[0]) == 10:
        groups = [groups[0][:3], groups[0][3:6], groups[0][6:]]
    return ("加" if match[0][0] == "+" else "") + "，".join(by_digit(group, "幺") for group in groups)


def _called(match: re.Match[str]) -> str:
    return match[1] + by_digit(match[2], "幺")


def _date(match: re.Match[str]) -> str:
    return f"{by_digit(match[1])}年{cardinal(match[3])}月{cardinal(match[4])}日"


def _month(match: re.Match[str]) -> str:
    return f"{by_digit(match[1])}年{cardinal(match[2])}月"


def _decade(match: re.Match[str]) -> str:
    return f"{by_digit(match[1])}年代"


def _years(match: re.Match[str]) -> str:
    return f"{by_digit(match[1])}到{by_digit(match[2])}"


def _digits(match: re.Match[str]) -> str:
    return by_digit(match[0])


def _number(match: re.Match[str]) -> str:
    return number(match[0])


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = cardinal(match[1], "两"), match[2], match[3]
    if second:
        return f"{hour}点{_sixty(minute)}分{_sixty(second)}秒"
    return f"{hour}点" if minute == "00" else f"{hour}点{_sixty(minute)}分"


def _sixty(digits: str) -> str:
    return "零" if digits == "00" else number(digits)


def _sum(match: re.Match[str]) -> str:
    return re.sub(rf"{S}([-+−*×x/÷=]){S}", lambda sign: OPERATORS[sign[1]], match[0])


def _operator(match: re.Match[str]) -> str:
    return OPERATORS[match[1]]


def _version(match: re.Match[str]) -> str:
    parts = (match[2] or match[4]).split(".")
    said = "点".join((cardinal if n == 0 and len(parts) < 4 else by_digit)(part) for n, part in enumerate(parts))
    named = not (match[1] or match[3]) or match.string[: match.start()].rstrip().endswith("版本")
    return said if named else f"版本{said}"


def _place(match: re.Match[str]) -> str:
    return f"第{cardinal(match[1])}"


def _numbered(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}号"


def _money(match: re.Match[str]) -> str:
    amounts = [amount.replace(",", "") for amount in (match[2], match[3]) if amount]
    scale, coin = match[4] or "", MONEY[match[1]]
    if scale in SCALES:
        amounts, scale = [str(int(Decimal(amount) * SCALES[scale])) for amount in amounts], ""
    return "到".join(map(_price, amounts)) + scale + coin


def _paid(match: re.Match[str]) -> str:
    return _price(match[1]) + MONEY.get(match[2] or "", "")


def _price(text: str) -> str:
    """A sum of money; the zero at the end of 5.50 is not said."""
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return number(f"{whole}.{fraction}" if fraction else whole, "两")


def _negative(match: re.Match[str]) -> str:
    if re.match(rf"{N}(?:到[-−]?{N})?{S}[度°]", match.string[match.end() :]):
        return "零下"
    return match[0] if re.match(f"[{HAN}]", match.string[: match.start()][-1:]) else "负"


def _share(match: re.Match[str]) -> str:
    return f"{'百' if match[2] == '%' else '千'}分之{number(match[1])}"


def _fraction(match: re.Match[str]) -> str:
    upper, lower = match[1], match[2]
    if 0 < int(upper) < int(lower) <= 1000:
        return f"{cardinal(lower)}分之{cardinal(upper)}"
    return f"{cardinal(upper)}、{cardinal(lower)}"


def _score(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}比{cardinal(match[2])}"


def _unit(match: re.Match[str]) -> str:
    return UNITS[match[1]]


def _plain(match: re.Match[str]) -> str:
    text, before = match[0], match.string[max(0, match.start() - 1) : match.start()]
    if text.isdigit() and len(text) > 8 and not text.endswith("0000"):
        return by_digit(text)  # nobody counts so far: it is the number of something
    counted = COUNTED.match(match.string, match.end()) and before not in tuple("第周期初")
    return number(text, "两" if counted else "二")


def _sign(match: re.Match[str]) -> str:
    return SIGNS[match[1]]


def _compared(match: re.Match[str]) -> str:
    return COMPARED[match[1]]


ONE_BY_ONE: tuple[Rule, ...] = (
    (MAIL, _mail),
    (re.compile(rf"^{S}(\d{{1,3}})[.)][^\S\n]+", re.MULTILINE), _listed),
    (re.compile(rf"{FREE}(?:\+?86[- ]?)?1[3-9]\d(?:\d{{8}}|([- ])\d{{4}}\1\d{{4}})(?![\d.])"), _phone),
    (re.compile(rf"{FREE}[48]00(?:[- ]?\d{{3}}[- ]?\d{{4}}|[- ]\d{{4}}[- ]\d{{3}})(?![\d.])"), _phone),
    (re.compile(rf"{FREE}\(?0\d{{2,3}}[-) ] ?\d{{3,4}}[- ]?\d{{4}}(?![\d.])"), _phone),
    (re.compile(r"(?<![\w+])\+\d{1,3}(?:[- ]\d{2,4}){2,4}(?![\d.])"), _phone),
    (re.compile(rf"((?:{CALLED})(?:是|为|：|:|叫|\s){{0,3}})(\d{{3,}})(?![\d.,]*[\d年月元块%])"), _called),
    (re.compile(rf"{FREE}()(\d{{3,6}})(?=(?:客服)?(?:热线|电话))"), _called),
)
CALENDAR: tuple[Rule, ...] = (
    (DATE, _date),
    (re.compile(rf"{FREE}((?:19|20)\d\d)/(0?[1-9]|1[0-2])(?![\d/])"), _month),
    (re.compile(rf"{FREE}((?:19|20)\d0)['’]?s(?![A-Za-z])"), _decade),
    (GROUPS, _phone),
    (re.compile(rf"{FREE}([12]\d{{3}}){TO}([12]\d{{3}})(?=年)"), _years),
    (re.compile(rf"{FREE}[12]\d00(?=年(?:前|来|的?历史))"), _number),
    (re.compile(rf"{FREE}[12]\d{{3}}(?=年)|{FREE}[5-9]0(?=后(?![天面来悔续]))"), _digits),
    (HOURS, "到"),
    (re.compile(r"(?<![\d:：.A-Za-z])([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：]([0-5]\d))?(?![\d:：])"), _clock),
)
SUMS: tuple[Rule, ...] = (
    (re.compile(rf"(?<![\w.]){N}(?:{S}[-+−*×x/÷]{S}{N})+{S}=(?:{S}[-−]?\d)?"), _sum),
    (re.compile(rf"(?<=\d){S}([+×*÷x]){S}(?=\d)"), _operator),
    (re.compile(r"(?<=\d)[^\S\n]+([-−])[^\S\n]+(?=\d)"), _operator),
)
NAMES: tuple[Rule, ...] = (
    (VERSION, _version),
    (re.compile(r"(?<![A-Za-z])(?:No\.?|№)[^\S\n]?(\d+)(?![\d.])"), _place),
    (re.compile(r"(?<![A-Za-z])C#(?!\w)"), "C sharp"),
    (re.compile(r"#(\d+)(?![\d.])"), _numbered),
)
AMOUNTS: tuple[Rule, ...] = (
    (
        re.compile(
            rf"({any_of(MONEY)})[^\S\n]?({N})(?:{TO}({N}))?(?:[^\S\n]?(百万|千万|万|亿|million|billion|[MKkB](?![A-Za-z])))?"
            r"(?:[^\S\n]?(?:元|块钱?|美元|欧元|英镑))?"
        ),
        _money,
    ),
    (re.compile(rf"{FREE}({N})[^\S\n]?(USD|EUR|GBP|RMB|CNY|€|£|\$)(?![A-Za-z\d])"), _paid),
    (re.compile(rf"{FREE}(\d[\d,]*\.\d0)(?=(?:元|块|美元|欧元|英镑|港元)())"), _paid),
    (RANGE, "到"),
    (re.compile(r"(?<![A-Za-z0-9_)）\]])[-−](?=\d)"), _negative),
    (re.compile(rf"({N})[^\S\n]?([%‰])"), _share),
    (re.compile(rf"{FREE}(\d{{1,4}})[/⁄](\d{{1,4}})(?![\d/.])"), _fraction),
    (re.compile(rf"{FREE}(\d{{1,4}})[:：](\d{{1,4}})(?![\d:：])"), _score),
    (re.compile(rf"(?<=\d)[^\S\n]?({any_of(UNITS)})(?![A-Za-z\d²³])"), _unit),
    (re.compile(r"(?<=\d)[^\S\n]?[wW](?![A-Za-z])"), "万"),
    (re.compile(r"(?<=\d)\+(?![\d+])|(?<=\d万)\+"), "多"),
    (re.compile(rf"(?<=[{HAN}\d])/(?=(?:{PER})(?![A-Za-z]))"), "每"),
    (re.compile(rf"{FREE}{N}(?!\d)"), _plain),
    (re.compile(r"(?<![\dA-Za-z_])(?<![A-Za-z]-)\d+"), _number),
)
SYMBOLS: tuple[Rule, ...] = (
    (re.compile(rf"(?<=[{HAN}])[-~～–](?=[{NUMERAL}负])"), "到"),
    (re.compile(rf"(?<=[{NUMERAL}千万亿月日号点分度年周])[-~～–](?=[{NUMERAL}周])"), "到"),
    (re.compile(rf"{S}(°[CF]|°)"), _unit),
    (re.compile("²"), "平方"),
    (re.compile("³"), "立方"),
    (re.compile(rf"(?<=[{HAN}])/(?=[{HAN}])"), "或"),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), " "),
    (re.compile(rf"{S}([{''.join(SIGNS)}]){S}"), _sign),
    (re.compile(rf"(?<=\w){S}([<>=]=|[<>=]){S}(?=\w)"), _compared),
    (re.compile(rf"(?<=[{HAN}]){S}\+{S}(?=[{HAN}A-Za-z])|(?<![\w+])\+(?=[{HAN}])"), "加"),
    (re.compile(r"(?<=[A-Za-z])[^\S\n]+\+[^\S\n]+(?=\w)"), "加"),
    (re.compile(r"(?<=[A-Za-z\d])\.(?=[a-z]{2,})"), "点"),
    (re.compile(rf"\be\.g\.{S}"), "例如"),
    (re.compile(rf"\bi\.e\.{S}"), "也就是"),
    (re.compile(r"\betc\.?(?![A-Za-z])"), "等等"),
    (re.compile(r"(?<=\w)[~～]+(?=\s*\w)"), "，"),
    (re.compile(r"[~～]+"), ""),
)
