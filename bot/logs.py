"""What the process tells its operator: one line an event, secrets masked."""

import logging
import sys
from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel, SecretStr

MASK = "•••"
SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")


class Redactor(logging.Formatter):
    """Formats a record with every known secret masked, tracebacks included."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.secrets = sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        line = super().format(record)
        for secret in self.secrets:
            line = line.replace(secret, MASK)
        return line


def secrets(settings: BaseModel, environ: Mapping[str, str]) -> set[str]:
    """Everything in settings and environment that must never be printed."""
    named = {value for name, value in environ.items() if any(word in name.upper() for word in SECRET_NAMES)}
    return {secret for secret in (*_of(settings), *named) if secret}


def _of(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for _, each in value:
                yield from _of(each)
        case Mapping():
            for each in value.values():
                yield from _of(each)
        case _:
            pass


def start(hidden: Collection[str], level: int = logging.INFO) -> None:
    """Write to stderr from now on, secrets masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redactor(hidden))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpx2", "openai", "watchfiles", "asyncio", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
