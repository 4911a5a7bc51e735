"""What a person says of themselves, noticed without a model: rules that would rather miss a thing than get it wrong. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from bot.discretion import delicate, order, secret
from bot.facts import LONGEST, PLAN_S, QUOTE, By, Fact, name
from bot.phrases import language
from bot.statement import Statement, dated, stated
from bot.statements_en import RULES as ENGLISH
from bot.statements_en import WHEN as ENGLISH_WHEN
from bot.statements_zh import RULES as CHINESE
from bot.statements_zh import WHEN as CHINESE_WHEN

MOST = 3
"""Facts of one message."""
MESSAGE = 500
"""Characters; a longer message is a text about something, not talk about oneself."""
CLAUSE = 100
"""Characters of a clause that can be a plain statement."""
HIDDEN = "\ue000"
"""Stands for code and for what somebody else said."""
ALIEN = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^[ \t]*[>＞|][^\n]*|“[^”]*(?:”|\Z)|「[^」]*(?:」|\Z)|『[^』]*(?:』|\Z)|\"[^\"]*(?:\"|\Z)|(?<!\w)['‘][^'’\n]*['’](?!\w)",
    re.DOTALL | re.MULTILINE,
)
OTHERS = re.compile(
    r"(?:[他她它谁你您]|有人|别人|人家|大家|朋友|同[学事]|老[师板婆公]|[爸妈爷奶哥姐弟妹叔姨舅]|孩子|客户|医生|对方|主角|[歌书片]里)们?"
    r"[^,，。!！?？]{0,6}[说讲问喊称道写唱回]|[说道问答写唱][：:]|翻译(?:一下|下|成|[:：,，])|[把请帮].{0,6}翻译|怎么说|用英[语文]|润色|改写|改成"
    r"|造[个一]?句|作文|朗读|跟我念|复述|听写|[读念]一下|扮演|假装|假扮|台词|歌词|剧本|(?:故事|小说)里|示例|例[如句子]|比如说?[：:,，]|模仿|开玩笑"
    r"|骗你|逗你|测试(?:一?下|[:：])|写[一个篇首段份封]|简历"
    r"|\b(?:he|she|they|friend|brother|sister|mother|father|mom|dad|boss|teacher|who|you|song|book|lyrics)s? (?:just |once |always )?"
    r"(?:said|says?|told|tells?|asked|asks?|wrote|writes?|goes)\b|\bsaid[:,]|\btranslate\b|\btranslation[:,]|\bproofread|\brewrite|\brephrase|\bparaphrase"
    r"|\brole-?play|\bpretend|\blyrics|\bexample\b|\be\.g\.|\bjust kidding\b|\bjoking\b|\bcover letter\b|\bhow (?:do|to|would) .{0,12}say\b|\brepeat after",
    re.IGNORECASE,
)
"""Somebody else speaks, or the words are material: nothing in the message is about the user for certain."""
UNREAL = re.compile(
    r"如果|要是|假如|假设|假定|倘若|若是|万一|除非|就好了|的话|想象|梦[见到里]|希望|好像|似乎|也许|可能|大概|或许|差点|以为|以前|曾经|过去|小时候|当年|那时|当时"
    r"|后来|去世|送人|走丢|没了|才怪|谁说|难道|怎么会|并非|不是真|假的"
    r"|\b(?:if|suppose|supposing|imagine|unless|wish|would|could|might|maybe|perhaps|dream(?:ed|t)?|used to|formerly|once|as a (?:child|kid)"
    r"|back then|ago|as if|almost|passed away|died)\b",
    re.IGNORECASE,
)
"""In a sentence: it is not so, or no longer, or not for certain."""
REMINDER = re.compile(r"提醒|叫醒|闹钟|记得叫|\bremind|\bwake me\b|\balarm\b", re.IGNORECASE)
ZH_WHEN, EN_WHEN = re.compile(CHINESE_WHEN), re.compile(rf"\b{ENGLISH_WHEN}\b", re.IGNORECASE)
EVER = re.compile(r"每|总是|\bevery\b|\balways\b", re.IGNORECASE)
"""No one day is meant."""
QUESTION = re.compile(
    r"什么|谁|哪|(?<!不)怎么|为何|多少|几[岁点个号月天]|是不是|有没有|要不要|会不会|能不能|可不可以|对不对|猜|[吗么嘛呢]$|[不没]$|没有$|[对是好]吧$"
    r"|^(?:do|does|did|what|who|where|when|why|how|can|could|am|is|are|was|will|should|guess)\b|\b(?:right|correct|or not|isn't it|am i)$",
    re.IGNORECASE,
)
WANTS = re.compile(
    r"请(?!客|假)|麻烦|帮|告诉|介绍|推荐|讲|说说|教|给我|想[问知了看]|查|看看|能不能"
    r"|\b(?:please|tell me|show|help|give me|recommend|explain|teach|look|find|let me know|i(?: want|'d like| would like| need) to know)\b",
    re.IGNORECASE,
)
"""Something is asked of her without a question."""
BACK = re.compile(r"[你您]|\byou\b", re.IGNORECASE)
"""A question back: what stands before it is still said."""
DOUBT = re.compile(
    r"记得|知道|猜|信|觉得|认为|忘|意思|怎么[写读念说]|\b(?:remember|know|guess|believe|think|forg[eo]t|mean)\b",
    re.IGNORECASE,
)
"""A question about what was said before it."""
TAG = re.compile(
    r"(?:是|对|好|真|没错|行|可以|不是|我?说[得的]?对)[的了这样]*[吗么吧不嘛没]|是不是|对不对|真的假的|还是.*"
    r"|or .*|or not|right|correct|isn't it|am i(?: right)?|yes|no|ok(?:ay)?",
    re.IGNORECASE,
)
"""Makes a question of all that stands before it."""
SENTENCE = re.compile(r"[^.。!！?？;；\n]+(?:\.(?=\S)[^.。!！?？;；\n]*)*[.。!！?？;；]*")
BORDER = re.compile(
    r"[,，](?!它?(?:的?名字|名)?叫(?!我))|…+|\.{2,}|~+|—+|\s+(?=我)|\s(?:and|but|so)\s(?=(?:I|my|call me)\b)|(?<=[^\s,，])[但而](?:是|且)?(?=我)",
    re.IGNORECASE,
)
LEAD = re.compile(
    r"^(?:你好|您好|嗨|哈喽|对了|其实|另外|还有|而且|顺便|因为|那|哦|嗯|大家好|(?:hi|hello|hey|well|ok(?:ay)?|and|but|so|also|btw|actually|oh)\b[ ,]*)+\s*",
    re.IGNORECASE,
)
TAIL = re.compile(r"(?:[^\w)+#]|_|啊|呀|哦|噢|哈|啦|哟|喔|耶|嘿|哎)+$")
_MARK = r"\s*[：:,，、\s]\s*"
KEEP = re.compile(
    rf"(?:(?:对了|好的?|嗯|那|hi|hey|ok|and|please|pls)[,，\s]*){{0,2}}(?:"
    rf"(?![要得])(?:请|麻烦|拜托|你|要|得|可要|帮我|给我|替我|务必|一定要){{1,4}}记(?:住|好|一?下来?|着)(?:{_MARK})?"
    rf"|记(?:住|好|一?下来?|着){_MARK}|记住(?=我|咱|[明后今]天|下[周个]|每|\d)"
    rf"|(?:remember|note|keep in mind|don't forget)(?:\s+that\b|\s*[:,，：])\s*|remember\s+(?=I\b|I'm|my\b))(?P<what>.+)",
    re.IGNORECASE | re.DOTALL,
)
KEEP_AFTER = re.compile(
    r"(?P<what>.{4,}?)[,，。.!！;；\s]+(?:请|你|您|要|一定|得|帮我|可){0,3}记(?:住|好|一?下)(?:它|这个|这一?点|这件事)?[哦啊呀吧哈]*[.。!！~～]*"
    r"|(?P<that>.{4,}?)[,，.;]\s*(?:please )?remember (?:that|this|it)[.!]*",
    re.IGNORECASE | re.DOTALL,
)
VAGUE = re.compile(
    r"[了吗的没不哦啊过着得]|(?:我|他|她|它|你)?(?:说的|讲的|这[个些句点次里种]|那[个些句点次里种]|刚才|上面|以上|我[爱想]你|我喜欢你)|(?:我|你|他|她|它|me|him|her|it|this|that)$"
    r"|i (?:said|told|love you)\b|(?:time|day|night|one|song|movie|guy|thing|feeling|when|to)\b",
    re.IGNORECASE,
)
"""How a content begins that is none, or cannot stand alone."""


def noticed(text: str, at: float, source: str, zone: tzinfo | None = None) -> list[Fact]:
    """At most MOST facts of a message said at ``at`` (Unix seconds); ``zone`` dates its plans, the server's by default."""
    day = datetime.fromtimestamp(at, zone).date()
    if what := wanted(text):
        return _kept(what, day, at, source)
    plain = _plain(text[: MESSAGE + 1])
    if len(plain) > MESSAGE or OTHERS.search(plain):
        return []
    plain = ALIEN.sub(HIDDEN, plain)
    found: dict[str, Fact] = {}
    for clause, said in _said(plain, day):
        if not _private(clause, said) and not (said.kind == "plan" and REMINDER.search(plain)):
            # “不对，我叫李丽”: what is said last holds.
            found[said.subject or said.text] = _fact(said, clause, at, source, "rules")
    return list(found.values())[:MOST]


