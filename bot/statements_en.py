"""How people tell of themselves in English, and what is noted of it: data for ``noticing``."""

import re

from bot.statement import Rule, rule

NAME = r"(?P<name>[A-Z][A-Za-z'-]{1,20}(?: [A-Z][A-Za-z.'-]{0,20}){0,2})"
NO_NAME = re.compile(
    r"^(?:Later|Back|Maybe|When|If|Again|Anytime|Now|Tomorrow|Today|Tonight|Crazy|Old|An?|The|On|In|At|By|Not|Your|Stupid|Names|Unknown|Secret)\b"
)
PLACE = r"(?P<place>[A-Z][\w.'-]{1,20}(?: (?:(?:of|the|de|la|upon) ){0,2}[A-Z][\w.'-]{0,20}){0,3})"
JOB = (
    r"(?P<job>(?:(?:primary school|high school|middle school|kindergarten|university|college|medical|software|civil|mechanical|electrical"
    r"|data|graphic|product|retired|freelance|graduate|phd|maths?|English|Chinese|music|truck|taxi|bus) ){0,2}"
    r"(?:teacher|doctor|nurse|engineer|programmer|developer|designer|student|lawyer|writer|artist|musician|chef|cook|driver|accountant"
    r"|scientist|researcher|professor|journalist|photographer|architect|dentist|pilot|farmer|translator|manager|waiter|waitress|actor"
    r"|actress|singer|police officer|firefighter|librarian|plumber|electrician))"
)
THING = r"(?P<thing>\w[\w' +#-]{1,40})"
NO_THING = re.compile(
    r"^(?:you|your|yours|this|that|these|those|it|its|him|her|them|us|me|my|how|when|what|where|the way|the idea|the fact|one|someone"
    r"|to (?:know|think|say|see|ask|be|die)|life|living|being|having|everyone|people|everything|nothing|talking|a (?:girl|boy|guy|man|woman))\b"
    r"|\b(?:you|your|yourself|myself|but|because|if|when)\b",
    re.IGNORECASE,
)
MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
BEAST = "(?P<animal>cat|kitten|dog|puppy|rabbit|bird|parrot|fish|hamster|turtle|snake|horse)"
PET_NAME = r"(?P<name>[A-Z]\w{1,15})"
WHEN = (
    r"(?P<when>the day after tomorrow|[Tt]omorrow|[Nn]ext (?:week|month|weekend|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
    r"|[Tt]his (?:weekend|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday))"
)
DOING = r"(?P<what>(?:going|flying|travell?ing|moving|leaving|starting|visiting|planning|taking|getting|having|meeting|running)(?: \w[\w' -]{1,50}?)?)"
NO_PLAN = re.compile(r"\b(?:you|your|not|never|crazy|mad|insane|nuts|die|kill|hell)\b", re.IGNORECASE)
I_AM = "I(?:'m| am)"

RULES: tuple[Rule, ...] = (
    rule(rf"[Mm]y (?:full |first )?name(?:'s| is) {NAME}", "profile", "name", "name: {name}", NO_NAME),
    rule(rf"(?:[Yy]ou can |[Jj]ust |[Pp]lease ){{0,2}}[Cc]all me {NAME}", "profile", "nickname", "wants to be called {name}", NO_NAME),
    rule(rf"I(?: currently| now)? live in {PLACE}(?: now| with .{{1,40}})?", "profile", "home", "lives in {place}"),
    rule(rf"I(?:'ve| have)? (?:just )?moved to {PLACE}", "profile", "home", "moved to {place}"),
    rule(rf"(?:{I_AM}|I come) (?:originally )?from {PLACE}", "profile", "origin", "from {place}"),
    rule(r"I(?: currently)? work as (?P<job>an? [A-Za-z][A-Za-z -]{2,40})", "profile", "job", "works as {job}", NO_THING),
    rule(r"I(?: currently)? work (?:at|for) (?P<at>[A-Z][\w&.' -]{1,30})", "profile", "job", "works at {at}", NO_THING),
    rule(rf"{I_AM} an? {JOB}", "profile", "job", "is a {job}"),
    rule(rf"{I_AM} (?P<number>[1-9]\d|1[01]\d|[3-9]) years old(?: now)?", "profile", "age", "{number} years old in {year}"),
    rule(
        rf"[Mm]y birthday(?:'s| is)(?: on)?(?: the)? (?P<date>{MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH})",
        "profile", "birthday", "birthday: {date}",
    ),
    rule(r"[Mm]y favou?rite (?P<of>\w{2,12}) is (?P<thing>\w[\w' -]{1,30})", "preference", "favourite:{of}", "favourite {of}: {thing}", NO_THING),
    rule(rf"I (?:really |also |absolutely |just |do ){{0,2}}(?:like|love|enjoy|adore) {THING}", "preference", "taste:{topic}", "likes {thing}", NO_THING),
    rule(
        rf"I (?:really |also |absolutely |just ){{0,2}}(?:hate|dislike|don't (?:really )?like|do not like|can't stand) {THING}",
        "preference", "taste:{topic}", "dislikes {thing}", NO_THING,
    ),
    rule(rf"[Mm]y {BEAST}(?:'s name is| is (?:called|named)) {PET_NAME}", "relation", "pet:{species}", "{animal} called {name}", NO_NAME),
    rule(rf"I(?:'ve got| have| own) an? {BEAST} (?:called|named) {PET_NAME}", "relation", "pet:{species}", "{animal} called {name}", NO_NAME),
    rule(rf"I(?:'ve got| have| own) an? {BEAST}", "relation", "pet:{species}", "has a {animal}"),
    rule(rf"{I_AM} {DOING} {WHEN}", "plan", "", "{when}: {what}", NO_PLAN),
    rule(rf"{WHEN},? {I_AM} {DOING}", "plan", "", "{when}: {what}", NO_PLAN),
    rule(rf"I have (?P<what>an? \w[\w -]{{2,30}}?) {WHEN}", "plan", "", "{when}: {what}", NO_PLAN),
)  # fmt: skip
