"""The command line as a user meets it: real processes, real files, exit codes and words instead of tracebacks."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.card.reading import read
from bot.message import Message, State, Text
from bot.settings import Data
from bot.store import Reply, sqlite
from tests.card.makings import BOOK, dumped, png, sillytavern, v2
from tests.fakes import soon
from tests.processes import ROOT, process
from tests.visitor import visit

OFFLINE = {"ZHIYIN_WEB__PORT": "0", "ZHIYIN_BRAIN__KIND": "offline", "ZHIYIN_VOICE__KIND": "espeak"}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


async def bot(*arguments: str, env: Mapping[str, str], say: str = "") -> Ended:
    """Run a command to its end."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=ROOT, env={**os.environ, **OFFLINE, **env},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await child.communicate(say.encode())
    return Ended(child.returncode or 0, out.decode(), err.decode())


def at(folder: Path) -> dict[str, str]:
    return {"ZHIYIN_DATA__DIR": str(folder)}


async def test_she_starts_says_where_she_is_and_goes_when_asked(tmp_path: Path) -> None:
    async with process("bot", "run", env={**OFFLINE, **at(tmp_path)}) as started:
        async with aiohttp.ClientSession() as session, session.get(f"{started.url}/healthz") as response:
            assert response.status == 200
        assert json.loads((tmp_path / "lock").read_text()) == {"pid": started.pid, "url": started.url}
        os.kill(started.pid, signal.SIGTERM)
        assert (await started.ended()) == 0


async def test_a_second_run_is_told_who_holds_the_data(tmp_path: Path) -> None:
    async with process("bot", "run", env={**OFFLINE, **at(tmp_path)}) as started:
        second = await bot("run", env=at(tmp_path))
    assert second.code == 2
    assert str(started.pid) in second.err
    assert started.url in second.err
    assert "Traceback" not in second.err


async def test_a_busy_port_names_its_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await bot("run", env={**at(tmp_path), "ZHIYIN_WEB__PORT": str(port)})
    assert ended.code == 2
    assert str(os.getpid()) in ended.err
    assert "Traceback" not in ended.err


async def test_wrong_settings_are_all_told_at_once(tmp_path: Path) -> None:
    ended = await bot(
        "run",
        env={**at(tmp_path), "ZHIYIN_WEB__PROT": "1", "ZHIYIN_BRAIN__KIND": "opneai", "ZHIYIN_WEB__HOST": "0.0.0.0"},
    )
    assert ended.code == 2
    for word in ("prot", "port", "opneai", "openai", "password"):
        assert word in ended.err.lower()
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("damage", [b"this is no database, it is a letter" * 200, None])
async def test_a_broken_store_ends_with_70_and_a_plain_word(tmp_path: Path, damage: bytes | None) -> None:
    file = tmp_path / "zhiyin.db"
    if damage:
        file.write_bytes(damage)
    else:
        with sqlite3.connect(file) as newer:
            newer.execute("pragma user_version = 999")
        newer.close()
    ended = await bot("run", env=at(tmp_path))
    assert ended.code == 70
    assert "zhiyin.db" in ended.err
    assert "Traceback" not in ended.err
    assert file.exists()


async def test_a_data_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = await bot("run", env=at(tmp_path / "file" / "data"))
    assert ended.code == 2
    assert "data.dir" in ended.err
    assert "Traceback" not in ended.err


async def test_chat_talks_without_a_server_and_keeps_her_voice(tmp_path: Path) -> None:
    ended = await bot("chat", "--say", str(tmp_path / "her.wav"), env=at(tmp_path / "data"), say="你好\n你是谁？\n")
    assert ended.code == 0, ended.err
    assert "阿音" in ended.out
    assert len(ended.out.strip().splitlines()) == 3
    with wave.open(str(tmp_path / "her.wav")) as sound:
        assert sound.getframerate() == 24000
        assert sound.getnframes() > 24000
    assert b'{"AIGC":{"Label":"1"' in (tmp_path / "her.wav").read_bytes()


async def test_chat_attaches_to_a_running_server(tmp_path: Path) -> None:
    async with process("bot", "run", env={**OFFLINE, **at(tmp_path)}):
        first = await bot("chat", env=at(tmp_path), say="你好\n")
        again = await bot("chat", env=at(tmp_path), say="Hello there\n")
    assert (first.code, again.code) == (0, 0)
    assert len(again.out.strip().splitlines()) == 2
    with sqlite3.connect(tmp_path / "zhiyin.db") as db:
        assert db.execute("select count(distinct conversation) from entry").fetchone() == (1,)
    db.close()


