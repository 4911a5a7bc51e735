"""The web server over a real socket: who may come in, what they are told, and that nothing leaks or is lost."""

import asyncio
import io
import json
import re
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image
from pydantic import SecretStr

from bot.brain import Brain
from bot.settings import Settings, Web
from bot.voice import Voice
from bot.web import wire
from bot.web.access import Access
from bot.web.door import Foyer
from bot.web.server import Server
from tests.fakes import PERSONA, EchoBrain, HumVoice, ScriptBrain, soon
from tests.stage import Stage, stage
from tests.visitor import Visitor, visit


@dataclass
class Site:
    """A running server."""

    url: str
    stage: Stage
    server: Server


@asynccontextmanager
async def site(
    brain: Brain | None = None,
    voice: Voice | None = None,
    *,
    web: Web | None = None,
    page: Path = Path("nowhere"),
    fault: str = "",
) -> AsyncGenerator[Site]:
    """The whole service behind a real socket."""
    async with stage(brain or EchoBrain(), voice=voice, listen=False) as running:
        settings = Settings(web=web or Web(port=0))
        foyer = Foyer(
            "page", running.store, running.bus, settings, running.page.take, lambda: PERSONA, lambda: "/avatar/x/m.json",
            fault=lambda: fault,
        )  # fmt: skip
        server = Server(foyer, Access(settings.web), page, page)
        async with server.serve("127.0.0.1", 0) as port:
            server.ready = True
            yield Site(f"http://127.0.0.1:{port}", running, server)


async def answered(page: Visitor, text: str) -> dict[str, Any]:
    """The end of the turn that answers the text."""
    await page.say(text)
    await soon(page.until("accepted"))
    return await soon(page.until("end"))


async def test_a_visitor_is_greeted_answered_and_remembered() -> None:
    async with site() as here:
        async with visit(here.url) as page:
            welcome = await soon(page.hello())
            assert welcome["protocol"] == "zhiyin.1"
            assert len(welcome["visitor"]) == 32
            end = await answered(page, "在吗")
            assert end["entry"]["parts"] == [{"type": "text", "text": "你说：在吗。"}]
            assert end["entry"]["label"] == "内容由AI生成"
        async with visit(here.url) as page:
            again = await soon(page.hello(visitor=welcome["visitor"], conversation=welcome["conversation"]))
            assert again["conversation"] == welcome["conversation"]
            entries = [await soon(page.until("entry")) for _ in range(2)]
            assert [e["author"] for e in entries] == ["user", "persona"]


async def test_frames_of_a_turn_are_numbered_and_sound_comes_before_its_end() -> None:
    async with site(voice=HumVoice()) as here, visit(here.url) as page:
        await soon(page.hello())
        await answered(page, "在吗")
        turn = [frame for frame in page.frames if "piece" in frame]
        assert [frame["piece"] for frame in turn] == list(range(len(turn)))
        order = [frame["type"] for frame in turn]
        assert order[0] == "begin"
        assert order.index("sound") < order.index("spoken") < order.index("end")
        assert sum(len(chunk.samples) for chunk in page.sounds) > 0


async def test_later_lines_come_as_mp3_where_the_page_asked_for_it() -> None:
    brain = ScriptBrain([["你好呀，", "很高兴今天能在这里见到你，我们聊点什么好呢？"]])
    async with site(brain, HumVoice()) as here, visit(here.url) as page:
        await soon(page.hello(audio="mp3"))
        await answered(page, "在吗")
        codecs = {frame["line"]: frame["codec"] for frame in page.frames if frame["type"] == "sound"}
        assert codecs[0] == "pcm"
        assert set(list(codecs.values())[1:]) == {"mp3"}
        for frame in page.frames:
            if frame["type"] == "spoken" and not frame["failed"]:
                samples = sum(len(chunk.samples) for chunk in page.sounds if chunk.line == frame["line"])
                assert samples == pytest.approx(frame["seconds"] * 24000, abs=24000 * 0.03)


async def test_a_page_that_wants_no_sound_gets_none() -> None:
    async with site(voice=HumVoice()) as here, visit(here.url) as page:
        await soon(page.hello(voiced=False))
        end = await answered(page, "在吗")
        assert end["state"] == "answered"
        assert page.sounds == []


async def test_a_reconnect_resumes_the_running_turn_where_it_was() -> None:
    gate = asyncio.Event()
    async with site(ScriptBrain([["你好", gate, "，我在。"]])) as here:
        async with visit(here.url) as page:
            welcome = await soon(page.hello())
            await page.say("在吗")
            words = await soon(page.until("words"))
        cursor = {"entry": 1, "turn": words["turn"], "attempt": words["attempt"], "piece": words["piece"]}
        async with visit(here.url) as page:
            known = {"visitor": welcome["visitor"], "conversation": welcome["conversation"]}
            await soon(page.hello(**known, cursor=cursor))
            gate.set()
            end = await soon(page.until("end"))
            texts = [frame["text"] for frame in page.frames if frame["type"] == "words"]
            assert words["text"] + "".join(texts) == "你好，我在。"
            assert end["entry"]["parts"][0]["text"] == "你好，我在。"


