"""The choice of the brain that is there, with Ollamas on the loopback and a clock of the test's own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.brain import BrainError, Finish, Prompt, Said, Token
from bot.brain.auto import AGAIN_S, AutoBrain
from bot.knowledge import Knowledge
from bot.settings import BrainSettings
from tests.fakes import PERSONA, soon
from tests.standins.llm import EN, LlmStandIn, served

NOBODY = "http://127.0.0.1:1"


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def chosen(ollama: str = NOBODY, clock: Clock | None = None, **settings: object) -> AsyncGenerator[AutoBrain]:
    hers = AutoBrain(
        BrainSettings.model_validate(settings), Knowledge(lambda _: PERSONA), ollama=ollama, clock=clock or Clock()
    )
    try:
        yield hers
    finally:
        await hers.close()


async def said(hers: AutoBrain) -> str:
    """Her whole answer."""
    asked = Prompt((Said("system", ""), Said("user", "who are you")), "who are you", "test")
    items = [item async for item in hers.think(asked)]
    assert isinstance(items[-1], Finish)
    return "".join(item.text for item in items if isinstance(item, Token))


async def test_with_nothing_there_her_notes_answer_as_the_chosen_brain() -> None:
    async with chosen() as hers:
        await hers.warm()
        assert "Tess" in await said(hers)
        assert (hers.name, hers.last_resort) == ("offline", None)
        assert hers.reason.startswith("没有密钥，127.0.0.1:1 上没有 Ollama")
        assert "no key, no Ollama on 127.0.0.1:1" in hers.reason


@pytest.mark.parametrize("given", [{"api_key": "sk-x"}, {"base_url": "http://127.0.0.1:1/v1"}, {}])
async def test_a_key_or_an_address_means_a_service(given: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    if not given:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    async with chosen(NOBODY, None, **given) as hers:
        assert hers.name == "openai"
        assert hers.last_resort is hers.notes
        assert hers.reason == f"auto @ {'127.0.0.1:1' if 'base_url' in given else 'api.openai.com'}"


async def test_a_given_service_stays_chosen_when_it_fails_and_her_notes_are_the_last_resort() -> None:
    clock = Clock()
    async with chosen(base_url=f"{NOBODY}/v1", model="any", clock=clock) as hers:
        for _ in range(2):
            with pytest.raises(BrainError) as caught:
                await said(hers)
            assert caught.value.kind == "unreachable"
            clock.now += AGAIN_S + 1
        assert hers.name == "openai"
        assert hers.last_resort is not None


async def test_an_ollama_with_a_model_is_taken() -> None:
    stand_in = LlmStandIn(0.0, 0.0, ("nomic-embed-text", "qwen3:8b"))
    async with served(stand_in.app()) as url, chosen(url) as hers:
        await hers.warm()
        assert (await said(hers), hers.name) == (EN, "ollama")
        assert hers.reason == f"qwen3:8b @ {url.removeprefix('http://')}"
        assert hers.last_resort is hers.notes


async def test_an_ollama_without_a_model_is_none_yet() -> None:
    clock, stand_in = Clock(), LlmStandIn(0.0, 0.0, ("nomic-embed-text",))
    async with served(stand_in.app()) as url, chosen(url, clock) as hers:
        await hers.warm()
        assert hers.name == "offline"
        assert "没有模型" in hers.reason
        assert "no model (ollama pull)" in hers.reason
        stand_in.models = ("qwen3:8b",)
        clock.now += AGAIN_S
        assert await said(hers) == EN


async def test_it_is_looked_for_at_most_once_a_minute() -> None:
    clock, stand_in = Clock(), LlmStandIn(0.0, 0.0, ())
    async with served(stand_in.app()) as url, chosen(url, clock) as hers:
        for wait in (0.0, 0.0, AGAIN_S - 1, 1.0, 0.0):
            clock.now += wait
            await said(hers)
        assert stand_in.asked_models == 2


async def test_an_ollama_that_went_is_let_go_by_the_turn_after_a_minute() -> None:
    clock, stand_in = Clock(), LlmStandIn(0.0, 0.0, ("qwen3:8b",))
    async with chosen(NOBODY, clock) as hers:
        async with served(stand_in.app()) as url:
            hers.ollama = url
            assert await said(hers) == EN
        for _ in range(3):  # the attempts of one turn fail alike: its last resort says whence it answers
            with pytest.raises(BrainError):
                await said(hers)
        assert hers.last_resort is hers.notes
        clock.now += AGAIN_S
        assert "Tess" in await said(hers)
        assert hers.last_resort is None


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"data": null}', '{"data": [1]}'])
async def test_something_else_at_ollamas_port_is_not_taken_for_one(answer: str) -> None:
    async def anything(_: web.Request) -> web.Response:
        return web.Response(text=answer, content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/models", anything)
    async with served(app) as url, chosen(url) as hers:
        await hers.warm()
        assert hers.name == "offline"


async def test_a_port_that_does_not_answer_is_not_waited_for() -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    app = web.Application()
    app.router.add_get("/v1/models", never)
    async with served(app) as url, chosen(url) as hers:
        await soon(hers.warm(), 5)
        assert hers.name == "offline"
