"""What a persona knows: her FAQ at once, her documents as they are read, each file all at once, whatever happens meanwhile."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from bot import persona
from bot.knowledge import Knowledge, source
from bot.knowledge.index import FAQ, FORMAT, Index
from bot.knowledge.room import WHOLE
from bot.persona import Faq, Persona
from bot.retrieval import Item, band
from tests.fakes import PERSONA, soon
from tests.reader.papers import saved, word

SHEET = "id: mia\nname: {zh: 米娅, en: Mia}\nidentity: 茶馆的伙计。\n"
FAQ_FILE = "- {id: hours, q: 几点开门, a: 早上九点。}\n- {id: pets, q: 能带狗吗, a: 院子里可以。}\n"
HALVES = "# 章程\n\n" + "".join(
    f"## 第{n}条\n\n" + f"本店的规矩写在这里，第{n}号，客人都要看。" * 12 + "\n\n" for n in range(400)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A persona's folder."""
    folder = tmp_path / "persona" / "mia"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "persona.yaml").write_text(SHEET, encoding="utf-8")
    (folder / "faq.yaml").write_text(FAQ_FILE, encoding="utf-8")
    return folder


class Desk:
    """Her knowledge as the house holds it, and what the operator is told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, list[str]()
        self.index = folder.parents[1] / "data" / "mia.db"
        self.hears = asyncio.Event()
        self.knowledge = Knowledge(self.persona, self.index.parent, self.tell)

    def persona(self, id: str = "mia") -> Persona:
        return persona.load(self.folder)

    async def tell(self, id: str, text: str) -> None:
        self.told.append(text)
        self.hears.set()

    async def read(self) -> None:
        async with asyncio.timeout(60):
            await self.knowledge.read(self.persona())

    def write(self, name: str, data: str | bytes) -> None:
        file = self.folder / "knowledge" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())

    async def best(self, question: str) -> Item:
        hits = await self.knowledge.search(self.persona(), question)
        return hits[0].item

    def rows(self) -> dict[str, list[tuple[int, str]]]:
        """Numbers and texts by file, as they lie there."""
        with sqlite3.connect(self.index) as db:
            found: dict[str, list[tuple[int, str]]] = {}
            for file, number, answer in db.execute("select file, number, answer from passage order by number"):
                found.setdefault(file, []).append((number, answer))
        db.close()
        return found


@pytest.fixture
async def desk(folder: Path) -> AsyncGenerator[Desk]:
    made = Desk(folder)
    yield made
    await made.knowledge.close()


def letter(*paragraphs: str) -> bytes:
    """A Word document."""
    document = word()
    document.add_heading("退款", 1)
    for each in paragraphs:
        document.add_paragraph(each)
    return saved(document)


# The FAQ


async def test_the_faq_is_known_at_once_and_again_with_every_version(desk: Desk) -> None:
    assert (await desk.best("几点开门")).answer == "早上九点。"
    (desk.folder / "faq.yaml").write_text(FAQ_FILE.replace("九点", "十点"), encoding="utf-8")
    assert (await desk.best("几点开门")).answer == "早上十点。"
    assert [item.answer for item in (await desk.knowledge.known(desk.persona())).items] == [
        "早上十点。",
        "院子里可以。",
    ]
    (desk.folder / "faq.yaml").unlink()
    assert await desk.knowledge.search(desk.persona(), "几点开门") == []


async def test_the_faq_is_not_laid_out_twice(desk: Desk) -> None:
    await desk.best("狗")
    before = desk.rows()
    await desk.knowledge.close()
    again = Desk(desk.folder)
    (desk.folder / "persona.yaml").write_text(SHEET + "greeting: {zh: 来啦, en: Hi}\n", encoding="utf-8")
    await again.best("狗")
    await again.knowledge.close()
    assert desk.rows() == before


async def test_without_a_folder_everything_lives_in_memory(tmp_path: Path) -> None:
    knowledge = Knowledge(lambda _: PERSONA)
    assert (await knowledge.search(PERSONA, "关于小测"))[0].item.id == "about"
    await knowledge.read(PERSONA)
    assert not list(tmp_path.iterdir())
    found = knowledge.find(PERSONA, "about")
    assert found is not None
    assert knowledge.find(PERSONA, "nothing") is None


# Documents


async def test_documents_are_read_by_another_process_whatever_they_are(desk: Desk) -> None:
    desk.write("停车.md", "# 停车\n\n## 收费\n\n门口的车位每小时五块钱，过夜二十。\n")
    desk.write("旧/公告.txt", "本店冬天提供姜茶，女士半价。".encode("gbk"))
    desk.write("退款.docx", letter("下单三天之内可以原路退回。"))
    desk.write("坏.pdf", b"%PDF-1.7\nthis is none")
    await desk.read()
    there = await desk.knowledge.documents(desk.persona())
    assert {file: each.hash for file, each in there.items() if file} == dict(desk.persona().documents)
    assert {file: each.passages for file, each in there.items()} == {
        FAQ: 2, "停车.md": 1, "旧/公告.txt": 1, "退款.docx": 1, "坏.pdf": 0,
    }  # fmt: skip
    found = await desk.best("过夜停车多少钱")
    assert (found.file, found.heading, found.id) == ("停车.md", "停车 › 收费", "停车.md#1")
    assert (await desk.best("冬天有姜茶吗")).file == "旧/公告.txt"
    assert (await desk.best("几天内可以原路退回")).file == "退款.docx"
    (told,) = {line for text in desk.told for line in text.splitlines() if "坏.pdf：" in line and "正在读" not in line}
    assert "knowledge/坏.pdf" in told
    assert "坏.pdf" in desk.told[-1]


async def test_a_document_in_order_again_is_told_too(desk: Desk) -> None:
    desk.write("坏.docx", b"PK none")
    await desk.read()
    assert "坏.docx" in desk.told[-1]
    await desk.read()
    assert len(desk.told) == 1
    desk.write("坏.docx", letter("现在好了，能读。"))
    await desk.read()
    assert desk.told[-1] == ""
    assert (await desk.best("现在能读了吗")).file == "坏.docx"


async def test_only_what_changed_is_read_again(desk: Desk) -> None:
    desk.write("a.md", "# 甲\n\n甲店卖红茶。\n")
    desk.write("b.md", "# 乙\n\n乙店卖绿茶。\n")
    desk.write("c.md", "# 丙\n\n丙店卖白茶。\n")
    await desk.read()
    before = desk.rows()
    desk.write("b.md", "# 乙\n\n乙店改卖咖啡了。\n")
    (desk.folder / "knowledge" / "c.md").unlink()
    await desk.read()
    after = desk.rows()
    assert (after["a.md"], after[FAQ]) == (before["a.md"], before[FAQ])
    assert [text for _, text in after["b.md"]] == ["乙店改卖咖啡了。"]
    assert "c.md" not in after
    assert [hit.item.file for hit in await desk.knowledge.search(desk.persona(), "丙店白茶")] != ["c.md"]
    there = await desk.knowledge.documents(desk.persona())
    assert {file: each.hash for file, each in there.items() if file} == dict(desk.persona().documents)


async def test_she_reads_while_she_runs(desk: Desk) -> None:
    desk.write("a.md", "# 甲\n\n甲店卖红茶。\n")
    desk.write("b.pdf", b"no")
    running = asyncio.create_task(desk.knowledge.run())
    desk.knowledge.want("mia")
    async with asyncio.timeout(60):
        while not desk.told or "b.pdf：" not in desk.told[-1].replace("正在读资料", ""):
            desk.hears.clear()
            await desk.hears.wait()
    running.cancel()
    assert (await desk.best("红茶")).file == "a.md"


async def test_a_file_is_known_whole_or_as_it_was(desk: Desk) -> None:
    desk.write("章程.md", "# 章程\n\n旧的规矩：不许大声喧哗。\n")
    await desk.read()
    desk.write("章程.md", HALVES)
    desk.write("后.md", "# 后\n\n后面这个也要读。\n")
    desk.hears.clear()
    reading = asyncio.create_task(desk.knowledge.read(desk.persona()))
    await soon(desk.hears.wait(), 60)  # it has begun
    while not reading.done() and len(desk.told) < 2:
        texts = [text for _, text in desk.rows().get("章程.md", [])]
        assert texts == ["旧的规矩：不许大声喧哗。"] or len(texts) >= 400
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(reading)
    assert not _readers()
    texts = [text for _, text in desk.rows()["章程.md"]]
    assert texts == ["旧的规矩：不许大声喧哗。"] or len(texts) >= 400
    await desk.read()
    assert len(desk.rows()["章程.md"]) >= 400
    assert "后.md" in desk.rows()


async def test_a_reader_that_is_killed_leaves_what_was_there_and_says_so(desk: Desk) -> None:
    desk.write("章程.md", "# 章程\n\n旧的规矩：不许大声喧哗。\n")
    await desk.read()
    desk.write("章程.md", HALVES)
    reading = asyncio.create_task(desk.knowledge.read(desk.persona()))
    async with asyncio.timeout(30):
        while not (there := _readers()):
            await asyncio.sleep(0.01)
    os.kill(there[0], 9)
    await soon(reading, 30)
    assert [text for _, text in desk.rows()["章程.md"]] == ["旧的规矩：不许大声喧哗。"]
    assert "资料没有读完" in desk.told[-1]
    await desk.read()
    assert desk.told[-1] == ""
    assert len(desk.rows()["章程.md"]) >= 400


def _readers() -> list[int]:
    """Processes that read documents for this one."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            parent = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if b"bot.knowledge" in line and int(parent[1]) == os.getpid() and parent[0] != "Z":
            found.append(int(process.name))
    return found


