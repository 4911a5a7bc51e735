"""Any OpenAI-compatible service (chat completions, streamed) as a brain.

The library's own retries and timeouts are left out: a hung stream never trips them (measured), and a person is waiting.
"""

import asyncio
import base64
import json
import os
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from bot.brain import Brain, BrainError, Finish, Prompt, Said, Thought, Token
from bot.persona import Persona
from bot.settings import BrainSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai import AsyncOpenAI

NOT_FOR_CHAT = re.compile(
    r"embed|tts|whisper|audio|speech|image|dall|rerank|moderation|transcri|ocr|vision-only|sora", re.IGNORECASE
)
CONNECT_S = 5.0
REASONS = {
    "stop": "stop",
    "length": "length",
    "content_filter": "filter",
    "tool_calls": "stop",
    "function_call": "stop",
}
UNSEEN = "（对方发来了图片，但你现在看不了图片，请老实说明。 A picture was sent, but you cannot see pictures: say so.）"
THINK = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)


def open(settings: BrainSettings, personas: "Callable[[str], Persona]") -> "OpenAIBrain":
    """The service that settings and environment name."""
    return OpenAIBrain(settings)


class OpenAIBrain:
    """Thinks through a service."""

    name = "openai"
    last_resort: Brain | None = None

    def __init__(self, settings: BrainSettings, base_url: str = "", api_key: str = "") -> None:
        self.settings = settings
        self.base_url = base_url or settings.base_url or os.environ.get("OPENAI_BASE_URL", "")
        self.api_key = api_key or settings.api_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")
        self.client: AsyncOpenAI | None = None
        self.model = "" if settings.model == "auto" else settings.model
        self.counts = True
        """Whether the service tells what an answer cost."""
        self.sees = True
        """Whether the model takes pictures."""

    @property
    def reason(self) -> str:
        """Where it thinks."""
        return f"{self.model or 'auto'} @ {self.base_url or 'api.openai.com'}"

    async def warm(self) -> None:
        """Load the library, which takes half a second, off the loop."""
        await asyncio.to_thread(self._client)

    async def close(self) -> None:
        """Let go of connections."""
        if self.client:
            await self.client.close()

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer. Raises BrainError."""
        settings, loop = self.settings, asyncio.get_running_loop()
        whole = loop.time() + settings.whole_s
        shown, finish = False, Finish("")
        async with aclosing(_spoken(self._chunks(prompt))) as thoughts:
            while True:
                patience = settings.between_tokens_s if shown else settings.first_token_s
                try:
                    async with asyncio.timeout(min(patience, whole - loop.time())):
                        thought = await anext(thoughts, None)
                except TimeoutError:
                    raise BrainError("timeout", "first token" if not shown else "between tokens or whole") from None
                match thought:
                    case None:
                        break
                    case Token():
                        shown = True
                        yield thought
                    case Finish():
                        finish = thought
        if not finish.reason:
            raise BrainError("cut" if shown else "broken", "the stream ended without an end")
        if finish.reason == "filter":
            raise BrainError("filtered")
        if not shown:
            raise BrainError("empty")
        yield finish

    # The request

    def _client(self) -> "AsyncOpenAI":
        import openai

        if self.client is None:
            timeout = openai.Timeout(self.settings.whole_s, connect=CONNECT_S)
            self.client = openai.AsyncOpenAI(
                api_key=self.api_key or "none", base_url=self.base_url or None, timeout=timeout, max_retries=0
            )
        return self.client

    async def _chunks(self, prompt: Prompt) -> AsyncGenerator[Any]:
        """The service's chunks. Raises BrainError."""
        client = self.client or await asyncio.to_thread(self._client)
        import httpx2
        import openai

        try:
            stream = await self._asked(client, prompt)
            try:
                async for chunk in stream:
                    yield chunk
            finally:
                await stream.close()
        except openai.OpenAIError as error:
            raise self._translated(error) from error
        except httpx2.HTTPError as error:
            raise BrainError("cut", type(error).__name__) from error
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise BrainError("broken", "the stream is no JSON") from error

    async def _asked(self, client: "AsyncOpenAI", prompt: Prompt) -> Any:  # noqa: ANN401 — a foreign stream
        """The answering stream; what the service does not take is left out."""
        import openai

        for _ in range(3):
            try:
                return await client.chat.completions.create(**await self._request(client, prompt))
            except openai.BadRequestError as error:
                word = str(error).lower()
                if self.counts and "stream_options" in word:
                    self.counts = False
                elif self.sees and any(said.pictures for said in prompt.said) and "image" in word:
                    self.sees = False
                else:
                    raise
            except openai.NotFoundError:
                if self.settings.model == "auto":
                    self.model = ""  # the service changed its models: ask again next time
                raise
        raise BrainError("refused")

    async def _request(self, client: "AsyncOpenAI", prompt: Prompt) -> dict[str, Any]:
        if not self.model:
            self.model = await _chosen(client, self.settings.models)
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [_message(said, self.sees) for said in prompt.said],
            "stream": True,
            "max_tokens": prompt.max_tokens,
        }
        if self.counts:
            request["stream_options"] = {"include_usage": True}
        if self.settings.temperature is not None:
            request["temperature"] = self.settings.temperature
        return request

    def _translated(self, error: Exception) -> BrainError:
        """The library's error in the port's words; never with what was sent."""
        import openai

        match error:
            case openai.APITimeoutError():
                return BrainError("timeout", "connection")
            case openai.APIConnectionError():
                return BrainError("unreachable", type(error.__cause__).__name__)
            case openai.APIStatusError():
                status, wait = error.status_code, _retry_after(error.response.headers)
                kind = {429: "busy", 503: "busy", 529: "busy"}.get(status, "broken" if status >= 500 else "refused")
                return BrainError(kind, f"HTTP {status}", wait)
            case _:
                return BrainError("broken", type(error).__name__)


