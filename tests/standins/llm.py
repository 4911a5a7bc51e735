"""An LLM that stands in: OpenAI's ``/v1/chat/completions`` as a stream, with the timing of the bench's definition.

Run as ``python -m tests.standins.llm``; a model name that begins with ``fault-`` makes it misbehave.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

TOKENS = re.compile(r"[a-zA-Z]+|\s|.", re.DOTALL)
EN = (
    "Well, hello there, it is very nice to meet you today. I can help you find the best product in our store. "
    "The blue jacket is warm and light, and it is on sale this week! Would you like me to tell you more about the sizes?"
)
ZH = "你好呀，很高兴今天能在这里见到你。我可以帮你挑选店里最合适的商品。这件蓝色外套又轻又暖和，而且这周正在打折！需要我再给你介绍一下尺码吗？"
SPECIAL: dict[str, list[bytes]] = {
    "badjson": [b'data: {"broken\n\n'],
    "errorevent": [b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'],
    "cut": [],
}
"""What follows two good tokens."""


@dataclass(slots=True)
class Request:
    """What was asked, and when what happened (monotonic seconds)."""

    received: float
    question: str
    body: dict[str, Any]
    tokens: list[float] = field(default_factory=list[float])
    closed: float = 0.0
    aborted: bool = False


@dataclass(slots=True)
class LlmStandIn:
    """Answers with a set text, a token at a time."""

    first_s: float = 0.3
    token_s: float = 0.02
    models: tuple[str, ...] = ("text-embedding-3", "stand-in")
    requests: list[Request] = field(default_factory=list[Request])
    asked_models: int = 0

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        return app

    async def _stats(self, _: web.Request) -> web.Response:
        rows = [{name: value for name, value in asdict(each).items() if name != "body"} for each in self.requests]
        return web.json_response({"requests": rows})

    async def _models(self, _: web.Request) -> web.Response:
        self.asked_models += 1
        return web.json_response({"object": "list", "data": [{"id": id, "object": "model"} for id in self.models]})

    async def _chat(self, asked: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await asked.json()
        request = Request(time.monotonic(), question(body), body)
        self.requests.append(request)
        model = str(body.get("model", ""))
        fault = model.removeprefix("fault-") if model.startswith("fault-") else ""
        try:
            if refused := refusal(fault, body):
                return refused
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await self._stream(asked, response, request, fault)
        except (ConnectionError, asyncio.CancelledError):
            request.aborted = True
            raise
        finally:
            request.closed = time.monotonic()
        return response

    async def _stream(self, asked: web.Request, response: web.StreamResponse, request: Request, fault: str) -> None:
        began = asyncio.get_running_loop().time()
        await _until(began + self.first_s)
        await response.prepare(asked)
        reply = ZH if "中" in request.question else EN
        tokens = TOKENS.findall(reply) if fault != "empty" else []
        if self.token_s == 0 and not fault:
            tokens = [reply]
        for number, token in enumerate(tokens):
            if number:
                await _until(began + self.first_s + number * self.token_s)
            if fault and number == 2 and fault in ("badjson", "errorevent", "cut", "rst", "stall", "drip", "utf8"):
                break
            request.tokens.append(time.monotonic())
            await response.write(odd(fault, token) or event(token))
        if await self._misbehaved(asked, response, fault):
            return
        await response.write(event(None, "content_filter" if fault == "filter" else "stop"))
        if (request.body.get("stream_options") or {}).get("include_usage"):
            await response.write(usage(len(tokens)))
        await response.write(b"data: [DONE]\n\n")

    async def _misbehaved(self, asked: web.Request, response: web.StreamResponse, fault: str) -> bool:
        """What a fault does after its first tokens; whether the stream is over."""
        if fault in SPECIAL:
            for chunk in SPECIAL[fault]:
                await response.write(chunk)
            return True
        if fault == "rst":
            assert asked.transport
            asked.transport.abort()
            raise ConnectionResetError
        if fault == "stall":
            await asyncio.sleep(3600)
        if fault == "drip":
            while True:
                await response.write(b": keep-alive\n\n")
                await asyncio.sleep(0.02)
        if fault == "endless":
            while True:
                await response.write(event("啊" * 100))
                await asyncio.sleep(0)
        if fault == "utf8":
            whole = event("好，中文。")
            for byte in (whole[n : n + 1] for n in range(len(whole))):
                await response.write(byte)
        return False


async def _until(when: float) -> None:
    await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))


def question(body: dict[str, Any]) -> str:
    """The last message's words, without the line that tells the time."""
    content = body["messages"][-1]["content"]
    text = content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)
    return re.sub(r"^<context[^\n]*\n", "", text)


def refusal(fault: str, body: dict[str, Any]) -> web.Response | None:
    """An answer that is no stream."""
    if fault[:3].isdecimal():
        headers = {"Retry-After": fault.partition("-after-")[2]} if "-after-" in fault else {}
        return web.json_response({"error": {"message": f"no, {fault}"}}, status=int(fault[:3]), headers=headers)
    if fault == "html":
        return web.Response(text="<html>log in first</html>", content_type="text/html")
    if fault == "garbage":
        return web.json_response({"hello": "world"})
    if fault == "no-usage-option" and "stream_options" in body:
        return web.json_response({"error": {"message": "unknown field stream_options"}}, status=400)
    pictured = any(isinstance(message["content"], list) for message in body["messages"])
    if fault == "no-images" and pictured:
        return web.json_response({"error": {"message": "image_url is not supported by this model"}}, status=400)
    return None


def odd(fault: str, token: str) -> bytes:
    """A token in the shape some services send it; empty for the usual one."""
    match fault:
        case "nulldelta":
            return chunk({"choices": [{"index": 0, "delta": None, "finish_reason": None}]}) + event(token)
        case "nochoices":
            return chunk({"choices": []}) + event(token)
        case "reasoning":
            return chunk({"choices": [{"index": 0, "delta": {"content": None, "reasoning_content": token}}]})
        case "think":
            return event(f"<think>{token}") + event("</thi") + event("nk>\n\n")
        case _:
            return b""


def event(token: str | None, finish: str | None = None) -> bytes:
    """A chunk of the answer."""
    return chunk({"choices": [{"index": 0, "delta": {"content": token} if token else {}, "finish_reason": finish}]})


def usage(output: int) -> bytes:
    """The last chunk, which counts tokens."""
    counted = {"prompt_tokens": 7, "completion_tokens": output, "total_tokens": 7 + output, "prompt_tokens_details": {"cached_tokens": 5}}  # fmt: skip
    return chunk({"choices": [], "usage": counted})


def chunk(fields: dict[str, Any]) -> bytes:
    """A server-sent event."""
    whole = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "stand-in", **fields}
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


async def served(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """The app's address, while it is served."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
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
    async for url in served(LlmStandIn(given.first, given.token).app(), given.port):
        print("READY", json.dumps({"url": url}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