async def test_the_same_message_again_is_accepted_once() -> None:
    async with site() as here, visit(here.url) as page:
        await soon(page.hello())
        await page.say("在吗", "same")
        first = await soon(page.until("accepted"))
        await soon(page.until("end"))
        await page.say("在吗", "same")
        assert (await soon(page.until("accepted")))["entry"] == first["entry"]
        assert len(await here.stage.store.history(page.welcome["conversation"])) == 2


async def test_what_is_refused_says_why() -> None:
    async with site() as here, visit(here.url) as page:
        await soon(page.hello())
        await page.say("长" * 8001)
        refused = await soon(page.until("refused"))
        assert (refused["reason"], "8000" in refused["notice"]) == ("long", True)
        await page.say(" \n ")
        assert (await soon(page.until("refused")))["reason"] == "blank"
        assert (await answered(page, "👍😀"))["state"] == "answered"
        assert (await answered(page, "<script>alert(1)</script>\u202e"))["state"] == "answered"


async def test_stop_ends_the_turn() -> None:
    async with site(ScriptBrain([["从前，", asyncio.Event()]])) as here, visit(here.url) as page:
        await soon(page.hello())
        await page.say("讲故事")
        words = await soon(page.until("words"))
        await page.send({"type": "stop", "turn": words["turn"], "heard": 2})
        end = await soon(page.until("end"))
        assert (end["state"], end["entry"]["heard"]) == ("stopped", 2)


async def test_rating_older_new_and_forget() -> None:
    async with site() as here, visit(here.url) as page:
        welcome = await soon(page.hello())
        await answered(page, "第一句")
        await answered(page, "第二句")
        number = (await answered(page, "第三句"))["entry"]["entry"]
        await page.send({"type": "rate", "entry": number, "rating": 1})
        assert await soon(page.until("rated")) | {"_at": 0} == {"type": "rated", "entry": number, "rating": 1, "_at": 0}
        await page.send({"type": "older", "before": number, "limit": 2})
        older = await soon(page.until("older"))
        assert [e["entry"] for e in older["entries"]] == [number - 2, number - 1]
        assert older["more"] is True
        await page.send({"type": "new"})
        fresh = await soon(page.until("welcome"))
        assert fresh["conversation"] != welcome["conversation"]
        assert (await answered(page, "新的"))["state"] == "answered"
        await page.send({"type": "forget"})
        await soon(page.until("forgotten"))
        assert await here.stage.store.history(welcome["conversation"]) == []


def jpeg() -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (2000, 1000), "teal")
    exif = picture.getexif()
    exif[0x010E] = "secret place"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_picture_is_cleaned_kept_and_shown_to_its_sender_only() -> None:
    async with site() as here, visit(here.url) as page, visit(here.url) as stranger:
        await soon(page.hello())
        await soon(stranger.hello())
        await page.ws.send_bytes(wire.binary({"type": "picture", "id": "p1", "mime": "image/jpeg"}, jpeg()))
        assert (await soon(page.until("uploaded")))["ok"] is True
        await page.send({"type": "say", "id": "m1", "text": "看", "pictures": ["p1"]})
        entry = await soon(page.until("entry"))
        picture = entry["parts"][1]
        assert (picture["width"], picture["height"]) == (1536, 768)
        url = f"{here.url}/media/{page.welcome['conversation']}/{picture['media']}"
        async with aiohttp.ClientSession() as session:
            mine = {"Authorization": f"Bearer {page.welcome['visitor']}"}
            async with session.get(url, headers=mine) as response:
                assert response.status == 200
                body = await response.read()
                assert b"secret place" not in body
                assert response.headers["X-Content-Type-Options"] == "nosniff"
            theirs = {"Authorization": f"Bearer {stranger.welcome['visitor']}"}
            async with session.get(url, headers=theirs) as response:
                assert response.status == 404
            async with session.get(url) as response:
                assert response.status == 401


async def test_a_message_carries_no_more_pictures_than_anybody_looks_at() -> None:
    async with site() as here, visit(here.url) as page:
        await soon(page.hello())
        names = [f"p{number}" for number in range(12)]
        for name in names:
            await page.ws.send_bytes(wire.binary({"type": "picture", "id": name, "mime": "image/jpeg"}, jpeg()))
            assert (await soon(page.until("uploaded")))["ok"] is True
        await page.send({"type": "say", "id": "m1", "text": "看", "pictures": names * 2})
        entry = await soon(page.until("entry"))
        assert len(entry["parts"]) == 1 + 9