def tells(text: str) -> bool:
    """Whether a message asks nothing and wants nothing: all it may do is tell."""
    plain = _plain(text[: MESSAGE + 1])
    parts = (part for sentence in SENTENCE.findall(plain) for part in BORDER.split(sentence))
    clauses = (TAIL.sub("", LEAD.sub("", part.strip())) for part in parts)
    return not ("?" in plain or WANTS.search(plain) or any(map(QUESTION.search, clauses)))


def _private(clause: str, said: Statement) -> bool:
    """Whether it is not for a notebook; whoever works in a clinic may say so."""
    return secret(clause) or order(clause) or (said.subject != "job" and delicate(clause))


def wanted(text: str) -> str:
    """What somebody asks to be remembered, in their own words; empty: nothing."""
    text = text.strip()
    if len(text) > MESSAGE:
        return ""
    found = KEEP.fullmatch(text) or KEEP_AFTER.fullmatch(text)
    if not found:
        return ""
    what = " ".join((found["what"] or found["that"]).split())
    asks = what.endswith(("?", "？")) or QUESTION.search(TAIL.sub("", what))
    return "" if asks or VAGUE.match(what) or sum(map(str.isalnum, what)) < 2 else what


def _kept(what: str, day: date, at: float, source: str) -> list[Fact]:
    """A fact at the user's own wish: any but a secret, or an order in its guise."""
    if secret(what) or order(what):
        return []
    plain = _plain(what)
    found = None if EVER.search(plain) else EN_WHEN.search(plain) or ZH_WHEN.search(plain)
    when = dated(found["when"], day) if found else ""
    otherwise = Statement("plan" if when else "profile", what, "")
    said = next((said for _, said in _said(plain, day)), otherwise)
    note = f"（{when}）" if when else ""  # “tomorrow” needs a date to be understood later
    room = LONGEST - len(note)
    text = (what if len(what) <= room else f"{what[: room - 1]}…") + note
    return [_fact(Statement(said.kind, text, said.subject), what, at, source, "user")]


