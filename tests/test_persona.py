"""Personas: Ayin as she is shipped, and what becomes of a folder with each kind of fault."""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bot import persona
from bot.avatar import manifest
from bot.faults import Faults
from bot.folder import LARGEST_DOCUMENT, LARGEST_LORE, MOST_FILES
from bot.persona import Faq, Persona, PersonaAvatar, PersonaVoice, Sheet
from bot.voice import Manner
from tests.bodies import glb, vrm1

ROOT = Path(__file__).resolve().parents[1]
AYIN = ROOT / "persona" / "ayin"
SHEET = "id: mia\nname: {zh: 米娅, en: Mia}\nidentity: 一个爱画画的人\n"
SHIPPED = sorted(each.parent.name for each in ROOT.glob("persona/*/persona.yaml"))
CUE = re.compile(r"\[([a-z][a-z_]*)(?: [\d.]+)?\]")


@pytest.fixture
def mia(tmp_path: Path) -> Path:
    """The smallest good folder."""
    folder = tmp_path / "mia"
    write(folder / "persona.yaml", SHEET)
    return folder


def write(file: Path, text: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)


def refused(folder: Path) -> str:
    with pytest.raises(Faults) as caught:
        persona.load(folder)
    return str(caught.value)


def plain(text: str) -> str:
    """A wording without case and punctuation."""
    return re.sub(r"\W", "", text.casefold())


def ayin() -> Persona:
    return persona.load(AYIN)


# Ayin


def test_ayin_is_whole() -> None:
    her = ayin()
    assert (her.id, her.name.zh, her.name.en) == ("ayin", "阿音", "Ayin")
    assert her.notices == ()
    assert len(her.faq) >= 30
    assert set(her.documents) == {"zhiyin.md", "guide.md"}
    assert 8 <= len(her.style.examples) <= 10
    assert any(re.fullmatch(r"[ -~’]+", each.user) for each in her.style.examples)
    assert "阿音 Ayin（ayin）" in persona.summary(her)
    assert her.version in persona.summary(her)


def test_ayin_writes_only_cues_her_body_knows() -> None:
    her = ayin()
    shows = [*manifest.CONTENT["expressions"].values(), *manifest.CONTENT["gestures"].values()]
    known = {cue for each in shows for cue in each["cues"]}
    spoken = [*(each.her for each in her.style.examples), *(each.a for each in her.faq)]
    used = {cue for text in spoken for cue in CUE.findall(text)}
    assert used
    assert used <= known
    assert [text for text in spoken if len(CUE.findall(text)) > 1] == []


def test_ayin_answers_briefly_and_english_in_english() -> None:
    for each in ayin().faq:
        words = CUE.sub("", each.a).strip()
        if each.id.endswith("-en"):
            assert not re.search(r"[\u3400-\u9fff]", words + each.q + "".join(each.also)), each.id
            assert len(words) <= 140, each.id
        else:
            assert re.search(r"[\u3400-\u9fff]", words), each.id
            assert len(words) <= 80, each.id


def test_no_question_has_two_answers() -> None:
    wordings = [wording.casefold() for each in ayin().faq for wording in (each.q, *each.also)]
    assert sorted({w for w in wordings if wordings.count(w) > 1}) == []


@pytest.mark.parametrize("id", ["crisis", "crisis-en"])
def test_in_a_crisis_she_names_the_helpline(id: str) -> None:
    her = ayin()
    assert "12356" in next(each.a for each in her.faq if each.id == id)
    assert any("12356" in each for each in her.never)


def test_what_the_page_proposes_she_can_answer_offline() -> None:
    words = (ROOT / "bot/web/page/src/i18n.ts").read_text(encoding="utf-8")
    found = re.search(r"starters: \{\s*zh: '([^']*)',\s*en: '([^']*)'", words)
    assert found
    asked = {plain(each.q) for each in ayin().faq} | {plain(also) for each in ayin().faq for also in each.also}
    assert [each for group in found.groups() for each in group.split("|") if plain(each) not in asked] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_persona_proposes_her_own_faq_answers(name: str) -> None:
    her = persona.load(ROOT / "persona" / name)
    asked = {plain(wording) for each in her.faq for wording in (each.q, *each.also)}
    for proposed, english in ((her.starters.zh, False), (her.starters.en, True)):
        assert len(set(proposed)) == 4
        assert [each for each in proposed if plain(each) not in asked or each.isascii() is not english] == []


