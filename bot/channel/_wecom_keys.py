"""What the operator tells about a WeCom AI bot."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from bot.settings import Channeled
from bot.validation import wrong

URL = "wss://openws.work.weixin.qq.com"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Keys(Channeled):
    """Settings of a WeCom AI bot."""

    bot_id: str = Field(default="", validate_default=True)
    """Of the console: 智能机器人 → API 模式 → 长连接."""
    secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    """The long connection's secret, beside the bot_id."""
    bot_name: str = ""
    """The bot's name in WeCom, only needed where it has spaces: group messages begin with @ and the name."""
    url: str = Field(default=URL, pattern=r"^wss?://[^/\s]+(/\S*)?$")
    ping_s: float = Field(default=30.0, gt=0, le=300)
    """How often the connection is tried; two pings without an answer end it."""
    file_origins: tuple[str, ...] = ()
    """Where attachments may be fetched from besides WeCom's own servers, as https://host."""

    @field_validator("bot_id")
    @classmethod
    def _named(cls, bot_id: str) -> str:
        if not bot_id.strip():
            raise wrong(
                "要写 bot_id：管理后台 智能机器人 → API 模式 → 长连接 里的 BotID。",
                "bot_id is missing: the BotID of the console's 智能机器人 → API 模式 → 长连接.",
            )
        return bot_id.strip()

    @field_validator("secret")
    @classmethod
    def _given(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().strip():
            raise wrong("要写 secret：BotID 旁边的长连接 Secret。", "secret is missing: the one beside the BotID.")
        return SecretStr(secret.get_secret_value().strip())

    @field_validator("url")
    @classmethod
    def _sealed(cls, url: str) -> str:
        if url.startswith("ws:") and urlsplit(url).hostname not in LOOPBACK:
            raise wrong(
                "url 要以 wss:// 开头，否则密钥会明文传输。", "url must begin with wss://: the secret travels on it."
            )
        return url
