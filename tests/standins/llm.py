"""An LLM that stands in: OpenAI's ``/v1/chat/completions`` as a stream, with the timing of the bench's definition.

Run as ``python -m tests.standins.llm``. ``fault-`` and a name, as the model or in the question, make it misbehave. In
process a ``plan`` makes it answer and call tools as a test wants; see ``_llm_calls``.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from aiohttp import web

from tests.standins._llm_calls import Answer, Cache, Plan, deltas, malformed, planned

TOKENS = re.compile(r"[a-zA-Z]+|\s|.", re.DOTALL)
EN = (
    "Well, hello there, it is very nice to meet you today. I can help you find the best product in our store. "
    "The blue jacket is warm and light, and it is on sale this week! Would you like me to tell you more about the sizes?"
)
ZH = "你好呀，很高兴今天能在这里见到你。我可以帮你挑选店里最合适的商品。这件蓝色外套又轻又暖和，而且这周正在打折！需要我再给你介绍一下尺码吗？"
FAULT = re.compile(r"fault-([a-z0-9-]+)")
BREAKS = ("badjson", "errorevent", "cut", "rst", "stall", "drip", "dribble")
"""Faults that show after two good tokens."""
DRIP_S = 0.02
CONTEXT = re.compile(r"^<context[^\n]*\n")
"""The line of a prompt's last message that the user did not write."""


@dataclass(slots=True)
class Request:
    """What was asked, and when what happened (monotonic seconds)."""

    received: float
    question: str
    body: dict[str, Any]
    tokens: list[float] = field(default_factory=list[float])
    """When each token was sent."""
    closed: float = 0.0
    aborted: bool = False
    """The client closed before the end."""
    peer: int = 0
    """The client's port: the same one is the same connection."""


