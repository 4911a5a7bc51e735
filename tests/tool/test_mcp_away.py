"""MCP servers that go, come back, never get ready, are old, or must not be shown a key; and what the operator is told."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from bot import doctor
from bot.settings import McpServer
from bot.tool import ToolError
from bot.tool import mcp as tool
from bot.tool.mcp import McpToolbox, Pace
from tests.fakes import soon
from tests.processes import ROOT, process
from tests.tool.rig import (
    KEY,
    SERVER,
    Told,
    alive,
    call,
    program,
    rig,
    started,
    tended,
    until,
)

# Servers that go and come


async def test_a_program_that_is_killed_is_missed_once_and_comes_back(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with tended(program("--pids", str(pids))) as (box, told):
        await until(lambda: box.tools)
        waiting = asyncio.ensure_future(call(box, "slow", seconds=600))
        assert (await call(box, "weather", city="杭州")).text
        os.kill(started(pids)[0], signal.SIGKILL)
        with pytest.raises(ToolError, match="went away"):
            await waiting
        await until(lambda: len(told.words) == 2)
        assert (await call(box, "weather", city="杭州")).text.startswith("晴")
    assert "工具服务器 shop 用不了" in told.words[0]
    assert "the program ended" in told.words[0]
    assert told.words[1] == "工具服务器 shop 又连上了 / tool server is back"
    assert not any(map(alive, started(pids)))


async def test_an_address_that_goes_is_missed_and_comes_back() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = McpServer(url=f"http://127.0.0.1:{port}/mcp")
    async with tended(server, Pace(rest_s=0.01, longest_rest_s=0.05, breath_s=0.001, fresh_s=600)) as (box, told):
        async with process(SERVER, "--http", "--port", str(port)):
            await until(lambda: box.tools)
        with pytest.raises(ToolError):
            await call(box, "weather", city="杭州")
        await until(lambda: not box.tools)
        with pytest.raises(ToolError, match="is away"):
            await call(box, "weather", city="杭州")
        async with process(SERVER, "--http", "--port", str(port)):
            await until(lambda: box.tools)
            assert (await call(box, "weather", city="杭州")).text.startswith("晴")
    away, back, away_again, back_again = told.words
    assert f"连不上 127.0.0.1:{port}" in away
    assert "用不了" in away_again
    assert back == back_again == "工具服务器 shop 又连上了 / tool server is back"


async def test_an_address_that_goes_is_missed_although_nobody_calls() -> None:
    async with process(SERVER, "--http") as running:
        server = McpServer(url=running.url)
        async with tended(server, Pace(rest_s=0.01, breath_s=0.001, fresh_s=0.01)) as (box, told):
            await until(lambda: box.tools)
            running.child.kill()
            await until(lambda: told.words)
            assert box.tools == ()


async def test_a_server_that_never_gets_ready_is_given_up_and_left_no_process_of(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    server = program("--fault", "hang", "--pids", str(pids), start_s=0.5)
    with pytest.raises(ToolError, match=r"not ready within 0\.5 s"):
        await soon(tool.open("shop", server).look(), 60)
    assert not any(map(alive, started(pids)))


@pytest.mark.parametrize("fault", ["", "hang"])
async def test_cancelling_leaves_no_process_behind(fault: str, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with tended(program("--fault", fault, "--pids", str(pids))) as (box, _):
        await until(lambda: started(pids) and (box.tools or fault))
    assert len(started(pids)) == 1
    assert not alive(started(pids)[0])


async def test_a_program_takes_its_children_along(tmp_path: Path) -> None:
    """As ``npx`` does it, whose shell starts the server."""
    pids = tmp_path / "pids"
    script = f"sleep 600 & echo $! >{pids}; {sys.executable} -m {SERVER} --pids {tmp_path / 'own'}; true"
    async with tended(McpServer(command=("sh", "-c", script), cwd=ROOT)) as (box, _):
        await until(lambda: box.tools)
    children = [*started(pids), *started(tmp_path / "own")]
    assert len(children) == 2
    await until(lambda: not any(map(alive, children)))


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (McpServer(command=("/no/such/program", KEY)), "no such program, or it cannot be run"),
        (McpServer(command=("/etc/hostname",)), "cannot be run"),
        (McpServer(url="http://127.0.0.1:9/mcp?key=" + KEY), "连不上 127.0.0.1:9 cannot be reached (ConnectError)"),
        (program("--fault", "flood"), "a line that never ends"),
        (program("--fault", "die", "--notes", KEY, env={"SHOP_KEY": KEY}), "the program ended：no such option: •••"),
        (McpServer(command=("sh", "-c", "cat >/dev/null")), "not ready within 20 s"),
    ],
)
async def test_why_a_server_is_away(server: McpServer, words: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = server.model_copy(update={"start_s": 0.5}) if "20 s" in words else server
    async with tended(server) as (box, told):
        await until(lambda: told.words)
        assert box.tools == ()
    assert len(told.words) == 1
    assert words.replace("20 s", "0.5 s") in told.words[0]
    assert KEY not in told.words[0]
    assert not [record for record in caplog.records if record.name.startswith("bot") and KEY in record.getMessage()]


async def test_what_a_program_prints_besides_is_not_listened_to() -> None:
    async with rig("stdio", "--fault", "chatter") as box:
        assert (await call(box, "weather", city="杭州")).text.startswith("晴")


# Servers of yesterday


def names(box: McpToolbox) -> list[str]:
    """What is offered."""
    return [each.name for each in box.tools]


async def test_a_server_that_knows_only_the_old_handshake_and_grows() -> None:
    server = McpServer(command=(sys.executable, "-m", "tests.standins.mcp_old"), cwd=ROOT)
    async with tended(server, Pace(rest_s=0.01, breath_s=0.001, fresh_s=600)) as (box, told):
        await until(lambda: names(box) == ["shop__grow", "shop__hello"])
        assert (await call(box, "hello")).text == "hello!"
        assert (await call(box, "grow")).text == "grow!"
        await until(lambda: names(box) == ["shop__grow", "shop__grown", "shop__hello"])
        assert (await call(box, "grown")).text == "grown!"
    assert told.words == []


async def test_a_session_that_was_forgotten_is_begun_again() -> None:
    async with process("tests.standins.mcp_old", "--http") as running, aiohttp.ClientSession() as outside:
        server = McpServer(url=f"{running.url}/mcp")
        async with tended(server, Pace(rest_s=0.01, breath_s=0.001, fresh_s=600)) as (box, told):
            await until(lambda: box.tools)
            assert (await call(box, "hello")).text == "hello!"
            await outside.post(f"{running.url}/forget")
            assert (await call(box, "hello")).failed
            await until(lambda: len(told.words) == 2)
            assert (await call(box, "hello")).text == "hello!"


# Secrets


async def test_a_key_opens_a_door_and_is_not_seen() -> None:
    async with process(SERVER, "--http", "--key", f"Bearer {KEY}") as running:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with tended(McpServer(url=running.url, headers=headers)) as (box, told):  # pyright: ignore[reportArgumentType]
            await until(lambda: box.tools)
            assert (await call(box, "weather", city="杭州")).text
        assert told.words == []
        async with tended(McpServer(url=running.url)) as (_, told):
            await until(lambda: told.words)
        assert "401" in told.words[0]
        assert KEY not in told.words[0]


async def test_a_program_sees_no_key_but_its_own_and_that_one_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ours")
    monkeypatch.setenv("SHOP_OTHER", "ours too")
    async with rig("stdio", env={"SHOP_KEY": KEY, "LEVEL": "3"}) as box:
        result = await call(box, "surroundings")
    seen = json.loads(result.text)
    assert set(seen) - {"LC_CTYPE"} <= {"PATH", "HOME", "LANG", "SHOP_KEY", "LEVEL"}
    assert seen["SHOP_KEY"] == "•••"
    assert seen["LEVEL"] == "3"


# The operator


async def test_without_the_optional_part_the_operator_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    told = Told()
    box = tool.open("shop", program(), told)
    await soon(box.tend())
    assert "config/local-extras.txt" in told.words[0]
    assert box.tools == ()
    with pytest.raises(ToolError, match="local-extras"):
        await box.look()


async def test_doctor_says_what_is_offered_and_what_is_not() -> None:
    server = program(allow=("weather", "note", "deep", "gone"))
    found = [str(each) async for each in doctor.tools("shop", tool.open("shop", server).look())]
    assert found[0].startswith(
        "✓ 工具 tools shop：note（先问用户 asks first）、weather；没有选 not chosen：bomb、broken"
    )
    assert any(line.startswith("! 工具 tools shop：没有放出 left out：gone（") for line in found)
    assert any("deep（参数说明太深" in line for line in found)
    gone = McpServer(command=("/no/such",))
    (line,) = [str(each) async for each in doctor.tools("x", tool.open("x", gone).look())]
    assert line.startswith("! 工具 tools x：没有 /no/such 这个程序")


async def test_the_command_asks_every_server(tmp_path: Path) -> None:
    environ = {
        "ZHIYIN_DATA__DIR": str(tmp_path), "ZHIYIN_WEB__PORT": "0", "ZHIYIN_BRAIN__KIND": "offline",
        "ZHIYIN_VOICE__KIND": "none", "ZHIYIN_TOOLS__MCP__SHOP__COMMAND": f"{sys.executable}, -m, {SERVER}",
        "ZHIYIN_TOOLS__MCP__SHOP__ALLOW": "weather",
    }  # fmt: skip
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", cwd=ROOT, env={**os.environ, **environ}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await soon(child.communicate(), 60)
    assert child.returncode == 0
    assert "✓ 工具 tools shop：weather；没有选" in out.decode()
