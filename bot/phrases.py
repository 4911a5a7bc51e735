"""What she says when there is nothing to think about: apologies, limits, notices. Chinese first."""

import re

from bot.persona import Bilingual

APOLOGY = Bilingual(
    zh="哎呀，我刚刚走神了，没能把话想完整。过一会儿再跟我说一次，好吗？",
    en="Sorry, I lost my train of thought there. Could you say that again in a moment?",
)
BROKEN_OFF = Bilingual(zh="……抱歉，说到一半卡住了。", en=" … sorry, I got stuck half-way.")
NOTES_ONLY = Bilingual(
    zh="（我现在联系不上大脑，先凭手边的笔记回答你。）",
    en="(I can't reach my brain right now, so this is from my notes.)",
)
TOO_LONG = Bilingual(
    zh="一条消息最多 {limit} 个字，请分成几条发给我。",
    en="A message may have {limit} characters; please send it in parts.",
)
TOO_FAST = Bilingual(
    zh="你发得太快啦，我有点跟不上。请稍等一会儿再发。", en="That's a bit too fast for me. Please wait a moment."
)
ENOUGH_TODAY = Bilingual(
    zh="今天我们聊得够多啦，明天再继续吧。", en="We have talked a lot today. Let's go on tomorrow."
)
BUSY = Bilingual(
    zh="现在找我的人有点多，请过一会儿再试。", en="I'm busy with many people right now. Please try again in a moment."
)
NO_ROOM = Bilingual(
    zh="我的本子写满了，暂时记不下新消息。请稍后再试。",
    en="My notebook is full, so I can't take new messages. Please try again later.",
)
CLOSING = Bilingual(
    zh="我正要休息一下，马上回来，请稍后再发。", en="I'm about to take a short break. Please send it again in a moment."
)

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]")
LATIN = re.compile(r"[A-Za-z]")


def language(text: str) -> str:
    """``en`` for words in Latin letters alone, else ``zh``."""
    return "en" if LATIN.search(text) and not HAN.search(text) else "zh"
