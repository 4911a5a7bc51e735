"""Markdown, addresses and their kin become what one who reads aloud would make of them."""

import html
import re

from bot.symbols import EMOJI, INVISIBLE, KAOMOJI
from bot.traced import Rule, Traced

CODE = {"zh": "代码如下。", "en": "Here is the code."}
TABLE = {"zh": "请看表格。", "en": "Please see the table."}
LINK = {"zh": "链接", "en": "link"}
ARROW = {"zh": "，", "en": ", "}

FENCE = re.compile(
    r"(?<!`)(?P<ticks>`{3,})[^`\n]*(?:\n[\s\S]*?(?:^[^\S\n]*(?P=ticks)`*[^\S\n]*(?:\n|\Z)|\Z)|\Z)", re.MULTILINE
)
ROWS = re.compile(r"^[^\S\n]*\|.*(?:\n[^\S\n]*\|.*)+\n?", re.MULTILINE)
KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
TITLE = r"(?:[^\S\n]\"[^\"\n]{0,200}\")?"
IMAGE = re.compile(rf"!\[([^\[\]\n]{{0,200}})\]\([^()\s]{{0,2000}}{TITLE}\)")
ANCHOR = re.compile(rf"\[([^\[\]\n]{{1,200}})\]\((?:[^()\s]|\([^()\s]{{0,200}}\)){{0,2000}}{TITLE}\)")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
PATH = r"[!-~]*[A-Za-z0-9/=_#&+-]"
URL = re.compile(
    rf"<?(?<![A-Za-z0-9])(?:https?|ftp)://{PATH}>?|(?<![A-Za-z0-9.])www\.[A-Za-z0-9-]+\.{PATH}"
    rf"|(?<![\w@.-])(?:[A-Za-z0-9-]{{1,64}}\.){{1,4}}(?:com|cn|net|org|io|ai|dev|app|edu|gov)/{PATH}",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
CITED = re.compile(r"[^\S\n]?\[(?:k:[^\[\]\n]{1,128}|\^?\d{1,3})\](?![(\[])")
TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,100}>|<!--[^\n]{0,200}?-->")
ARROWS = re.compile(r"[^\S\n]*(?:[→⇒➜]|->|=>)[^\S\n]*")
MARKS: tuple[Rule, ...] = tuple(
    (re.compile(pattern, re.MULTILINE), "")
    for pattern in (
        r"^[^\S\n]*([-*_=])(?:[^\S\n]*\1){2,}[^\S\n]*$",  # rules
        r"^[^\S\n]*#{1,6}[^\S\n]+|[^\S\n]+#+[^\S\n]*$",  # headings
        r"^[^\S\n]*(?:>[^\S\n]?)+",  # quotations
        r"^[^\S\n]*[-*+•·●○▪◦‣][^\S\n]+(?:\[[ xX]\][^\S\n]+)?",  # bullets
        r"\*\*|__|~~|\|\|",
        r"(?<![\d\s])\*(?!\d)|\*(?=[^\s\d*])|(?<=\S)\*(?=\s|$)",
        r"(?<![A-Za-z0-9_])_(?=\S)|(?<=\S)_(?![A-Za-z0-9_])",
        r"`+",
    )
)


def plain(text: Traced, language: str) -> Traced:
    """The text without markup: code and tables are announced, links go by their names, pictures are gone."""
    text = text.put(FENCE, CODE[language]).put(ROWS, TABLE[language]).put(INVISIBLE, "")
    text = text.keep(KEYCAP).put(ENTITY, lambda match: html.unescape(match[0]))
    text = text.keep(IMAGE).keep(ANCHOR).put(CITED, "").put(URL, LINK[language]).put(TAG, " ")
    text = text.put(KAOMOJI, " ").put(ARROWS, ARROW[language]).put(EMOJI, " ")
    return text.read(MARKS).keep(ESCAPE)
