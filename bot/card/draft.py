"""A card in our words: what persona.yaml says of it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from random import Random

from pydantic import ValidationError

from bot.card import Card
from bot.jsonfile import Json
from bot.macros import expanded
from bot.persona import Sheet
from bot.phrases import language

NAME, IDENTITY, GREETING, RULE, EXAMPLE, EXAMPLES, KEPT = 80, 20_000, 2_000, 4_000, 1_500, 20, 20_000
MES_EXAMPLE = 200_000
"""Characters of each; EXAMPLES counts them; KEPT is what extensions.card may hold of a field."""
START = re.compile(r"<START>", re.IGNORECASE)
HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE)
"""A card's own headings would pass for the prompt's."""
ORDERS = ("system_prompt", "post_history_instructions")
OURS = "zhiyin"
"""Our key in a card's extensions: what no field of a card can hold."""
RESTORED = ("background", "starters", "never", "languages", "voice", "knowledge")
"""Of that, what is taken over as it is; tools are not: a stranger's card allows nothing."""
Draft = dict[str, Json]
"""persona.yaml without the id."""


def draft(card: Card) -> tuple[Draft, list[str]]:
    """What persona.yaml is to say, and what of the card was changed on the way. The same card gives the same."""
    writer = _Writer(card)
    made: Draft = {"name": writer.name(), "identity": writer.identity()}
    if style := writer.style():
        made["style"] = style
    made["languages"] = ["en", "zh"] if writer.language == "en" else ["zh", "en"]
    if greeting := writer.text("first_mes", writer.said, GREETING):
        made["greeting"] = {"zh": greeting}
    if kept := writer.kept():
        made["extensions"] = {"card": kept}
    return writer.restored(made), writer.notices


