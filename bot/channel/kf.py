"""微信客服 (WeChat customer service): any WeChat user by a link or a QR code, through a company's WeCom.

WeCom only calls to say that there is something; what it is, is fetched from a cursor that is kept after its messages
(facts/wecom.md, §B). Where a human agent has taken over, she listens and says nothing.
"""

import asyncio
import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import aiohttp
from aiohttp import web
from pydantic import Field, SecretStr

from bot.channel import Accept, Capabilities, ChannelError, Premises, _xml
from bot.channel._api import Api, Json, Refused, media_id
from bot.channel._kf_message import message
from bot.channel._quota import Quotas
from bot.channel._seal import Forged, Seal
from bot.message import Delivery, File, Message, Picture, Receipt, Text, VoiceNote
from bot.settings import Channeled

log = logging.getLogger(__name__)

TEXT_BYTES = 2048
QUOTA = 5, 48 * 3600.0
"""Messages per message of the user, and seconds they may come in."""
PAGE = 1000
NEW, ASSISTANT, QUEUE, HUMAN, ENDED = range(5)
"""States of a session; she may speak in the first two."""
WELCOME_S = 20.0
"""A welcome code is good for so long."""
SPENT, WRONG_STATE = {95001, 95002}, {95013, 95016, 95017, 95018}
NEVER = {40003, 40007, 45002, 40058}


class Keys(Channeled):
    """Settings of a 微信客服 channel."""

    corp_id: str = Field(min_length=1)
    secret: SecretStr
    """Of the app that may call 微信客服."""
    token: SecretStr
    aes_key: SecretStr
    """EncodingAESKey, 43 characters."""
    base_url: str = "https://qyapi.weixin.qq.com"


def open(name: str, keys: Keys, premises: Premises) -> "Kf":
    """The channel of that name."""
    return Kf(name, keys, premises)


