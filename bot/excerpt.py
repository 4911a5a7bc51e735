"""The sentences of a passage that say what was asked: short enough to be read out."""

import re

from bot.grams import counted, grams, topical

LONGEST = 200
"""Characters that may be read out in one go."""
ENDS = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)(?=\s)")
GAP = re.compile(r"(?<=[\u3000-\u9fff，。！？；：”]) (?=[\u3000-\u9fff“])")
"""A blank that only a line's end left between Chinese characters."""


def excerpt(text: str, question: str, longest: int = LONGEST) -> str:
    """The stretch of whole sentences that shares most with the question, from the first such on; the text where it is short."""
    text = GAP.sub("", " ".join(text.split("\n"))).strip() if "|" not in text else text.strip()
    if len(text) <= longest:
        return text
    wanted = {gram for gram in grams(question) if topical(gram)}
    sentences = [sentence for sentence in ENDS.split(text) if sentence]
    best, most = 0, -1.0
    for start in range(len(sentences)):
        stretch = _stretch(sentences, start, longest)
        shared = counted(stretch, wanted)
        first = len(counted(sentences[start], wanted))  # what was asked about had better come first
        score = sum(len(gram) for gram in shared) + 0.5 * first
        if score > most:
            best, most = start, score
    found = _stretch(sentences, best, longest).strip()
    return found if len(found) <= longest else f"{found[: longest - 1]}…"


def _stretch(sentences: list[str], start: int, longest: int) -> str:
    """As many sentences from a start on as there is room for, at least one."""
    stretch = sentences[start]
    for sentence in sentences[start + 1 :]:
        if len(stretch) + len(sentence) > longest:
            break
        stretch += sentence
    return stretch
