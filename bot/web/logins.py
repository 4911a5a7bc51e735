"""The operator's page of channels: who is logged in where, and logging in by a QR code."""

import asyncio
import base64
import html
import io
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.channel import ChannelError, Step

Login = Callable[[Callable[[], Awaitable[str]]], AsyncGenerator[Step]]
"""Logs a channel in; it is given what brings the number on the phone."""
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
{refresh}<link rel="stylesheet" href="/operator.css"><title>知音 · 通道 / Channels</title><main><h1>{title}</h1>{body}
<footer><a href="/channels">全部通道 / All channels</a> · <a href="/">回到她那里 / Back to her</a></footer></main></html>"""
START = '<form method="post"><button name="start" value="1">登录 / Log in</button></form>'
CODE = """<form method="post"><label>手机上显示的数字 / The number on the phone
<input name="code" inputmode="numeric" autocomplete="off" autofocus required></label><button>确定 / OK</button></form>"""
WORDS = {
    "qr": "请用微信扫码 / Scan it with WeChat",
    "wait": "等待扫码 / Waiting for the scan",
    "scanned": "已扫码，请在手机上确认 / Scanned: confirm on the phone",
    "code": "请输入手机上显示的数字 / Enter the number shown on the phone",
    "done": "登录成功 / Logged in",
    "failed": "没有成功 / It failed",
}


@dataclass(slots=True)
class Attempt:
    """One login under way, or its end."""

    qr: str = ""
    step: Step = field(default_factory=lambda: Step("wait"))
    codes: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(1))

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.step.kind in ("done", "failed")


@dataclass(slots=True)
class Logins:
    """Logins that the operator began on the page."""

    offered: Mapping[str, Login]
    """Channels that can be logged in, by name."""
    attempts: dict[str, Attempt] = field(default_factory=dict[str, Attempt])
    begun: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])

    async def run(self) -> None:
        """See the logins through, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                name = await self.begun.get()
                group.create_task(self._see_through(name, self.attempts[name]))

    def begin(self, name: str) -> None:
        """Begin a login, unless one is under way."""
        if name not in self.attempts or self.attempts[name].over:
            self.attempts[name] = Attempt()
            self.begun.put_nowait(name)

    def tell(self, name: str, code: str) -> None:
        """The number on the phone, as the operator typed it."""
        attempt = self.attempts.get(name)
        if attempt and not attempt.codes.full():
            attempt.codes.put_nowait(code)

    async def _see_through(self, name: str, attempt: Attempt) -> None:
        try:
            async for step in self.offered[name](attempt.codes.get):
                attempt.step = step
                attempt.qr = step.text if step.kind == "qr" else attempt.qr
        except ChannelError as error:
            attempt.step = Step("failed", str(error))
        if not attempt.over:
            attempt.step = Step("failed")

    # As HTML

    def all(self, channels: Mapping[str, str]) -> str:
        """The page of all channels; their kinds by name."""
        rows = "".join(
            f"<li><span>{html.escape(name)} <small>{html.escape(kind)}</small></span>{_link(name) if name in self.offered else ''}</li>"
            for name, kind in channels.items()
        )
        return PAGE.format(refresh="", title="通道 / Channels", body=f"<ul>{rows}</ul>")

    def one(self, name: str) -> str:
        """The page of one channel's login."""
        attempt = self.attempts.get(name)
        if attempt is None:
            return PAGE.format(refresh="", title=html.escape(name), body=START)
        step = attempt.step
        told = step.text if step.kind != "qr" and step.text else ""
        body = f'<p role="status">{WORDS[step.kind]} {html.escape(told)}</p>'
        if step.kind in ("qr", "wait") and attempt.qr:
            body += f'<img alt="QR" src="{picture(attempt.qr)}">'
        body += CODE if step.kind == "code" else START if attempt.over else ""
        refresh = "" if attempt.over or step.kind == "code" else '<meta http-equiv="refresh" content="2">'
        return PAGE.format(refresh=refresh, title=html.escape(name), body=body)


def _link(name: str) -> str:
    return f'<a href="/channels/{html.escape(name)}">登录 / Log in</a>'


def picture(text: str) -> str:
    """A QR code as the address of an SVG picture."""
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    out = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathFillImage, border=2).save(out)
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"


def drawn(text: str) -> str:
    """A QR code as text for a terminal, dark on light whatever the terminal's colours."""
    import qrcode

    code = qrcode.QRCode(border=2)
    code.add_data(text)
    out = io.StringIO()
    code.print_ascii(out, invert=True)
    return out.getvalue()