async def test_what_is_no_picture_is_told_so() -> None:
    async with site() as here, visit(here.url) as page:
        await soon(page.hello())
        await page.ws.send_bytes(wire.binary({"type": "picture", "id": "p", "mime": "image/jpeg"}, b"GIF89a<script>"))
        uploaded = await soon(page.until("uploaded"))
        assert uploaded["ok"] is False
        assert "JPEG" in uploaded["notice"]


async def test_another_visitors_conversation_stays_shut() -> None:
    async with site() as here, visit(here.url) as page, visit(here.url) as stranger:
        await soon(page.hello())
        await soon(stranger.hello())
        async with visit(here.url) as thief:
            token = stranger.welcome["visitor"]
            with pytest.raises(ConnectionError, match="4404"):
                await soon(thief.hello(visitor=token, conversation=page.welcome["conversation"]))


async def test_a_made_up_token_is_replaced() -> None:
    async with site() as here, visit(here.url) as page:
        welcome = await soon(page.hello(visitor="a" * 32, conversation="page:x"))
        assert welcome["visitor"] != "a" * 32
        assert welcome["conversation"] != "page:x"


async def test_without_hello_or_with_broken_frames_the_door_shuts() -> None:
    async with site() as here:
        for frame, code in (('{"type": "say"}', "4408"), ("{broken", "4400"), ("[1]", "4400"), ("[" * 5000, "4400")):
            async with visit(here.url) as page:
                await page.ws.send_str(frame)
                with pytest.raises(ConnectionError, match=code):
                    await soon(page.next())
        for data in (b"", b"\0\0", struct.pack(">I", 999) + b"{}", struct.pack(">I", 2) + b"[]"):
            async with visit(here.url) as page:
                await soon(page.hello())
                await page.ws.send_bytes(data)
                with pytest.raises(ConnectionError, match="4400"):
                    await soon(page.next())


async def test_a_huge_frame_is_refused() -> None:
    async def shout(page: Visitor) -> None:
        await page.ws.send_bytes(b"\0" * (10 * 2**20))
        await soon(page.next())

    async with site() as here, visit(here.url) as page:
        await soon(page.hello())
        with pytest.raises(ConnectionError):  # the server hangs up while the frame is still on its way
            await shout(page)
        assert here.stage.service.gate.waiting == {}


async def test_odd_fields_do_no_harm() -> None:
    async with site() as here, visit(here.url) as page:
        await soon(page.hello(cursor="x", conversation=7, audio=[], language=None))
        odd: list[dict[str, Any]] = [
            {"type": "stop", "turn": {}, "heard": "x"},
            {"type": "rate", "entry": 10**30, "rating": 99},
            {"type": "older", "before": -5, "limit": 10**9},
            {"type": "say", "id": "1", "text": 5},
            {"type": "nonsense"},
            {},
        ]
        for frame in odd:
            await page.send(frame)
        assert (await answered(page, "还好吗"))["state"] == "answered"


async def test_foreign_origins_and_hosts_are_turned_away() -> None:
    async with site() as here, aiohttp.ClientSession() as session:
        for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{here.url}/ws", origin=origin)
            assert refused.value.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{here.url}/ws")
        async with session.get(here.url, headers={"Host": "evil.example"}) as response:
            assert response.status == 421


async def test_by_link_only_strangers_stay_out_and_the_operator_comes_in() -> None:
    web = Web(port=0, visitors="link", password=SecretStr("open sesame"))
    async with site(web=web) as here, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with visit(here.url) as page:
            with pytest.raises(ConnectionError, match="4401"):
                await soon(page.hello())
        origin = {"Origin": here.url}
        async with session.post(f"{here.url}/login", data={"password": "x"}, headers=origin) as response:
            assert response.status == 403
        async with session.post(f"{here.url}/login", data={"password": "open sesame"}) as response:
            assert response.status == 403
        right = {"password": "open sesame"}
        async with session.post(f"{here.url}/login", data=right, headers=origin, allow_redirects=False) as response:
            assert response.status == 303
            cookie = response.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
        async with session.ws_connect(f"{here.url}/ws", origin=here.url) as ws:
            page = Visitor(ws)
            assert (await soon(page.hello()))["visitor"]


async def test_what_is_wrong_with_the_persona_is_told_to_the_operator_alone() -> None:
    for web, told in ((Web(port=0), "第 3 行"), (Web(port=0, visitors="anyone", password=SecretStr("x")), "")):
        async with site(web=web, fault="第 3 行") as here, visit(here.url) as page:
            assert (await soon(page.hello()))["notice"] == told
            await here.server.notice("persona_fault", "第 4 行")
            await page.send({"type": "ping", "t": 1})
            assert (await soon(page.next()))["type"] == ("notice" if told else "pong")


