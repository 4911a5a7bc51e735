"""WeChat by way of a Wechaty gateway that the operator runs: wechaty's own API, on a line that holds.

What is said while nobody is connected to a gateway is lost: it has no queue. Nothing here is imported before it is used,
wechaty least of all.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, SecretStr, field_validator

from bot.channel import Accept, Capabilities, ChannelError, Premises
from bot.channel._wechaty_refusal import Busy, Refused
from bot.message import Delivery, File, Message, Picture, Receipt, Text, VoiceNote
from bot.settings import Channeled
from bot.validation import wrong

if TYPE_CHECKING:
    from bot.channel._wechaty_bot import Bot
    from bot.channel._wechaty_gateway import Gateway

log = logging.getLogger(__name__)

CODE = "login.png"
TRIES = 5
"""How often a message is asked for while that ends in the loss of the line."""


class Keys(Channeled):
    """Where the gateway is and how to be let in."""

    endpoint: str = Field(
        default="",
        pattern=r"^((\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5})?$",
        examples=["127.0.0.1:8788"],
        validate_default=True,
    )
    """The gateway's host:port."""
    token: SecretStr = Field(default=SecretStr(""), validate_default=True)
    """The word the gateway was started with (its WECHATY_TOKEN)."""
    tls: Literal["insecure", "on", "off"] = "insecure"
    """on: a certificate that is checked; insecure: any, as the stock one of gateways, whose key is public; off: none."""
    ca: str = ""
    """Of on: a PEM file with the authority to trust; empty: those this machine trusts."""
    server_name: str = ""
    """The name in the certificate, where it is not the host."""
    probe_s: float = Field(default=20.0, gt=0, le=3600)
    """The gateway is asked for a sign of life this often."""
    call_s: float = Field(default=15.0, gt=0, le=3600)
    """Longest wait for an answer of the gateway."""
    file_s: float = Field(default=120.0, gt=0, le=3600)
    """Longest time a file may take."""
    file_origins: tuple[str, ...] = ()
    """Where files may be fetched from besides WeChat's own servers, as https://host."""

    @field_validator("endpoint")
    @classmethod
    def _placed(cls, endpoint: str) -> str:
        if not endpoint:
            raise wrong(
                "要写 endpoint：网关的地址（主机:端口）。只写 token 不行：按 token 找网关的公共服务已经停了，请自己运行网关。",
                "endpoint is missing: the gateway's host:port. A token alone will not do: the service that found gateways by it is dead.",
            )
        return endpoint

    @field_validator("token")
    @classmethod
    def _sayable(cls, token: SecretStr) -> SecretStr:
        if not token.get_secret_value() or not token.get_secret_value().isascii():
            raise wrong(
                "要写 token：启动网关时用的那个词（英文字母、数字和符号）。",
                "token is missing or not ASCII: the word that the gateway was started with.",
            )
        return token


def open(name: str, keys: Keys, premises: Premises) -> "WechatyChannel":
    """A channel on the gateway that the keys name."""
    return WechatyChannel(name, keys, premises)


