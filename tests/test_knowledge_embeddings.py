"""Finding by meaning: a real service of embeddings that stands in, and what becomes of her answers when it fails."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot import doctor, persona, settings
from bot.composition import minded
from bot.faults import Faults
from bot.knowledge import Knowledge
from bot.knowledge.embeddings import REFUSED_S, EmbeddingError, Embeddings, open
from bot.knowledge.index import FAQ, Index
from bot.knowledge.searching import fused
from bot.knowledge.vectors import Due, Vectors, nearest
from bot.persona import Faq, Persona
from bot.retrieval import PLAIN, Hit, Item, ask, band
from bot.settings import Data, EmbeddingSettings, Settings
from bot.store import memory
from bot.windows import Window
from tests.fakes import PERSONA, message, soon
from tests.standins.embeddings import EmbeddingsStandIn
from tests.standins.llm import served
from tests.test_retrieval import SHOP

SECRET = "sk-never-to-be-seen"
NAMES = ("parking", "refund", "pets", "wifi", "hours", "price")
HER = PERSONA.model_copy(
    update={
        "version": "shop",
        "faq": tuple(
            Faq(id=each.id, q=each.wordings[0], also=each.wordings[1:], a=each.answer)
            for each in SHOP
            if each.id in NAMES
        ),
    }
)
PARAPHRASE = "自驾过来放哪儿"
"""What the parking entry answers, in none of its words."""


@dataclass
class Time:
    """A clock that only sleeping moves."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list[float])

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


@dataclass
class Desk:
    """Her knowledge, the service, the clock between them, and what the operator is told."""

    knowledge: Knowledge
    service: EmbeddingsStandIn
    client: Embeddings
    time: Time
    told: list[str]

    async def find(self, question: str, her: Persona = HER) -> list[Hit]:
        return await self.knowledge.search(her, question)

    async def ids(self, question: str, her: Persona = HER) -> list[str]:
        return [hit.item.id for hit in await self.find(question, her)]

    async def embed(self, her: Persona = HER) -> None:
        await soon(self.knowledge.embed(her), 30)


@asynccontextmanager
async def desk(
    folder: Path | None = None, service: EmbeddingsStandIn | None = None, url: str = "", **settings: object
) -> AsyncGenerator[Desk]:
    service, time, told = service or EmbeddingsStandIn(), Time(), list[str]()

    async def tell(id: str, text: str) -> None:
        told.append(text)

    async with served(service.app()) as here:
        given = {"base_url": url or f"{here}/v1", "api_key": SECRET, "model": "near-1", "whole_s": 5.0, **settings}
        client = Embeddings(EmbeddingSettings.model_validate(given), patience_s=5.0, now=time.now, sleep=time.sleep)
        knowledge = Knowledge(lambda _: HER, folder, tell, client)
        try:
            yield Desk(knowledge, service, client, time, told)
        finally:
            service.gate.set()
            await knowledge.close()


# What is found


async def test_other_words_for_the_same_are_found_only_by_meaning() -> None:
    alone = await Knowledge(lambda _: HER).search(HER, PARAPHRASE)
    assert "parking" not in [hit.item.id for hit in alone]
    async with desk() as at:
        assert await at.find(PARAPHRASE) == alone  # nothing is embedded yet
        assert at.service.asked == []
        await at.embed()
        hits = await at.find(PARAPHRASE)
        assert hits[0].item.id == "parking"
        assert hits[0].dense > 0.4
        assert hits[0].dense > max(hit.dense for hit in hits[1:])


async def test_nothing_is_asked_of_anybody_when_it_is_off(tmp_path: Path) -> None:
    assert open(EmbeddingSettings()) is None
    assert open(EmbeddingSettings(base_url="http://127.0.0.1:9/v1", model=" ")) is None
    index = Index()
    index.replace(FAQ, "", [Item(each.id, (each.q, *each.also), each.a, "zh") for each in HER.faq])
    knowledge = Knowledge(lambda _: HER, tmp_path)
    for question in (PARAPHRASE, "停车要钱吗", "几点营业", "wifi", "可以退吗", ""):
        assert await knowledge.search(HER, question, "zh") == ask(index, question, "zh")
    await knowledge.close()


