"""Tools of a server that speaks the Model Context Protocol: a program of this machine, or an address.

One task owns the connection, from its entering to its exit, and makes it again when it is lost; calls may come from any
task. Nothing a server says or does is an error of ours: it is away, or a call failed.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.apart import apart, leaves
from bot.arguments import checked
from bot.notice import Tell, nobody
from bot.settings import McpServer
from bot.tool import Occasion, Result, Tool, ToolError
from bot.tool._offer import Offer, offered
from bot.tool._plain import line
from bot.tool._process import Process
from bot.tool._reason import hidden, reason, secrets
from bot.tool._result import told
from bot.voicenote import MISSING

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp.client._transport import Transport
    from mcp_types import Tool as Listed

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Calls a server works on at once; further ones wait."""
PAGES = 16
"""Pages of a server's list that are read."""
AWAY = "工具服务器 {name} 现在没连上。 The tool server {name} is away."
LOST = "工具服务器 {name} 断开了。 The tool server {name} went away."
SLOW = "{name} 用了太久，不等了。 {name} took too long."
UNSURE = " 不知道做没做成。 Whether it was done is unknown."
UNKNOWN = "没有 {name} 这个工具。 There is no tool {name}."
ODD = "{name} 的回答看不懂。 The answer of {name} makes no sense."


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a toolbox is, in seconds."""

    rest_s: float = 1.0
    """Before the first new try; twice as long before each further one."""
    longest_rest_s: float = 60.0
    steady_s: float = 60.0
    """A connection that held so long may be made again soon."""
    fresh_s: float = 60.0
    """After so long the server is asked for its tools again; it may have gone, or changed."""
    breath_s: float = 1.0
    """At least so long passes between two such questions."""


def open(
    name: str,
    settings: McpServer,
    tell: Tell = nobody,
    *,
    call_s: float = 20.0,
    pace: Pace = Pace(),
) -> "McpToolbox":
    """The toolbox of a server; nothing is started before ``tend``. ``tell`` tells the operator, ``call_s`` is tools.call_s."""
    return McpToolbox(name, settings, tell, call_s, pace)


class _Cut(Exception):
    """The connection was lost before an answer came."""


class McpToolbox:
    """What one server can do, as long as it is there."""

    def __init__(self, name: str, settings: McpServer, tell: Tell, call_s: float, pace: Pace) -> None:
        self._name = name
        self._settings = settings
        self._tell = tell
        self._call_s = min(settings.call_s or call_s, call_s)
        self._pace = pace
        self._session: ClientSession | None = None
        self._offer = Offer()
        self._stirred = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._away_told = False
        self._process: Process | None = None
        self._secrets = secrets(settings)

    @property
    def tools(self) -> Sequence[Tool]:
        """What can be done now, by name; nothing while the server is away."""
        return self._offer.tools

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """Let the server do it. Raises ToolError."""
        session, own = self._session, self._offer.names.get(name)
        if session is None:
            raise ToolError(AWAY.format(name=self._name))
        tool = next((each for each in self.tools if each.name == name), None)
        if own is None or tool is None:
            raise ToolError(UNKNOWN.format(name=line(name, 64)))
        arguments = checked(arguments, tool.arguments)
        try:
            async with asyncio.timeout(self._call_s), self._room:
                return await self._asked(session, own, arguments)
        except _Cut as cut:
            raise ToolError(f"{cut}{UNSURE if tool.writes else ''}") from None
        except TimeoutError:
            raise ToolError(SLOW.format(name=name) + (UNSURE if tool.writes else "")) from None

    async def _asked(self, session: "ClientSession", own: str, arguments: Mapping[str, Any]) -> Result:
        """The server's answer; what it says instead of one is a failure, not ours. Raises ToolError and _Cut."""
        import anyio
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED, CallToolRequest, CallToolRequestParams, CallToolResult

        request = CallToolRequest(params=CallToolRequestParams(name=own, arguments=dict(arguments)))
        try:  # not session.call_tool: it holds results against the server's own schema, whose expressions may never end
            return told(await session.send_request(request, CallToolResult), self._secrets)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._stirred.set()
            raise _Cut(LOST.format(name=self._name)) from None
        except MCPError as error:
            self._stirred.set()
            if error.code == CONNECTION_CLOSED:
                raise _Cut(LOST.format(name=self._name)) from None
            return Result(hidden(error.message, self._settings), failed=True)
        except (ValueError, RuntimeError):  # pydantic's errors among them, which repeat what was said
            raise ToolError(ODD.format(name=own)) from None

    async def look(self) -> Offer:
        """Connect, see what is offered, and go. Raises ToolError with the reason."""
        if find_spec("mcp") is None:
            raise ToolError(MISSING.format(extra="mcp"))
        seen: list[Offer] = []

        async def once() -> None:
            async with self._connected() as (_, offer):
                seen.append(offer)

        if why := await self._tried(once):
            raise ToolError(why)
        return seen[0]

    async def tend(self) -> None:
        """Keep the connection until cancelled; returns where the optional part is missing."""
        if find_spec("mcp") is None:
            await self._tell(f"tools.mcp.{self._name}: {MISSING.format(extra='mcp')}")
            return
        loop, rest = asyncio.get_running_loop(), self._pace.rest_s
        while True:
            began = loop.time()
            why = await self._tried(self._live)
            if loop.time() - began > self._pace.steady_s:
                rest = self._pace.rest_s
            if not self._away_told:
                self._away_told = True
                await self._tell(
                    f"工具服务器 {self._name} 用不了，会一直再试 / tool server is away, trying again: {why}"
                )
            await asyncio.sleep(rest * random.uniform(0.5, 1.5))
            rest = min(rest * 2, self._pace.longest_rest_s)

    async def close(self) -> None:
        """Nothing to let go of: what ``tend`` began it ends."""

    async def _live(self) -> None:
        """One connection, from its start until it is lost."""
        async with self._connected() as (session, offer):
            try:
                self._session, self._offer = session, offer
                log.info("tool server %s: %d tools, %d left out", self._name, len(offer.tools), len(offer.left))
                if self._away_told:
                    self._away_told = False
                    await self._tell(f"工具服务器 {self._name} 又连上了 / tool server is back")
                while True:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._pace.fresh_s):
                            await self._stirred.wait()
                    self._stirred.clear()
                    async with asyncio.timeout(max(self._settings.start_s, self._call_s)):
                        self._offer = await self._listed(session)
                    await asyncio.sleep(self._pace.breath_s)
            finally:
                self._gone()

    def _gone(self) -> None:
        """Nothing can be done any more."""
        self._session, self._offer = None, Offer()
        self._stirred.set()

    @asynccontextmanager
    async def _connected(self) -> "AsyncGenerator[tuple[ClientSession, Offer]]":
        """A session that has told its tools."""
        from mcp import Client, Implementation

        async def heard(message: object) -> None:
            """Look again where the server says that its tools have changed."""
            if getattr(message, "method", "") == "notifications/tools/list_changed":
                self._stirred.set()

        # Its own log repeats what servers say, secrets among it; what matters is told by us.
        for noisy in ("mcp", "client"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(self._settings.start_s):
                client = Client(
                    self._transport(),
                    cache=None,
                    client_info=Implementation(name="zhiyin", version="1"),
                    message_handler=heard,
                )
                session = (await stack.enter_async_context(client)).session
                self._stirred.clear()
                offer = await self._listed(session)
            yield session, offer

    def _transport(self) -> "Transport":
        if self._settings.url:
            from bot.tool._address import reached

            self._process = None
            return reached(self._settings)
        self._process = Process(self._settings, self._gone)
        return self._process.running()

    async def _listed(self, session: "ClientSession") -> Offer:
        """What the server offers now."""
        from mcp_types import PaginatedRequestParams

        found: list[Listed] = []
        cursor: str | None = None
        for _ in range(PAGES):
            page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
            found += page.tools
            if not (cursor := page.next_cursor):
                break
        return offered(self._name, found, self._settings)

    async def _tried(self, work: Callable[[], Coroutine[Any, Any, None]]) -> str:
        """Do something with the server; why it failed, empty where it did not."""
        errors: list[BaseException] = []
        try:
            await apart(work())
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # The connection cancelled itself, not somebody us.
        except BaseExceptionGroup as group:
            errors = [each for each in leaves(group) if not isinstance(each, asyncio.CancelledError)]
        except Exception as error:  # noqa: BLE001 — whatever a server makes its client raise, it is away
            errors = [error]
        else:
            return ""
        return reason(errors, self._settings, self._process.last_words if self._process else "")
