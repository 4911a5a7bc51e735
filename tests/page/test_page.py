"""The page in a real browser, on the real service with small stand-ins for brain, voice and lips."""

import asyncio
import io
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect
from pydantic import SecretStr

from bot.admission import Admission
from bot.channel import Accept, Step
from bot.courtesy import hashed
from bot.message import Author, Message, State, Text
from bot.settings import Web
from bot.store import Reply
from tests.fakes import EchoBrain, HumVoice, ScriptBrain, message, soon
from tests.page.browser import OFF, Home, Seen, browser, home, line, visit

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

REPLY = "article.hers:not(.greeting) .text"
SUSPENDED = """
window.AudioContext = class extends AudioContext {
  constructor(...options) { super(...options); this.suspend() }
  get state() { return this.touched ? super.state : 'suspended' }
  resume() {
    if (!navigator.userActivation.isActive) return Promise.reject(new Error('not allowed'))
    this.touched = true
    return super.resume()
  }
}
"""
NO_WEBGL = """
const given = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith('webgl') ? null : given.call(this, kind, ...rest)
}
"""
BLOCKED = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError') } })"
)
CUT = "WebSocket connection", "net::ERR_"
"""What a browser says of a cut cable."""
SIZES = (320, 568), (390, 844), (844, 390), (1280, 800), (2560, 1440)
TOO_WIDE = """
[...document.querySelectorAll('.page *')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible')
  .filter((each) => !each.matches('.unseen, textarea'))
  .map((each) => each.className)
"""
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>[x](javascript:window.hacked=1)'


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each has a context of its own."""
    async with browser() as running:
        yield running


async def conversation(seen: Seen) -> str:
    """Whole id of the visitor's conversation."""
    return await seen.of("zhiyin.link.conversation")


async def test_she_answers_with_words_sound_and_a_mouth_in_time(chromium: Browser) -> None:
    brain = ScriptBrain([["[smile]你好呀，", "很高兴今天见到你。", "我们聊点什么呢？", "天气真好，", "出去走走吧。"]])
    async with home(brain, HumVoice()) as here, visit(chromium, here.port) as seen:
        await seen.say("在吗")
        await seen.until("zhiyin.player.playing")
        await expect(seen.page.locator(".subtitle")).to_be_visible()
        await seen.until("zhiyin.stage.expression === 'smile'")
        await expect(seen.page.locator(REPLY)).to_contain_text("出去走走吧。")
        await seen.until("!zhiyin.player.playing && zhiyin.speech.turn === ''")
        await expect(seen.page.get_by_role("button", name="播放这条语音")).to_be_visible()
        await expect(seen.page.locator(".foot .label")).to_have_text("内容由AI生成")
        log = await seen.of("zhiyin.stage.log")
        bases, end = bases_of(seen)
        spans = [
            (bases[frame["line"]] + start, duration)
            for frame in seen.of_type("visemes")
            for name, start, duration, _ in frame["visemes"]
            if name == "aa"
        ]
        assert len(spans) == len(bases) >= 3
        within = [s["aa"] for s in log for at, duration in spans if at + 30 < s["clock"] < at + duration - 30]
        beside = [s["aa"] for s in log if all(not at - 60 < s["clock"] < at + duration + 60 for at, duration in spans)]
        assert within
        assert min(within) > 0.9
        assert len(beside) > 10
        assert max(beside) < 0.01
        assert log[-1]["clock"] <= end + 1
        heard = [frame for frame in seen.sent if frame["type"] == "heard"]
        assert heard[-1]["done"]


def bases_of(seen: Seen) -> tuple[dict[int, float], float]:
    """Where each line's sound begins on the player's timeline, in milliseconds, and where all of it ends."""
    bases: dict[int, float] = {}
    end = 0.0
    for frame in seen.of_type("sound"):
        bases.setdefault(frame["line"], end)
        end += frame["samples"] / frame["rate"] * 1000
    return bases, end


async def test_a_stored_reply_can_be_heard_again(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port) as seen:
        await seen.say("在吗")
        await seen.until("zhiyin.speech.turn !== ''")
        await seen.until("zhiyin.speech.turn === '' && !zhiyin.chat.growing.value")
        await seen.page.reload()
        await seen.page.get_by_role("button", name="播放这条语音").click()
        await seen.until("zhiyin.speech.turn.startsWith('replay') && zhiyin.stage.weights.aa > 0.3")
        await seen.page.get_by_role("button", name="停止播放").click()
        await seen.until("!zhiyin.player.playing")