def test_the_guide_names_every_key() -> None:
    guide = (ROOT / "docs" / "persona.md").read_text(encoding="utf-8")
    for model in (Sheet, PersonaVoice, PersonaAvatar, Faq):
        for key in model.model_fields:
            assert re.search(rf"[`.]{key}\b", guide) or f"{key}: " in guide, key


# A folder that is good


def test_the_smallest_folder(mia: Path) -> None:
    her = persona.load(mia)
    assert (her.id, her.folder, her.faq, her.documents) == ("mia", mia, (), {})
    assert her.voice.manner == Manner()
    assert (her.starters.zh, her.starters.en) == ((), ())


def test_proposals_of_the_largest_size(mia: Path) -> None:
    write(mia / "persona.yaml", SHEET + f"starters: {{zh: [{', '.join(f'{n}' + '问' * 39 for n in range(6))}]}}\n")
    starters = persona.load(mia).starters
    assert [len(each) for each in starters.zh] == [40] * 6
    assert starters.en == ()


def test_everything_in_a_folder(mia: Path) -> None:
    write(mia / "persona.yaml", SHEET + "extensions: {app: {level: 3, on: true, name: '5'}}\nbackground:\n")
    write(mia / "faq.yaml", "- id: open\n  q: 几点开门\n  also: [营业时间]\n  a: 12356\n")
    write(mia / "knowledge" / "a.md", "# 甲\r\n")
    write(mia / "knowledge" / "deep" / "b.txt", "乙".encode("gb18030"))
    write(mia / "knowledge" / "c.txt", "丙".encode("utf-16"))
    write(mia / "knowledge" / "README.md", "给运营者看")
    write(mia / "knowledge" / ".draft.md", "x")
    write(mia / "knowledge" / "menu.pptx", b"PK")
    her = persona.load(mia)
    assert set(her.documents) == {"a.md", "deep/b.txt", "c.txt"}
    assert her.documents["deep/b.txt"] == sha256("乙".encode("gb18030")).hexdigest()
    assert her.faq[0].a == "12356"
    assert her.extensions == {"app": {"level": 3, "on": True, "name": "5"}}
    (notice,) = her.notices
    assert "menu.pptx" in notice
    assert ".md" in notice


@pytest.mark.parametrize("file", ["persona.yaml", "faq.yaml", "knowledge/a.md", "body.vrm"])
def test_the_version_follows_what_she_is_made_of(mia: Path, file: str) -> None:
    write(mia / "persona.yaml", SHEET + "avatar: {vrm: body.vrm}\n")
    for each in ("faq.yaml", "knowledge/a.md"):
        write(mia / each, "")
    (mia / "body.vrm").write_bytes(glb(vrm1()))
    before = persona.load(mia).version
    write(mia / "notes.txt", "mine")
    assert persona.load(mia).version == before
    (mia / file).write_bytes((mia / file).read_bytes() + b"\n")
    assert persona.load(mia).version != before


def test_a_link_inside_the_folder_is_fine(mia: Path) -> None:
    write(mia / "texts" / "a.md", "甲")
    (mia / "knowledge").mkdir()
    (mia / "knowledge" / "a.md").symlink_to("../texts/a.md")
    assert persona.load(mia).documents == {"a.md": sha256("甲".encode()).hexdigest()}


def test_a_lorebook_in_a_folder(mia: Path) -> None:
    before = persona.load(mia)
    entry = (
        '{"keys": ["茶"], "content": "@@moon\\n春茶三月上市", "enabled": true, "insertion_order": 1, "extensions": {}}'
    )
    write(mia / "lorebook.json", f'{{"entries": [{entry}], "extensions": {{}}}}')
    her = persona.load(mia)
    assert her.lore
    assert [each.content for each in her.lore.entries] == ["春茶三月上市"]
    assert before.lore is None
    assert before.version != her.version
    assert "1 条世界书" in persona.summary(her)
    assert any("lorebook.json" in notice and "@@moon" in notice for notice in her.notices)