async def _chosen(client: "AsyncOpenAI", preferred: Sequence[str]) -> str:
    """The first preferred model the service offers, else its first chat model."""
    offered = [model.id for model in (await client.models.list()).data]
    chat = [id for id in offered if not NOT_FOR_CHAT.search(id)]
    for model in (*(id for id in preferred if id in offered), *chat, *offered):
        return model
    raise BrainError("refused", "the service offers no model")


def _message(said: Said, sees: bool) -> dict[str, Any]:
    if not said.pictures:
        return {"role": said.role, "content": said.text}
    if not sees:
        return {"role": said.role, "content": f"{said.text}\n{UNSEEN}"}
    pictures = [
        {"type": "image_url", "image_url": {"url": f"data:{type};base64,{base64.b64encode(data).decode()}"}}
        for type, data in said.pictures
    ]
    return {"role": said.role, "content": [{"type": "text", "text": said.text}, *pictures]}


async def _spoken(chunks: AsyncGenerator[Any]) -> AsyncGenerator[Thought]:
    """Tokens and the end from chunks of every shape services send; reasoning is not spoken."""
    reason, model, usage, opening = "", "", dict[str, int](), ""
    deciding = True
    async with aclosing(chunks):
        async for chunk in chunks:
            model = getattr(chunk, "model", "") or model
            usage = _usage(getattr(chunk, "usage", None)) or usage
            for choice in getattr(chunk, "choices", None) or ():
                text = getattr(choice.delta, "content", None) or "" if choice.delta else ""
                reason = choice.finish_reason or reason
                if deciding and text:
                    opening += text
                    text, deciding = _opened(opening)
                if text:
                    yield Token(text)
    if deciding and opening and not opening.lstrip().startswith("<think>"):
        yield Token(opening)
    yield Finish(REASONS.get(reason, reason), model, usage)


def _opened(opening: str) -> tuple[str, bool]:
    """(what of an answer's beginning may be said, whether more must be known): a block of thinking is left out."""
    start = opening.lstrip()
    if start.startswith("<think>"):
        done = THINK.match(opening)
        return (opening[done.end() :], False) if done else ("", True)
    return ("", True) if "<think>".startswith(start[:7]) and len(start) < 7 else (opening, False)


def _usage(usage: object) -> dict[str, int]:
    if usage is None:
        return {}
    details = getattr(usage, "prompt_tokens_details", None)
    counted = {
        "input": getattr(usage, "prompt_tokens", None),
        "output": getattr(usage, "completion_tokens", None),
        "cached": getattr(details, "cached_tokens", None),
    }
    return {name: value for name, value in counted.items() if isinstance(value, int)}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a service asks to wait, told as seconds or as a date."""
    value = headers.get("retry-after", "")
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    now = parsedate_to_datetime(headers["date"]) if "date" in headers else when
    return max(0.0, (when - now).total_seconds())
