"""Characters that are pictures, and faces drawn with punctuation: seen, never said."""

import re

PICTURE = (
    "\u00a9\u00ae\u2122\u203c\u2049\u2139\u231a-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff"
)
"""Emoji and dingbats, as the inside of a character class."""
JOINER = "\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f"
"""What joins or varies them."""
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]+"
)
"""Controls, marks of direction, zero widths, broken halves of characters."""
EMOJI = re.compile(f"[{PICTURE}\u2190-\u21ff][{PICTURE}{JOINER}]*|[{JOINER}]+")
DRAWN = "ω∀д▽≧≦◕◡ಠ益╥￣︶﹏"
"""Nobody writes these in brackets but for a face."""
KAOMOJI = re.compile(
    # (^_^) with its arms: no words inside, and either a drawn sign or two of the plain ones together
    rf"[╰ヽ٩<\\]?[(（](?=[^()（）\n]{{0,16}}(?:[{DRAWN}]|[\^;><=TQ{DRAWN}｡°•´`¯ﾟ・･_~-]{{2}}))"
    r"[^()（）\n\u4e00-\u9fffA-SU-Za-np-z0-9,.，。]{2,14}[)）][ﾉノ╯۶/>~]{0,2}"
    # and the bare ones
    r"|(?<![\w^])(?:\^[_.o-]?\^|[TQ]_+[TQ]|>_+<|[-=]_+[-=]|[oO]_[oO]|;_;|[:;=][-']?[)(DPp](?![\w(])|<3)(?![\w^])"
)
"""(^_^), T_T, :-) and their kin."""
