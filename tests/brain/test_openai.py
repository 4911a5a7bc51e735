"""The brain over chat completions, against the stand-in on a real socket."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from bot.brain import BrainError, Finish, Prompt, Said, Token
from bot.brain.openai import OpenAIBrain
from bot.settings import BrainSettings
from tests.fakes import soon
from tests.standins.llm import EN, ZH, LlmStandIn, served

SECRET = "sk-never-to-be-seen"


def prompt(text: str = "hello", *, pictures: int = 0, earlier: str = "") -> Prompt:
    """A prompt as the house makes them: the clock stands before the words."""
    seen = tuple(("image/png", b"\x89PNG%d" % n) for n in range(pictures))
    last = Said("user", f'<context now="2026-11-24 21:05（周二）中"/>\n{text}', seen)
    history = (Said("user", earlier), Said("assistant", "yes")) if earlier else ()
    return Prompt((Said("system", "You are kind."), *history, last), text, "test", max_tokens=77)


@asynccontextmanager
async def brain(
    model: str = "stand-in", stand_in: LlmStandIn | None = None, **settings: object
) -> AsyncGenerator[tuple[OpenAIBrain, LlmStandIn]]:
    """A brain and the stand-in it asks, which does not make anybody wait."""
    stand_in = stand_in or LlmStandIn(0.0, 0.0)
    async with served(stand_in.app()) as url:
        given = {"base_url": f"{url}/v1", "api_key": SECRET, "model": model, **settings}
        hers = OpenAIBrain(BrainSettings.model_validate(given))
        try:
            yield hers, stand_in
        finally:
            await hers.close()


async def thought(hers: OpenAIBrain, asked: Prompt) -> tuple[str, Finish]:
    """The whole answer and its end."""
    items = [item async for item in hers.think(asked)]
    assert isinstance(items[-1], Finish)
    return "".join(item.text for item in items[:-1] if isinstance(item, Token)), items[-1]


async def failure(hers: OpenAIBrain, asked: Prompt) -> tuple[str, BrainError]:
    """What was said before the error, and the error."""
    said: list[str] = []

    async def listen() -> None:
        async for item in hers.think(asked):
            said.append(item.text if isinstance(item, Token) else "")

    with pytest.raises(BrainError) as caught:
        await listen()
    return "".join(said), caught.value


async def test_the_answer_streams_and_ends_with_what_it_cost() -> None:
    async with brain(stand_in=LlmStandIn(0.0, 0.001)) as (hers, stand_in):
        items = [item async for item in hers.think(prompt())]
        assert "".join(item.text for item in items if isinstance(item, Token)) == EN
        sent = len(stand_in.requests[0].tokens)
        assert items[-1] == Finish("stop", "stand-in", {"input": 7, "output": sent, "cached": 5})
        assert len(items) == sent + 1
        assert (await thought(hers, prompt("请用中文")))[0] == ZH
        body = stand_in.requests[0].body
        assert body["max_tokens"] == 77
        assert "temperature" not in body
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert stand_in.authorizations == [f"Bearer {SECRET}"] * 2


async def test_one_connection_serves_turn_after_turn() -> None:
    async with brain() as (hers, stand_in):
        for _ in range(3):
            await thought(hers, prompt())
        assert len({request.peer for request in stand_in.requests}) == 1


@pytest.mark.parametrize("shape", ["nulldelta", "nochoices", "crlf", "think", "no-stream", "lingers"])
async def test_an_answer_of_any_shape_is_understood(shape: str) -> None:
    async with brain(f"fault-{shape}") as (hers, _):
        assert (await soon(thought(hers, prompt())))[0] == EN


async def test_characters_cut_into_bytes_are_whole_again() -> None:
    async with brain("fault-utf8") as (hers, _):
        text, _ = await soon(thought(hers, prompt("中文")))
        assert text == "".join(f"{character}，好" for character in ZH)


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("401", "refused", ""),
        ("403", "refused", ""),
        ("404", "refused", ""),
        ("400", "refused", ""),
        ("400-content-filter", "filtered", ""),
        ("402", "refused", ""),
        ("429", "busy", ""),
        ("429-insufficient-quota", "refused", ""),
        ("503", "busy", ""),
        ("529", "busy", ""),
        ("500", "broken", ""),
        ("502", "broken", ""),
        ("html", "broken", ""),
        ("garbage", "broken", ""),
        ("badjson", "broken", "Well,"),
        ("errorevent", "busy", "Well,"),
        ("cut", "cut", "Well,"),
        ("rst", "cut", "Well,"),
        ("empty", "empty", ""),
        ("reasoning", "empty", ""),
        ("filter", "filtered", EN),
        ("filter-at-once", "filtered", ""),
    ],
)
async def test_what_goes_wrong_is_told_in_the_ports_words(fault: str, kind: str, said: str) -> None:
    async with brain(f"fault-{fault}") as (hers, _):
        shown, error = await soon(failure(hers, prompt()))
        assert (error.kind, shown) == (kind, said)
        assert "sk-" not in f"{error} {error.args}"


@pytest.mark.parametrize(("fault", "kind"), [("silent", "timeout"), ("stall", "timeout"), ("drip", "timeout")])
async def test_a_stream_that_hangs_is_given_up(fault: str, kind: str) -> None:
    async with brain(f"fault-{fault}", first_token_s=0.3, between_tokens_s=0.2) as (hers, stand_in):
        _, error = await soon(failure(hers, prompt()))
        assert error.kind == kind
        assert await soon(closed(stand_in))


async def test_a_stream_that_only_dribbles_is_given_up_as_a_whole() -> None:
    async with brain("fault-dribble", whole_s=0.4) as (hers, _):
        said, error = await soon(failure(hers, prompt()))
        assert error.kind == "timeout"
        assert said.startswith("Well,啊")


async def closed(stand_in: LlmStandIn) -> bool:
    """Wait until the stand-in's last request was closed; whether by her."""
    while not stand_in.requests or not stand_in.requests[-1].closed:
        await asyncio.sleep(0.005)
    return stand_in.requests[-1].aborted


