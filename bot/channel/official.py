"""WeChat Official Account (公众号): WeChat calls us; answers go back in the call, or as customer-service messages.

An account that may not send by itself (``active: false``) can answer only while WeChat's call is open: it is held, and
WeChat calls twice more before it gives up (facts/official-account.md, §4). What is ready later waits for the user's next
message. A verified account (``active: true``) is called back at once and sends later.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace

import aiohttp
from aiohttp import web

from bot.channel import Accept, Asked, Capabilities, ChannelError, Premises, _xml
from bot.channel._api import Api, Json, Refused, media_id
from bot.channel._official_call import Call, Calls
from bot.channel._official_keys import Keys
from bot.channel._official_message import EVENT, event_words, message
from bot.channel._quota import Quotas
from bot.channel._seal import Forged, Seal
from bot.message import Delivery, End, Message, Picture, Piece, Receipt, Text, VoiceNote

log = logging.getLogger(__name__)

SUCCESS = "success"
TEXT_BYTES = 2048
ATTEMPTS = 3
"""Calls WeChat makes for one message."""
LINGER_S = 1.5
"""After the last moment for an answer, until WeChat has hung up."""
THINKING = "还在想，随便再发一句就能看到。 Still thinking: send anything to see it."
FETCH = frozenset(("1", "?", "？", "继续", "好了吗", "go on", "ok"))
"""Words that only ask for an answer that waits."""
BY_MESSAGE, BY_EVENT = (5, 48 * 3600.0), (3, 60.0)
"""Messages the account may send, and seconds it has for them, after a user wrote or did something (§6)."""
SPENT = {45015, 45047}
NEVER = {40003, 40004, 40006, 40007, 43004, 45001, 45002, 45007, 50005}
UNVERIFIED = 48001


def open(name: str, keys: Keys, premises: Premises) -> "Official":
    """The channel of that name."""
    return Official(name, keys, premises)


class Official:
    """Is called by WeChat, and answers."""

    def __init__(self, name: str, keys: Keys, premises: Premises) -> None:
        self.name, self.keys, self.premises = name, keys, premises
        self.sealing = (keys.mode or ("safe" if keys.aes_key.get_secret_value() else "plain")) != "plain"
        self.seal = Seal(keys.token.get_secret_value(), keys.aes_key.get_secret_value(), keys.app_id)
        self.api = Api(keys.base_url.rstrip("/"), self._grant, premises.now)
        self.quotas, self.calls = Quotas(premises.memo), Calls()
        self.parked: set[str] = set()
        """Users for whom an answer waits."""
        self.accept: Accept | None = None
        self.group: asyncio.TaskGroup | None = None
        self.account = ""
        """gh_…, as WeChat names us."""
        self.told = False
        active = keys.active
        self.capabilities = Capabilities(
            text_limit=TEXT_BYTES,
            text_unit="bytes",
            voice="mp3" if active else "",
            hears="amr",
            pictures=active,
            labels=active,
            window_s=172800.0 if active else 0.0,
        )

    async def listen(self, accept: Accept) -> None:
        """Let calls in from now on."""
        self.accept = accept
        try:
            async with asyncio.TaskGroup() as self.group:
                await asyncio.Event().wait()
        finally:
            self.accept = self.group = None

    # WeChat calls

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """Answer a call: 403 for a forged one, 400 for what is no XML, 503 while she is not there."""
        if self.accept is None:
            return web.Response(status=503)
        try:
            if request.method == "GET":
                return self._verified(request)
            return await self._called(request, self._opened(request, await request.read()))
        except Forged as error:
            log.warning("channel %s: a call was refused: %s", self.name, error)
            return web.Response(status=403)
        except _xml.BadXml as error:
            log.warning("channel %s: a call was no XML: %s", self.name, error)
            return web.Response(status=400)

    def _verified(self, request: web.Request) -> web.Response:
        query = request.query
        self.seal.check(query.get("signature", ""), query.get("timestamp", ""), query.get("nonce", ""))
        return web.Response(text=query.get("echostr", ""))

    def _opened(self, request: web.Request, body: bytes) -> dict[str, str]:
        """What a call says; ``again`` where exactly this call came before. Raises Forged and BadXml."""
        query, outer = request.query, _xml.fields(body)
        timestamp, nonce, envelope = query.get("timestamp", ""), query.get("nonce", ""), outer.get("Encrypt", "")
        if not self.sealing:
            again = self.seal.check(query.get("signature", ""), timestamp, nonce)
            if envelope and "MsgType" not in outer:
                raise Forged("an envelope, but no aes_key is set")
        else:
            again = self.seal.check(query.get("msg_signature", ""), timestamp, nonce, envelope)
            outer = _xml.fields(self.seal.opened(envelope))
        return outer | ({"again": "1"} if again else {})

    async def _called(self, request: web.Request, fields: dict[str, str]) -> web.Response:
        """Take in what was said, and answer as far as that is possible now."""
        said, happened = message(self.name, fields), fields.get("MsgType") == EVENT
        if not said.sender:
            raise _xml.BadXml("nobody said it")
        call, fresh = self.calls.of(said.id, said.sender)
        if "again" in fields and fresh:
            self.calls.forget(said.id)
            raise Forged("a call that was made before, for another message")
        self.account = fields.get("ToUserName", "")
        if fresh and not (happened and fields.get("Event") in ("unsubscribe", "LOCATION", "VIEW")):
            await self.quotas.renew(said.sender, *(BY_EVENT if happened else BY_MESSAGE))
        if happened and not event_words(fields):
            return self._happened(call, fields)
        call.open += not self.keys.active  # before the message is taken: its answer may be there at once
        refused = await self._taken(said, call) if fresh else call.refused
        return await self._answered(request, call, refused)

    def _happened(self, call: Call, fields: dict[str, str]) -> web.Response:
        """Greet whoever follows or scans; of anything else just take note."""
        if fields.get("Event") in ("subscribe", "SCAN"):
            return self._reply(call.sender, self.premises.greeting())
        return web.Response(text=SUCCESS)

    async def _taken(self, said: Message, call: Call) -> str:
        """Have a message written down; why it could not be, so that WeChat brings it again."""
        assert self.accept
        only_fetches = said.text.strip().lower() in FETCH and said.sender in self.parked
        admission = await self.accept(said if not only_fetches else _unaddressed(said))
        if admission.refusal in ("full", "closing"):
            call.refused = admission.refusal
            self.calls.forget(said.id)
        elif not admission.entry and not admission.notice:
            call.give("")
        return call.refused

    async def _answered(self, request: web.Request, call: Call, refused: str) -> web.Response:
        """Hold the call open for an answer as long as WeChat does."""
        if refused:
            call.open -= not self.keys.active
            return web.Response(status=503)
        if self.keys.active:
            return web.Response(text=SUCCESS)
        try:
            async with asyncio.timeout(self.keys.hold_s):
                text = await asyncio.shield(call.answer)
            return self._reply(call.sender, text) if text else web.Response(text=SUCCESS)
        except TimeoutError:
            pass
        finally:
            call.open -= 1
        if call.made >= ATTEMPTS:
            call.give(THINKING)
            return self._reply(call.sender, THINKING)
        await asyncio.sleep(LINGER_S)  # without an answer WeChat calls again
        if request.transport:
            request.transport.abort()
        return web.Response(status=503)

    def _reply(self, user: str, text: str) -> web.Response:
        """A text as the answer to a call, sealed where that is the account's mode."""
        content = {
            "ToUserName": user, "FromUserName": self.account, "CreateTime": str(int(time.time())), "MsgType": "text",
            "Content": text,
        }  # fmt: skip
        body = _xml.document(content)
        if self.sealing:
            envelope = self.seal.sealed(body)
            signature, timestamp, nonce = self.seal.signed(envelope)
            names = {"Encrypt": envelope, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce}
            body = _xml.document(names)
        return web.Response(text=body, content_type="application/xml")

    # Sending

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Send the first delivery; as an answer to a call, with as many texts after it as fit."""
        user = waiting[0].conversation.removeprefix(f"{self.name}:")
        if self.keys.active:
            return [await self._actively(user, waiting[0])]
        if not isinstance(waiting[0].part, Text):
            return [
                Receipt(waiting[0].key, delivered=False, detail="this account can only answer texts", hopeless=True)
            ]
        call = self.calls.waiting(user)
        if call is None:
            self.parked.add(user)
            return [Receipt(waiting[0].key, delivered=False, detail="no call is open", waits=True)]
        together = _fitting(waiting)
        call.give("\n\n".join(each.part.text for each in together if isinstance(each.part, Text)))
        self.parked.discard(user)
        for turn in {each.key.partition("/")[0] for each in together}:
            self.calls.settle(turn)
        return [Receipt(each.key, delivered=True) for each in together]

    async def _actively(self, user: str, delivery: Delivery) -> Receipt:
        """Send a customer-service message, as far as the quota goes."""
        quota = await self.quotas.of(user)
        if quota is None or not quota.open:
            return Receipt(delivery.key, delivered=False, detail="quota", waits=True)
        try:
            content = await self._content(delivery)
            if content is None:
                return Receipt(delivery.key, delivered=False, detail="cannot be sent here", hopeless=True)
            body = {"touser": user, **content, "aimsgcontext": {"is_ai_msg": 1}}
            await self.api.post("/cgi-bin/message/custom/send", body)
        except Refused as error:
            return await self._refused(user, delivery, error)
        self.quotas.spent(user)
        return Receipt(delivery.key, delivered=True)

    async def _content(self, delivery: Delivery) -> Json | None:
        """A customer-service message's content; None for what there is none for. Raises Refused and ChannelError."""
        match delivery.part:
            case Text(text):
                return {"msgtype": "text", "text": {"content": text}}
            case VoiceNote():
                media = await self.api.upload("voice", "reply.mp3", delivery.data, "audio/mpeg")
                return {"msgtype": "voice", "voice": {"media_id": media}}
            case Picture():
                media = await self.api.upload("image", "picture.jpg", delivery.data, "image/jpeg")
                return {"msgtype": "image", "image": {"media_id": media}}
            case _:
                return None

    async def _refused(self, user: str, delivery: Delivery, error: Refused) -> Receipt:
        """What a refusal means."""
        if error.code in SPENT:
            self.quotas.used_up(user)
        if error.code == UNVERIFIED and not self.told:
            self.told = True
            await self.premises.tell(
                f"{self.name}: 这个公众号没有客服消息权限，请设 active: false。 This account may not send by itself: set active: false."
            )
        waits = error.code in SPENT or error.code == UNVERIFIED
        return Receipt(delivery.key, delivered=False, detail=str(error), waits=waits, hopeless=error.code in NEVER)

    async def fetch(self, ref: str) -> bytes:
        """An attachment's bytes. Raises ChannelError."""
        if not self.keys.secret.get_secret_value():
            raise ChannelError("no secret is set: nothing can be fetched", again=False)
        try:
            return await self.api.download(media_id(ref))
        except Refused as error:
            raise ChannelError(str(error), again=False) from error

    async def follow(self, asked: Asked, pieces: AsyncIterator[Piece]) -> None:
        """Know what a turn answers; where the account may, show that she is typing."""
        self.calls.follow(asked.turn, asked.ids)
        if self.keys.active and self.group:
            self.group.create_task(self._type(asked.sender, "Typing"))
        async for piece in pieces:
            if isinstance(piece.shown, End):
                break

    async def _type(self, user: str, command: str) -> None:
        with suppress(Refused, ChannelError):
            await self.api.post("/cgi-bin/message/custom/typing", {"touser": user, "command": command})

    # The rest

    async def _grant(self, session: aiohttp.ClientSession, base_url: str) -> Json:
        body = {
            "grant_type": "client_credential", "appid": self.keys.app_id,
            "secret": self.keys.secret.get_secret_value(), "force_refresh": False,
        }  # fmt: skip
        async with session.post(f"{base_url}/cgi-bin/stable_token", json=body) as response:
            return await response.json(content_type=None)

    async def probe(self) -> str:
        """Whether the account's credentials are good. Raises ChannelError."""
        if not self.keys.secret.get_secret_value():
            return "只在回调里回答；没有设 secret，语音和图片收不到。 Answers within calls only; without a secret no voice, no pictures."
        try:
            await self.api.valid()
        except Refused as error:
            raise ChannelError(f"app_id 或 secret 不对：{error}。 Wrong app_id or secret.", again=False) from error
        return "凭证有效 credentials are good"

    async def close(self) -> None:
        """Let go of connections."""
        await self.api.close()


def _unaddressed(said: Message) -> Message:
    return replace(said, addressed=False)


def _fitting(waiting: Sequence[Delivery]) -> list[Delivery]:
    """The first text, and those right after it that fit into the same answer."""
    together: list[Delivery] = []
    size = 0
    for each in waiting:
        if not isinstance(each.part, Text):
            break
        size += len(each.part.text.encode(errors="replace")) + 2 * bool(together)
        if together and size > TEXT_BYTES:
            break
        together.append(each)
    return together