async def test_the_figures_of_words_stay_what_they_are() -> None:
    quiet = Knowledge(lambda _: HER)
    async with desk() as at:
        await at.find("x")
        await at.embed()
        for question in ("有停车场吗", "停车要钱吗", "能带宠物进去吗", PARAPHRASE, "退钱", "月球有多远"):
            alone, hits = await quiet.search(HER, question), await at.find(question)
            figures = {hit.item.id: (hit.rank, hit.title, hit.cover, hit.near) for hit in hits}
            for hit in alone:
                assert figures[hit.item.id] == (hit.rank, hit.title, hit.cover, hit.near)
            assert band(hits) == band(alone)
            if band(alone) == "answer":
                assert hits[0].item == alone[0].item


def test_what_is_first_by_words_and_meaning_is_first() -> None:
    def hit(id: str, rank: float, title: float = 0.0, dense: float = 0.0, cover: float = 0.0) -> Hit:
        return Hit(Item(id, (id,), id, "zh"), rank, title, cover, dense=dense)

    worded = [hit("a", 0.3), hit("b", 0.28), hit("c", 0.25), hit("faint", 0.05)]
    meant = [hit("d", 0.0, dense=0.8), hit("b", 0.28, dense=0.7), hit("e", 0.1, dense=0.1)]
    joined = fused(worded, meant)
    assert [each.item.id for each in joined] == ["b", "a", "d", "c", "e", "faint"]
    assert [each.dense for each in joined] == [0.7, 0.0, 0.8, 0.0, 0.1, 0.0]
    assert [each.place for each in joined] == [1, 0, 5, 2, 4, 3]
    assert band(joined) == band(worded) == "suggest"
    sure = [hit("a", 0.9, PLAIN, cover=1.0), *worded[1:]]
    assert fused(sure, meant)[0].item.id == "a"
    assert band(fused(sure, meant)) == "answer"
    assert [each.item.id for each in fused([], meant)] == ["d", "b", "e"]
    assert fused(worded, [])[0].dense == 0


async def test_what_is_found_by_meaning_stands_beside_the_question() -> None:
    async with desk() as at:
        large = HER.model_copy(
            update={"faq": (*HER.faq, *(Faq(id=f"q{n}", q=f"第{n}样", a="壶" * 900) for n in range(40)))}
        )
        await at.knowledge.take(large, "车.md", [Item("车.md#1", ("东门",), "泊车请走东门。", "zh", "车.md", "东门")])
        await at.embed(large)
        mind = minded(Settings(), at.knowledge, await memory.open(Data()))
        asked = message(PARAPHRASE)
        await mind.store.accept(asked)
        claim = await mind.store.claim(asked.conversation)
        assert claim is not None
        beside = await mind.beside(large, claim, claim.entries, Window(claim.entries))
        assert "车.md#1" in [item.id for item in beside.found]


# Making vectors


async def test_vectors_are_made_in_batches_once_and_go_on_after_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path, batch=4) as at:
        await at.find("x")
        await at.embed()
        assert [len(each.texts) for each in at.service.asked] == [4, 2]
        assert {each.model for each in at.service.asked} == {"near-1"}
        assert {each.authorization for each in at.service.asked} == {f"Bearer {SECRET}"}
        await at.embed()
        assert len(at.service.asked) == 2
    async with desk(tmp_path) as at:
        await at.embed()
        assert at.service.asked == []
        assert (await at.ids(PARAPHRASE))[0] == "parking"


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async with desk(tmp_path, batch=2) as at:
        at.service.faults = ["", "", "hang"]
        making = asyncio.create_task(at.knowledge.embed(HER))
        while len(at.service.asked) < 3:
            await asyncio.sleep(0.001)
        making.cancel()
        await asyncio.wait([making])
        hits = await at.find(PARAPHRASE)  # what there is is used
        assert len([hit for hit in hits if hit.dense]) == 4
    async with desk(tmp_path, batch=2) as at:
        await at.embed()
        assert [len(each.texts) for each in at.service.asked] == [2]