def clean(text: str) -> str:
    """Text without characters that nobody sees, and without headings."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return HEADING.sub("", text).strip()


class _Writer:
    """Writes the parts, and notes what it cut."""

    def __init__(self, card: Card) -> None:
        self.card, self.notices = card, list[str]()
        words = "".join(card.text(field) for field in ("description", "personality", "first_mes"))
        self.language = language(words or card.char)
        self.char = self.cut(" ".join(clean(card.char[:1000]).split()), NAME, "name")

    def text(self, field: str, expand: Callable[[str], str], most: int) -> str:
        """A field's text, expanded, clean and not too long."""
        return self.cut(clean(expand(self.card.text(field))), most, field)

    def cut(self, text: str, most: int, field: str) -> str:
        """At most so many characters."""
        if len(text) <= most:
            return text
        self.notices.append(
            f"{field} 太长，留了前 {most} 字。 {field} is too long: its first {most} characters are kept."
        )
        return text[: most - 1] + "…"

    def told(self, text: str) -> str:
        """Text about her and the user, for herself to read."""
        return self._expanded(text, "the user" if self.language == "en" else "对方")

    def said(self, text: str) -> str:
        """Text that is said to the user."""
        return self._expanded(text, "you" if self.language == "en" else "你")

    def _expanded(self, text: str, user: str) -> str:
        return expanded(text, char=self.char, user=user, rng=Random(0))

    def name(self) -> Json:
        """Name and nickname: the one with Hanzi is the Chinese one."""
        full = " ".join(clean(self.card.name[:1000]).split())[:NAME]
        chinese = next((each for each in (self.char, full) if language(each) == "zh"), self.char)
        english = next((each for each in (self.char, full) if language(each) == "en" and each != chinese), "")
        both: dict[str, Json] = {"zh": chinese or full or "?"}
        return {**both, "en": english} if english else both

    def identity(self) -> str:
        """Description, personality and scenario in one."""
        heads = {"personality": ("性格：", "Personality: "), "scenario": ("场景：", "Scenario: ")}
        parts = [clean(self.told(self.card.text("description")))]
        for field, (zh, en) in heads.items():
            if text := clean(self.told(self.card.text(field))):
                parts.append((en if self.language == "en" else zh) + text)
        if text := "\n\n".join(filter(None, parts)):
            return self.cut(text, IDENTITY, "description")
        self.notices.append("卡里没有描述，只写了名字。 The card has no description: identity says her name only.")
        return f"You are {self.char}." if self.language == "en" else f"你是{self.char}。"

    def style(self) -> dict[str, Json]:
        """Examples, and what was written as orders, as rules of style."""
        style: dict[str, Json] = {}
        if rules := [rule for field in ORDERS if (rule := self._rule(field))]:
            self.notices.append(
                "system_prompt 和 post_history_instructions 只当作说话方式，不会代替这里的规则。"
                " They count as style; the rules here stay in force."
            )
            style["rules"] = [*rules]
        if examples := self.examples():
            style["examples"] = [*examples]
        return style

    def _rule(self, field: str) -> str:
        return " ".join(self.text(field, self.told, RULE).split())

    def examples(self) -> list[dict[str, Json]]:
        """Pairs of what a user says and how she answers."""
        pairs: list[tuple[str, str]] = []
        for block in START.split(self.card.text("mes_example")[:MES_EXAMPLE]):
            pairs += _pairs(self._lines(block))
        if len(pairs) > EXAMPLES:
            self.notices.append(f"示范对话留了前 {EXAMPLES} 组。 The first {EXAMPLES} example dialogues are kept.")
        return [
            {"user": self.cut(user, EXAMPLE, "mes_example"), "her": self.cut(her, EXAMPLE, "mes_example")}
            for user, her in pairs[:EXAMPLES]
        ]

    def _lines(self, block: str) -> list[tuple[str, str]]:
        """(who, words) of a block, ``u`` or ``c``; words before anybody is named are nobody's."""
        names = {self.char, self.card.name.strip()[:NAME]} - {""}
        hers = "|".join((r"\{\{char\}\}", "<bot>", "<char>", *map(re.escape, names)))
        speaker = re.compile(rf"\s*(?:(\{{\{{user\}}\}}|<user>)|{hers})\s*[:：]\s*", re.IGNORECASE)
        spoken: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if found := speaker.match(line):
                spoken.append(("u" if found[1] else "c", [line[found.end() :]]))
            elif spoken:
                spoken[-1][1].append(line)
        return [(who, text) for who, lines in spoken if (text := clean(self.said("\n".join(lines))))]

    def kept(self) -> dict[str, Json]:
        """Fields that persona.yaml has no place for, as they were, so that they can be read and changed."""
        kept: dict[str, Json] = {}
        for field in ORDERS:
            if 0 < len(text := self.card.text(field)) <= KEPT and clean(text):
                kept[field] = _printable(text)
        more = [_printable(text) for text in self.card.texts("alternate_greetings") if text.strip()]
        if more and sum(map(len, more)) <= KEPT:
            kept["alternate_greetings"] = [*more]
        if more:
            self.notices.append(
                "备用开场白留在 extensions.card 里，没有用。 Alternate greetings are kept in extensions.card, not used."
            )
        return kept

    def restored(self, made: Draft) -> Draft:
        """The draft with what an export of ours put into the card."""
        ours = self.card.extensions.get(OURS)
        if not isinstance(ours, dict):
            return made
        wanted = {key: _plain(ours[key]) for key in RESTORED if key in ours}
        style, name, greeting = made.get("style"), made["name"], made.get("greeting")
        if "rules" in ours:
            wanted["style"] = {**(style if isinstance(style, dict) else {}), "rules": _plain(ours["rules"])}
        if "look" in ours:
            wanted["avatar"] = {"look": _plain(ours["look"])}
        for key, field in (("name", name), ("greeting", greeting)):
            if isinstance(english := ours.get(f"{key}_en"), str) and isinstance(field, dict):
                wanted[key] = {**field, "en": clean(english)[:GREETING]}
        for key, value in wanted.items():
            try:
                Sheet.model_validate({"id": "x", **made, key: value})
            except ValidationError:
                self.notices.append(
                    f"卡里 extensions.{OURS} 的 {key} 用不了，略过。 {key} in extensions.{OURS} cannot be used."
                )
            else:
                made = {**made, key: value}
        return made


def _pairs(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was asked and what she answered; an answer to nothing answers “…”."""
    pairs: list[tuple[str, str]] = []
    asked, answered = list[str](), list[str]()
    for who, words in [*lines, ("u", "")]:
        if who == "c":
            answered.append(words)
            continue
        if answered:
            pairs.append(("\n".join(asked) or "…", "\n".join(answered)))
            asked, answered = [], []
        asked.append(words)
    return pairs


def _printable(text: str) -> str:
    """A text as it was, but for characters that no YAML holds."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _plain(value: Json, left: int = 4) -> Json:
    """A stranger's value, clean, short and shallow."""
    match value:
        case str():
            return clean(value[:IDENTITY])
        case list():
            return [_plain(each, left - 1) for each in value[:50]] if left else []
        case dict():
            return {clean(key)[:NAME]: _plain(each, left - 1) for key, each in [*value.items()][:50]} if left else {}
        case _:
            return value


def fields(sheet: Sheet) -> Mapping[str, Json]:
    """What a persona says, in the draft's shape, to be compared with one: blanks around texts make no difference."""
    said = sheet.model_dump(mode="json", exclude={"id", "faq", "documents", "lore", "version", "folder", "notices"})
    return {key: value if key == "extensions" else _stripped(value) for key, value in said.items()}


def _stripped(value: Json) -> Json:
    match value:
        case str():
            return value.strip()
        case list():
            return [_stripped(each) for each in value]
        case dict():
            return {key: _stripped(each) for key, each in value.items()}
        case _:
            return value
