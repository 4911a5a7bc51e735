"""A service of embeddings that stands in: OpenAI's ``/v1/embeddings``. The same text always gets the same vector.

A vector is made of the text's grams, each turned into a direction by its hash; words of the same meaning share theirs. So
texts are near that share words, or say the same in other ones. Run as ``python -m tests.standins.embeddings``. A fault by
name makes it misbehave: a status such as ``429`` (with ``after-2``: how long to wait); ``hang``; ``html``; ``page``;
``short`` (a vector too few); ``nan``; ``zero``; ``text`` (base64); ``places``; ``ragged``; ``half`` (half the dimensions);
``hangup``.
"""

import argparse
import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web

from bot.grams import grams, topical
from tests.standins.llm import served

MEANINGS = (
    ("停车", "车位", "泊车", "自驾", "parking", "park"),
    ("退款", "退钱", "反悔", "refund", "money back"),
    ("宠物", "狗", "毛孩子", "猫", "pets", "dog"),
    ("打烊", "关门", "营业到", "close"),
)
"""Words that mean the same; one meaning a row."""
WEIGHT = 3.0
"""What a meaning weighs against a gram."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked."""

    model: str
    texts: Sequence[str]
    authorization: str


@dataclass(slots=True)
class EmbeddingsStandIn:
    """Turns texts into vectors."""

    dimension: int = 64
    most: int = 2048
    """Texts it takes at once."""
    refuses: str = ""
    """A request with this in a text is turned down."""
    faults: list[str] = field(default_factory=list[str])
    """What the next requests get, one each."""
    fault: str = ""
    """What every request gets after those."""
    asked: list[Asked] = field(default_factory=list[Asked])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Ends what hangs."""

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/embeddings", self._embed)
        return app

    @property
    def texts(self) -> list[str]:
        """All texts that were sent."""
        return [text for each in self.asked for text in each.texts]

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        texts: list[str] = [body["input"]] if isinstance(body["input"], str) else body["input"]
        self.asked.append(Asked(body["model"], texts, request.headers.get("Authorization", "")))
        fault = self.faults.pop(0) if self.faults else self.fault
        if body.get("encoding_format", "base64") != "float":
            return _error(400, "base64 is not supported")
        if len(texts) > self.most or (self.refuses and any(self.refuses in text for text in texts)):
            return _error(400, f"too much, {self.asked[-1].authorization}")
        if fault[:3].isdecimal():
            return _error(int(fault[:3]), f"no, {self.asked[-1].authorization}", fault.partition("after-")[2])
        if fault == "hang":
            await self.gate.wait()
        if fault == "hangup" and request.transport:
            request.transport.abort()
        if fault in ("html", "page"):
            return web.Response(text="<html>log in first</html>", content_type="text/html")
        rows = [
            {"object": "embedding", "index": place, "embedding": self.vector(text)} for place, text in enumerate(texts)
        ]
        _spoil(rows, fault)
        answer = {"object": "list", "model": body["model"], "data": rows[::-1]}  # in any order: the index tells
        return web.Response(text=json.dumps(answer), content_type="application/json")

    def vector(self, text: str) -> list[float]:
        """A text's vector, not of length 1."""
        sum_ = [0.0] * self.dimension
        folded = text.lower()
        for meaning in MEANINGS:
            if any(word in folded for word in meaning):
                _add(sum_, f"meaning {meaning[0]}", WEIGHT)
        for gram in set(grams(text)):
            _add(sum_, gram, 1.0 if topical(gram) else 0.1)
        return sum_


def _add(vector: list[float], name: str, weight: float) -> None:
    """Add a direction of its own for a name."""
    seed = sha256(name.encode()).digest()
    for place in range(len(vector)):
        if place % 32 == 0:
            seed = sha256(seed).digest()
        vector[place] += weight * (seed[place % 32] - 127.5) / 127.5 / math.sqrt(len(vector) / 3)


def _spoil(rows: list[dict[str, Any]], fault: str) -> None:
    """What a fault makes of the vectors."""
    last = rows[-1]
    match fault:
        case "short":
            rows.pop()
        case "nan":
            last["embedding"][3] = math.nan
        case "zero":
            last["embedding"] = [0.0] * len(last["embedding"])
        case "text":
            last["embedding"] = "AAAAAA=="
        case "places":
            last["index"] = 0 if len(rows) > 1 else None
        case "ragged":
            last["embedding"].pop()
        case "half":
            for row in rows:
                row["embedding"] = row["embedding"][::2]
        case _:
            pass


def _error(status: int, message: str, after: str = "") -> web.Response:
    error = {"message": message, "type": "invalid_request_error"}
    return web.json_response({"error": error}, status=status, headers={"Retry-After": after} if after else None)


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--dimension", type=int, default=64)
    given = parser.parse_args()
    async with served(EmbeddingsStandIn(given.dimension).app(), given.port) as url:
        print("READY", json.dumps({"url": url}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
