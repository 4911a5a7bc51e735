"""What the operator tells about an Official Account."""

from typing import Literal

from pydantic import Field, SecretStr

from bot.settings import Channeled


class Keys(Channeled):
    """Settings of an Official Account."""

    app_id: str = Field(min_length=1)
    secret: SecretStr = SecretStr("")
    """AppSecret; needed with ``active``, and to hear voice notes and see pictures."""
    token: SecretStr
    """The token typed into the console."""
    aes_key: SecretStr = SecretStr("")
    """EncodingAESKey, 43 characters."""
    mode: Literal["", "plain", "compatible", "safe"] = ""
    """As chosen in the console; empty: safe where there is an aes_key, else plain."""
    active: bool = False
    """Whether the account may send customer-service messages (verified accounts, test accounts)."""
    base_url: str = "https://api.weixin.qq.com"
    hold_s: float = Field(default=4.5, gt=0, le=5)
    """How long a call of WeChat is held open; it hangs up after five seconds."""
