"""A service's stream as pure data: the same answer however it is cut, thoughts left out, ends told apart."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.brain import BrainError
from bot.brain._stream import LARGEST, Answer, Events


def line(delta: object, reason: str | None = None, **more: object) -> bytes:
    """An event of the stream."""
    whole = {"choices": [{"delta": delta, "finish_reason": reason}], **more}
    return f"data: {json.dumps(whole, ensure_ascii=False)}\n\n".encode()


def heard(pieces: list[bytes]) -> tuple[str, Answer]:
    """What is said when the bytes come so."""
    events, answer, said = Events(), Answer(), ""
    for data in [*map(events.take, pieces), events.rest()]:
        said += "".join(map(answer.read, data))
    return said + answer.rest(), answer


@given(st.lists(st.text(max_size=8)), st.lists(st.integers(0, 2000), max_size=30), st.booleans())
def test_an_answer_is_the_same_for_every_way_of_cutting_its_bytes(
    words: list[str], cuts: list[int], think: bool
) -> None:
    said = [*(["<thi", "nk>what", " of it</", "think>\n"] if think else []), *words]
    whole = b": hello\n\n" + b"".join(line({"content": word}) for word in said) + line({}, "stop") + b"data: [DONE]\n\n"
    edges = sorted({0, *(cut % len(whole) for cut in cuts), len(whole)})
    pieces = [whole[start:end] for start, end in pairwise(edges)]
    text, answer = heard(pieces)
    assert text == heard([whole])[0]
    assert answer.reason == "stop"
    if not any("<" in word for word in words):
        assert text.strip() == "".join(words).strip()


@pytest.mark.parametrize(
    ("deltas", "said"),
    [
        ([{"role": "assistant", "content": ""}, {"content": "Hi"}], "Hi"),
        ([{"content": None, "reasoning_content": "hm"}, {"content": "Hi"}], "Hi"),
        ([{"reasoning": "hm"}, {"content": "\n\nHi "}, {"content": "you"}], "Hi you"),
        ([{"content": "<think>a</think>"}, {"content": "\n"}, {"content": "Hi"}], "Hi"),
        ([{"content": "<th"}, {"content": "ree of them"}], "<three of them"),
        ([{"content": "<thi"}], "<thi"),
        ([{"content": "<think>for ever"}], ""),
        ([{"content": "2 <think> 1"}], "2 <think> 1"),
        ([{"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hi"}]}], "Hi"),
        ([None, {}, {"content": "Hi"}], "Hi"),
    ],
)
def test_only_what_is_meant_to_be_said_is_said(deltas: list[Any], said: str) -> None:
    assert heard([line(delta) for delta in deltas])[0] == said


@pytest.mark.parametrize(
    ("reason", "told"), [("stop", "stop"), ("length", "length"), ("MAX_TOKENS", "length"), ("eos", "stop"), ("tool_calls", "stop")]
)  # fmt: skip
def test_an_end_is_told_in_the_ports_words(reason: str, told: str) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 4}
    _, answer = heard([line({"content": "Hi"}), line({}, reason, model="m-1", usage=usage)])
    finish = answer.finish()
    assert (finish.reason, finish.model) == (told, "m-1")
    assert finish.usage == {"input": 9, "output": 2, "cached": 4}


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ([line({"content": "Hi"})], "cut"),
        ([b"data: [DONE]\n\n"], "broken"),
        ([line({}, "stop")], "empty"),
        ([line({"content": "  "}, "length")], "empty"),
        ([line({"content": "Hi"}, "content_filter")], "filtered"),
        ([b"data: {broken\n"], "broken"),
        ([b"data: \xff\xfe\n"], "broken"),
        ([b"data: [1]\n"], "broken"),
        ([b'data: {"choices": 5}\n'], "broken"),
        ([b'data: {"choices": ["x"]}\n'], "broken"),
        ([b'data: {"choices": [{"delta": "x"}]}\n'], "broken"),
        ([b'data: {"usage": [1]}\n'], "broken"),
        ([b'data: {"error": {"code": 429}}\n'], "busy"),
        ([b'data: {"error": "boom"}\n'], "broken"),
        ([b"data: " + b"x" * (LARGEST + 1)], "broken"),
    ],
)
def test_what_is_no_answer_is_a_brain_error(stream: list[bytes], kind: str) -> None:
    with pytest.raises(BrainError) as caught:
        heard(stream)[1].finish()
    assert caught.value.kind == kind
