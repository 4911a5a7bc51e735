"""Why a server is away, in words an operator can use and without a secret."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.faults import KEYLIKE
from bot.settings import McpServer
from bot.tool._plain import line, masked

LONGEST = 200
"""Characters of what a server says itself."""


class Refused(Exception):
    """A server at an address does not let us in."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def secrets(settings: McpServer) -> set[str]:
    """What must not be seen in anything a server says: keys from its environment, headers and command."""
    named = {each.get_secret_value() for each in (*settings.env.values(), *settings.headers.values())}
    words = {word for value in settings.headers.values() for word in value.get_secret_value().split()}
    typed = {word for part in settings.command[1:] for word in part.split("=") if KEYLIKE.fullmatch(word)}
    return {each for each in named | words if len(each) >= 8} | typed


def reason(errors: Sequence[BaseException], settings: McpServer, last_words: str) -> str:
    """Both languages; ``errors`` are what its client raised, ``last_words`` what a program complained with."""
    said = f"：{hidden(last_words, settings)}" if last_words else ""
    for error in errors:
        library = type(error).__module__.partition(".")[0]
        match error:
            case TimeoutError():
                return f"{settings.start_s:g} 秒内没有准备好 not ready within {settings.start_s:g} s{said}"
            case Refused(status=status):
                return f"服务器不让进（{status}）：检查 headers。 It does not let us in: check headers."
            case OSError() if settings.command:
                program, why = line(settings.command[0], 100), error.strerror or type(error).__name__
                return f"没有 {program} 这个程序，或者不能运行 no such program, or it cannot be run ({why})"
            case _ if library in ("httpx2", "httpcore2"):
                return f"连不上 {urlsplit(settings.url).netloc} cannot be reached ({type(error).__name__})"
            case _:
                pass
    if settings.command and (not errors or any(type(error).__name__ == "MCPError" for error in errors)):
        return f"程序结束了 the program ended{said}"
    spoken = getattr(errors[0], "message", "") if errors else ""
    return hidden(spoken if isinstance(spoken, str) and spoken else "断开了 connection lost", settings)


def hidden(text: str, settings: McpServer) -> str:
    """A server's own words with everything it was given hidden, arguments too."""
    given = {each.get_secret_value() for each in (*settings.env.values(), *settings.headers.values())}
    given |= {word for part in settings.command[1:] for word in (part, *part.split("="))}
    return masked(line(text, 4 * LONGEST), {each for each in given | secrets(settings) if len(each) >= 4})[:LONGEST]