async def test_behind_a_proxy_nobody_is_at_home() -> None:
    web = Web(port=0, public_url="https://her.example", password=SecretStr("open sesame"))
    async with site(web=web) as here, visit(here.url) as page:
        with pytest.raises(ConnectionError, match="4401"):
            await soon(page.hello())


async def test_passwords_cannot_be_tried_for_ever() -> None:
    web = Web(port=0, password=SecretStr("open sesame"))
    async with site(web=web) as here, aiohttp.ClientSession() as session:
        statuses: list[int] = []
        for _ in range(7):
            async with session.post(
                f"{here.url}/login", data={"password": "guess"}, headers={"Origin": here.url}
            ) as response:
                statuses.append(response.status)
        assert statuses == [403] * 5 + [429] * 2


async def test_every_route_is_either_public_or_shut(tmp_path: Path) -> None:
    """The one test that would have caught most of the peers' holes."""
    public = {
        "/",
        "/embed",
        "/embed.js",
        "/healthz",
        "/login",
        "/ws",
        "/avatar/{path}",
        "/assets/{path}",
        "/media/{conversation}/{hash}",
    }
    signed = {"/hook/{channel}", "/meet"}
    public.add("/operator.css")
    shut = {"/channels", "/channels/{channel}"}
    async with site(web=Web(password=SecretStr("open sesame"), public_url="https://her.example")) as here:
        routes = {resource.canonical for resource in here.server.app().router.resources()}
        assert routes == public | signed | shut
        async with aiohttp.ClientSession() as session:
            for path in ("/channels", "/channels/shop"):
                async with session.get(here.url + path, allow_redirects=False) as response:
                    assert (response.status, response.headers["Location"]) == (303, "/login")
                async with session.post(here.url + path) as response:
                    assert response.status in (403, 405)
            async with session.post(f"{here.url}/hook/nobody") as response:
                assert response.status == 404
            async with session.post(f"{here.url}/meet", json={"code": "x"}) as response:
                assert response.status == 403  # no page of ours asked
            async with session.post(f"{here.url}/meet", json={"code": "x"}, headers={"Origin": here.url}) as response:
                assert response.status == 410


async def test_files_outside_the_page_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("key")
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<title>知音</title>")
    (page / "assets" / "link").symlink_to(tmp_path / "secret")
    async with site(page=page) as here, aiohttp.ClientSession() as session:
        async with session.get(here.url) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        for path in ("/assets/..%2f..%2fsecret", "/assets/%2e%2e/%2e%2e/secret", "/assets/link", "/avatar/..%2fsecret"):
            async with session.get(here.url + path) as response:
                assert response.status == 404, path


async def test_health_tells_when_she_is_ready() -> None:
    async with site() as here, aiohttp.ClientSession() as session:
        async with session.get(f"{here.url}/healthz") as response:
            assert response.status == 200
        here.server.ready = False
        async with session.get(f"{here.url}/healthz") as response:
            assert response.status == 503


def examples() -> list[str]:
    """Every example of PROTOCOL.md."""
    paper = (Path(wire.__file__).parent / "PROTOCOL.md").read_text()
    return [cell.group(1) for cell in re.finditer(r"^\| \w+(?: \(binary\))? \|.*?`(\{.*\})`", paper, re.MULTILINE)]


async def test_the_protocol_paper_shows_the_frames_the_server_sends() -> None:
    shown = {example["type"]: set(example) for example in map(json.loads, examples())}
    brain = ScriptBrain([["[smile]你好，[k:about]很高兴见到你。"]])
    async with site(brain, HumVoice()) as here, visit(here.url) as page:
        await soon(page.hello())
        await answered(page, "在吗")
        seen = {frame["type"]: set(frame) - {"_at", "data"} for frame in page.frames}
    assert {"welcome", "accepted", "entry", "begin", "words", "line", "cue", "cite", "sound", "spoken", "end"} <= set(
        seen
    )
    for kind, fields in seen.items():
        assert fields == shown[kind], kind


async def test_data_that_is_deleted_in_words_closes_the_page_as_the_button_does() -> None:
    async with site() as here, visit(here.url) as page:
        service = here.stage.service

        async def show_out(conversation: str, forgotten: bool) -> None:
            await here.server.show_out(conversation, forgotten=forgotten)

        service.house = replace(service.house, show_out=show_out)
        await page.hello()
        await answered(page, "删除我的数据")
        await page.say("确认删除")
        assert await soon(page.until("forgotten"))
        assert await here.stage.store.waiting() == []
