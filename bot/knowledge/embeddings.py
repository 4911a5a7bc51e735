"""Any OpenAI-compatible service of embeddings: texts become vectors, whose angle tells how near in meaning they are.

A question waits for it only a moment, and not at all while the service is known to be away; what she knows is then found by
words alone. Vectors are of length 1 and come as 16-bit floats: half the room, and no neighbour changes.
"""

import asyncio
import logging
import os
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.knowledge._answer import WORDS, EmbeddingError, read, turned_down
from bot.settings import EmbeddingSettings

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)

OPENAI = "https://api.openai.com/v1"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PATIENCE_S = 1.5
"""Seconds a question waits for its vector."""
TRIES = 4
"""Requests for the same passages, one after the other."""
BACKOFF_S = (1.0, 30.0)
AWAY_S, LONGEST_AWAY_S = 30.0, 600.0
"""Seconds a service that failed is let alone: at first, and at most."""
REFUSED_S = 3600.0
"""Seconds one is let alone that refused us: somebody has to mend something first."""
KEPT = 256
"""Questions whose vectors are remembered: the same one is often looked up twice in a turn."""
LARGEST = 2**26
"""Bytes of an answer."""
PIECE = 2**16

Told = Callable[[], Awaitable[None]]
"""Called when the service begins or ceases to be at fault; ``Embeddings.fault`` says what is wrong."""


async def _nobody() -> None:
    """Nobody wants to know."""


def open(settings: EmbeddingSettings) -> "Embeddings | None":
    """The service that the settings name; None: there shall be none."""
    return Embeddings(settings) if settings.model.strip() else None


