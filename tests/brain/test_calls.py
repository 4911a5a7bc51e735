"""Tool calls: put together from pieces as services stream them, and asked for over a real socket in all their manners."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.brain import BrainError, Finish, Prompt, Said, Thought, Token, ToolCall
from bot.brain._calls import LARGEST, MOST, Calls
from bot.brain._request import request, untaken
from bot.brain._stream import Answer as Stream
from bot.brain.openai import OpenAIBrain
from bot.tool import Tool
from tests.brain.test_openai import brain
from tests.fakes import soon
from tests.standins._llm_calls import MANNERS, Answer, deltas, malformed
from tests.standins.llm import LlmStandIn

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False}
TOOLS = tuple(Tool(name, f"Does {name}.", SCHEMA) for name in ("remind", "time", "weather"))
Asked = tuple[str, dict[str, Any]]
TWO: tuple[Asked, ...] = (("weather", {"city": "杭州"}), ("remind", {"city": "“北京”\n}{"}))
LISTS: tuple[tuple[Asked, ...], ...] = (
    TWO[:1],
    TWO,
    (("weather", {"city": "杭州"}), ("weather", {"city": "北京"})),
    (("time", {}), ("weather", {"city": "x"}), ("time", {})),
)


def put(pieces: Sequence[dict[str, Any]]) -> list[ToolCall]:
    """The calls of some pieces."""
    calls = Calls()
    for piece in pieces:
        calls.take(piece)
    return calls.all()


def plain(calls: Sequence[ToolCall]) -> list[tuple[str, Any]]:
    """Names and arguments."""
    return [(call.name, json.loads(call.arguments)) for call in calls]


def piece(name: str = "", arguments: object = None, **more: object) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **more}


# The pieces alone


@pytest.mark.parametrize("asked", LISTS)
@pytest.mark.parametrize("manner", MANNERS)
def test_calls_are_put_together_however_they_are_streamed(manner: str, asked: tuple[Asked, ...]) -> None:
    found = put(deltas(asked, manner))
    assert plain(found) == list(asked)
    assert len({call.id for call in found}) == len(asked)
    assert all(call.id for call in found)


@given(
    st.sampled_from(MANNERS),
    st.lists(st.tuples(st.sampled_from(["a", "b", "c_d-e"]), st.dictionaries(st.text(), st.text())), max_size=6),
)
def test_any_calls_in_any_manner_come_back_as_they_were(manner: str, asked: list[Asked]) -> None:
    assert plain(put(deltas(asked, manner))) == asked


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        # Neither ids nor an index that tells anything: a name begins the next call.
        ([piece("a", "{}"), piece("b", "{}")], [("a", "{}"), ("b", "{}")]),
        ([piece("a", '{"x":'), piece("", "1}"), piece("a", '{"x":2}')], [("a", '{"x":1}'), ("a", '{"x":2}')]),
        ([piece("a", '{"x":1}', index=0), piece("b", "{}", index=0)], [("a", '{"x":1}'), ("b", "{}")]),
        ([piece("a", '{"x":1}', index=0), piece("a", '{"x":2}', index=0)], [("a", '{"x":1}'), ("a", '{"x":2}')]),
        # The same name in every piece is still one call.
        ([piece("a", '{"x"', index=0, id="1"), piece("a", ":1}", index=0, id="1")], [("a", '{"x":1}')]),
        ([piece("a", '{"x"', index=0), piece("a", ":1}", index=0), piece("a", "", index=0)], [("a", '{"x":1}')]),
        # The name comes after the id.
        ([piece("", "", index=0, id="1"), piece("a", "{}", index=0)], [("a", "{}")]),
        # The same id for two calls; an id that is a number; nothing but null.
        ([piece("a", "{}", index=0, id="x"), piece("b", "{}", index=1, id="x")], [("a", "{}"), ("b", "{}")]),
        ([piece("a", "{}", id=7)], [("a", "{}")]),
        ([{"function": {"name": "a", "arguments": None}, "id": None, "index": None}], [("a", "{}")]),
        ([piece("a", {"x": "好"})], [("a", '{"x": "好"}')]),
        ([piece("a", [1])], [("a", "[1]")]),
        ([piece("a", "{broken", id="1"), piece("b", "{}", id="2")], [("a", "{broken"), ("b", "{}")]),
    ],
)
def test_odd_pieces(pieces: list[dict[str, Any]], calls: list[tuple[str, str]]) -> None:
    assert [(call.name, call.arguments) for call in put(pieces)] == calls


@pytest.mark.parametrize(
    "ids", [["", "", ""], ["x", "x", "x"], ["x", "x", "call_2"], ["call_2", "", ""], ["call_3", "x", "x"]]
)
def test_every_call_has_an_id_of_its_own(ids: list[str]) -> None:
    found = put([piece(f"tool{number}", "{}", index=number, id=id) for number, id in enumerate(ids)])
    assert [call.name for call in found] == ["tool0", "tool1", "tool2"]
    assert len({call.id for call in found}) == 3
    assert all(call.id for call in found)


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(f"t{number}", "{}", id=str(number)) for number in range(MOST + 1)],
        [piece("t", "x" * (LARGEST + 1))],
        [piece("t", "x" * (LARGEST // 2), index=0)] * 3,
    ],
)
def test_calls_without_end_are_given_up(pieces: list[dict[str, Any]]) -> None:
    with pytest.raises(BrainError) as caught:
        put(pieces)
    assert caught.value.kind == "broken"


@pytest.mark.parametrize("called", [5, "x", ["x"], [None], {"a": 1}, [{"function": "x"}], [[1]]])
def test_what_is_no_call_is_a_brain_error(called: object) -> None:
    event = json.dumps({"choices": [{"delta": {"tool_calls": called}, "finish_reason": "tool_calls"}]}).encode()
    with pytest.raises(BrainError) as caught:
        Stream().read(event)
    assert caught.value.kind == "broken"


# Over the wire


def prompt(*said: Said, tools: tuple[Tool, ...] = TOOLS, enough: bool = False) -> Prompt:
    opened = (Said("system", "You are kind."), Said("user", "how is the weather?"))
    return Prompt((*opened, *said), "how is the weather?", "test", tools=tools, enough=enough)


def answered(calls: Sequence[ToolCall], text: str = "") -> tuple[Said, ...]:
    """What a turn appends once calls are done."""
    return Said("assistant", text, calls=tuple(calls)), *(
        Said("tool", f"<{call.name}>", call=call.id) for call in calls
    )


async def thoughts(hers: OpenAIBrain, asked: Prompt) -> list[Thought]:
    return [item async for item in hers.think(asked)]


def stand_in(*answers: Answer, manner: str = "openai", ends: str = "tool_calls") -> LlmStandIn:
    """A service that gives one answer after the other, the last one for ever."""
    left = list(answers)
    return LlmStandIn(0.0, 0.001, plan=lambda _: left.pop(0) if len(left) > 1 else left[0], manner=manner, ends=ends)


@pytest.mark.parametrize("ends", ["tool_calls", "stop", "function_call"])
@pytest.mark.parametrize("manner", MANNERS)
async def test_a_round_of_calls_and_the_answer_after_it(manner: str, ends: str) -> None:
    async with brain(stand_in=stand_in(Answer(calls=TWO), Answer("晴。"), manner=manner, ends=ends)) as (hers, llm):
        *calls, finish = await soon(thoughts(hers, prompt()))
        assert isinstance(finish, Finish)
        assert finish.reason == "tools"
        made = [call for call in calls if isinstance(call, ToolCall)]
        assert plain(made) == list(TWO)
        *words, finish = await soon(thoughts(hers, prompt(*answered(made))))
        assert words == [Token("晴"), Token("。")]
        assert isinstance(finish, Finish)
        assert finish.reason == "stop"
        asked, told = llm.requests[0].body, llm.requests[1].body["messages"][-3:]
        assert [tool["function"]["name"] for tool in asked["tools"]] == ["remind", "time", "weather"]
        assert asked["tools"][0]["function"]["parameters"] == SCHEMA
        assert "tool_choice" not in asked
        assert [each["id"] for each in told[0]["tool_calls"]] == [each["tool_call_id"] for each in told[1:]]
        assert [each["content"] for each in told] == [None, "<weather>", "<remind>"]


async def test_thoughts_are_left_out_and_words_before_a_call_are_said() -> None:
    planned = Answer("我查一下。", TWO, thinks="hm, the weather")
    async with brain(stand_in=stand_in(planned)) as (hers, _):
        *items, finish = await soon(thoughts(hers, prompt()))
        assert "".join(item.text for item in items if isinstance(item, Token)) == "我查一下。"
        assert [isinstance(item, ToolCall) for item in items] == [False] * 5 + [True] * 2
        assert isinstance(finish, Finish)
        assert finish.reason == "tools"
        assert finish.usage["output"] == 5


async def test_words_before_a_call_go_back_with_it() -> None:
    async with brain(stand_in=stand_in(Answer("晴。"))) as (hers, llm):
        await soon(thoughts(hers, prompt(*answered([ToolCall("c1", "time", "{}")], "我查一下。[smile]"))))
        assert llm.requests[0].body["messages"][2]["content"] == "我查一下。[smile]"


@pytest.mark.parametrize("arguments", ["{broken", "", "[1]", '"x"', "null", '{"a": NaN}', "{" * 100_000])
async def test_broken_arguments_come_as_they_are_and_go_back_so_that_any_server_can_read_them(arguments: str) -> None:
    async with brain(stand_in=stand_in(Answer(calls=(("weather", arguments),)), Answer("好。"))) as (hers, llm):
        call, _ = await soon(thoughts(hers, prompt()))
        assert isinstance(call, ToolCall)
        assert call.arguments == (arguments or "{}")
        *_, finish = await soon(thoughts(hers, prompt(*answered([call]))))
        assert isinstance(finish, Finish)
        assert llm.requests[-1].body["messages"][2]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize("name", ["天气 now!", "", "x" * 500, "shop.weather"])
async def test_a_name_no_service_takes_goes_back_as_one_it_does(name: str) -> None:
    async with brain(stand_in=stand_in(Answer(calls=((name, {}),)), Answer("好。"))) as (hers, _):
        call, _ = await soon(thoughts(hers, prompt()))
        assert isinstance(call, ToolCall)
        *_, finish = await soon(thoughts(hers, prompt(*answered([call]))))
        assert isinstance(finish, Finish)
        assert finish.reason == "stop"


async def test_enough_means_no_further_call() -> None:
    async with brain(stand_in=stand_in(Answer("好。"))) as (hers, llm):
        await soon(thoughts(hers, prompt(*answered([ToolCall("c1", "time", "{}")]), enough=True)))
        body = llm.requests[0].body
        assert body["tool_choice"] == "none"
        assert len(body["tools"]) == 3  # they stay where they are: the prefix is cached


async def test_without_tools_nothing_is_said_of_them() -> None:
    async with brain(stand_in=stand_in(Answer("好。"))) as (hers, llm):
        await soon(thoughts(hers, prompt(tools=())))
        await soon(thoughts(hers, prompt(tools=(), enough=True)))
        assert not [request for request in llm.requests if {"tools", "tool_choice"} & request.body.keys()]


async def test_a_server_without_tools_is_asked_without_them_from_then_on_and_told_results_in_words() -> None:
    done = answered([ToolCall("c1", "time", "{}")], "我看看。")
    async with brain("fault-no-tools", stand_in(Answer("好。"))) as (hers, llm):
        for asked in (prompt(*done), prompt(*done), prompt()):
            *words, _ = await soon(thoughts(hers, asked))
            assert words == [Token("好"), Token("。")]
        assert ["tools" in request.body for request in llm.requests] == [True, False, False, False]
        told = llm.requests[1].body["messages"]
        assert [message["role"] for message in told] == ["system", "user", "assistant", "user"]
        assert told[2] == {"role": "assistant", "content": "我看看。"}
        assert told[3]["content"] == "<time>"


async def test_a_server_without_a_choice_of_tools_gets_none_to_choose_from() -> None:
    done = answered([ToolCall("c1", "time", "{}")])
    async with brain("fault-no-tool-choice", stand_in(Answer("好。"))) as (hers, llm):
        for asked in (prompt(*done, enough=True), prompt(*done, enough=True), prompt()):
            *words, _ = await soon(thoughts(hers, asked))
            assert words == [Token("好"), Token("。")]
        assert ["tools" in request.body for request in llm.requests] == [True, False, False, True]
        assert llm.requests[1].body["messages"][-1]["role"] == "tool"


SENT = request(prompt(), "m", None, ())


@pytest.mark.parametrize(
    ("status", "complaint", "part"),
    [
        (400, "registry.ollama.ai/library/gemma:2b does not support tools", "tools"),
        (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "tools"),
        (500, "tools param requires --jinja flag", "tools"),
        (404, "No endpoints found that support tool use.", "tools"),
        (400, "deepseek-reasoner does not support Function Calling", "tools"),
        (422, "Unrecognized request argument supplied: tools", "tools"),
        # A call that went wrong once is no reason never to call again.
        (500, "Failed to parse tool call arguments as JSON", ""),
        (500, "internal error in the tool parser", ""),
        (400, "Invalid parameter: messages with role 'tool' must be a response to a preceeding message", ""),
        (400, "An assistant message with 'tool_calls' must be followed by tool messages", ""),
        (401, "tools are not for you", ""),
        (400, "prompt too long", ""),
    ],
)
def test_which_complaints_are_about_tools(status: int, complaint: str, part: str) -> None:
    assert untaken(status, complaint, SENT) == part


async def test_half_an_emoji_in_two_chunks_is_whole_again_and_a_lone_half_harms_nothing() -> None:
    calls = (("weather", '{"city": "\ud83c"}'),)
    async with brain(stand_in=stand_in(Answer("\ud83d\ude00\ud83d", calls), Answer("好。"))) as (hers, _):
        *items, _ = await soon(thoughts(hers, prompt()))
        text = "".join(item.text for item in items if isinstance(item, Token))
        assert text == "😀\N{REPLACEMENT CHARACTER}"
        made = [item for item in items if isinstance(item, ToolCall)]
        *_, finish = await soon(thoughts(hers, prompt(*answered(made, text))))
        assert isinstance(finish, Finish)


async def test_a_call_that_the_service_could_not_read_may_succeed_another_time() -> None:
    async with brain(stand_in=stand_in(Answer(fault="400-tool-use-failed"), Answer(calls=TWO))) as (hers, llm):
        with pytest.raises(BrainError) as caught:
            await soon(thoughts(hers, prompt()))
        assert caught.value.retryable
        assert len(await soon(thoughts(hers, prompt()))) == 3
        assert ["tools" in request.body for request in llm.requests] == [True, True]


# The stand-in itself: what it refuses, and what it says was cached


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tool_choice": "maybe"}, "Supported values"),
        ({"tool_choice": "none", "tools": None}, "only allowed when"),
        ({"tools": []}, "too short"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "y"}]}, "preceeding"),
        ({"messages": [{"role": "assistant", "content": None}]}, "expected a string"),
    ],
)
def test_the_stand_in_refuses_what_openai_does(change: dict[str, Any], words: str) -> None:
    assert malformed(SENT) == ""
    assert words in malformed({**SENT, **change})


def test_the_stand_in_wants_a_result_for_every_call() -> None:
    said = answered([ToolCall("a", "time", "{}"), ToolCall("b", "time", "{}")])
    assert malformed(request(prompt(*said), "m", None, ())) == ""
    assert "did not have response messages: b" in malformed(request(prompt(*said[:-1]), "m", None, ()))
    assert "preceeding" in malformed(request(prompt(said[0], said[1], said[1]), "m", None, ()))


async def test_the_stand_in_tells_how_much_of_a_prompt_it_knew() -> None:
    long = Said("system", "好" * 6000)
    async with brain(stand_in=stand_in(Answer("好。"))) as (hers, _):
        cached: list[int] = []
        for said in ((long,), (long, Said("user", "a")), (Said("system", "x"), long), (Said("user", "short"),)):
            *_, finish = await soon(thoughts(hers, Prompt(said, "x")))
            assert isinstance(finish, Finish)
            cached.append(finish.usage["cached"])
        assert cached == [0, 3968, 0, 0]
