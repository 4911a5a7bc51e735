"""A server at an address, spoken to by Streamable HTTP: no proxy on this machine, nothing packed, nothing endless."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from bot.settings import McpServer
from bot.tool._reason import Refused
from bot.tool._trimming import LARGEST, TOO_LARGE, shortened

if TYPE_CHECKING:
    import httpx2
    from mcp.client._transport import ReadStream, TransportStreams
    from mcp.shared.message import SessionMessage

CONNECT_S, READ_S = 10.0, 300.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@asynccontextmanager
async def reached(settings: McpServer) -> "AsyncGenerator[TransportStreams]":
    """What a client of the server reads and writes."""
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
    async with (
        httpx2.AsyncClient(
            headers={**headers, "Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(CONNECT_S, read=READ_S),
            trust_env=urlsplit(settings.url).hostname not in LOOPBACK,
            event_hooks={"response": [_bound]},
        ) as client,
        streamable_http_client(settings.url, http_client=client, max_sse_event_size=LARGEST) as (incoming, outgoing),
    ):
        yield cast("ReadStream[SessionMessage | Exception]", _Shortening(incoming)), outgoing


async def _bound(response: "httpx2.Response") -> None:
    """Let no answer grow beyond what is taken; one that is packed might."""
    import httpx2

    if response.status_code in (401, 403):
        raise Refused(response.status_code)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise httpx2.RemoteProtocolError("a packed answer that nobody asked for")
    if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _counted(response.stream)


def _counted(stream: "httpx2.AsyncByteStream") -> "httpx2.AsyncByteStream":
    """The same stream, which breaks where it becomes too long."""
    import httpx2

    class Counted(httpx2.AsyncByteStream):
        """A body of bounded length."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            length = 0
            async for chunk in stream:
                length += len(chunk)
                if length > LARGEST:
                    raise httpx2.StreamError(TOO_LARGE)  # which fails this call alone
                yield chunk

        async def aclose(self) -> None:
            """Let go of the connection."""
            await stream.aclose()

    return Counted()


class _Shortening:
    """A stream of messages whose answers are cut."""

    def __init__(self, stream: "ReadStream[SessionMessage | Exception]") -> None:
        self._stream = stream

    @property
    def last_context(self) -> Any:  # noqa: ANN401 — a context of whoever sent the message, passed through
        """Read by the client beside each message."""
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> "SessionMessage | Exception":
        """The next message."""
        message = await self._stream.receive()
        return message if isinstance(message, Exception) else shortened(message)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> "SessionMessage | Exception":
        message = await self._stream.__anext__()
        return message if isinstance(message, Exception) else shortened(message)

    async def aclose(self) -> None:
        """Let go."""
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stream.__aexit__(kind, error, trace)
