"""What every brain promises, whichever adapter thinks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from bot import adapters
from bot import brain as port
from bot.brain import Brain, BrainError, Finish, Prompt, Said, Thought, Token
from bot.brain.auto import AutoBrain
from bot.knowledge import Knowledge
from bot.persona import Persona
from bot.settings import BrainSettings
from tests.fakes import PERSONA, soon
from tests.standins.llm import LlmStandIn, served

KINDS = ("openai", "offline", "auto", "auto-alone")


def persona(id: str) -> Persona:
    return PERSONA


@asynccontextmanager
async def brain(kind: str, model: str = "stand-in") -> AsyncGenerator[Brain]:
    """A brain over a stand-in, or over her notes."""
    async with served(LlmStandIn(0.0, 0.001).app()) as url:
        settings = BrainSettings(
            model=model, base_url="" if kind == "auto-alone" else f"{url}/v1", first_token_s=5, between_tokens_s=5
        )
        if kind == "auto-alone":  # whatever runs on the machine that tests
            hers: Brain = AutoBrain(settings, Knowledge(persona), ollama="http://127.0.0.1:1")
        else:
            hers = adapters.adapter(port, kind).open(settings, Knowledge(persona))
        try:
            yield hers
        finally:
            await hers.close()
            await hers.close()


def asked(text: str = "who are you") -> Prompt:
    return Prompt((Said("system", "Be kind."), Said("user", text)), text, "test")


def test_every_adapter_is_held_to_the_contract() -> None:
    assert {kind.partition("-")[0] for kind in KINDS} == set(adapters.names(port))


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_is_tokens_and_one_finish_at_the_end(kind: str) -> None:
    async with brain(kind) as hers:
        for text in ("who are you", "你是谁", "😂", "x" * 8000):
            *tokens, finish = [item async for item in hers.think(asked(text))]
            assert isinstance(finish, Finish)
            assert finish.reason in ("stop", "length")
            assert tokens
            assert all(isinstance(item, Token) and item.text for item in tokens)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_may_be_closed_anywhere_and_leaves_nothing_behind(kind: str) -> None:
    async with brain(kind) as hers:
        before = asyncio.all_tasks()
        for count in (0, 1, 3):
            async with aclosing(hers.think(asked())) as thoughts:
                for _ in range(count):
                    assert isinstance(await anext(thoughts), Token)
        mine = asyncio.all_tasks() - before
        assert not {task for task in mine if "bot/brain" in repr(task.get_coro())}
        *_, last = [item async for item in hers.think(asked())]
        assert isinstance(last, Finish)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_task_that_thinks_can_be_cancelled(kind: str) -> None:
    async with brain(kind) as hers:
        begun = asyncio.Event()

        async def listen() -> None:
            while True:
                async with aclosing(hers.think(asked())) as thoughts:
                    async for _ in thoughts:
                        begun.set()
                        await asyncio.sleep(0)

        task = asyncio.ensure_future(listen())
        await soon(begun.wait())
        task.cancel()
        await soon(asyncio.wait([task]))
        assert task.cancelled()


@pytest.mark.parametrize("kind", KINDS)
async def test_many_may_think_at_once_and_none_hears_another(kind: str) -> None:
    async with brain(kind) as hers:

        async def one(text: str) -> str:
            items = [item async for item in hers.think(asked(text))]
            assert isinstance(items[-1], Finish)
            return "".join(item.text for item in items if isinstance(item, Token))

        alone = {text: await one(text) for text in ("who are you", "你是谁，说中文")}
        texts = list(alone) * 20
        answers = await soon(asyncio.gather(*(one(text) for text in texts)), 30)
        assert answers == [alone[text] for text in texts]
        assert len(set(alone.values())) == 2


@pytest.mark.parametrize("fault", ["401", "429", "500", "html", "badjson", "cut", "rst", "empty", "filter"])
@pytest.mark.parametrize("kind", ["openai", "auto"])
async def test_all_that_goes_wrong_is_a_brain_error(kind: str, fault: str) -> None:
    async with brain(kind, f"fault-{fault}") as hers:
        items: list[Thought] = []

        async def listen() -> None:
            async for item in hers.think(asked()):
                items.append(item)

        with pytest.raises(BrainError):
            await listen()
        assert all(isinstance(item, Token) for item in items)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_brain_tells_who_it_is(kind: str) -> None:
    async with brain(kind) as hers:
        await soon(hers.warm())
        assert hers.name
        assert isinstance(hers.reason, str)
        assert "sk-" not in hers.reason
        assert (hers.last_resort is not None) == (kind == "auto")