# A folder with faults


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("idenity: x\n", 4, ("idenity", "是不是 identity", "There is no such key")),
        ("version: '3'\n", 4, ("version", "没有这个键")),
        ("faq: []\n", 4, ("没有这个键",)),
        ("languages: [zh, fr]\n", 4, ("languages[2]", '"fr"', "zh、en")),
        ("languages: []\n", 4, ("不能是空的",)),
        ("greeting: 你好\n", 4, ("greeting", "zh, en")),
        ("starters: [你是谁]\n", 4, ("starters", "zh, en")),
        ("starters:\n  zh: 你是谁\n", 5, ("starters.zh", "列表")),
        ("starters:\n  zh: [一, 二, 三, 四, 五, 六, 七]\n", 5, ("starters.zh", "最多 6 项", "At most 6 items")),
        (f"starters:\n  en: [{'x' * 41}]\n", 5, ("starters.en[1]", "最多 40 个字", "At most 40 characters")),
        ("starters:\n  zh: [' ']\n", 5, ("starters.zh[1]", "不能是空的")),
        ("voice:\n  edge: Xiaoxiao\n", 5, ("voice.edge", "zh-CN-XiaoyiNeural")),
        ("voice:\n  edge: zh-CN-X'/><break/>Neural\n", 5, ("voice.edge",)),
        ("voice:\n  rate: fast\n", 5, ("voice.rate", "整数")),
        ("voice:\n  pitch: 51\n", 5, ("不能大于 50",)),
        ("avatar:\n  look: pink\n", 5, ("avatar.look", '"pink"', "ayin、cherry、night")),
        ("avatar:\n  look:\n    hair: red\n", 5, ("#rrggbb", "hair")),
        ("avatar:\n  look: {hair: [a]}\n", 5, ("avatar.look.hair",)),
        ("avatar:\n  only: [smile, wavee]\n", 5, ("avatar.only", "是不是 wave")),
        ("avatar:\n  vrm: ../x.vrm\n", 5, ("avatar.vrm", "文件夹外面")),
        ("avatar:\n  vrm: /etc/x.vrm\n", 5, (".vrm 文件",)),
        ("avatar:\n  vrm: body.vrm\n", 5, ("没有这个文件",)),
        ("avatar:\n  vrm: persona.yaml\n", 5, (".vrm 文件",)),
        ("knowledge: {strictness: strictly}\n", 4, ("knowledge.strictness", "strict")),
        ("style:\n  rules:\n    - a: b\n", 6, ("style.rules[1]", "引号")),
        ("style:\n  examples:\n    - user: hi\n", 6, ("style.examples[1].her", "缺少")),
        ("style:\n  examples: [{user: hi, her: [smile] hi}]\n", 5, ("括号",)),
        ("background: *x\n", 4, ("锚点",)),
    ],
)
def test_a_fault_in_persona_yaml_names_line_field_and_mend(
    mia: Path, text: str, line: int, words: tuple[str, ...]
) -> None:
    write(mia / "persona.yaml", SHEET + text)
    told = refused(mia)
    assert f"persona.yaml:{line}" in told, told
    for word in words:
        assert word in told, told


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- id: a\n  q: x\n  a: y\n- id: a\n  q: z\n  a: w\n", 4, ("faq[2].id", "第 1 行")),
        ("- id: a\n  q: x\n", 1, ("faq[1].a", "缺少")),
        ("- id: a\n  q: x\n  a: ' '\n", 3, ("faq[1].a", "不能是空的")),
        ("- id: 一 二\n  q: x\n  a: y\n", 1, ("faq[1].id",)),
        ("- id: a\n  q: x\n  a: y\n  asw: z\n", 4, ("faq[1].asw", "没有这个键")),
        ("- id: a\n  q: x\n  a: y\n  also: z\n", 4, ("faq[1].also", "列表")),
        ("id: a\nq: x\n", 1, ("列表",)),
        ("- hello\n", 1, ("faq[1]", "id, q, also, a")),
    ],
)
def test_a_fault_in_faq_yaml(mia: Path, text: str, line: int, words: tuple[str, ...]) -> None:
    write(mia / "faq.yaml", text)
    told = refused(mia)
    assert f"faq.yaml:{line}" in told, told
    for word in words:
        assert word in told, told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"entries": [\n{]', ("第 2 行", "line 2")),
        ('{"entries": [5]}', ("entries[1]",)),
        ('{"entries": [{"keys": {}}, {"content": 1}]}', ("entries[1].keys", "entries[2].content")),
        ("[]", ("entries", "世界书")),
        ("[" * 3000, ("嵌套",)),
        (b"\x00", ("不是文字",)),
        (" " * (LARGEST_LORE + 1), ("太大了",)),
    ],
)
def test_a_fault_in_lorebook_json_names_its_place(mia: Path, text: str | bytes, words: tuple[str, ...]) -> None:
    write(mia / "lorebook.json", text)
    told = refused(mia)
    assert "lorebook.json" in told
    for word in words:
        assert word in told, told


