"""Logging in to iLink: a QR code that a WeChat user scans (facts/ilink.md, §3)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.channel import ChannelError, Step
from bot.channel._ilink_accounts import Account, read, save
from bot.channel._ilink_wire import Json, Refused, Wire

POLL_S = 35.0
CODES = 3
"""QR codes that are shown before it is given up."""
TOKENS = 10
FRESH_S = 300.0
EXPIRED = "二维码过期了，换一个。 The QR code has expired; here is another."


@dataclass(slots=True)
class Login:
    """One login under way."""

    wire: Wire
    base_url: str
    folder: Path
    code: Callable[[], Awaitable[str]]
    whole_s: float
    pause_s: float

    async def steps(self) -> AsyncGenerator[Step]:
        """The login as the operator sees it. Raises ChannelError."""
        deadline = time.monotonic() + self.whole_s
        for _ in range(CODES):
            qrcode, shown = await self._qrcode()
            yield Step("qr", shown)
            async for step in self._watched(qrcode, min(deadline, time.monotonic() + FRESH_S)):
                yield step
                if step.kind in ("done", "failed"):
                    return
            if time.monotonic() >= deadline:
                break
            yield Step("wait", EXPIRED)
        yield Step("failed", "没有人扫码。 Nobody scanned it.")

    async def _qrcode(self) -> tuple[str, str]:
        tokens = [account.token for account in read(self.folder)][:TOKENS]
        try:
            answer = await self.wire.post(
                self.base_url, "ilink/bot/get_bot_qrcode?bot_type=3", {"local_token_list": tokens}
            )
            return str(answer["qrcode"]), str(answer["qrcode_img_content"])
        except Refused as error:
            raise ChannelError(f"拿不到二维码：{error}。 No QR code to be had.") from error
        except KeyError as error:
            raise ChannelError(f"the answer has no {error}") from error

    async def _watched(self, qrcode: str, until: float) -> AsyncGenerator[Step]:
        """What becomes of a QR code; ends without a last step when another is needed."""
        base, pending, shown = self.base_url, "", ""
        while time.monotonic() < until:
            answer = await self._status(base, qrcode, pending)
            status = str(answer.get("status") or "wait")
            match status:
                case "scaned":
                    pending = ""
                    if shown != status:
                        yield Step("scanned")
                case "need_verifycode":
                    yield Step("code", "数字不对，再输一次。 Wrong number, once more." if pending else "")
                    pending = await self.code()
                    continue
                case "scaned_but_redirect":
                    if host := str(answer.get("redirect_host") or ""):
                        base = host if "://" in host else f"https://{host}"
                case "verify_code_blocked" | "expired":
                    return
                case "binded_redirect":
                    yield Step("done", "这个微信已经绑定过了。 This WeChat is bound already.")
                    return
                case "confirmed":
                    yield await self._confirmed(answer)
                    return
                case _:
                    pass
            shown = status
            await asyncio.sleep(self.pause_s)

    async def _status(self, base: str, qrcode: str, code: str) -> Json:
        """How far it is; trouble on the way counts as waiting."""
        query = {"qrcode": qrcode} | ({"verify_code": code} if code else {})
        with suppress(ChannelError, Refused):
            return await self.wire.get(base, "ilink/bot/get_qrcode_status", query, POLL_S)
        return {}

    async def _confirmed(self, answer: Json) -> Step:
        id, token = str(answer.get("ilink_bot_id") or ""), str(answer.get("bot_token") or "")
        if not id or not token:
            return Step("failed", "服务没有给出机器人账号。 The service gave no account.")
        base = str(answer.get("baseurl") or self.base_url).rstrip("/")
        account = Account(id, token, base, str(answer.get("ilink_user_id") or ""))
        await asyncio.to_thread(save, self.folder, account)
        return Step("done", id)