async def test_vectors_wait_for_another_process_that_writes(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.find("x")
        other = Index(tmp_path / f"{HER.id}.db")
        with other.changing():
            making = asyncio.create_task(at.knowledge.embed(HER))
            async with asyncio.timeout(10):
                while not at.time.slept:
                    await asyncio.sleep(0.01)
        await soon(making)
        other.close()
        assert len(at.service.asked) == 1
        assert (await at.ids(PARAPHRASE))[0] == "parking"


async def test_another_model_makes_them_anew(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.find("x")
        await at.embed()
    async with desk(tmp_path, EmbeddingsStandIn(dimension=32), model="near-2") as at:
        assert at.service.asked == []
        assert (await at.find("停车"))[0].dense == 0  # the old model's cannot be compared
        await at.embed()
        assert len(at.service.texts) == len(HER.faq)
        assert (await at.ids(PARAPHRASE))[0] == "parking"
        room = at.knowledge.rooms[HER.id]
        assert room.vectors is not None
        assert room.vectors.progress() == (6, 6)
        assert Vectors(room.index, "near-1").progress() == (0, 6)


async def test_another_dimension_behind_the_same_name_makes_them_anew(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.find("x")
        await at.embed()
    more = HER.model_copy(update={"version": "2", "faq": (*HER.faq, Faq(id="new", q="有茶点吗", a="有。"))})
    async with desk(tmp_path, EmbeddingsStandIn(dimension=32)) as at:
        await at.find("x", more)
        await at.embed(more)
        assert len(at.service.texts) == 1 + 1 + 6  # the question; the new one, which shows it; and then the others
        assert (await at.ids(PARAPHRASE, more))[0] == "parking"
    async with desk(tmp_path, EmbeddingsStandIn(dimension=16)) as at:
        assert not any(hit.dense for hit in await at.find("停车", more))  # nothing is due, but a question shows it
        assert at.knowledge.unembedded.qsize() == 2
        await at.embed(more)
        assert (await at.ids(PARAPHRASE, more))[0] == "parking"


async def test_only_what_changed_is_embedded_again_and_what_is_gone_is_gone(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.find("x")
        await at.embed()
        at.service.asked.clear()
        changed = [each.model_copy(update={"a": "后院有车位。"}) if each.id == "parking" else each for each in HER.faq]
        fresh = HER.model_copy(update={"version": "2", "faq": tuple(changed[:-1])})
        await at.find("x", fresh)
        at.service.asked.clear()
        await at.embed(fresh)
        assert len(at.service.texts) == 1
        assert "后院有车位" in at.service.texts[0]
        room = at.knowledge.rooms[HER.id]
        assert room.vectors is not None
        assert room.vectors.progress() == (5, 5)
        hits = await at.find(PARAPHRASE, fresh)
        assert hits[0].item.answer == "后院有车位。"
        assert len([hit for hit in hits if hit.dense]) == 5


async def test_documents_are_embedded_after_they_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "persona" / "mia"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "persona.yaml").write_text("id: mia\nname: {zh: 米, en: M}\nidentity: 伙计。\n", encoding="utf-8")
    file = folder / "knowledge" / "a.md"
    file.write_text("# 车辆\n\n泊车请走东门。\n\n# 菜单\n\n红茶十元。\n", encoding="utf-8")

    def hers(id: str) -> Persona:
        return persona.load(folder)

    async with desk(tmp_path / "data") as at:
        at.knowledge.persona = hers
        running = asyncio.create_task(at.knowledge.run())
        at.knowledge.want("mia")
        async with asyncio.timeout(60):
            while len(at.service.texts) < 2:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])
        await at.embed(persona.load(folder))
        assert (await at.find(PARAPHRASE, persona.load(folder)))[0].item.heading == "车辆"
        file.unlink()
        await at.knowledge.read(persona.load(folder))
        assert await at.find(PARAPHRASE, persona.load(folder)) == []
        room = at.knowledge.rooms["mia"]
        assert room.vectors is not None
        assert room.vectors.progress() == (0, 0)


def test_a_vector_that_comes_too_late_is_not_put_down() -> None:
    index = Index()
    vectors = Vectors(index, "m")
    index.replace("a", "", [Item("a#1", (), "旧的", "zh", "a")])
    (due,) = vectors.due(5)
    index.replace("a", "", [Item("a#1", (), "新的", "zh", "a")])
    vectors.keep([(due, b"\0<")])
    vectors.keep([(Due("a", 99, "x", "y"), b"\0<")])
    assert vectors.progress() == (0, 1)
    assert not vectors.any()
    assert vectors.due(5)[0].text == "新的"


def test_long_texts_are_cut_and_empty_ones_are_something() -> None:
    index = Index()
    index.replace("a", "", [Item("a#1", (), "长" * 9000, "zh", "a"), Item("a#2", (), "", "zh", "a")])
    assert [len(each.text) for each in Vectors(index, "m").due(5)] == [2000, 1]


def test_what_is_in_memory_follows_the_file(tmp_path: Path) -> None:
    """Another process adds and removes; the nearest are those that are there."""
    here, there = Index(tmp_path / "a.db"), Index(tmp_path / "a.db")
    vectors, theirs = Vectors(here, "m"), Vectors(there, "m")
    axes = {"a": b"\x00\x3c\x00\x00", "b": b"\x00\x00\x00\x3c", "c": b"\x00\xbc\x00\x00"}  # (1, 0), (0, 1), (-1, 0)
    for file, axis in axes.items():
        there.replace(file, "", [Item(f"{file}#1", (), file, "zh", file)])
        theirs.keep([(due, axis) for due in theirs.due(1)])
        assert vectors.any()

    def names() -> list[str]:
        found = vectors.nearest(axes["a"], 9)
        passages = here.pictured(id for id, _ in found)
        return [passages[id].item.file for id, _ in found]

    assert names() == ["a", "b", "c"]
    there.remove("b")
    assert names() == ["a", "c"]
    there.replace("c", "", [Item("c#1", (), "anew", "zh", "c")])  # takes its number over, but not its vector
    assert names() == ["a"]
    assert vectors.nearest(axes["a"] * 2, 9) == []  # another dimension
    here.close()
    there.close()


def test_the_nearest_are_the_largest_cosines() -> None:
    import numpy as np

    rows = np.eye(6, dtype=np.float32) * np.arange(6, dtype=np.float32)[:, None]
    places, cosines = nearest(rows, np.ones(6, np.float32), 3)
    assert (places.tolist(), cosines.tolist()) == ([5, 4, 3], [5, 4, 3])
    assert nearest(rows[:2], np.ones(6, np.float32), 3)[0].tolist() == [1, 0]
    assert nearest(rows[:0], np.ones(6, np.float32), 3)[0].tolist() == []


# When the service fails


async def test_a_service_that_is_busy_is_asked_again_when_it_says(caplog: pytest.LogCaptureFixture) -> None:
    async with desk() as at:
        at.service.faults = ["429-after-7", "503", "hangup", ""]
        await at.find("x")
        await at.embed()
        assert at.time.slept[0] == 7
        assert 0.5 <= at.time.slept[1] <= 2
        assert len(at.service.asked) == 4
        assert (at.client.fault, at.told) == ("", [])
        assert (await at.ids(PARAPHRASE))[0] == "parking"


async def test_an_unreachable_service_is_told_once_and_words_answer_at_once(caplog: pytest.LogCaptureFixture) -> None:
    alone = await Knowledge(lambda _: HER).search(HER, "停车要钱吗")
    async with desk() as at:
        await at.find("x")
        await at.embed()
        at.service.asked.clear()
        at.service.fault = "hangup"
        for _ in range(3):
            assert [hit.item.id for hit in await at.find("停车要钱吗")] == [hit.item.id for hit in alone]
        assert len(at.service.asked) == 1
        assert len(at.told) == 1
        assert "只按字词找" in at.told[0]
        at.time.at += at.client.away_s
        await at.find("停车要钱吗")
        assert len(at.service.asked) == 2
        assert len(at.told) == 1
        at.service.fault = ""
        at.time.at += at.client.away_s
        assert (await at.find("停车要钱吗"))[0].dense > 0
        assert at.told[1:] == [""]
    assert len([each for each in caplog.records if each.levelno == logging.WARNING]) == 1


async def test_nobody_listens_there() -> None:
    async with desk(url="http://127.0.0.1:9/v1") as at:
        await at.find("x")
        with pytest.raises(EmbeddingError) as caught:
            await at.client.passages(["x"])
        assert caught.value.kind == "unreachable"
        assert len(at.told) == 1
        assert "127.0.0.1:9" in at.told[0]


async def test_a_question_waits_only_a_moment() -> None:
    async with desk() as at:
        await at.find("x")
        await at.embed()
        at.client.patience_s = 0.05
        at.service.fault = "hang"
        assert (await soon(at.find("停车要钱吗")))[0].item.id == "parking"
        assert at.client.away_s > 0
        assert "timeout" in at.client.fault or "0.05 s" in at.client.fault


async def test_making_vectors_waits_until_the_service_is_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.service.faults = ["500"] * 4 + ["401"] + [""]
        await at.find("x")
        await at.embed()
        assert at.time.slept[3:] == pytest.approx([30, REFUSED_S])
        assert [bool(text) for text in at.told] == [True, True, False]
        assert "api_key" not in at.told[1] or SECRET not in at.told[1]
        assert "密钥" in at.told[1]
        assert (await at.ids(PARAPHRASE))[0] == "parking"


@pytest.mark.parametrize("fault", ["html", "short", "nan", "zero", "text", "places", "ragged", "500", "hangup"])
async def test_what_does_not_hold_together_is_not_taken(fault: str) -> None:
    async with desk() as at:
        await at.find("x")
        at.service.fault = fault
        with pytest.raises(EmbeddingError) as caught:
            await at.client.passages(["甲", "乙", "丙"])
        assert caught.value.kind in ("broken", "unreachable")
        assert len(at.service.asked) == 4
        assert at.client.dimension == 0


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "422", "301"])
async def test_a_refusal_is_not_repeated(status: str) -> None:
    async with desk() as at:
        at.service.fault = status
        with pytest.raises(EmbeddingError) as caught:
            await at.client.passages(["甲"])
        assert caught.value.kind in ("refused", "unfit")
        assert len(at.service.asked) <= 2
        assert at.client.away_s == REFUSED_S
        asked = len(at.service.asked)
        assert await at.client.question("甲") is None
        assert len(at.service.asked) == asked