class WechatyChannel:
    """One WeChat account at one gateway."""

    capabilities = Capabilities(text_limit=2000, voice="silk", pictures=True, files=True, groups=True)

    def __init__(self, name: str, keys: Keys, premises: Premises, *, retry_s: float = 5.0) -> None:
        self.name, self._keys, self._premises, self._retry_s = name, keys, premises, retry_s
        self._making = asyncio.Lock()
        self._bot: Bot | None = None
        self._listening = False
        self._waiting: dict[str, int] = {}
        """Ids of messages that are not written down yet, and how often each was tried."""
        self._put_off = False
        """Whether such ids lie in the memo."""
        self._rooms: set[str] = set()
        self._qrcode = ""

    # In

    async def listen(self, accept: Accept) -> None:
        """Bring messages one after another. Raises ChannelError when the gateway is lost."""
        bot = await self._ready()
        bot.forget()
        put_off = (await self._premises.memo.recall("waiting")).split()
        self._put_off = bool(put_off)
        self._waiting = dict.fromkeys(put_off, 0) | self._waiting

        async def heard(kind: str, payload: Mapping[str, Any]) -> None:
            await self._heard(bot, kind, payload)
            await self._take(bot, accept)

        self._listening = True
        try:
            await bot.gateway.listen(heard)
        finally:
            self._listening = False

    async def _heard(self, bot: "Bot", kind: str, payload: Mapping[str, Any]) -> None:
        match kind:
            case "message" if id := payload.get("messageId"):
                self._waiting.setdefault(str(id), 0)
            case "login" if (account := payload.get("contactId")) and account != bot.account:
                who = await bot.login(str(account))
                self._qrcode = ""
                (self._premises.folder / CODE).unlink(missing_ok=True)
                await self._tell(f"微信「{who}」已登录。 / {who} is logged in to WeChat.")
            case "logout" if bot.account != "":
                bot.account = ""
                await self._tell(
                    "微信已退出登录，收发都停了；请在网关那边重新登录。"
                    " / WeChat is logged out, nothing comes or goes: log in again at the gateway."
                )
            case "scan" if (qrcode := payload.get("qrcode")) and qrcode != self._qrcode:
                await self._scan(str(qrcode))
            case "dirty":
                bot.forget(payload.get("payloadType"), str(payload.get("payloadId")))
            case "error":
                log.warning("%s: the puppet reports an error (%s)", self.name, ", ".join(payload))
            case _:
                pass

    async def _take(self, bot: "Bot", accept: Accept) -> None:
        """Write down what waits, in order. Until somebody is logged in, nobody can tell her own words from others'."""
        while bot.accounts and self._waiting:
            id = next(iter(self._waiting))
            if message := await self._read(bot, id):
                while (refusal := (await accept(message)).refusal) in ("full", "closing"):
                    if refusal == "closing":
                        await self._premises.memo.remember("waiting", " ".join(self._waiting))
                    await asyncio.sleep(self._retry_s)  # here it waits, and those behind it at the gateway
                if message.group:
                    await self._learn(message.conversation)
            del self._waiting[id]
        if self._put_off and not self._waiting:
            await self._premises.memo.remember("waiting", "")
            self._put_off = False

    async def _read(self, bot: "Bot", id: str) -> Message | None:
        """A message; None: it is nobody's to answer, or cannot be had."""
        if self._waiting[id] == TRIES:
            log.error("%s: gave up on message %s", self.name, id)
            return None
        self._waiting[id] += 1
        try:
            return await bot.read(id, self.name, self._keys.groups)
        except Refused as error:
            log.warning("%s: message %s cannot be had: %s", self.name, id, error)
            return None

    async def fetch(self, ref: str) -> bytes:
        """What a message brought, from the gateway. Raises ChannelError."""
        bot = await self._ready()
        try:
            return await bot.file(ref)
        except Refused as error:
            raise ChannelError(f"{self.name}: {error}", again=False) from None

    # Out

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Send the first. Raises ChannelError."""
        delivery, bot = waiting[0], await self._ready()
        if not isinstance(delivery.part, Text | VoiceNote | Picture | File) or delivery.part == Text(""):
            return [Receipt(delivery.key, delivered=False, detail="nothing WeChat can carry", hopeless=True)]
        if bot.account == "":
            raise ChannelError(f"{self.name}：微信没有登录 / nobody is logged in to WeChat")
        chat = delivery.conversation.removeprefix(f"{self.name}:")
        room = chat in self._rooms or bool(await self._premises.memo.recall(f"room:{chat}"))
        try:
            await bot.say(chat, room, delivery.part, delivery.data)
        except Refused as error:
            return [Receipt(delivery.key, delivered=False, detail=str(error))]
        return [Receipt(delivery.key, delivered=True)]

    async def _learn(self, conversation: str) -> None:
        """Remember that a chat is a room: its id does not tell with every puppet."""
        chat = conversation.removeprefix(f"{self.name}:")
        if chat not in self._rooms:
            await self._premises.memo.remember(f"room:{chat}", "1")
            self._rooms.add(chat)

    async def close(self) -> None:
        """Hang up; the account stays logged in at the gateway."""
        if self._bot:
            self._bot.gateway.close()

    # The operator

    async def probe(self) -> str:
        """Which gateway answers and who is logged in there. Raises ChannelError with the mend."""
        bot, place = await self._ready(), self._keys.endpoint
        try:
            version = await bot.gateway.version()
            account = bot.account if self._listening else await bot.gateway.glimpse()
        except Busy:
            return f"{place}：有程序在收消息，多半就是正在运行的她 / somebody listens, most likely she herself"
        if not account:
            raise ChannelError(
                f"网关 {place} 在（puppet {version}），但没有微信登录：先 make run，再扫码登录。"
                " / The gateway is there, but nobody is logged in to WeChat: make run, then scan the code."
            )
        return f"{place}：puppet {version}，已登录 {account} / logged in"

    async def _scan(self, qrcode: str) -> None:
        """Show the operator what to scan."""
        self._qrcode, file = qrcode, self._premises.folder / CODE
        await asyncio.to_thread(_draw, qrcode, file)
        await self._tell(
            f"请用要当她的微信扫码登录：打开图片 {file}，或把这段文字变成二维码：{qrcode}"
            f" / Scan the picture {file} with the WeChat that shall be hers (or make a QR code of: {qrcode})."
        )

    async def _tell(self, text: str) -> None:
        await self._premises.tell(f"{self.name}：{text}")

    async def _ready(self) -> "Bot":
        """The bot, loaded off the loop the first time. Raises ChannelError where a setting is wrong."""
        async with self._making:
            if not self._bot:
                gateway, opened = await asyncio.to_thread(_loaded, self._keys)
                self._bot = await opened(gateway)
            return self._bot


def _loaded(keys: Keys) -> "tuple[Gateway, Callable[[Gateway], Awaitable[Bot]]]":
    """The line, and what makes a bot on it: the package has been imported afterwards."""
    from bot.channel import _wechaty_compat
    from bot.channel._wechaty_gateway import Gateway

    gateway = Gateway(keys)
    _wechaty_compat.wechaty()
    from bot.channel._wechaty_bot import opened

    return gateway, opened


def _draw(qrcode: str, file: Path) -> None:
    """A QR code as a picture that only this user can read."""
    import qrcode as library

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        library.make(qrcode).save(out)
