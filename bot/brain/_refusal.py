"""What goes wrong at a service, in the port's words; keys and what was sent never come along."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.brain import BrainError

CODE = re.compile(r"[a-z][a-z0-9_.]{2,47}")
"""A service's name for a fault, such as ``model_not_found``; free text may repeat a key."""
HOPELESS = ("insufficient_quota", "billing_hard_limit_reached")
"""Told as "too many requests", but no waiting helps."""
BUSY = (408, 409, 425, 429, 503, 529)


@contextmanager
def translated() -> Generator[None]:
    """Turns the library's errors, and those of the ground it stands on, into BrainError."""
    import httpx2
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        raise of_status(error.status_code, _code(error.body), error.response.headers) from error
    except (openai.OpenAIError, httpx2.HTTPError, aiohttp.ClientError) as error:
        raise of_connection(error) from error


def of_status(status: int, code: str, headers: Mapping[str, str]) -> BrainError:
    """A request that was turned down."""
    if code in HOPELESS:
        kind = "refused"
    elif code in ("content_filter", "content_policy_violation"):
        kind = "filtered"
    elif code == "tool_use_failed":  # the model wrote a call that is none (Groq): another time it may not
        kind = "broken"
    else:
        kind = "busy" if status in BUSY else "broken" if status >= 500 else "refused"
    return BrainError(kind, f"HTTP {status} {code}".strip(), retry_after(headers))


def of_connection(error: BaseException) -> BrainError:
    """A connection that could not be made, or broke."""
    import httpx2

    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__
    name = type(causes[-1]).__name__
    if any(isinstance(each, httpx2.ReadError | httpx2.RemoteProtocolError | aiohttp.ClientPayloadError) for each in causes):  # fmt: skip
        return BrainError("cut", name)
    return BrainError("timeout" if any(isinstance(each, TimeoutError) for each in causes) else "unreachable", name)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a service asks to wait, told as seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    when, now = _date(value), _date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (when - now).total_seconds()) if when else None


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC)


def _code(body: object) -> str:
    """The service's name for its fault."""
    told = body if isinstance(body, dict) else {}
    told = told["error"] if isinstance(told.get("error"), dict) else told
    named = (str(told.get(name) or "") for name in ("code", "type"))
    return next((code for code in named if CODE.fullmatch(code)), "")