async def test_another_dimension_in_the_middle_is_broken() -> None:
    async with desk() as at:
        await at.client.passages(["甲"])
        at.service.fault = "half"
        with pytest.raises(EmbeddingError, match="32 dimensions instead of 64"):
            await at.client.passages(["乙"])


async def test_fewer_at_once_where_a_service_takes_no_more() -> None:
    async with desk(service=EmbeddingsStandIn(most=3)) as at:
        await at.find("x")
        await at.embed()
        assert at.client.most <= 3
        sizes = [len(each.texts) for each in at.service.asked]
        assert sizes[0] == 6
        assert sum(size for size in sizes if size <= 3) == 6


async def test_one_passage_or_question_that_is_refused_hinders_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async with desk(service=EmbeddingsStandIn(refuses="十个免费车位")) as at:
        await at.find("x")
        await at.embed()
        assert at.client.most == at.client.settings.batch
        room = at.knowledge.rooms[HER.id]
        assert room.vectors is not None
        assert room.vectors.progress() == (5, 6)
        assert at.told == []
        await at.embed()
        assert at.client.away_s == 0
        assert (await at.find("可以带狗吗"))[0].dense > 0
        assert (await at.find("有十个免费车位吗"))[0].item.id == "parking"
        assert at.client.away_s == 0