async def test_check_praises_her_and_names_what_is_wrong(tmp_path: Path) -> None:
    good = await bot("check", "persona/ayin", env={})
    assert good.code == 0
    assert "阿音" in good.out
    folder = tmp_path / "mia"
    folder.mkdir()
    (folder / "persona.yaml").write_text("id: mia\nname: {zh: 米娅}\nidenity: 她\n", encoding="utf-8")
    bad = await bot("check", str(folder), env={})
    assert bad.code == 2
    for word in ("persona.yaml", "3", "idenity", "identity"):
        assert word in bad.err
    assert "Traceback" not in bad.err


async def test_check_reads_the_documents_too(tmp_path: Path) -> None:
    folder = examinee(tmp_path, "")
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "refund.md").write_text("# 退款\n七天内可以退。\n\n# 换货\n也可以。\n", encoding="utf-8")
    good = await bot("check", str(folder), env={})
    assert good.code == 0, good.err
    assert "1 份资料（共 2 段）" in good.out
    assert "1 documents of 2 passages" in good.out
    (folder / "knowledge" / "价目表.docx").write_bytes(b"PK no word at all")
    bad = await bot("check", str(folder), env={})
    assert bad.code == 2
    assert "价目表.docx" in bad.err
    assert "refund.md" not in bad.err
    assert bad.out == ""
    assert "Traceback" not in bad.err


async def test_the_operator_is_told_of_documents_that_cannot_be_read(tmp_path: Path) -> None:
    broken = examinee(tmp_path / "persona", "") / "knowledge" / "价目表.docx"
    broken.parent.mkdir()
    broken.write_bytes(b"PK no word at all")
    env = {**OFFLINE, **at(tmp_path), "ZHIYIN_PERSONA": "mia", "ZHIYIN_VOICE__KIND": "none"}
    async with process("bot", "run", env=env) as started, visit(started.url) as page:
        welcome = await soon(page.hello(), 30)
        told = welcome["notice"] or (await soon(page.until("notice"), 30))["text"]
        assert "价目表.docx" in told
        async with visit(started.url) as another:
            assert "价目表.docx" in (await soon(another.hello()))["notice"]
        broken.unlink()
        async with asyncio.timeout(30):
            while (await page.until("notice"))["text"]:
                pass
        async with visit(started.url) as another:
            assert (await soon(another.hello()))["notice"] == ""


async def test_what_the_operator_teaches_a_running_server_is_answered_at_once(tmp_path: Path) -> None:
    env = {**OFFLINE, **at(tmp_path), "ZHIYIN_VOICE__KIND": "none"}
    answer = "可以，服务台免费借。"
    lesson = {"q": "能借轮椅吗", "also": ["轮椅怎么借"], "a": answer}
    async with process("bot", "run", env=env) as started, visit(started.url) as page:
        await soon(page.hello(), 30)
        await page.say("能借轮椅吗")
        await soon(page.until("end"), 30)
        await page.send({"type": "hot"})
        [open] = (await soon(page.until("hot")))["operator"]["unanswered"]
        await page.send({"type": "faq_save", "id": open["id"], **lesson})
        assert (await soon(page.until("faq_saved"), 30))["ok"] is True
        async with asyncio.timeout(30):
            while (await page.until("notice"))["code"] != "persona_changed":
                pass
        await page.say("轮椅怎么借")
        assert (await soon(page.until("end"), 30))["entry"]["parts"][0]["text"] == answer
    assert answer in (tmp_path / "persona" / "ayin" / "faq.yaml").read_text(encoding="utf-8")
    assert answer not in (ROOT / "persona" / "ayin" / "faq.yaml").read_text(encoding="utf-8")


def examinee(folder: Path, exam: str, answer: str = "早上九点开门。") -> Path:
    """A persona's folder with an exam; empty: without."""
    folder = folder / "mia"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "persona.yaml").write_text("id: mia\nname: {zh: 米娅, en: Mia}\nidentity: 店员\n", encoding="utf-8")
    (folder / "faq.yaml").write_text(f"- {{id: hours, q: 几点开门, a: {answer}}}\n", encoding="utf-8")
    if exam:
        (folder / "exam.yaml").write_text(exam, encoding="utf-8")
    return folder


EXAM = "- {id: hours, say: 几点开门, expect: {all: 九点, cites: [hours]}}\n- {id: human, say: 你是真人吗, expect: {all: 不是真人}, judge: 诚实吗}\n"