class Embeddings:
    """A service, asked."""

    def __init__(
        self,
        settings: EmbeddingSettings,
        *,
        patience_s: float = PATIENCE_S,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.settings, self.model, self.patience_s = settings, settings.model.strip(), patience_s
        self.now, self.sleep = now, sleep
        base, key = settings.base_url.strip(), settings.api_key.get_secret_value()
        if not base:  # a key of the environment is for the address of the environment
            base, key = os.environ.get("OPENAI_BASE_URL", "").strip(), key or os.environ.get("OPENAI_API_KEY", "")
        self.base, self._key = (base or OPENAI).rstrip("/"), key.strip()
        self.told: Told = _nobody
        self.fault = ""
        """What is wrong now, in words for the operator."""
        self.dimension = 0
        """Of its vectors; 0: not known yet."""
        self.most = settings.batch
        """Texts it takes at once, as far as is known."""
        self._refused = False
        self._away_until, self._away_s = 0.0, AWAY_S
        self._questions: OrderedDict[str, bytes] = OrderedDict()
        self._session: aiohttp.ClientSession | None = None

    @property
    def reason(self) -> str:
        """Which model it is, and where."""
        return f"{self.model} @ {self.base.partition('://')[2].partition('/')[0].rpartition('@')[2]}"

    @property
    def away_s(self) -> float:
        """Seconds for which it is let alone; 0: it may be asked."""
        return max(0.0, self._away_until - self.now())

    async def question(self, text: str) -> bytes | None:
        """A question's vector; None where it cannot be had within a moment."""
        if known := self._questions.get(text):
            self._questions.move_to_end(text)
            return known
        if self.away_s:
            return None
        try:
            (vector,) = await self._ask([text], self.patience_s)
        except EmbeddingError as error:
            if error.kind != "unfit":  # that is the question's fault: one filter's victim must not turn all away
                await self._failed(error)
            return None
        await self._worked()
        self._questions[text] = vector
        if len(self._questions) > KEPT:
            self._questions.popitem(last=False)
        return vector

    async def passages(self, texts: Sequence[str]) -> list[bytes | None]:
        """Vectors of as many texts as ``most`` or fewer; None for one that the service does not take. Raises EmbeddingError."""
        try:
            vectors = await self._parted(texts)
            if not self.dimension:  # are the texts to blame, or takes it none at all?
                await self.probe()
        except EmbeddingError as error:
            await self._failed(error)
            raise
        await self._worked()
        return vectors

    async def probe(self) -> int:
        """The dimension of its vectors, tried with a word. Raises EmbeddingError."""
        (vector,) = await self._ask(["你好"], self.settings.whole_s)
        return len(vector) // 2

    async def close(self) -> None:
        """Let go of connections."""
        if self._session:
            await self._session.close()

    # Asking

    async def _parted(self, texts: Sequence[str]) -> list[bytes | None]:
        """Vectors of texts, in halves where they are too many at once. Raises EmbeddingError."""
        try:
            return list(await self._patiently(texts))
        except EmbeddingError as error:
            if error.kind != "unfit":
                raise
            if len(texts) == 1:
                return [None]
        half = (len(texts) + 1) // 2
        found = [*await self._parted(texts[:half]), *await self._parted(texts[half:])]
        if all(found):  # none of the texts was to blame, so it was their number
            self.most = min(self.most, half)
        return found

    async def _patiently(self, texts: Sequence[str]) -> list[bytes]:
        """Vectors of texts, asked for again where that may help. Raises EmbeddingError."""
        wait = BACKOFF_S[0]
        for left in reversed(range(TRIES)):
            try:
                return await self._ask(texts, self.settings.whole_s)
            except EmbeddingError as error:
                longest = (error.retry_after or 0) > BACKOFF_S[1]
                if error.kind in ("refused", "unfit") or not left or longest:
                    raise
                await self.sleep(error.retry_after or wait * random.uniform(0.5, 1.0))
                wait = min(BACKOFF_S[1], 2 * wait)
        raise AssertionError("the last try returns or raises")

    async def _ask(self, texts: Sequence[str], seconds: float) -> list[bytes]:
        """Vectors of texts by one request. Raises EmbeddingError."""
        import aiohttp

        body = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        try:
            async with (
                asyncio.timeout(seconds),
                self._made().post(f"{self.base}/embeddings", json=body, allow_redirects=False) as response,
            ):
                answer = await _whole(response)
                if response.status != 200:
                    raise turned_down(response.status, answer, response.headers)
                vectors = await asyncio.to_thread(read, answer, len(texts))
        except TimeoutError:
            raise EmbeddingError("timeout", f"{seconds:g} s") from None
        except (aiohttp.ClientConnectionError, OSError) as error:
            raise EmbeddingError("unreachable", type(error).__name__) from None
        except (aiohttp.ClientError, ValueError) as error:
            raise EmbeddingError("broken", type(error).__name__) from None
        dimension = len(vectors[0]) // 2
        if dimension != (self.dimension or dimension):
            raise EmbeddingError("broken", f"{dimension} dimensions instead of {self.dimension}")
        self.dimension = dimension
        return vectors

    def _made(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            if not self._key.isascii() or not self._key.isprintable():
                raise EmbeddingError("refused", "the API key has characters that no key has")
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._key}"} if self._key else None,
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=urlsplit(self.base).hostname not in LOOPBACK,
            )
        return self._session

    # What became of it

    async def _failed(self, error: EmbeddingError) -> None:
        refused = error.kind in ("refused", "unfit")
        away = REFUSED_S if refused else min(REFUSED_S, max(error.retry_after or 0.0, self._away_s))
        self._away_until, self._away_s = self.now() + away, min(LONGEST_AWAY_S, 2 * self._away_s)
        told, self._refused = bool(self.fault) and (self._refused or not refused), refused
        self.fault = (
            f"知识库的向量服务 {self.reason} {WORDS[error.kind][0]}（{error.detail or error.kind}）；先只按字词找。\n"
            f"The embeddings service {WORDS[error.kind][1]} ({error.detail or error.kind}); words alone are searched."
        )
        if not told:
            log.warning("%s", self.fault)
            await self.told()

    async def _worked(self) -> None:
        self._away_until, self._away_s = 0.0, AWAY_S
        if self.fault:
            self.fault, self._refused = "", False
            log.info("%s: 向量服务恢复了 / the embeddings service works again", self.reason)
            await self.told()


async def _whole(response: "aiohttp.ClientResponse") -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(PIECE):
        body += piece
        if len(body) > LARGEST:
            raise EmbeddingError("broken", "an answer without end")
    return bytes(body)