@pytest.mark.parametrize("tokens", [0, 1, 3])
async def test_closing_the_stream_aborts_the_request(tokens: int) -> None:
    async with brain(stand_in=LlmStandIn(0.0 if tokens else 60.0, 0.001 if tokens < 3 else 60.0)) as (hers, stand_in):
        async with aclosing(hers.think(prompt())) as thoughts:
            asking = asyncio.ensure_future(anext(thoughts))
            while not stand_in.requests:
                await asyncio.sleep(0.005)
            if tokens:
                assert await soon(asking) == Token("Well")
            else:
                asking.cancel()
                await asyncio.wait([asking])
        assert await soon(closed(stand_in))


async def test_an_answer_without_end_can_be_left() -> None:
    async with brain("fault-endless") as (hers, stand_in):
        length = 0
        async with aclosing(hers.think(prompt())) as thoughts:
            async for item in thoughts:
                length += len(item.text) if isinstance(item, Token) else 0
                if length > 100_000:
                    break
        assert await soon(closed(stand_in))


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [("429-after-2", 2, 2), ("429-after-1-5", None, None), ("503-after-date", 25, 31), ("429-after-soon", None, None)],
)
async def test_the_wait_a_service_asks_for_is_passed_on(fault: str, least: float | None, most: float | None) -> None:
    async with brain(f"fault-{fault}") as (hers, _):
        _, error = await failure(hers, prompt())
        assert error.retryable
        if least is None or most is None:
            assert error.retry_after is None
        else:
            assert error.retry_after is not None
            assert least <= error.retry_after <= most


@pytest.mark.parametrize(("fault", "gone"), [("no-usage-option", "stream_options"), ("no-max-tokens", "max_tokens")])
async def test_what_a_service_does_not_take_is_left_out_from_then_on(fault: str, gone: str) -> None:
    async with brain(f"fault-{fault}", temperature=0.5) as (hers, stand_in):
        for _ in range(2):
            assert (await thought(hers, prompt()))[0] == EN
        sent = [gone in request.body for request in stand_in.requests]
        assert sent == [True, False, False]
        assert stand_in.requests[-1].body["temperature"] == 0.5
        if gone == "max_tokens":
            assert stand_in.requests[-1].body["max_completion_tokens"] == 77


