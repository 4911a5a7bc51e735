"""Questions as strangers may see them: without politeness and decoration, and nothing in them that is somebody's own."""

import re
import unicodedata

from bot.symbols import EMOJI, INVISIBLE, KAOMOJI

READ = 400
"""Characters that are looked at; a longer message is no common question."""
SHORTEST, LONGEST = 2, 60
"""Characters of a wording that may be shown."""
ENDS = " \t\r\n。.!！?？~～,，、…·—–-_:：;；“”\"'‘’^"
"""What a question may begin and end with and be the same without."""
_GAP = r"[\s,，。.!！?？~～、…:：]"
_ASKING = r"(?:请|想|我|问|有|几|怎|什|哪|多|可|能|麻烦|打扰|咨询|在吗|你们|您们)"
"""How a question goes on after a greeting without a pause."""
OPENING = re.compile(
    rf"""(?:
      (?:您好|你好|大家好|哈喽|哈啰|嗨|(?:早上|上午|中午|下午|晚上)好|在吗|在么|在不在|有人吗|有人在吗|不好意思|打扰(?:一?下|了))
      [呀啊哈哦呢啦]*(?={_GAP}|{_ASKING}|$)
    | (?:亲+|老板娘?|店家|掌柜的?|客服|小姐姐|小哥哥|美女|帅哥|那个|那|嗯+|呃+|额+|哦+|诶|欸|哎|对了|话说|还有)(?={_GAP})
    | (?:嗯+|呃+|额+)
    | 请问(?:一?下)?(?!题)
    | (?:麻烦|劳驾)(?:你|您)?(?:帮忙|帮我)?(?:问|看|查|说)?(?:一?下)?(?:[问看查]看)?
    | (?:我|就|再|也|还|顺便|另外)*(?:想|要)*(?:请教|咨询|打听|问)(?:你|您)?(?:一?下|一?个?(?:问题|事)|问)(?:就是)?
    | (?:我|就)*想(?:要)?(?:知道|了解)(?:一?下)?
    | 帮(?:我|忙)(?:问|看|查)(?:一?下|看)?
    | (?:能不能|能|可以|可不可以|请)?告诉我(?:一?下)?
    | (?:hi+|hello|hey|hiya|excuse\ me|good\ (?:morning|afternoon|evening)|please|pls|sorry|so|well|um+|er+m*|ok(?:ay)?|btw
      |(?:can|could|would)\ (?:you|u)\ (?:please\ )?(?:tell|let)\ me(?:\ know)?|tell\ me|may\ i\ (?:know|ask)
      |i(?:['’]d|\ would)\ like\ to\ (?:know|ask)|i\ (?:want|wanted)\ to\ (?:know|ask)|(?:i\ was\ |just\ )wondering
      |quick\ question)(?=[\s,.!?:]|$)
    ){_GAP}*""",
    re.VERBOSE | re.IGNORECASE,
)
"""Politeness before a question; taken away again and again."""
ENDING = re.compile(
    rf"""(?:
      (?:谢谢|多谢|感谢|谢了|谢啦|辛苦了|麻烦了|拜托了?|求解答?|求告知)(?:你|您|了|啦|哈|啊|呀|大家|各位|亲)*
    | (?<={_GAP})(?:急+|在线等|辛苦|麻烦|3q)
    | (?<=[\s,.!?])(?:thanks|thank\ (?:you|u)|thx|ty|please|pls|plz)(?:\ (?:so\ much|very\ much|a\ lot|again|in\ advance))?
    | (?<![干])嘛 | (?<![网酒贴书水影])吧 | [呢啊呀哦喔哈哟啦嘞噢诶欸哎咯捏嗯呵嘻]+
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Politeness and particles after it; the 吗 that makes it a question stays."""
STICKER = re.compile(r"\[[\u4e00-\u9fffA-Za-z]{1,8}\]|/::?[)(~@$<>|BPOD*-]")
"""Faces as chats spell them: [微笑], /::)."""
WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
"""Full-width digits and letters → theirs."""
PRIVATE = re.compile(
    r"""\d{4,} | \d(?:[\s.·-]?\d){6,} | [〇零一二三四五六七八九幺两]{6,}
    | \S*@\S* | (?:https?|ftp|weixin):\S* | \bwww\.\S* | [a-z0-9-]+\.[a-z]{2,}\S*
    | (?:微信|威信|薇信|v信|\bvx|\bwx|\bqq|电话|手机|\btel|\bphone)号?码?[\s:：是]*[a-z0-9_+-]{4,}
    | (?:我|本人|俺)(?:的?名字)?(?:叫|是(?!不是|否)|姓)[^\s,，。.!！?？]{0,12} | (?<!怎么)(?<!如何)称呼?叫我[^\s,，。.!！?？]{0,12}
    | \bmy\ name\b[^,.!?]{0,30} | \bi(?:['’]m|\ am)\b[^,.!?]{0,30} | \bthis\ is\b[^,.!?]{0,30}
    | [\u3400-\u9fff]{1,2}(?:先生|女士|小姐)(?!姐)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Numbers of people and things, addresses, accounts, names."""
MARKUP = re.compile(r"[<>{}\[\]|\\`\r\n\t]|\*\*|__|~~|javascript:", re.IGNORECASE)
HEAPED = re.compile(r"(?:(?![\u3099\u309a])[\u0300-\u036f\u0483-\u0489\u0e31-\u0e4e\u1ab0-\u1aff\u20d0-\u20ff]){2}")
"""Marks piled up on a letter."""


def cleaned(text: str) -> str:
    """The question itself: no greeting, politeness, particles or emoji; nothing between its ends is reworded."""
    text = INVISIBLE.sub("", text[:READ]).translate(WIDE)
    for pattern in (STICKER, KAOMOJI, EMOJI):
        text = pattern.sub(" ", text)
    text = "\n".join(" ".join(line.split()) for line in text.splitlines()).strip(ENDS)
    before = ""
    while text != before:
        before, text = text, ENDING.sub("", text).strip(ENDS)
        if text == before and (opening := OPENING.match(text)):
            text = text[opening.end() :].strip(ENDS)
    return text


def asking(text: str) -> bool:
    """Whether there are words in it, more than a pick from a list or a sigh."""
    return sum(map(str.isalpha, text)) >= SHORTEST


def publishable(text: str) -> bool:
    """Whether a cleaned question may be shown to strangers."""
    text = unicodedata.normalize("NFKC", text)
    return (
        SHORTEST <= len(text) <= LONGEST
        and asking(text)
        and 2 * sum(map(str.isalpha, text)) >= len(text)
        and not (PRIVATE.search(text) or MARKUP.search(text) or HEAPED.search(text) or INVISIBLE.search(text))
    )


def impersonal(text: str) -> str:
    """The cleaned question without what is somebody's own, to compare others with; as one line."""
    return " ".join(PRIVATE.sub(" ", unicodedata.normalize("NFKC", text)).split())