async def test_a_question_is_asked_once() -> None:
    async with desk() as at:
        await at.find("x")
        await at.embed()
        at.service.asked.clear()
        await at.find("停车要钱吗")
        await at.find("停车要钱吗")
        assert at.service.texts == ["停车要钱吗"]
        await at.find("   ")
        assert len(at.service.asked) == 1


async def test_the_key_is_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with desk() as at:
        for fault in ("400", "401", "429-after-999", "500", "html"):
            at.service.fault = fault
            with pytest.raises(EmbeddingError) as caught:
                await at.client.passages(["甲", "乙"])
            assert SECRET not in f"{caught.value!r} {caught.value} {at.client.fault} {at.client.reason}"
    assert SECRET not in caplog.text


async def test_a_key_that_is_none(caplog: pytest.LogCaptureFixture) -> None:
    async with desk(api_key="sk\r\nX: y") as at:
        with pytest.raises(EmbeddingError, match="characters"):
            await at.client.passages(["甲"])
        assert at.service.asked == []


async def test_address_and_key_of_the_environment_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    service = EmbeddingsStandIn()
    async with served(service.app()) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
        for base in ("", f"{url}/v1/"):
            client = Embeddings(EmbeddingSettings(base_url=base, model="m"))
            assert await client.probe() == 64
            await client.close()
    assert [each.authorization for each in service.asked] == [f"Bearer {SECRET}", ""]


