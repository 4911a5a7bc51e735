"""About how long a text is for a model; models count each in their own way."""

import re

HAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")


def tokens(text: str) -> int:
    """About how many tokens a text has: one for each Hanzi or Hangul, one for four other characters."""
    han = len(HAN.findall(text))
    return han + -(-(len(text) - han) // 4)