async def test_escape_silences_her_and_the_rest_is_not_said(chromium: Browser) -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([["这句话说起来真的很长很长很长很长很长。", "然后呢", gate, "这句不该出现。"], ["我在。"]])
    async with home(brain, HumVoice()) as here, visit(chromium, here.port) as seen:
        await seen.say("讲吧")
        await seen.until("zhiyin.player.playing && zhiyin.player.position > 0.5")
        await expect(seen.page.get_by_role("button", name="停下")).to_be_visible()
        await seen.page.keyboard.press("Escape")
        await seen.until("!zhiyin.player.playing")
        await expect(seen.page.locator(".cut")).to_have_text("（被打断）")
        await expect(seen.page.get_by_role("button", name="停下")).to_have_count(0)
        await soon(brain.closed.wait())
        gate.set()
        stop = next(frame for frame in seen.sent if frame["type"] == "stop")
        assert 2 < stop["heard"] < 15
        await seen.say("还在吗")
        await expect(seen.page.locator(REPLY).last).to_have_text("我在。")
        await expect(seen.page.get_by_text("这句不该出现")).to_have_count(0)


async def test_what_was_refused_says_why_and_goes_out_again(chromium: Browser) -> None:
    refusals = [Admission(None, refusal="busy", notice="现在有点忙，请稍后再试。")]

    def busy(accept: Accept) -> Accept:
        async def take(message: Message) -> Admission:
            return refusals.pop() if refusals else await accept(message)

        return take

    async with home(take=busy) as here, visit(chromium, here.port) as seen:
        await seen.say("在吗")
        await expect(seen.page.locator(".why")).to_have_text("现在有点忙，请稍后再试。")
        await seen.page.get_by_role("button", name="重新发送").click()
        await expect(seen.page.locator(REPLY)).to_have_text("你说：在吗。")
        await expect(seen.page.locator(".mine .text")).to_have_text("在吗")
        await expect(seen.page.locator(".why")).to_have_count(0)


async def test_what_is_said_offline_waits_and_what_waited_too_long_comes_back(chromium: Browser) -> None:
    async with (
        home() as here,
        line(here.port) as cable,
        visit(chromium, cable.port, expected=CUT) as seen,
    ):
        await cable.cut()
        await seen.until("zhiyin.chat.link.value !== 'open'")
        await seen.say("在吗")
        await expect(seen.page.locator(".sending")).to_have_count(1)
        await expect(seen.page.locator(".again")).to_be_visible(timeout=15_000)
        cable.mend()
        await seen.page.locator(".again").click()
        await expect(seen.page.locator(REPLY)).to_have_text("你说：在吗。")
        room = await conversation(seen)
        said = [e for e in await here.stage.store.history(room) if e.author is Author.USER]
        assert len(said) == 1


async def test_a_reply_goes_on_after_a_break_where_it_was(chromium: Browser) -> None:
    first, last = asyncio.Event(), asyncio.Event()
    brain = ScriptBrain([["你好呀，", first, "我在", last, "，一直都在。"]])
    async with (
        home(brain) as here,
        line(here.port) as cable,
        visit(chromium, cable.port, expected=CUT) as seen,
    ):
        await seen.say("在吗")
        await expect(seen.page.locator(REPLY)).to_have_text("你好呀，")
        await cable.cut()
        first.set()
        await seen.until("zhiyin.chat.link.value !== 'open'")
        await expect(seen.page.locator(REPLY)).to_have_text("你好呀，")
        cable.mend()
        await expect(seen.page.locator(REPLY)).to_have_text("你好呀，我在")
        last.set()
        await expect(seen.page.locator(REPLY)).to_have_text("你好呀，我在，一直都在。")
        await expect(seen.page.locator(".rating")).to_be_visible()
        await expect(seen.page.locator("article.hers:not(.greeting)")).to_have_count(1)