class Kf:
    """Is told that there is something, fetches it, answers."""

    capabilities = Capabilities(
        text_limit=TEXT_BYTES, text_unit="bytes", voice="amr", pictures=True, files=True, window_s=172800.0
    )

    def __init__(self, name: str, keys: Keys, premises: Premises) -> None:
        self.name, self.keys, self.premises = name, keys, premises
        self.seal = Seal(keys.token.get_secret_value(), keys.aes_key.get_secret_value(), keys.corp_id)
        self.api = Api(keys.base_url.rstrip("/"), self._grant, premises.now)
        self.quotas = Quotas(premises.memo)
        self.wanted: dict[str, str] = {}
        """Accounts with something to fetch → the call's token."""
        self.called = asyncio.Event()
        self.states: dict[tuple[str, str], int] = {}
        """(account, user) → the session's state, as far as it is known."""
        self.failed = 0

    # WeCom calls

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """Answer a call: 403 for a forged one, 400 for what is no XML, 503 while she is not there."""
        query = request.query
        given, timestamp, nonce = (query.get(key, "") for key in ("msg_signature", "timestamp", "nonce"))
        try:
            if request.method == "GET":
                self.seal.check(given, timestamp, nonce, query.get("echostr", ""))
                return web.Response(text=self.seal.opened(query.get("echostr", "")))
            envelope = _xml.fields(await request.read()).get("Encrypt", "")
            self.seal.check(given, timestamp, nonce, envelope)
            fields = _xml.fields(self.seal.opened(envelope))
        except Forged as error:
            log.warning("channel %s: a call was refused: %s", self.name, error)
            return web.Response(status=403)
        except _xml.BadXml as error:
            log.warning("channel %s: a call was no XML: %s", self.name, error)
            return web.Response(status=400)
        kf = fields.get("OpenKfId", "")
        if fields.get("Event") == "kf_msg_or_event" and kf:
            if not await self.premises.memo.recall(f"account:{kf}"):  # so that it is asked after a kill, too
                await self.premises.memo.remember(f"account:{kf}", str(time.time()))
            self.wanted[kf] = fields.get("Token", "")
            self.called.set()
        return web.Response(text="success")

    async def listen(self, accept: Accept) -> None:
        """Fetch what came while nobody listened, then whatever is called for. Raises ChannelError."""
        known = await self.premises.memo.recollect("account:")
        self.wanted = {key.removeprefix("account:"): "" for key in known} | self.wanted
        while True:
            self.called.clear()
            while self.wanted:
                kf, token = next(iter(self.wanted.items()))
                if await self._synced(kf, token, accept) and self.wanted.get(kf) == token:
                    del self.wanted[kf]
            await self.called.wait()

    async def _synced(self, kf: str, token: str, accept: Accept) -> bool:
        """Fetch an account's news page by page; False when some must be fetched again. Raises ChannelError."""
        cursor = await self.premises.memo.recall(f"cursor:{kf}")
        since = float(await self.premises.memo.recall(f"account:{kf}") or 0) - WELCOME_S
        more = True
        while more:
            body = {"cursor": cursor, "limit": PAGE, "voice_format": 0, "open_kfid": kf} | (
                {"token": token} if token else {}
            )
            try:
                page = await self.api.post("/cgi-bin/kf/sync_msg", body)
            except Refused as error:
                if self.wanted.get(kf) == token:
                    self.wanted[kf] = ""  # a call's token lives for ten minutes; without one it works, too, if slower
                raise ChannelError(f"sync_msg: {error}") from error
            items = [item for item in page.get("msg_list") or [] if isinstance(item, dict)]
            if not await self._taken([item for item in items if float(item.get("send_time") or 0) >= since], accept):
                await asyncio.sleep(1.0)
                return False
            if (new := str(page.get("next_cursor") or "")) and new != cursor:
                cursor = new
                await self.premises.memo.remember(f"cursor:{kf}", cursor)
            more = bool(page.get("has_more"))
        return True

    async def _taken(self, items: Sequence[Json], accept: Accept) -> bool:
        """Take a page in, each user's messages in order; False when some must come again."""
        users: defaultdict[str, list[Json]] = defaultdict(list)
        for item in items:
            users[str(item.get("external_userid") or "")].append(item)
        taken = await asyncio.gather(*(self._heard(each, accept) for each in users.values()))
        return all(taken)

    async def _heard(self, items: Sequence[Json], accept: Accept) -> bool:
        for item in items:
            if item.get("msgtype") == "event":
                await self._happened(item)
            elif said := message(self.name, item):
                admission = await accept(await self._addressed(said, str(item["open_kfid"])))
                if admission.refusal in ("full", "closing"):
                    return False
        return True

    async def _addressed(self, said: Message, kf: str) -> Message:
        """The message; only history where a human agent is at it."""
        await self.quotas.renew(said.sender, *QUOTA)
        state = self.states.get((kf, said.sender))
        if state not in (ASSISTANT, QUEUE, HUMAN):
            state = await self._state(kf, said.sender)
        return replace(said, addressed=state not in (QUEUE, HUMAN))

    async def _state(self, kf: str, user: str) -> int:
        """The session's state; a new one becomes the assistant's. What cannot be found out does not keep her from answering."""
        state, who = ASSISTANT, {"open_kfid": kf, "external_userid": user}
        try:
            answer = await self.api.post("/cgi-bin/kf/service_state/get", who)
            state = int(answer.get("service_state") or 0)
            if state in (NEW, ENDED):
                await self.api.post("/cgi-bin/kf/service_state/trans", {**who, "service_state": ASSISTANT})
                state = ASSISTANT
            self.states[kf, user] = state
        except (Refused, ChannelError) as error:
            log.info("channel %s: a session's state is not known: %s", self.name, error)
        return state

    async def _happened(self, item: Json) -> None:
        """What the system tells of a session."""
        found = item.get("event")
        event: Json = found if isinstance(found, dict) else {}
        kf = str(event.get("open_kfid") or item.get("open_kfid") or "")
        user = str(event.get("external_userid") or item.get("external_userid") or "")
        match event.get("event_type"):
            case "enter_session" if event.get("welcome_code"):
                if time.time() - float(item.get("send_time") or 0) < WELCOME_S:
                    await self._welcome(str(event["welcome_code"]))
            case "session_status_change":
                self.states.pop((kf, user), None)
            case "msg_send_fail":
                self.failed += 1
                kind = event.get("fail_type")
                log.error(
                    "channel %s: message %s did not reach its user, kind %s", self.name, event.get("fail_msgid"), kind
                )
                await self.premises.tell(
                    f"{self.name}: 第 {self.failed} 条消息没有送到（原因 {kind}）。 Message no. {self.failed} was not delivered (kind {kind})."
                )
            case _:
                pass

    async def _welcome(self, code: str) -> None:
        body = {"code": code, "msgid": _number(code), "msgtype": "text", "text": {"content": self.premises.greeting()}}
        with suppress(Refused, ChannelError):
            await self.api.post("/cgi-bin/kf/send_msg_on_event", body)

    # Sending

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Send the first delivery."""
        delivery = waiting[0]
        kf, _, user = delivery.conversation.removeprefix(f"{self.name}:").partition("/")
        quota = await self.quotas.of(user)
        if quota is None or not quota.open or self.states.get((kf, user)) in (QUEUE, HUMAN):
            return [Receipt(delivery.key, delivered=False, detail="quota, or a human agent", waits=True)]
        try:
            content = await self._content(delivery)
            if content is None:
                return [Receipt(delivery.key, delivered=False, detail="cannot be sent here", hopeless=True)]
            body = {"touser": user, "open_kfid": kf, "msgid": _number(delivery.key), **content}
            await self.api.post("/cgi-bin/kf/send_msg", body)
        except Refused as error:
            return [self._refused(kf, user, delivery, error)]
        self.quotas.spent(user)
        return [Receipt(delivery.key, delivered=True)]

    async def _content(self, delivery: Delivery) -> Json | None:
        """A message's content; None for what there is none for. Raises Refused and ChannelError."""
        data = delivery.data
        match delivery.part:
            case Text(text):
                return {"msgtype": "text", "text": {"content": text}}
            case VoiceNote():
                return {
                    "msgtype": "voice",
                    "voice": {"media_id": await self.api.upload("voice", "reply.amr", data, "audio/amr")},
                }
            case Picture():
                return {
                    "msgtype": "image",
                    "image": {"media_id": await self.api.upload("image", "picture.jpg", data, "image/jpeg")},
                }
            case File(name=name, type=type):
                return {"msgtype": "file", "file": {"media_id": await self.api.upload("file", name, data, type)}}
            case _:
                return None

    def _refused(self, kf: str, user: str, delivery: Delivery, error: Refused) -> Receipt:
        """What a refusal means; a message id that was used before says that the message is there."""
        if error.code in SPENT:
            self.quotas.used_up(user)
        if error.code in WRONG_STATE:
            self.states.pop((kf, user), None)
        waits = error.code in SPENT | WRONG_STATE
        return Receipt(delivery.key, delivered=False, detail=str(error), waits=waits, hopeless=error.code in NEVER)

    async def fetch(self, ref: str) -> bytes:
        """An attachment's bytes. Raises ChannelError."""
        try:
            return await self.api.download(media_id(ref))
        except Refused as error:
            raise ChannelError(str(error), again=False) from error

    # The rest

    async def _grant(self, session: aiohttp.ClientSession, base_url: str) -> Json:
        query = {"corpid": self.keys.corp_id, "corpsecret": self.keys.secret.get_secret_value()}
        async with session.get(f"{base_url}/cgi-bin/gettoken", params=query) as response:
            return await response.json(content_type=None)

    async def probe(self) -> str:
        """Whether the company's credentials are good. Raises ChannelError."""
        try:
            answer = await self.api.post("/cgi-bin/kf/account/list", {"offset": 0, "limit": 100})
        except Refused as error:
            raise ChannelError(
                f"corp_id 或 secret 不对，或没有微信客服权限：{error}。 Wrong credentials or no right.", again=False
            ) from error
        names = [str(each.get("name")) for each in answer.get("account_list") or []]
        return f"凭证有效，客服账号 accounts: {', '.join(names) or '没有 none'}"

    async def close(self) -> None:
        """Let go of connections."""
        await self.api.close()


def _number(key: str) -> str:
    """A message id: the same for the same delivery."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