@dataclass(slots=True)
class LlmStandIn:
    """Answers with a set text, a token at a time."""

    first_s: float = 0.3
    token_s: float = 0.02
    """Nothing: the whole reply is one token."""
    models: tuple[str, ...] = ("text-embedding-3", "stand-in")
    plan: Plan | None = None
    """What it answers instead; its count of tokens is a real one then."""
    manner: str = "openai"
    """How it streams calls."""
    ends: str = "tool_calls"
    """The reason it finishes for when it called; some services say ``stop``."""
    cache: Cache = field(default_factory=Cache)
    requests: list[Request] = field(default_factory=list[Request])
    asked_models: int = 0
    authorizations: list[str] = field(default_factory=list[str])

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        return app

    async def _stats(self, _: web.Request) -> web.Response:
        rows = [{**asdict(each), "body": shortened(each.body)} for each in self.requests]
        return web.json_response({"requests": rows, "models": self.asked_models})

    async def _models(self, _: web.Request) -> web.Response:
        self.asked_models += 1
        return web.json_response({"object": "list", "data": [{"id": id, "object": "model"} for id in self.models]})

    async def _chat(self, asked: web.Request) -> web.StreamResponse:
        self.authorizations.append(asked.headers.get("Authorization", ""))
        body: dict[str, Any] = await asked.json()
        request = Request(time.monotonic(), question(body), body, peer=peer(asked))
        self.requests.append(request)
        named = FAULT.search(f"{body.get('model', '')} {request.question}")
        answer = planned(self.plan, body) if self.plan else Answer(ZH if "中" in request.question else EN)
        fault = answer.fault or (named[1] if named else "")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            if refused := refusal(fault, body, self.models):
                return refused
            await self._stream(asked, response, request, answer, fault)
        except (ConnectionError, asyncio.CancelledError):
            request.aborted = True
            raise
        finally:
            request.closed = time.monotonic()
        return response

    async def _stream(
        self, asked: web.Request, response: web.StreamResponse, request: Request, answer: Answer, fault: str
    ) -> None:
        await until(request.received + self.first_s)
        await response.prepare(asked)
        tokens = reply(answer.text, whole=self.token_s == 0 and not fault) if answer.text else ()
        if answer.thinks:
            await response.write(chunk({"choices": [{"index": 0, "delta": {"reasoning_content": answer.thinks}}]}))
        if fault in ("empty", "filter-at-once", "silent"):
            tokens = ()
        for number, token in enumerate(tokens):
            if fault in BREAKS and number == 2:
                await misbehave(asked, response, fault)
                return
            if number:  # an absolute deadline: no drift
                await until(request.received + self.first_s + number * self.token_s)
            request.tokens.append(time.monotonic())
            for piece in odd(fault, token, number) or (event(token),):
                await response.write(piece)
        if fault in ("endless", "silent"):
            await misbehave(asked, response, fault)
        for piece in deltas(answer.calls, self.manner):
            await response.write(chunk({"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]}))
        ended = self.ends if answer.calls else "stop"
        reason = {"filter": "content_filter", "filter-at-once": "content_filter", "length": "length"}.get(fault, ended)
        await response.write(event("", reason))
        if (request.body.get("stream_options") or {}).get("include_usage"):
            counted = self.cache.usage(request.body, len(tokens)) if self.plan else None
            await response.write(usage(len(tokens), counted))
        await response.write(b"data: [DONE]\n\n")
        if fault == "lingers":
            await asyncio.sleep(3600)


def peer(asked: web.Request) -> int:
    """The client's port."""
    return asked.transport.get_extra_info("peername")[1] if asked.transport else 0


async def until(when: float) -> None:
    """Sleep to a point of the monotonic clock."""
    await asyncio.sleep(max(0.0, when - time.monotonic()))


async def misbehave(asked: web.Request, response: web.StreamResponse, fault: str) -> None:
    """What a fault does instead of going on."""
    match fault:
        case "badjson":
            await response.write(b'data: {"broken\n\n')
        case "errorevent":
            await response.write(b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n')
        case "rst":
            assert asked.transport
            asked.transport.abort()
            raise ConnectionResetError
        case "stall" | "silent":
            await asyncio.sleep(3600)
        case "drip":
            while True:
                await response.write(b": keep-alive\n\n")
                await asyncio.sleep(DRIP_S)
        case "dribble":
            while True:
                await response.write(event("啊"))
                await asyncio.sleep(DRIP_S)
        case "endless":
            while True:
                await response.write(event("啊" * 1000))
                await asyncio.sleep(0)
        case _:  # cut: the stream just ends
            pass


def refusal(fault: str, body: dict[str, Any], models: Sequence[str]) -> web.Response | None:
    """An answer that is no stream."""
    if fault[:3].isdecimal():
        return failure(fault)
    if wrong := malformed(body):
        return complaint(wrong)
    pictured = any(isinstance(message["content"], list) for message in body["messages"])
    match fault:
        case "html":
            return web.Response(text="<html>log in first</html>", content_type="text/html")
        case "garbage":
            return web.json_response({"hello": "world"})
        case "no-stream":
            message = {"role": "assistant", "content": EN}
            return web.json_response({"model": "stand-in", "choices": [{"message": message, "finish_reason": "stop"}]})
        case "no-usage-option" if "stream_options" in body:
            return complaint("unknown field stream_options")
        case "no-max-tokens" if "max_tokens" in body:
            return complaint("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        case "no-tools" if "tools" in body:
            return complaint(f"registry.ollama.ai/library/{body['model']} does not support tools")
        case "no-tool-choice" if "tool_choice" in body:
            return complaint("Unsupported value: 'tool_choice' does not support 'none' with this model.")
        case "no-images" if pictured:
            return complaint("image_url is not supported by this model")
        case "known-models" if body["model"] not in models:
            return web.json_response({"error": {"message": "no such model", "code": "model_not_found"}}, status=404)
        case _:
            return None


def failure(fault: str) -> web.Response:
    """A status, as in ``503-after-2`` or ``429-insufficient-quota``."""
    status, _, wait = fault.partition("-after-")
    headers = {"Retry-After": time.strftime(HTTP_DATE, time.gmtime(time.time() + 30)) if wait == "date" else wait}
    error = {"message": "no, sk-secret", "code": status[4:].replace("-", "_"), "type": "an error"}
    return web.json_response({"error": error}, status=int(status[:3]), headers=headers if wait else None)


HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


def complaint(message: str) -> web.Response:
    """A bad request."""
    return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=400)


def odd(fault: str, token: str, number: int) -> Sequence[bytes]:
    """A token in the shape some services send it; nothing for the usual one."""
    match fault:
        case "nulldelta":
            return chunk({"choices": [{"index": 0, "delta": None, "finish_reason": None}]}), event(token)
        case "nochoices":
            return chunk({"choices": []}), chunk({"choices": None}), event(token)
        case "crlf":
            return (event(token).replace(b"\n", b"\r\n"),)
        case "utf8":
            whole = event(f"{token}，好", raw=True)
            return [whole[n : n + 1] for n in range(len(whole))]
        case "reasoning":
            return (chunk({"choices": [{"index": 0, "delta": {"content": None, "reasoning_content": token}}]}),)
        case "think" if number == 0:
            return event("<thi"), event("nk>hmm <b>"), event("</thi"), event("nk>\n\n"), event(token)
        case _:
            return ()


def question(body: dict[str, Any]) -> str:
    """The last message's words, without the line that tells the time."""
    content = body["messages"][-1]["content"] or ""
    text = content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)
    return CONTEXT.sub("", text)


def shortened(body: dict[str, Any]) -> dict[str, Any]:
    """A request as its statistics show it: system prompts and pictures would drown everything."""
    last = {"role": body["messages"][-1].get("role"), "content": question(body)[:2000]}
    return {**body, "messages": [last], "said": len(body["messages"])}


@lru_cache
def reply(text: str, *, whole: bool) -> Sequence[str]:
    """A reply's tokens."""
    return (text,) if whole else tuple(TOKENS.findall(text))


@lru_cache(maxsize=1024)
def event(token: str, finish: str | None = None, *, raw: bool = False) -> bytes:
    """A chunk of the answer; ``raw``: with its characters as they are."""
    delta = {"content": token} if token else {}
    return chunk({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}, raw=raw)


def usage(output: int, counted: dict[str, Any] | None = None) -> bytes:
    """The last chunk, which counts tokens."""
    counted = counted or {
        "prompt_tokens": 7, "completion_tokens": output, "prompt_tokens_details": {"cached_tokens": 5},
    }  # fmt: skip
    return chunk({"choices": [], "usage": counted})


def chunk(fields: dict[str, Any], *, raw: bool = False) -> bytes:
    """A server-sent event."""
    whole = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "stand-in", **fields}
    return f"data: {json.dumps(whole, ensure_ascii=not raw)}\n\n".encode()


@asynccontextmanager
async def served(app: web.Application, port: int = 0) -> AsyncGenerator[str]:
    """The app's address, while it is served."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first", type=float, default=0.3)
    parser.add_argument("--token", type=float, default=0.02)
    given = parser.parse_args()
    async with served(LlmStandIn(given.first, given.token).app(), given.port) as url:
        print("READY", json.dumps({"url": url}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