async def test_an_exam_is_told_case_by_case_and_regressions_are_named(tmp_path: Path) -> None:
    first = await bot("exam", str(examinee(tmp_path, EXAM)), env=at(tmp_path / "data"))
    assert first.code == 0, first.err
    for word in ("✓ hours", "✓ human", "2 道题，通过 2 道", "2 of 2", "第一次考"):
        assert word in first.out, first.out
    worse = await bot("exam", str(examinee(tmp_path, EXAM, "早上八点。")), "--repeat", "2", env=at(tmp_path / "data"))
    assert worse.code == 1
    for word in ("✗ hours 0/2", "几点开门", "早上八点。", "少了“九点”", "✓ human 2/2", "regressions: hours"):
        assert word in worse.out, worse.out
    mended = await bot("exam", str(examinee(tmp_path, EXAM)), env=at(tmp_path / "data"))
    assert mended.code == 0
    assert "mends: hours" in mended.out
    assert [first.err, worse.err, mended.err] == ["", "", ""]


@pytest.mark.parametrize(
    ("exam", "words"),
    [
        ("- {id: a, say: 在吗, expcet: {all: x}}\n", ("exam.yaml:1", "cases[1].expcet", "是不是 expect")),
        ("- [\n", ("exam.yaml", "读不懂")),
        ("", ("exam.yaml", "没有这个文件", "no such file")),
    ],
)
async def test_an_exam_that_cannot_be_read_is_bad_input(tmp_path: Path, exam: str, words: tuple[str, ...]) -> None:
    ended = await bot("exam", str(examinee(tmp_path, exam)), env=at(tmp_path / "data"))
    assert ended.code == 2
    for word in words:
        assert word in ended.err, ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "data").exists()
    checked = await bot("check", str(tmp_path / "mia"), env={})
    assert checked.code == (2 if exam else 0)


async def test_no_exam_without_a_persona_or_with_odd_wishes(tmp_path: Path) -> None:
    nowhere = await bot("exam", str(tmp_path / "nobody"), env=at(tmp_path / "data"))
    often = await bot("exam", str(examinee(tmp_path, EXAM)), "--repeat", "99", env=at(tmp_path / "data"))
    assert (nowhere.code, often.code) == (2, 2)
    assert "persona.yaml" in nowhere.err
    assert "--repeat" in often.err


async def test_a_run_that_cannot_be_kept_counts_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "exams").write_text("")
    ended = await bot("exam", str(examinee(tmp_path, EXAM)), env=at(tmp_path / "data"))
    assert ended.code == 0
    assert "没存下来" in ended.err


async def test_the_configured_brain_may_sit_the_exam_and_judge(tmp_path: Path) -> None:
    folder, exam = tmp_path / "data", EXAM + "- {id: offline, brain: offline, say: '1', expect: {all: x}}\n"
    async with process("tests.standins.llm", "--first", "0", "--token", "0") as llm:
        service = {
            **at(folder), "ZHIYIN_BRAIN__KIND": "openai", "ZHIYIN_BRAIN__BASE_URL": f"{llm.url}/v1",
            "ZHIYIN_BRAIN__MODEL": "stand-in",
        }  # fmt: skip
        ended = await bot("exam", str(examinee(tmp_path, exam)), "--brain", "settings", "--judge", env=service)
        judged = await bot("exam", str(examinee(tmp_path, EXAM)), "--judge", env=service)
        stats = await llm.stats()
    assert ended.code == 1
    for word in ("✗ hours", "大脑 openai", "2 道题", "评审 judge（0:0 / 3）没有定论"):
        assert word in ended.out, ended.out
    assert judged.code == 0, judged.out
    assert "评审 judge" in judged.out
    assert len(stats["requests"]) == 2 + 3 + 3
    assert set(json.loads((folder / "exams" / "mia.json").read_text())["brains"]) == {"openai", "offline"}


async def test_no_judge_is_no_fault(tmp_path: Path) -> None:
    ended = await bot("exam", str(examinee(tmp_path, EXAM)), "--judge", env=at(tmp_path / "data"))
    assert ended.code == 0
    assert "没有评审" in ended.out


