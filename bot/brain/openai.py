"""Any OpenAI-compatible service (chat completions, streamed) as a brain.

The library makes the request and nothing more: its retries keep a person waiting, its timeouts never end a stream that
hangs, and its chunks cost four times the CPU of the plain JSON (all measured). So the stream is read here.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.brain import Brain, BrainError, Prompt, Thought, Token
from bot.brain._refusal import translated
from bot.brain._request import PICTURES, chosen, request, untaken
from bot.brain._stream import Answer, Events
from bot.settings import BrainSettings

if TYPE_CHECKING:
    from openai import AsyncAPIResponse, AsyncOpenAI

log = logging.getLogger(__name__)

CONNECT_S = 5.0
TAIL_S = 0.5
"""Seconds a service has for its count of tokens once all is said."""
KEPT_S = 60.0
"""Seconds a connection is kept for the next turn: a new one would cost it several round trips."""
TRIES = 6
"""Requests of one answer, each without what the service complained of before."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WHOLE_BODY = 2**22
"""Bytes of an answer that is not streamed."""


def open(settings: BrainSettings, knowledge: object) -> "OpenAIBrain":
    """The service that settings and environment name."""
    return OpenAIBrain(settings)


class OpenAIBrain:
    """Thinks through a service."""

    last_resort: Brain | None = None

    def __init__(self, settings: BrainSettings, *, base_url: str = "", api_key: str = "", name: str = "openai") -> None:
        self.settings, self.name = settings, name
        self.base_url = (base_url or settings.base_url or os.environ.get("OPENAI_BASE_URL", "")).strip()
        key = api_key or settings.api_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")
        self.api_key = key.strip() or "none"  # local services want none, the library wants one
        self.model = "" if settings.model == "auto" else settings.model
        self.without: set[str] = set()
        """What the service turned out not to take."""
        self._client: AsyncOpenAI | None = None
        self._making, self._asking = asyncio.Lock(), asyncio.Lock()

    @property
    def reason(self) -> str:
        """Where it thinks."""
        return f"{self.model or 'auto'} @ {_place(self.base_url) or 'api.openai.com'}"

    async def warm(self) -> None:
        """Load the library, which takes half a second, off the loop; and learn which model there is."""
        try:
            client = await self._made()
            if not self.model:
                async with asyncio.timeout(self.settings.first_token_s):
                    await self._model(client)
        except (BrainError, TimeoutError) as error:
            log.warning("%s: %s", self.reason, error or "timeout")

    async def close(self) -> None:
        """Let go of connections."""
        if self._client:
            await self._client.close()

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer. Raises BrainError."""
        settings, now = self.settings, asyncio.get_running_loop().time
        end = now() + settings.whole_s
        due = now() + settings.first_token_s
        answer, without = Answer(), set(self.without)
        async with aclosing(self._events(prompt, without)) as reads:
            while True:
                try:
                    async with asyncio.timeout_at(min(due, end)):
                        events = await anext(reads, None)
                except TimeoutError:
                    if answer.reason:
                        break  # all was said, only the tail is missing
                    raise BrainError("timeout", "between tokens" if answer.moves else "first token") from None
                if events is None:
                    break
                moves = answer.moves
                for event in events:
                    if text := answer.read(event):
                        yield Token(text)
                if answer.moves > moves:  # a reasoning model's thoughts are signs of life, empty events are not
                    due = now() + settings.between_tokens_s
                if answer.reason:
                    due = now() + TAIL_S
        if text := answer.rest():
            yield Token(text)
        finish = answer.finish()
        for call in answer.calls():
            yield call
        seen = sum(len(said.pictures) for said in prompt.said) if PICTURES not in without else 0
        yield replace(finish, detail={"seen": seen}) if seen else finish

    async def _events(self, prompt: Prompt, without: set[str]) -> AsyncGenerator[list[bytes]]:
        """What the service sends, as it comes. Raises BrainError."""
        client = await self._made()
        async with AsyncExitStack() as stack:
            stack.enter_context(translated())
            response = await self._asked(client, prompt, without, stack)
            kind = response.headers.get("content-type", "")
            if kind.startswith("application/json"):  # a service that does not stream
                yield [await _whole(response)]
                return
            if kind.startswith("text/html"):
                raise BrainError("broken", f"{kind} instead of an answer")
            events = Events()
            async for data in response.iter_bytes():
                yield events.take(data)
            yield events.rest()

    async def _asked(
        self, client: "AsyncOpenAI", prompt: Prompt, without: set[str], stack: AsyncExitStack
    ) -> "AsyncAPIResponse[Any]":
        """The service's response, after as many tries as it takes to learn what the service takes; ``without`` grows."""
        import openai

        renewed = False
        for _ in range(TRIES):
            model = self.model or await self._model(client)
            body = request(prompt, model, self.settings.temperature, without)
            try:
                # As an extra body the library passes it on as it is; as arguments it walks through every message.
                return await stack.enter_async_context(
                    client.chat.completions.with_streaming_response.create(model=model, messages=(), extra_body=body)
                )
            except openai.APIStatusError as error:
                part = untaken(error.status_code, f"{error.message} {error.body}", body)
                gone = error.status_code == 404 and self.settings.model == "auto" and not renewed and not part
                if not part and not gone:
                    raise
                if part:
                    without.add(part)
                    self._learn(part)
                else:  # the service changed its models
                    renewed, self.model = True, ""
        raise BrainError("refused", "the service takes no request")

    def _learn(self, part: str) -> None:
        """Remember what is never taken; pictures are asked about anew, for it may have been that one picture."""
        if part != PICTURES:
            log.info("%s does not take %s", self.reason, part)
            self.without.add(part)

    async def _model(self, client: "AsyncOpenAI") -> str:
        """The model that ``auto`` stands for; asked once for all who wait."""
        async with self._asking:
            if not self.model:
                with translated():
                    offered = [model.id for model in (await client.models.list()).data or ()]
                self.model = chosen(offered, self.settings.models)
            if not self.model:
                raise BrainError("refused", "the service offers no model for chat")
            return self.model

    async def _made(self) -> "AsyncOpenAI":
        """The library's client; made once, in a thread, for importing takes its time."""
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make)
            return self._client

    def _make(self) -> "AsyncOpenAI":
        import httpx2
        import openai

        if not self.api_key.isascii() or not self.api_key.isprintable():
            raise BrainError("refused", "the API key has characters that no key has")
        limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=KEPT_S)
        timeout = openai.Timeout(self.settings.whole_s, connect=CONNECT_S)
        try:
            local = urlsplit(self.base_url).hostname in LOOPBACK  # a proxy of the environment has no way back to here
            client = openai.AsyncOpenAI(
                api_key=self.api_key,
                base_url=self.base_url or None,
                max_retries=0,
                timeout=timeout,
                http_client=openai.DefaultAioHttpClient(limits=limits, timeout=timeout, trust_env=not local),
            )
        except (httpx2.InvalidURL, openai.OpenAIError, ValueError) as error:
            raise BrainError("refused", f"no service can be at this address ({type(error).__name__})") from None
        _ = client.chat.completions  # asking for it imports what the first answer would wait a quarter of a second for
        return client


def _place(url: str) -> str:
    """Host and port of an address, without a password that may stand before them."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


async def _whole(response: "AsyncAPIResponse[Any]") -> bytes:
    body = bytearray()
    async for data in response.iter_bytes():
        body += data
        if len(body) > WHOLE_BODY:
            raise BrainError("broken", "an answer without end")
    return bytes(body)