async def test_scrolling_back_brings_earlier_messages_and_keeps_the_place(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        room = await conversation(seen)
        await fill(here, room, 40)
        await seen.page.reload()
        log = seen.page.locator(".log")
        newest = seen.page.get_by_text("你说：第 39 句。", exact=True)
        await expect(newest).to_be_in_viewport()
        oldest = seen.page.get_by_text("第 15 句", exact=True)
        await expect(oldest).to_have_count(1)
        await expect(seen.page.get_by_text("第 14 句", exact=True)).to_have_count(0)
        before = await log.evaluate(
            "log => (log.scrollTop = 60, document.querySelector('.mine').getBoundingClientRect().top)"
        )
        await expect(seen.page.get_by_text("第 0 句", exact=True)).to_have_count(1)
        after = await oldest.evaluate("text => text.closest('.mine').getBoundingClientRect().top")
        assert abs(after - before) < 30
        await expect(newest).not_to_be_in_viewport()
        await seen.page.get_by_role("button", name="回到最新").click()
        await expect(newest).to_be_in_viewport()
        await seen.until(
            "(log => log.scrollTop + log.clientHeight > log.scrollHeight - 2)(document.querySelector('.log'))"
        )
        await log.evaluate("log => log.scrollTop = 300")
        await expect(seen.page.get_by_role("button", name="回到最新")).to_be_visible()
        await fill(here, room, 1, first=77)
        await seen.page.get_by_role("button", name="新消息").click()
        await expect(seen.page.get_by_text("你说：第 77 句。", exact=True)).to_be_in_viewport()


async def fill(here: Home, room: str, count: int, first: int = 0) -> None:
    """Let the visitor have said some sentences, all answered."""
    for number in range(first, first + count):
        said = message(f"第 {number} 句", f"fill/{number}", chat=room.removeprefix("page:"))
        assert (await here.stage.page.take(said)).entry
        async with asyncio.timeout(10):
            while (await here.stage.store.history(room))[-1].author is not Author.PERSONA:
                await asyncio.sleep(0.002)


async def test_a_picture_is_shown_sent_and_enlarged(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        png = io.BytesIO()
        Image.new("RGB", (2400, 1200), "#4fbfae").save(png, "PNG")
        picture: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": png.getvalue()}
        await seen.page.locator("input[type=file]").set_input_files([picture])
        await expect(seen.page.locator(".tray img")).to_have_count(1)
        await seen.say("看")
        await expect(seen.page.locator(REPLY)).to_have_text("你说：看。")
        await expect(seen.page.locator(".tray")).to_have_count(0)
        await seen.page.reload()
        photo = seen.page.locator(".mine .photo img")
        await expect(photo).to_be_visible()
        width, height = await photo.evaluate("img => img.decode().then(() => [img.naturalWidth, img.naturalHeight])")
        assert width == 2 * height > 1000
        await photo.click()
        await expect(seen.page.locator("dialog.viewer img")).to_be_visible()
        await seen.page.keyboard.press("Escape")
        await expect(seen.page.locator("dialog")).to_have_count(0)
        broken: FilePayload = {"name": "b.png", "mimeType": "image/png", "buffer": b"nonsense"}
        await seen.page.locator("input[type=file]").set_input_files([broken])
        await expect(seen.page.locator(".toast")).to_have_text("这不是能看的图片")


async def test_language_is_switched_and_remembered(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        await expect(seen.page.locator(".strip")).to_have_text("数字人 · 内容由 AI 生成")
        await seen.page.get_by_role("button", name="English").click()
        await expect(seen.page.locator(".strip")).to_have_text("Digital human · AI-generated content")
        await expect(seen.page.get_by_role("heading")).to_have_text("Tess")
        await seen.page.reload()
        await expect(seen.page.get_by_placeholder("Say something…")).to_be_visible()
        assert await seen.of("document.documentElement.lang") == "en"


async def test_sound_the_browser_keeps_off_waits_for_a_touch(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port, script=SUSPENDED) as seen:
        unlock = seen.page.get_by_role("button", name="点一下，打开声音")
        await expect(unlock).to_be_visible()
        await seen.of("zhiyin.visit.draft.value = '在吗', zhiyin.visit.say()")
        await expect(seen.page.locator(REPLY)).to_have_text("你说：在吗。")
        assert await seen.of("zhiyin.player.position") == 0
        await unlock.click()
        await expect(unlock).to_have_count(0)
        await seen.until("zhiyin.player.position > 0.2")


async def test_muted_she_sends_no_sound_and_still_answers(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port) as seen:
        await seen.page.get_by_role("button", name="静音").click()
        await seen.say("在吗")
        await expect(seen.page.locator(REPLY)).to_have_text("你说：在吗。")
        await expect(seen.page.locator(".rating")).to_be_visible()
        assert seen.of_type("sound") == []
        await seen.page.reload()
        await seen.until("window.zhiyin?.chat.link.value === 'open'")
        assert [frame["voiced"] for frame in seen.sent if frame["type"] == "hello"] == [True, False]


async def test_a_new_conversation_begins_empty_with_ways_to_start(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        await seen.say("在吗")
        await expect(seen.page.locator(REPLY)).to_have_text("你说：在吗。")
        await seen.page.get_by_role("button", name="更多").click()
        await seen.page.get_by_role("button", name="新的对话").click()
        await expect(seen.page.locator(".mine")).to_have_count(0)
        await seen.page.get_by_role("button", name="给我讲个小笑话").click()
        await expect(seen.page.locator(REPLY).last).to_have_text("你说：给我讲个小笑话。")


async def test_a_reply_is_rated(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        await seen.say("在吗")
        good = seen.page.get_by_role("button", name="答得好")
        await good.click()
        await expect(good).to_have_attribute("aria-pressed", "true")
        await seen.page.reload()
        await expect(good).to_have_attribute("aria-pressed", "true")
        ratings = [entry.rating for entry in await here.stage.store.history(await conversation(seen))]
        assert ratings == [0, 1]


async def test_everything_is_forgotten_after_a_question(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        await seen.say("我的秘密")
        await expect(seen.page.locator(REPLY)).to_have_text("你说：我的秘密。")
        room, visitor = await conversation(seen), await seen.of("zhiyin.link.visitor")
        await seen.page.get_by_role("button", name="更多").click()
        await seen.page.get_by_role("button", name="删除我的数据").click()
        await seen.page.get_by_role("button", name="取消").click()
        await seen.page.get_by_role("button", name="删除我的数据").click()
        await seen.page.get_by_role("button", name="删除", exact=True).click()
        await expect(seen.page.locator(".mine")).to_have_count(0)
        await seen.until(f"zhiyin.link.visitor && zhiyin.link.visitor !== '{visitor}'")
        assert list(await here.stage.store.history(room)) == []


async def test_without_webgl_she_is_drawn_flat(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port, "", script=NO_WEBGL) as seen:
        assert await seen.of("zhiyin.stage.drawn") == "canvas"
        await seen.say("在吗")
        await seen.until("zhiyin.stage.weights.aa > 0.3")
        assert not [each for each in seen.addresses if each.endswith(".vrm") or "/vrm-" in each]


async def test_her_3d_body_loads_under_the_policy_and_speaks(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port, "?quality=low") as seen:
        await seen.until("zhiyin.stage.drawn === 'vrm'")
        await seen.say("在吗，在吗，在吗")
        await seen.until("zhiyin.stage.weights.aa > 0.3")
        assert await seen.of("zhiyin.stage.errors") == []


async def test_markup_stays_text(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        await seen.say(HOSTILE)
        await expect(seen.page.locator(".mine .text")).to_have_text(HOSTILE)
        await expect(seen.page.locator(REPLY)).to_contain_text('<img src=x onerror="window.hacked=1">')
        assert await seen.of("document.querySelectorAll('.said script, .said .text img, .said a').length") == 0
        assert await seen.of("window.hacked") is None


async def test_a_text_too_long_is_told_while_typing_and_stays(chromium: Browser) -> None:
    async with home(ScriptBrain([["真长。"]])) as here, visit(chromium, here.port) as seen:
        box = seen.page.get_by_role("textbox")
        await box.fill("长" * 8001)
        await expect(seen.page.get_by_role("alert")).to_contain_text("最多 8000 个字，现在有 8001 个")
        await seen.page.keyboard.press("Enter")
        await expect(box).to_have_value("长" * 8001)
        await box.fill("长" * 8000)
        await expect(seen.page.get_by_role("alert")).to_have_count(0)
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator(".mine .text")).to_have_count(1)


async def test_enter_sends_shift_enter_breaks_the_line_and_composing_sends_nothing(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port) as seen:
        box = seen.page.get_by_role("textbox")
        await box.fill("一")
        await box.press("Shift+Enter")
        await seen.page.keyboard.type("二")
        await expect(box).to_have_value("一\n二")
        await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
        await expect(box).to_have_value("一\n二")
        await box.press("Enter")
        await expect(seen.page.locator(".mine .text")).to_have_text("一\n二")
        assert len([frame for frame in seen.sent if frame["type"] == "say"]) == 1


async def test_a_personal_link_leads_into_the_chat_by_a_tap(chromium: Browser) -> None:
    room, closed = "wechat:lee", "window.zhiyin?.visit.invitation.value"
    async with home(EchoBrain()) as here:
        store = here.stage.store
        await store.accept(message("微信里说的", "w1", chat="lee", channel="wechat"))
        claim = await store.claim(room)
        assert claim
        await store.finish(claim, Reply(State.ANSWERED, (Text("微信里答的"),), 1.0))
        await store.invite(hashed("code-for-lee"), room, time.time() + 60)
        async with visit(chromium, here.port, "?body=canvas#meet=code-for-lee", ready=closed) as seen:
            assert not await seen.of("location.hash")  # it is in no history and no screenshot
            async with visit(chromium, here.port, "?body=canvas#meet=code-for-lee", ready=closed):
                pass  # a preview uses nothing up
            assert not await store.own(room, "page", "anybody")
            await seen.page.get_by_role("button", name="进来见面").click()
            await seen.until("window.zhiyin.chat.link.value === 'open'")
            await expect(seen.page.locator(".mine .text")).to_have_text("微信里说的")
            await seen.say("我在网页上")
            await expect(seen.page.locator(REPLY).last).to_have_text("你说：我在网页上。")
            assert [entry.door for entry in await store.history(room)][-2:] == ["page", "page"]
            async with visit(
                chromium, here.port, "?body=canvas#meet=code-for-lee", ready=closed, expected=["410"]
            ) as thief:
                await thief.page.get_by_role("button", name="进来见面").click()
                await expect(thief.page.locator(".toast")).to_have_text("这个链接已经失效了，请再要一个")
                await expect(thief.page.locator(".mine")).to_have_count(0)
            await store.revoke(room)
            await here.server.show_out(room)
            await expect(seen.page.locator(".mine")).to_have_count(0)


async def test_the_operator_logs_in_and_sees_a_channels_code(chromium: Browser) -> None:
    async def login(code: Callable[[], Awaitable[str]]) -> AsyncGenerator[Step]:
        yield Step("qr", "https://liteapp.example/q/1")
        await asyncio.Event().wait()

    web = Web(port=0, password=SecretStr("open sesame"))
    async with home(web=web) as here, asyncio.TaskGroup() as group:
        here.server.logins.offered = {"shop": login}
        seeing = group.create_task(here.server.logins.run())
        context = await chromium.new_context(locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{here.port}/channels")
        await page.get_by_label("密码").fill("wrong")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("status")).to_contain_text("密码不对")
        await page.get_by_label("密码").fill("open sesame")
        await page.get_by_role("button").click()
        await page.wait_for_url(f"http://127.0.0.1:{here.port}/")
        await page.goto(f"http://127.0.0.1:{here.port}/channels/shop")
        await page.get_by_role("button", name="登录").click()
        code = page.get_by_role("img", name="QR")
        await expect(code).to_be_visible()
        assert await code.evaluate("image => image.naturalWidth") > 0
        await context.close()
        seeing.cancel()


async def test_the_keyboard_reaches_everything(chromium: Browser) -> None:
    async with home(EchoBrain()) as here, visit(chromium, here.port) as seen:
        names: list[str] = []
        for _ in range(14):
            await seen.page.keyboard.press("Tab")
            names.append(
                await seen.of("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
            )
        for name in ("静音", "字幕", "EN English", "更多", "聊天记录", "你好，你是谁？", "发图片", "说点什么…"):
            assert name in names
        await seen.page.get_by_role("button", name="更多").focus()
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.get_by_role("dialog", name="设置")).to_be_visible()
        await seen.page.keyboard.press("Escape")
        await expect(seen.page.get_by_role("dialog")).to_have_count(0)
        assert await seen.of("document.activeElement.getAttribute('aria-label')") == "更多"
        await seen.say("在吗")
        await expect(seen.page.locator("[role=log]")).to_have_text("小测说：你说：在吗。")


async def test_nothing_is_cut_off_at_any_size(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=BLOCKED, locale="en-US") as seen:
        await seen.say(f"{'wide' * 60} https://example.com/{'long' * 40}")
        await expect(seen.page.locator(".rating")).to_be_visible()
        for width, height in SIZES:
            await seen.page.set_viewport_size({"width": width, "height": height})
            assert await seen.of("document.documentElement.scrollWidth") <= width
            assert await seen.of(TOO_WIDE) == []
            for part in (".strip", ".figure", ".heading", ".composer", ".log"):
                box = await seen.page.locator(part).bounding_box()
                assert box
                assert box["x"] >= 0
                assert box["y"] >= 0
                assert box["x"] + box["width"] <= width + 1
                assert box["y"] + box["height"] <= height + 1
                assert box["height"] > 20