async def test_the_doctor_says_whether_it_answers() -> None:
    off = await doctor.meanings(None)
    assert off.good
    async with desk() as at:
        good = await doctor.meanings(at.client)
        assert good.good
        assert "near-1 @ 127.0.0.1" in good.text
        assert "64" in good.text
    async with desk() as at:
        at.service.fault = "401"
        bad = await doctor.meanings(at.client)
        assert not bad.good
        assert "HTTP 401" in bad.text
        assert SECRET not in str(bad)


@pytest.mark.parametrize("address", ["api.example.com/v1", "ftp://a.example", "https://me:canary@a.example/v1"])
def test_an_address_is_written_whole(tmp_path: Path, address: str) -> None:
    (tmp_path / "persona" / "ayin").mkdir(parents=True)
    with pytest.raises(Faults) as caught:
        settings.load(tmp_path, {"ZHIYIN_KNOWLEDGE__EMBEDDINGS__BASE_URL": address})
    assert "base_url" in str(caught.value)
    assert "knowledge.embeddings" in str(caught.value)
    assert "canary" not in str(caught.value)


async def test_turns_go_on_while_vectors_are_made(tmp_path: Path) -> None:
    """A hanging service hinders no question, and no FAQ that is laid out anew."""
    async with desk(tmp_path) as at:
        at.service.fault = "hang"
        running = asyncio.create_task(at.knowledge.run())
        await at.find("x")
        while not at.service.asked:
            await asyncio.sleep(0.001)
        fresh = HER.model_copy(update={"version": "2", "faq": (*HER.faq, Faq(id="new", q="有茶点吗", a="有。"))})

        def hers(id: str) -> Persona:
            return fresh

        at.knowledge.persona = hers
        assert (await soon(at.find("有茶点吗", fresh)))[0].item.id == "new"
        assert len(at.service.asked) == 1
        running.cancel()
        await asyncio.wait([running])
