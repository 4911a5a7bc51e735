"""An index as files come, change and go: it counts, measures and finds what a plain reckoning does."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.grams import grams
from bot.knowledge.index import BATCH, CANDIDATES, FAQ, FORMAT, Index
from bot.retrieval import READ, Candidate, Hit, Item, Weights, ask, length

FIRST = [
    Item("open", ("几点开门", "营业时间"), "早上九点开门，晚上六点关门。", "zh"),
    Item("dog", ("可以带狗吗",), "院子里可以，屋里不行。", "zh"),
    Item("wifi", ("wifi密码", "How do I get online?"), "The password is on the receipt.", "en"),
]
HOUSE = [
    Item("house.md#1", ("房子的历史",), "房子是木头的，院子里有一棵老树，狗喜欢躺在下面。", "zh", "house.md", "房子 › 房子的历史"),
    Item("house.md#2", ("房间",), "房间有三间，早上九点打扫，九点以前请不要来。", "zh", "house.md", "房子 › 房间"),
]  # fmt: skip
RULES = [Item("rules.md#1", ("规矩",), "狗要牵绳，晚上六点以后小声，密码不要告诉别人。", "zh", "rules.md", "规矩")]
QUESTIONS = ["几点开门", "狗可以进屋吗", "晚上密码", "院子里的老树", "password", "房间什么时候打扫", "什么", "xyz", ""]


class Reckoned:
    """A corpus that counts everything anew each time."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.weights = Weights(len(items), self.seen([gram for item in items for gram in grams(item.indexed)]))

    @property
    def size(self) -> int:
        return len(self.items)

    def seen(self, wanted: Sequence[str]) -> dict[str, int]:
        counts = {gram: sum(gram in grams(item.indexed) for item in self.items) for gram in set(wanted)}
        return {gram: count for gram, count in counts.items() if count}

    def having(self, wanted: Sequence[str]) -> Sequence[Candidate]:
        found = [item for item in self.items if not set(wanted).isdisjoint(grams(item.indexed))]
        return [Candidate(item, self._norm(item.indexed), tuple(map(self._norm, item.wordings))) for item in found]

    def _norm(self, text: str) -> float:
        return length(self.weights.vector(Counter(grams(text))))


def figures(hits: Sequence[Hit]) -> Mapping[str, tuple[float, ...]]:
    """What was found, and how well, but for the last digits."""
    return {hit.item.id: tuple(round(each, 4) for each in (hit.rank, hit.title, hit.cover, hit.near)) for hit in hits}


def counted(index: Index) -> dict[str, int]:
    """How often each gram is seen, as the index has it."""
    return dict(index.db.execute("select gram, passages from seen").fetchall())


def many(count: int, file: str = "many.md") -> list[Item]:
    """Passages that differ in a word."""
    return [Item(f"{file}#{n}", ("树",), f"院子里的树 w{n} w{n % 7}", "zh", file, "树") for n in range(count)]


@pytest.fixture
def index() -> Index:
    """The house in three files, one of which came, changed and stayed, and one that came and went."""
    index = Index()
    index.replace("gone.md", "1", many(40, "gone.md"))
    index.replace(FAQ, "1", FIRST[:1])
    index.replace("house.md", "1", [*HOUSE, Item("house.md#3", ("地窖",), "地窖里有酒。", "zh", "house.md")])
    index.replace("rules.md", "1", RULES)
    index.replace(FAQ, "2", FIRST)
    index.replace("house.md", "2", HOUSE)
    index.remove("gone.md")
    index.settle()
    return index


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_finds_what_a_plain_reckoning_finds(index: Index, question: str) -> None:
    plain = Reckoned([*FIRST, *HOUSE, *RULES])
    for language in ("zh", "en"):
        assert figures(ask(index, question, language)) == figures(ask(plain, question, language))


def test_grams_are_counted_as_files_come_change_and_go(index: Index) -> None:
    items = [*FIRST, *HOUSE, *RULES]
    assert index.size == len(items)
    assert counted(index) == dict(Counter(gram for item in items for gram in set(grams(item.indexed))))
    for file in list(index.documents()):
        index.remove(file)
    assert (index.size, counted(index), index.everything()) == (0, {}, [])
    assert index.db.execute("select count(*) from measure").fetchone() == (0,)


def test_the_same_file_again_changes_nothing(index: Index) -> None:
    before = counted(index), figures(ask(index, "狗", "zh"))
    index.replace("rules.md", "1", RULES)
    assert (counted(index), figures(ask(index, "狗", "zh"))) == before


def test_what_grew_is_measured_anew_when_it_settles(index: Index) -> None:
    index.replace("many.md", "1", many(30))
    index.settle()
    plain = Reckoned([*FIRST, *HOUSE, *RULES, *many(30)])
    assert figures(ask(index, "院子里的狗", "zh")) == figures(ask(plain, "院子里的狗", "zh"))
    assert index.db.execute("select min(size), max(size) from measure").fetchone() == (36, 36)


def test_a_large_file_is_measured_by_all_of_itself() -> None:
    index = Index()
    index.replace("many.md", "1", many(BATCH * 2 + 1))
    assert index.db.execute("select min(size), max(size), count(*) from measure").fetchone() == (BATCH * 2 + 1,) * 3
    assert index.size == BATCH * 2 + 1


def test_a_file_on_disk_is_as_it_was_left(index: Index, tmp_path: Path) -> None:
    kept = Index(tmp_path / "deep" / "index.db")
    for file, items in ((FAQ, FIRST), ("house.md", HOUSE), ("rules.md", RULES)):
        kept.replace(file, "1", items)
    kept.settle()
    kept.close()
    again = Index(tmp_path / "deep" / "index.db")
    assert figures(ask(again, "晚上狗", "zh")) == figures(ask(index, "晚上狗", "zh"))
    assert again.everything() == [*FIRST, *HOUSE, *RULES]
    again.close()


@pytest.mark.parametrize("spoil", ["another format", "no database", "half a database"])
def test_a_file_that_is_none_of_ours_is_made_anew(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "index.db"
    if spoil == "no database":
        path.write_bytes(b"not a database at all" * 100)
    else:
        with sqlite3.connect(path) as db:
            db.execute("create table other (x)")
            db.execute(f"pragma user_version = {FORMAT if spoil == 'half a database' else FORMAT - 1}")
        db.close()
    index = Index(path)
    index.replace(FAQ, "1", FIRST)
    assert ask(index, "几点开门", "zh")[0].item.id == "open"
    index.close()


def test_an_id_that_is_taken_gets_an_end(index: Index) -> None:
    index.replace(
        "twin.md", "1", [Item("dog", ("狗",), "别的狗。", "zh", "twin.md"), Item("dog", ("狗",), "又一只。", "zh")]
    )
    assert [item.id for item in index.of("twin.md")] == ["dog~2", "dog~3"]
    assert [item.answer for item in index.find(["dog~3", "nobody", "dog"])] == ["又一只。", FIRST[1].answer]


def test_what_everything_has_is_still_found_among_some() -> None:
    index = Index()
    index.replace("many.md", "1", many(CANDIDATES * 5))
    found = ask(index, "树", "zh")
    assert len(found) == CANDIDATES
    assert {hit.item.answer[:5] for hit in found} == {"院子里的树"}


def test_a_gram_too_common_to_read_to_its_end_is_answered_all_the_same() -> None:
    index = Index()
    index.replace("many.md", "1", [Item(f"{n}", (), "树", "zh", "many.md") for n in range(READ + 10)])
    assert len(ask(index, "树", "zh")) == CANDIDATES
    index.close()
