"""What she does not keep of what she is told: secrets, matters of health, and orders in the guise of facts. Pure."""

import re
import unicodedata

DATE = re.compile(r"(?<!\d)(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}(?!\d)日?")
DIGITS = re.compile(r"\d(?:[\s\-_.·,，、/()+]{0,3}\d){6,}|[零〇一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖]{7,}")
"""A number long enough to be somebody's: telephone, card, identity."""
WORDS = re.compile(
    r"密码|口令|暗号|验证码|校验码|动态码|密钥|私钥|秘钥|助记词|身份证|护照号|社保|银行卡|信用卡|储蓄卡|卡号|账户号|银行账[号户]"
    r"|手机号|电话号|电话是|手机是"
    r"|pass ?-?(?:word|wd|code|phrase)s?|\bpwd\b|\bpin\b|\botp\b|\bcvv\b|\bssn\b|(?:api|secret|private|access|licen[cs]e)[ _-]?keys?"
    r"|\b(?:access|bearer|auth)?[ _-]?tokens?\b|\bcredentials?\b|seed phrase|recovery (?:phrase|code)|verification code"
    r"|social security|(?:credit|debit|bank) (?:card|account)|account number|card number|(?:phone|mobile|passport|id) number",
    re.IGNORECASE,
)
KEYS = re.compile(
    r"\b(?:sk|pk|rk)[-_]\w{6,}|\bAKIA\w{8,}|\bgh[pousr]_\w{8,}|\bxox[a-z]-\w+|\beyJ[\w-]{8,}|-----BEGIN"
    r"|(?=[A-Za-z_+/=-]{0,40}\d)(?=[\d_+/=-]{0,40}[A-Za-z])[A-Za-z\d_+/=-]{16,}",
)
HEALTH = re.compile(
    r"过敏|[疾生看患]病|病[情人历了]|症|癌|肿瘤|怀孕|孕[期妇]|流产|抑郁|焦虑|自闭|手术|化疗|糖尿|血压|血糖|血脂|心脏|艾滋|乙肝|确诊|诊断"
    r"|住院|吃药|服药|用药|残疾|失眠|发烧|受伤|骨折|精神科|心理医生"
    r"|allerg|disease|illness|\bsick\b|cancer|tumou?r|diabet|pregnan|miscarr|depress|anxiety|autis|surgery|blood pressure"
    r"|\bhiv\b|\baids\b|diagnos|hospitali[sz]ed|in hospital|medication|disab|insomnia|\badhd\b|therap",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"(?:你|妳|您|助手|机器人|\bai\b)\s*(?:以后|今后|现在|从现在起|之后)?(?:都|就|也|一律)?(?:必须|务必|不得|不准|不许|只能|只许|应该|应当|要服从|得听)"
    r"|(?:以后|今后|从现在(?:起|开始)|从今以后|每次|无论).{0,12}(?:你|回答|回复|输出)"
    r"|你(?:现在|以后|其实)?(?:就)?是(?!我)|忽略|无视|不要?理会|绕过|覆盖.{0,6}(?:规则|指令|设定)|系统(?:提示|消息|指令|管理)|提示词|指令|开发者模式|越狱|扮演(?!游戏)"
    r"|管理员|我才?是你|超级用户|(?:你的|系统|这个?(?:程序|软件|机器人|系统)的?)(?:主人|开发者|运营者?|创造者|老板|作者|所有者)|最高权限|权限"
    r"|\bignore\b|\bdisregard\b|\boverride\b|\bbypass\b|\byou (?:are|must|should|shall|will|have to|may only|can only|always|never)\b"
    r"|\bfrom now on\b|\bsystem (?:prompt|message|instruction)|\b(?:previous|prior|above) instructions?|\bdeveloper mode\b|\bjailbreak"
    r"|\bact as\b|\bpretend\b|\b(?:administrator|admin|superuser|sudo|root access|operator of|developer of)\b"
    r"|\bi(?:'m| am) your\b|\byour (?:owner|master|creator|developer|operator|boss|instructions?|rules?|prompt)\b"
    r"|\balways (?:answer|reply|respond|say|obey|call|use|do)\b|\bnever (?:refuse|mention|tell|say|answer|reveal)\b",
    re.IGNORECASE,
)


def _plain(text: str) -> str:
    """The text without the invisible characters that could part a word, in its plainest letters."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")


def secret(text: str) -> bool:
    """Whether the text holds what could open a door or name a person: passwords, keys, long numbers."""
    text = _plain(text)
    if WORDS.search(text) or KEYS.search(text):
        return True
    return DIGITS.search(DATE.sub(" 年 ", text)) is not None


def delicate(text: str) -> bool:
    """Whether the text tells of somebody's health: kept only at their own wish."""
    return HEALTH.search(_plain(text)) is not None


def order(text: str) -> bool:
    """Whether the text tells the assistant what to be or do, or claims power over it: never a fact about a person."""
    return ORDER.search(_plain(text)) is not None