def _fact(said: Statement, quote: str, at: float, source: str, by: By) -> Fact:
    until = at + PLAN_S if said.kind == "plan" else 0.0
    return Fact(name(), said.kind, said.text, said.subject, at, until, quote[:QUOTE], source, by=by)


def _said(text: str, day: date) -> Iterator[tuple[str, Statement]]:
    """The clauses that state something, with what they state."""
    for sentence in SENTENCE.findall(text):
        if UNREAL.search(sentence):
            continue
        speaking = False
        for clause in _clauses(sentence):
            # “我叫小李，住在杭州”: who spoke of themselves goes on doing so.
            whole = f"我{clause}" if speaking and clause[0] != "我" and language(clause) == "zh" else clause
            rules = ENGLISH if language(clause) == "en" else CHINESE
            statement = stated(whole, day, rules) if len(whole) <= CLAUSE else None
            speaking = statement is not None
            if statement:
                yield clause, statement


def _clauses(sentence: str) -> list[str]:
    """The clauses of a sentence that are stated, not asked."""
    clauses = [TAIL.sub("", LEAD.sub("", part.strip())).strip() for part in BORDER.split(sentence) if part.strip()]
    clauses = [clause for clause in clauses if clause]
    asked = [clause for clause in clauses if QUESTION.search(clause)]
    if clauses and sentence.rstrip().endswith(("?", "？")) and clauses[-1] not in asked:
        if not BACK.search(clauses[-1]):
            return []  # a statement with a question mark: she is to say whether it is so
        asked.append(clauses[-1])
    if any(TAG.fullmatch(clause) or DOUBT.search(clause) for clause in asked):
        return []
    return [clause for clause in clauses if clause not in asked and HIDDEN not in clause]


def _plain(text: str) -> str:
    """The text in one width, with one apostrophe."""
    return unicodedata.normalize("NFKC", text).replace("’", "'")
