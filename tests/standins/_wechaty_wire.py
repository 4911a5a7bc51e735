"""What the Wechaty gateway's stand-in speaks: its words, its calls as grpclib serves them, and a server that can hang up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import betterproto
from grpclib.const import Cardinality, Handler
from grpclib.protocol import H2Protocol
from grpclib.server import Server, Stream
from wechaty_grpc.wechaty import puppet

EVENTS = {"heartbeat": 1, "message": 2, "error": 16, "scan": 22, "ready": 23, "login": 25, "logout": 26, "dirty": 27}
TYPES = {
    "attachment": 1, "audio": 2, "contact": 3, "emoticon": 5, "image": 6, "text": 7, "location": 8, "group-note": 10,
    "recalled": 13, "url": 14, "video": 15, "post": 16,
}  # fmt: skip

Answer = Callable[[Any], Awaitable[betterproto.Message]]
Serve = Callable[[Stream[Any, Any]], Awaitable[None]]


@dataclass
class Chunk(betterproto.Message):
    """A piece of a file."""

    chunk: bytes = betterproto.bytes_field(1)


@dataclass
class Id(betterproto.Message):
    """What a file is found by."""

    id: str = betterproto.string_field(1)


@dataclass(slots=True)
class Sent:
    """Something the bot sent."""

    to: str
    text: str = ""
    name: str = ""
    data: bytes = b""
    type: str = ""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


STREAMS: Mapping[str, tuple[Cardinality, type[Any], type[Any]]] = {
    "Event": (Cardinality.UNARY_STREAM, puppet.EventRequest, puppet.EventResponse),
    "Download": (Cardinality.UNARY_STREAM, Id, Chunk),
    "Upload": (Cardinality.STREAM_UNARY, Chunk, Id),
}


def handlers(
    unary: Mapping[str, Answer], streams: Mapping[str, Serve], admit: Callable[[str, Stream[Any, Any]], Awaitable[None]]
) -> dict[str, Handler]:
    """A service's calls, each asked by ``admit`` first whether it may."""
    made: dict[str, Handler] = {}
    for call, answer in unary.items():
        request, reply = getattr(puppet, f"{call}Request"), getattr(puppet, f"{call}Response")
        made[f"/wechaty.Puppet/{call}"] = Handler(
            _admitted(call, _once(answer), admit), Cardinality.UNARY_UNARY, request, reply
        )
    for call, serve in streams.items():
        made[f"/wechaty.Puppet/{call}"] = Handler(_admitted(call, serve, admit), *STREAMS[call])
    return made


def _once(answer: Answer) -> Serve:
    async def serve(stream: Stream[Any, Any]) -> None:
        asked = await stream.recv_message()
        await stream.send_message(await answer(asked))

    return serve


def _admitted(call: str, serve: Serve, admit: Callable[[str, Stream[Any, Any]], Awaitable[None]]) -> Serve:
    async def admitted(stream: Stream[Any, Any]) -> None:
        await admit(call, stream)
        await serve(stream)

    return admitted


class Line(Server):
    """A server that can hang up."""

    lines: list[H2Protocol]

    def _protocol_factory(self) -> H2Protocol:
        self.lines = [*getattr(self, "lines", ()), super()._protocol_factory()]
        return self.lines[-1]

    def hang_up(self) -> None:
        """Take no more calls, and cut those there are."""
        self.close()
        for line in getattr(self, "lines", ()):
            if hasattr(line, "processor"):
                line.processor.close()