# The file


@pytest.mark.parametrize("damage", ["format", "garbage", "empty", "foreign", "tables"])
async def test_an_index_that_is_not_ours_as_it_is_now_is_made_anew(desk: Desk, damage: str) -> None:
    desk.write("a.md", "# 甲\n\n甲店卖红茶。\n")
    await desk.read()
    await desk.knowledge.close()
    if damage in ("garbage", "empty", "foreign"):
        for file in desk.index.parent.iterdir():
            file.unlink()
        desk.index.write_bytes(b"this is no database, it is a letter" * 300 if damage == "garbage" else b"")
    with sqlite3.connect(desk.index) as db:
        if damage == "format":
            db.execute(f"pragma user_version = {FORMAT - 1}")
        elif damage == "foreign":
            db.execute("create table passage (x)")
        elif damage == "tables":
            db.execute("drop table vector")
    db.close()
    again = Desk(desk.folder)
    assert (await again.best("几点开门")).id == "hours"
    await again.read()
    assert (await again.best("红茶")).file == "a.md"
    await again.knowledge.close()


async def test_an_index_that_breaks_while_she_runs_is_made_anew(desk: Desk) -> None:
    desk.write("章程.md", HALVES)
    await desk.read()
    with sqlite3.connect(desk.index) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        size = db.execute("pragma page_size").fetchone()[0]
    db.close()
    with desk.index.open("r+b") as file:
        for page in range(2, desk.index.stat().st_size // size):
            file.seek(page * size)
            file.write(b"\xff" * size)
    desk.knowledge.rooms["mia"].index.close()
    desk.knowledge.rooms.clear()
    assert (await desk.best("几点开门")).id == "hours"
    await desk.read()
    assert len(desk.rows()["章程.md"]) >= 400


def test_a_lock_is_no_reason_to_do_away_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    index = Index(path)
    index.replace(FAQ, "h", [Item("a", ("甲",), "乙", "zh")])
    index.close()
    path.chmod(0o000)
    if os.access(path, os.R_OK):
        path.unlink()
        path.mkdir()  # root may read everything; nobody can open a folder
    with pytest.raises(sqlite3.OperationalError):
        Index(path)
    assert path.exists()


async def test_two_open_the_same_file_at_once(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}.db"
        first, second = await asyncio.gather(asyncio.to_thread(Index, path), asyncio.to_thread(Index, path))
        await asyncio.gather(
            asyncio.to_thread(first.replace, "a", "1", _passages("a", 30)),
            asyncio.to_thread(second.replace, "b", "2", _passages("b", 30)),
        )
        assert first.size == second.size == 60
        assert first.documents().keys() == {"a", "b"}
        first.close()
        second.close()


async def test_two_processes_read_the_same_at_once(desk: Desk) -> None:
    for name in "abcd":
        desk.write(f"{name}.md", f"# {name}\n\n第 {name} 号店卖红茶。\n")
    other = Desk(desk.folder)
    await asyncio.gather(desk.read(), other.read())
    await other.knowledge.close()
    assert {file: len(rows) for file, rows in desk.rows().items()} == {
        FAQ: 2, "a.md": 1, "b.md": 1, "c.md": 1, "d.md": 1,
    }  # fmt: skip
    assert {hit.item.file for hit in await desk.knowledge.search(desk.persona(), "几号店卖红茶")} >= {"a.md", "d.md"}


async def test_questions_do_not_wait_for_a_change_and_see_none_of_its_halves(tmp_path: Path) -> None:
    index = Index(tmp_path / "a.db")
    index.replace("a", "1", _passages("a", 200))
    with index.changing() as db:
        db.execute("delete from passage")
        db.execute("delete from document")
        assert await soon(asyncio.to_thread(lambda: (index.size, len(index.everything())))) == (200, 200)
    assert (index.size, index.everything()) == (0, [])
    index.close()


async def test_while_a_large_document_is_written_the_old_faq_answers(desk: Desk) -> None:
    assert (await desk.best("几点开门")).answer == "早上九点。"
    await desk.knowledge.read(desk.persona())
    other = Index(desk.index)
    (desk.folder / "faq.yaml").write_text(FAQ_FILE.replace("九点", "十点"), encoding="utf-8")
    with other.changing():
        for _ in range(3):
            assert (await soon(desk.best("几点开门"))).answer == "早上九点。"
    other.close()
    assert await soon(desk.knowledge.wanted.get()) == "mia"
    assert desk.knowledge.wanted.get_nowait() == "mia"
    assert desk.knowledge.wanted.empty()
    await desk.read()
    assert (await desk.best("几点开门")).answer == "早上十点。"


async def test_a_change_that_breaks_off_is_none() -> None:
    index = Index()
    index.replace("a", "1", _passages("a", 3))

    def broken() -> None:
        with index.changing() as db:
            db.execute("delete from passage")
            db.execute("delete from document")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert (index.size, len(index.everything())) == (3, 3)
    assert index.documents()["a"].hash == "1"


def _passages(file: str, count: int) -> list[Item]:
    return [Item(f"{file}#{n}", ("标题",), f"第 {n} 段，{file} 号店卖茶。", "zh", file, "标题") for n in range(count)]


def test_an_index_measures_as_if_it_had_always_been_so() -> None:
    """Lengths are those of the corpus with the new passages and without the old ones."""
    fresh, grown = Index(), Index()
    fresh.replace("a", "", _passages("a", 8))
    grown.replace("a", "", _passages("z", 20))
    grown.replace("a", "", _passages("a", 8))
    asked = ["店", "卖", "茶"]
    assert grown.seen(asked) == fresh.seen(asked)
    assert [each.norm for each in grown.having(asked)] == pytest.approx([each.norm for each in fresh.having(asked)])
    grown.replace("b", "", _passages("b", 80))
    fresh.replace("b", "", _passages("b", 80))
    grown.settle()
    fresh.replace("a", "", _passages("a", 8))
    settled = {each.item.id: each.norm for each in grown.having(["段"])}
    measured = {each.item.id: each.norm for each in fresh.having(["段"]) if each.item.id.startswith("a")}
    assert {id: settled[id] for id in measured} == pytest.approx(measured)


# What stands in every prompt, and what is cited


def told(faq: Sequence[Faq], version: str) -> Persona:
    return PERSONA.model_copy(update={"faq": tuple(faq), "version": version})


async def test_all_of_it_stands_in_the_prompt_while_that_is_little() -> None:
    few = [Faq(id=f"q{n}", q=f"第{n}问", a="答" * 100) for n in range(20)]
    knowledge = Knowledge(lambda _: PERSONA)
    known = await knowledge.known(told(few, "1"))
    assert known.whole
    assert [item.id for item in known.items] == [each.id for each in few]
    await knowledge.take(told(few, "1"), "a.md", _passages("a.md", 5))
    known = await knowledge.known(told(few, "1"))
    assert known.whole
    assert known.items[-1].file == "a.md"


async def test_else_the_faq_as_far_as_it_goes() -> None:
    many = [Faq(id=f"q{n}", q=f"第{n}问", a="答" * 1000) for n in range(30)]
    knowledge = Knowledge(lambda _: PERSONA)
    known = await knowledge.known(told(many, "1"))
    assert not known.whole
    assert [item.id for item in known.items] == [f"q{n}" for n in range(len(known.items))]
    assert WHOLE - 2000 < sum(len(item.answer) for item in known.items) <= WHOLE
    few = [Faq(id="only", q="什么", a="短")]
    large = [Item(f"b#{n}", (), "长" * 600, "zh", "b.md") for n in range(30)]
    await knowledge.take(told(few, "2"), "b.md", large)
    known = await knowledge.known(told(few, "2"))
    assert (known.whole, [item.id for item in known.items]) == (False, ["only"])


def test_a_source_says_where_it_stands_and_is_shown_as_wished() -> None:
    asked = Item("hours", ("几点开门", "营业时间"), "早上九点。", "zh")
    read = Item("a.md#1", ("收费",), "长" * 400, "zh", "a.md", "停车 › 收费")
    assert (source(asked).heading, source(asked).text, source(asked).file) == ("几点开门", "早上九点。", "faq")
    assert (source(read).heading, source(read).file, len(source(read).text)) == ("停车 › 收费", "a.md", 300)
    shown = {cite: (source(asked, cite).shown, source(read, cite).shown) for cite in ("all", "documents", "none")}
    assert shown == {"all": (True, True), "documents": (False, True), "none": (False, False)}


async def test_the_same_names_in_two_files_stay_apart(desk: Desk) -> None:
    deep = "很深的文件夹" * 14
    desk.write(f"甲/{deep}/a.md", "# 价\n\n红茶十块一壶。\n")
    desk.write(f"乙/{deep}/a.md", "# 价\n\n绿茶八块一壶。\n")
    await desk.read()
    red, green = await desk.best("红茶一壶"), await desk.best("绿茶一壶")
    assert red.id != green.id
    assert desk.knowledge.find(desk.persona(), red.id) == red
    assert desk.knowledge.find(desk.persona(), green.id) == green


async def test_a_passage_is_answered_with(desk: Desk) -> None:
    desk.write("停车.md", "# 停车\n\n门口的车位每小时五块钱，过夜二十。\n")
    await desk.read()
    assert band(await desk.knowledge.search(desk.persona(), "停车过夜多少钱")) == "answer"


async def test_an_index_that_can_be_used_again_is_told_too(desk: Desk) -> None:
    desk.index.parent.write_text("a file where a folder should be")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(desk.knowledge.run())
        desk.knowledge.want("mia")
        await soon(desk.hears.wait())
        assert desk.knowledge.faults("mia") == desk.told[-1] != ""
        desk.hears.clear()
        desk.index.parent.unlink()
        desk.knowledge.want("mia")
        await soon(desk.hears.wait(), 30)
        running.cancel()
    assert (desk.told[1:], desk.knowledge.faults("mia")) == ([""], "")


async def test_those_who_find_a_broken_index_together_make_one_anew(desk: Desk) -> None:
    await desk.best("几点开门")
    room = desk.knowledge.rooms["mia"]
    desk.knowledge.rooms["mia"].version = ""
    with room.index.changing() as db:
        db.execute("pragma writable_schema = on")
        db.execute("update sqlite_master set rootpage = 999999 where name in ('passage', 'document')")
        db.execute("pragma schema_version = 1000")  # all connections look at the tables anew
    found = await asyncio.gather(*(desk.knowledge.search(desk.persona(), "几点开门") for _ in range(6)))
    assert [hits[0].item.id for hits in found] == ["hours"] * 6
    assert desk.knowledge.rooms["mia"] is not room
    assert len(desk.rows()[FAQ]) == 2


async def test_what_was_laid_out_of_a_persona_that_is_gone_is_deleted(tmp_path: Path) -> None:
    for name in ("here.db", "gone.db", "gone.db-wal"):
        (tmp_path / name).write_bytes(b"x")
    Knowledge(lambda _: PERSONA, tmp_path).tidy(["here"])
    assert [path.name for path in tmp_path.iterdir()] == ["here.db"]