def test_all_faults_of_all_files_at_once(mia: Path) -> None:
    write(mia / "persona.yaml", "id: mai\nname: {en: Mia}\nvoice: {rate: 200}\navatar: {vrm: no.vrm}\n")
    write(mia / "faq.yaml", "- {id: a, q: x, a: y}\n- {id: a, q: x, a: ''}\n")
    told = refused(mia)
    assert told.startswith("有 7 处要改"), told
    for field in ("id = ", "name.zh", "identity", "voice.rate", "avatar.vrm", "faq[2].id", "faq[2].a"):
        assert field in told


def test_a_folder_without_persona_yaml(tmp_path: Path) -> None:
    assert "没有这个文件" in refused(tmp_path / "nobody")


@pytest.mark.parametrize("file", ["persona.yaml", "faq.yaml", "lorebook.json", "knowledge/a.md"])
def test_links_out_of_the_folder_are_refused(mia: Path, file: str) -> None:
    write(mia.parent / "secret", SHEET)
    (mia / file).parent.mkdir(exist_ok=True)
    (mia / file).unlink(missing_ok=True)
    (mia / file).symlink_to(mia.parent / "secret")
    assert "文件夹外面" in refused(mia)


@pytest.mark.parametrize("link", ["knowledge", "knowledge/more"])
def test_links_to_folders_are_refused(mia: Path, link: str) -> None:
    write(mia.parent / "else" / "a.md", "x")
    (mia / link).parent.mkdir(exist_ok=True)
    (mia / link).symlink_to(mia.parent / "else")
    assert "指向文件夹的链接" in refused(mia)


def test_files_too_large_or_too_many_are_refused(mia: Path) -> None:
    write(mia / "knowledge" / "big.md", b"x" * (LARGEST_DOCUMENT + 1))
    assert "太大了" in refused(mia)
    (mia / "knowledge" / "big.md").unlink()
    for number in range(MOST_FILES + 1):
        write(mia / "knowledge" / f"{number}.md", "x")
    assert "资料太多" in refused(mia)


def test_a_pipe_is_not_waited_for(mia: Path) -> None:
    (mia / "knowledge").mkdir()
    os.mkfifo(mia / "knowledge" / "a.md")
    assert "不是普通文件" in refused(mia)


def test_a_file_that_cannot_be_read_is_one_fault(mia: Path) -> None:
    write(mia / "persona.yaml", "id: 'mia\n")
    assert refused(mia).startswith("有 1 处要改")


@pytest.mark.parametrize("bomb", ["[" * 5000, "{a: " * 5000, "- " * 5000])
def test_bottomless_yaml_is_refused(mia: Path, bomb: str) -> None:
    write(mia / "persona.yaml", f"identity: {bomb}")
    assert "persona.yaml" in refused(mia)


def test_a_fault_can_be_read_by_programs(mia: Path) -> None:
    write(mia / "persona.yaml", SHEET + "voice: {rate: 200}\n")
    with pytest.raises(Faults) as caught:
        persona.load(mia)
    (fault,) = caught.value.faults
    found: dict[str, Any] = {"line": fault.place.line, "field": fault.field, "value": fault.value}
    assert found == {"line": 4, "field": "voice.rate", "value": '"200"'}