async def test_a_card_comes_in_talks_and_goes_out_again(tmp_path: Path) -> None:
    card, data = tmp_path / "米娅.png", tmp_path / "data"
    card.write_bytes(png(sillytavern(v2(character_book=BOOK))))
    came = await bot("import", str(card), "--id", "mia", env=at(data))
    assert came.code == 0, came.err
    for word in (str(data / "persona" / "mia"), "米娅", "1 条世界书", "persona: mia", "card.png"):
        assert word in came.out
    said = await bot("chat", env={**at(data), "ZHIYIN_PERSONA": "mia", "ZHIYIN_VOICE__KIND": "none"}, say="你是谁？\n")
    assert said.code == 0, said.err
    assert "米娅" in said.out
    for ending in ("json", "png", "charx"):
        went = await bot("export", str(data / "persona" / "mia"), str(tmp_path / f"out.{ending}"), env=at(data))
        assert went.code == 0, went.err
        assert read((tmp_path / f"out.{ending}").read_bytes(), "out").book == BOOK
    again = await bot("import", str(tmp_path / "out.charx"), env=at(data))
    assert again.code == 0, again.err
    assert (data / "persona" / "miya" / "persona.yaml").is_file()


async def test_a_card_that_cannot_come_in_or_go_out_is_told_why(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"name": "x"')
    (tmp_path / "good.json").write_bytes(dumped(v2(name="Ayin")))
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "there.json").write_text("mine")
    for arguments, word in (
        (("import", str(tmp_path / "bad.json")), "JSON"),
        (("import", str(tmp_path / "no.json")), "no such file"),
        (("import", str(tmp_path / "pipe.png")), "no such file"),
        (("import", str(tmp_path / "good.json")), "--id"),
        (("import", str(tmp_path / "good.json"), "--id", "../x"), "../x"),
        (("export", "persona/ayin", str(tmp_path / "out.webp")), ".charx"),
        (("export", "persona/ayin", str(tmp_path / "there.json")), "left alone"),
        (("export", str(tmp_path / "nobody"), str(tmp_path / "out.png")), "persona.yaml"),
        (("export", "persona/ayin", str(tmp_path / "no" / "out.png")), "out.png"),
    ):
        ended = await bot(*arguments, env=at(tmp_path / "data"))
        assert ended.code == 2, arguments
        assert word in ended.err
        assert "Traceback" not in ended.err
    assert (tmp_path / "there.json").read_text() == "mine"
    assert not (tmp_path / "data" / "persona").exists()


async def test_doctor_says_what_is_real(tmp_path: Path) -> None:
    ended = await bot("doctor", env=at(tmp_path))
    assert ended.code == 0
    assert "Python" in ended.out
    assert "offline" in ended.out
    assert "espeak" in ended.out


async def test_a_backup_made_while_she_runs_is_whole(tmp_path: Path) -> None:
    async with process("bot", "run", env={**OFFLINE, **at(tmp_path / "data")}):
        await bot("chat", env=at(tmp_path / "data"), say="你好\n")
        ended = await bot("backup", str(tmp_path / "copy"), env=at(tmp_path / "data"))
    assert ended.code == 0, ended.err
    with sqlite3.connect(tmp_path / "copy" / "zhiyin.db") as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert db.execute("select count(*) from entry").fetchone() == (2,)
    db.close()


async def test_a_prompt_is_shown_part_by_part_while_somebody_else_may_serve(tmp_path: Path) -> None:
    store = await sqlite.open(Data(dir=tmp_path))
    asked = Message("1", "page", "page:room", "lee", (Text("你们几点开门<b>"),), at=1_790_000_000.0)
    await store.accept(asked)
    claim = await store.claim("page:room")
    assert claim
    detail = {"brain": "openai", "usage": {"input": 2000, "cached": 1500, "output": 9}}
    await store.finish(claim, Reply(State.ANSWERED, (Text("九点。"),), 1_790_000_001.0, detail=detail))
    shown = await bot("prompt", "page:room", env=at(tmp_path))  # the store is still open here: she may be serving
    assert shown.code == 0, shown.err
    for word in (
        "system · 身份",
        "system · 资料",
        "set_reminder",
        "last message",
        "几点开门",
        "cached 1500（75%）",
        "阿音",
    ):
        assert word in shown.out, shown.out
    assert "九点。" not in shown.out  # what she answered is not part of what was asked
    nobody = await bot("prompt", "page:nobody", env=at(tmp_path))
    await store.close()
    assert (nobody.code, "没有这个对话" in nobody.err) == (2, True)
    nothing = await bot("prompt", "page:room", env=at(tmp_path / "none"))
    assert (nothing.code, "还没有数据" in nothing.err) == (2, True)