async def test_pictures_go_as_data() -> None:
    async with brain() as (hers, stand_in):
        await thought(hers, prompt("look", pictures=2))
        words, *pictures = stand_in.requests[0].body["messages"][-1]["content"]
        assert words["text"].endswith("look")
        assert [picture["image_url"]["url"] for picture in pictures] == [
            "data:image/png;base64,iVBORzA=",
            "data:image/png;base64,iVBORzE=",
        ]


async def test_a_model_that_cannot_see_is_told_to_say_so() -> None:
    async with brain("fault-no-images") as (hers, stand_in):
        assert (await thought(hers, prompt("look", pictures=1)))[0] == EN
        first, second = stand_in.requests
        assert isinstance(first.body["messages"][-1]["content"], list)
        assert "cannot see pictures" in second.body["messages"][-1]["content"]
        await thought(hers, prompt("and without"))
        assert "cannot see" not in stand_in.requests[-1].body["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("offered", "model"),
    [
        (("text-embedding-3", "gpt-image-2", "whisper-1", "qwen3:8b", "other"), "qwen3:8b"),
        (("other", "second", "first"), "first"),
        (("bge-m3", "other", "second"), "second"),
    ],
)
async def test_auto_takes_a_preferred_model_or_the_first_for_chat(offered: tuple[str, ...], model: str) -> None:
    stand_in = LlmStandIn(0.0, 0.0, offered)
    async with brain("auto", stand_in, models=("first", "second")) as (hers, _):
        await thought(hers, prompt())
        assert stand_in.requests[0].body["model"] == model
        assert hers.reason.startswith(f"{model} @ 127.0.0.1:")


async def test_the_models_are_asked_for_once_and_again_when_theirs_is_gone() -> None:
    stand_in = LlmStandIn(0.0, 0.001, ("one",))
    picky = prompt("fault-known-models")
    async with brain("auto", stand_in) as (hers, _):
        await asyncio.gather(*(thought(hers, picky) for _ in range(5)))
        assert stand_in.asked_models == 1
        stand_in.models = ("two",)
        assert (await thought(hers, picky))[0] == EN
        assert stand_in.asked_models == 2
        assert stand_in.requests[-1].body["model"] == "two"
        stand_in.models = ("text-embedding-3",)
        _, error = await failure(hers, picky)
        assert error.kind == "refused"


async def test_warming_up_learns_the_model_and_never_fails() -> None:
    async with brain("auto") as (hers, stand_in):
        await hers.warm()
        assert (hers.model, stand_in.asked_models) == ("stand-in", 1)
    await hers.warm()  # the service is gone now
    lost = OpenAIBrain(BrainSettings(base_url="http://127.0.0.1:1/v1"))
    await lost.warm()
    await lost.close()


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"base_url": "http://127.0.0.1:{closed}/v1"}, "unreachable"),
        ({"base_url": "127.0.0.1/v1"}, "unreachable"),
        ({"base_url": "http://[::1/v1"}, "refused"),
        ({"base_url": "http://127.0.0.1:{closed}/v1", "api_key": "把密钥写在这里"}, "refused"),
    ],
)
async def test_a_service_that_is_not_there_is_unreachable(settings: dict[str, str], kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    given = {name: value.format(closed=closed) for name, value in settings.items()}
    hers = OpenAIBrain(BrainSettings.model_validate({"model": "any", **given}))
    _, error = await soon(failure(hers, prompt()))
    await hers.close()
    assert error.kind == kind


async def test_key_and_address_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with brain() as (_, stand_in), served(stand_in.app()) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
        for key in ("sk-environment ", ""):
            monkeypatch.setenv("OPENAI_API_KEY", key)
            hers = OpenAIBrain(BrainSettings(model="stand-in"))
            await thought(hers, prompt())
            await hers.close()
        assert stand_in.authorizations == ["Bearer sk-environment", "Bearer none"]


async def test_a_proxy_of_the_environment_is_not_asked_for_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with brain() as (hers, _):
        assert (await soon(thought(hers, prompt())))[0] == EN
