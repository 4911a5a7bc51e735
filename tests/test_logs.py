"""Logs: secrets never reach them, not even in a traceback."""

import logging
import sys

from pydantic import SecretStr

from bot import logs
from bot.settings import BrainSettings, Settings, Web


def test_secrets_are_masked_everywhere() -> None:
    settings = Settings(web=Web(password=SecretStr("hunter22")), brain=BrainSettings(api_key=SecretStr("sk-canary-1")))
    hidden = logs.secrets(settings, {"OPENAI_API_KEY": "sk-canary-2", "HOME": "/home/lee"})
    assert hidden == {"hunter22", "sk-canary-1", "sk-canary-2"}
    try:
        raise ValueError("key sk-canary-2 is wrong")
    except ValueError:
        record = logging.LogRecord("x", 40, "f", 1, "pw=%s", ("hunter22",), sys.exc_info())
    line = logs.Redactor(hidden).format(record)
    assert "hunter22" not in line
    assert "canary" not in line
    assert "ValueError" in line
