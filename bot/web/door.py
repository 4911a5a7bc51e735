"""One page's WebSocket: what it says goes in, what the conversation shows comes out."""

import asyncio

from aiohttp import WSMsgType, web

from bot import pictures
from bot.bus import Listener
from bot.channel import Admission
from bot.message import Control, Message, Part, Picture, Text
from bot.store import Full
from bot.web import access, wire
from bot.web.board import Board
from bot.web.ears import Ears
from bot.web.foyer import Foyer
from bot.web.screen import PAGE_OF_HISTORY, Screen
from bot.web.wire import Json

HELLO_S = 10.0
"""A page that does not introduce itself within this is closed."""
MOST_PICTURES = 9
"""Pictures of a message, and such as wait to be sent with one; each costs more than a thousand words."""
BROKEN, NO_ACCESS, NOT_YOURS, NO_HELLO = 4400, 4401, 4404, 4408


class Close(Exception):
    """Close the socket with a code."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code


class Door:
    """Serves one page until its socket closes."""

    def __init__(self, socket: web.WebSocketResponse, foyer: Foyer, *, trusted: bool, operator: bool = False) -> None:
        self.socket, self.foyer, self.operator = socket, foyer, operator
        self.trusted = trusted
        """Whether a visitor without a token may come in."""
        self.visitor = self.sender = self.conversation = ""
        self.screen = Screen(socket, foyer.store, self._said)
        self.uploads: dict[str, Picture] = {}
        self.listener: Listener | None = None
        self.ears: Ears | None = None
        self.board = Board(foyer.boards, self.screen.send, operator=operator) if foyer.boards else None

    @property
    def guest(self) -> bool:
        """Whether the page is a second door of a conversation that lives elsewhere."""
        return not self.conversation.startswith(f"{self.foyer.channel}:")

    async def serve(self) -> None:
        """Talk with the page. Raises Close."""
        hello = await self._hello()
        await self._enter(hello)
        while await self._converse(hello):
            hello = {"voiced": self.listener.sound if self.listener else True}

    async def forgotten(self) -> None:
        """Tell the page that nothing is kept of it any more, and let it go."""
        if not self.socket.closed:
            await self.screen.send({"type": "forgotten"})
            await self.socket.close(code=1000, message=b"forgotten")

    # Coming in

    async def _hello(self) -> Json:
        try:
            async with asyncio.timeout(HELLO_S):
                hello = await self._frame()
        except TimeoutError:
            raise Close(NO_HELLO, "say hello first") from None
        if hello is None or hello[0].get("type") != "hello":
            raise Close(NO_HELLO, "say hello first")
        return hello[0]

    async def _enter(self, hello: Json) -> None:
        """Find out who it is and which conversation it means."""
        store, channel = self.foyer.store, self.foyer.channel
        self.screen.mp3 = hello.get("audio") == "mp3"
        given = hello.get("cursor")
        cursor: Json = given if isinstance(given, dict) else {}
        self.screen.newest = wire.number(cursor, "entry", 0)
        self.screen.skip = (
            str(cursor.get("turn", "")),
            wire.number(cursor, "attempt", 0),
            wire.number(cursor, "piece", -1),
        )
        visitor = str(hello.get("visitor", ""))
        known = await store.conversations(channel, access.sender(visitor)) if visitor else []
        if not known:
            if not self.trusted:
                raise Close(NO_ACCESS, "this page takes visitors by link only")
            visitor, self.screen.newest = access.new_visitor(), 0
        self.visitor, self.sender = visitor, access.sender(visitor)
        wanted = str(hello.get("conversation", ""))
        if wanted and known and not await store.own(wanted, channel, self.sender):
            raise Close(NOT_YOURS, "not your conversation")
        self.conversation = (wanted if known else "") or (known[0] if known else access.new_conversation(channel))
        if not self.guest:
            await store.own(self.conversation, channel, self.sender)

    async def _converse(self, hello: Json) -> bool:
        """Serve one conversation; True when the page wants to go on with another."""
        async with self.foyer.bus.listen(
            self.conversation, sound=hello.get("voiced") is not False, whole=self.screen.mp3
        ) as self.listener:
            await self._welcome()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.screen.show(self.conversation, self.listener))]
                tasks += [group.create_task(self.board.run())] if self.board else []
                self.ears = self._ears(group)
                try:
                    return await self._listen()
                finally:
                    for task in tasks:
                        task.cancel()
                    await self.ears.close(drop=True)

    def _ears(self, group: asyncio.TaskGroup) -> Ears:
        """What hears in this conversation."""
        foyer, conversation = self.foyer, self.conversation

        async def keep(data: bytes) -> str:
            return await foyer.store.keep(conversation, data, "audio/mpeg")

        return Ears(
            foyer.ear, foyer.vads, foyer.settings.ear, self.screen.send, lambda kind: foyer.bus.control(Control(conversation, kind)),
            keep, self._admit, group,
        )  # fmt: skip

    def _said(self, line: str) -> None:
        """Have the ears know her own words when they come back by the microphone."""
        if self.ears:
            self.ears.lines.append(line)

    async def _welcome(self) -> None:
        foyer, persona = self.foyer, self.foyer.persona()
        entries = await foyer.store.history(self.conversation, limit=PAGE_OF_HISTORY)
        await self.screen.send(
            {
                "type": "welcome",
                "protocol": wire.PROTOCOL,
                "visitor": self.visitor,
                "conversation": self.conversation,
                "persona": persona.model_dump(include={"id", "name", "greeting", "starters"}, mode="json"),
                "avatar": foyer.avatar(),
                "notice": foyer.fault() if self.operator else "",
                "operator": self.operator,
                "limits": {"text": foyer.settings.limits.text, "picture_mb": pictures.MEGABYTES},
                "ears": foyer.ear is not None,
                "more": len(entries) == PAGE_OF_HISTORY,
            }
        )
        await self.screen.entries(entries)

    # Listening to the page

    async def _listen(self) -> bool:
        while (frame := await self._frame()) is not None:
            header, payload = frame
            handler = self.HANDLERS.get(str(header.get("type")))
            if handler and await handler(self, header, payload):
                return True
        return False

    async def _frame(self) -> tuple[Json, bytes] | None:
        """The next frame; None when the page is gone. Raises Close for a broken one."""
        message = await self.socket.receive()
        try:
            if message.type is WSMsgType.TEXT:
                return wire.parsed_text(message.data), b""
            if message.type is WSMsgType.BINARY:
                return wire.parsed(message.data)
        except (ValueError, RecursionError) as error:
            raise Close(BROKEN, "broken frame") from error
        return None

    async def _say(self, frame: Json, payload: bytes) -> bool:
        id = str(frame.get("id", ""))[:64]
        named = frame.get("pictures") if isinstance(frame.get("pictures"), list) else []
        known = [name for name in dict.fromkeys(map(str, named or [])) if name in self.uploads]
        seen: list[Part] = [self.uploads.pop(name) for name in known[:MOST_PICTURES]]
        text = frame.get("text")
        parts = (Text(text), *seen) if isinstance(text, str) else tuple(seen)
        if not id:
            raise Close(BROKEN, "say needs an id")
        admission = await self._admit(id, parts)
        if admission.entry:
            await self.screen.send({"type": "accepted", "id": id, "entry": admission.entry.number})
        else:
            await self.screen.send(
                {"type": "refused", "id": id, "reason": admission.refusal, "notice": admission.notice}
            )
        return False

    async def _admit(self, id: str, parts: tuple[Part, ...]) -> Admission:
        """Hand a message of this page in. Raises Close where the visitor may not come in any more."""
        foyer = self.foyer
        if self.guest and not await foyer.store.own(self.conversation, foyer.channel, self.sender):
            raise Close(NOT_YOURS, "the link was taken back")
        name = f"{self.sender}/{id}"
        return await foyer.take(
            Message(name, foyer.channel, self.conversation, self.sender, parts, foyer.now(), door=foyer.channel)
        )

    async def _mic(self, frame: Json, payload: bytes) -> bool:
        if self.ears:
            await self.ears.switch(frame)
        return False

    async def _hear(self, frame: Json, payload: bytes) -> bool:
        if self.ears and not await self.ears.hear(frame, payload):
            raise Close(BROKEN, "a chunk of sound is 16-bit and at most a second long")
        return False

    async def _control(self, frame: Json, payload: bytes) -> bool:
        kind, turn, heard = str(frame["type"]), str(frame.get("turn", "")), wire.number(frame, "heard", 0)
        self.foyer.bus.control(Control(self.conversation, kind, turn, heard))
        if kind in ("heard", "stop") and turn:  # sound plays on after the turn's end: a stop then amends the reply
            await self.foyer.store.heard(self.conversation, turn, heard)
        return False

    async def _rate(self, frame: Json, payload: bytes) -> bool:
        entry, rating = wire.number(frame, "entry", 0), max(-1, min(1, wire.number(frame, "rating", 0)))
        if await self.foyer.store.rate(self.conversation, entry, rating):
            await self.screen.send({"type": "rated", "entry": entry, "rating": rating})
        return False

    async def _older(self, frame: Json, payload: bytes) -> bool:
        limit = max(1, min(PAGE_OF_HISTORY, wire.number(frame, "limit", 30)))
        before = wire.number(frame, "before", 0) or None
        entries = await self.foyer.store.history(self.conversation, before=before, limit=limit)
        older = [wire.entry(entry) for entry in entries]
        await self.screen.send({"type": "older", "entries": older, "more": len(entries) == limit})
        return False

    async def _new(self, frame: Json, payload: bytes) -> bool:
        self.conversation = access.new_conversation(self.foyer.channel)
        await self.foyer.store.own(self.conversation, self.foyer.channel, self.sender)
        self.screen.newest, self.screen.skip = 0, ("", 0, -1)
        return True

    async def _voiced(self, frame: Json, payload: bytes) -> bool:
        if self.listener:
            self.listener.sound = frame.get("on") is not False
        return False

    async def _forget(self, frame: Json, payload: bytes) -> bool:
        self.foyer.bus.control(Control(self.conversation, "stop"))
        if self.foyer.boards:
            await self.foyer.boards.popular.forget(self.foyer.channel, self.sender)
        await self.foyer.store.forget(self.foyer.channel, self.sender)
        await self.screen.send({"type": "forgotten"})
        raise Close(1000, "forgotten")

    async def _asked(self, frame: Json, payload: bytes) -> bool:
        if self.board:
            await self.board.take(frame)
        return False

    async def _ping(self, frame: Json, payload: bytes) -> bool:
        await self.screen.send({"type": "pong", "t": frame.get("t")})
        return False

    async def _picture(self, frame: Json, payload: bytes) -> bool:
        id, notice = str(frame.get("id", ""))[:64], ""
        try:
            data, width, height = await pictures.cleaned(payload)
            hash = await self.foyer.store.keep(self.conversation, data, "image/jpeg")
            self.uploads[id] = Picture(hash, "image/jpeg", width, height)
            if len(self.uploads) > MOST_PICTURES:
                del self.uploads[next(iter(self.uploads))]
        except pictures.BadPicture:
            notice = "这不是能看的图片（支持 JPEG、PNG、WebP、GIF）。 Not a picture I can read (JPEG, PNG, WebP, GIF)."
        except Full:
            notice = "存储空间满了，暂时收不了图片。 No room for pictures right now."
        await self.screen.send({"type": "uploaded", "id": id, "ok": not notice, "notice": notice})
        return False

    HANDLERS = {  # noqa: RUF012 — a constant table
        "say": _say,
        "stop": _control,
        "hold": _control,
        "resume": _control,
        "heard": _control,
        "rate": _rate,
        "older": _older,
        "new": _new,
        "voiced": _voiced,
        "forget": _forget,
        "hot": _asked,
        "hot_edit": _asked,
        "faq_draft": _asked,
        "faq_save": _asked,
        "ping": _ping,
        "picture": _picture,
        "mic": _mic,
        "hear": _hear,
    }
