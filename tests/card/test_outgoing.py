"""A folder becomes a card again: nothing is lost, and what the operator changed is in it."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import persona
from bot.card import BadCard, Form
from bot.card.draft import fields
from bot.card.incoming import imported
from bot.card.outgoing import exported
from bot.card.reading import read
from bot.faults import Faults
from bot.jsonfile import Json
from tests.card.makings import BOOK, charx, dumped, encoded, png, sillytavern, text, v1, v2, v3

AYIN = Path(__file__).resolve().parents[2] / "persona" / "ayin"


def put(tmp_path: Path, card: Json | bytes, id: str = "mia") -> Path:
    imported(read(card if isinstance(card, bytes) else dumped(card), "card"), tmp_path, id)
    return tmp_path / id


def out(folder: Path) -> dict[str, Any]:
    return json.loads(exported(folder, "json"))


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "persona.yaml"
    before = file.read_text(encoding="utf-8")
    assert old in before
    file.write_text(before.replace(old, new), encoding="utf-8")


def notes(picture: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The tEXt chunks of a PNG that hold JSON, read by Pillow's rules of the road: length, kind, data, CRC."""
    found: list[tuple[str, dict[str, Any]]] = []
    at = 8
    while at < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        body = picture[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack_from(">I", picture, at + 8 + length)[0]
        keyword, _, value = body.partition(b"\0")
        if kind == b"tEXt" and keyword in (b"chara", b"ccv3"):
            found.append((keyword.decode(), json.loads(base64.b64decode(value))))
        at += 12 + length
    return found


# Nothing is lost


@pytest.mark.parametrize("extra", [{}, {"future_field": {"a": [1, None, "x"]}, "extensions": {"app": {"deep": [1.5]}}}])
def test_version_3_comes_out_as_it_went_in(tmp_path: Path, extra: dict[str, Json]) -> None:
    card = {**v3(character_book=BOOK, nickname="小米", **extra), "top": "kept"}
    assert out(put(tmp_path, card)) == card


def test_a_newer_version_stays_newer(tmp_path: Path) -> None:
    card = {**v3(), "spec_version": "3.1"}
    assert out(put(tmp_path, card)) == card


def test_version_2_becomes_3_with_all_it_had(tmp_path: Path) -> None:
    card = {**v2(character_book=BOOK, odd=1, extensions={"app": 1}), **v1(), "chat": "old"}
    found = out(put(tmp_path, card))
    assert (found["spec"], found["chat"], found["name"]) == ("chara_card_v3", "old", "米娅")
    data = card["data"]
    assert isinstance(data, dict)
    assert found["data"] == {**data, "group_only_greetings": []}


def test_version_1_goes_to_3_and_back_with_unknown_fields(tmp_path: Path) -> None:
    card = v1(talkativeness="0.5", create_date="2023-1-1", avatar="none")
    once = out(put(tmp_path, card))
    assert once["spec"] == "chara_card_v3"
    assert {key: once["data"][key] for key in card} == card
    again = out(put(tmp_path, once, "again"))
    assert again == once
    assert persona.load(tmp_path / "again").identity == persona.load(tmp_path / "mia").identity


@pytest.mark.parametrize("form", ["json", "png", "charx"])
def test_every_form_makes_the_same_persona_again(tmp_path: Path, form: Form) -> None:
    folder = put(tmp_path, v3(character_book=BOOK, extensions={"app": 1}))
    edit(folder, "画室里", "海边")
    (folder / "persona.yaml").write_text(
        (folder / "persona.yaml").read_text(encoding="utf-8") + "background: 从前\nnever: [撒谎]\nvoice: {rate: 5}\n",
        encoding="utf-8",
    )
    again = put(tmp_path / "again", exported(folder, form))
    one, other = persona.load(folder), persona.load(again)
    skip = {"version", "folder", "notices", "extensions"}
    assert one.model_dump(exclude=skip) == other.model_dump(exclude=skip)
    assert out(again) == out(folder)


def test_ayin_as_a_card_and_back(tmp_path: Path) -> None:
    assert fields(persona.load(AYIN)) == fields(persona.load(put(tmp_path, exported(AYIN, "png"), "ayin")))


# What was changed


def test_a_changed_field_is_changed_and_no_other(tmp_path: Path) -> None:
    card = v3(alternate_greetings=["早", "晚"], system_prompt="{{original}}短句", character_book=BOOK)
    folder = put(tmp_path, card)
    edit(folder, "你好，你！", "又见面了。")
    found = out(folder)
    data = card["data"]
    assert isinstance(data, dict)
    assert found["data"] == {**data, "first_mes": "又见面了。"}


def test_blanks_at_the_end_are_no_change(tmp_path: Path) -> None:
    folder = put(tmp_path, v3())
    edit(folder, "identity: |-", "identity: |")
    assert out(folder) == v3()


def test_a_changed_identity_is_the_whole_description(tmp_path: Path) -> None:
    folder = put(tmp_path, {**v2(), **v1()})
    edit(folder, "米娅是画家。", "米娅是琴师。")
    found = out(folder)
    for level in (found, found["data"]):
        assert level["description"] == "米娅是琴师。\n\n性格：温柔\n\n场景：画室里"
        assert (level["personality"], level["scenario"]) == ("", "")
        assert level["first_mes"] == "你好，{{user}}！"


def test_name_examples_orders_and_other_programs(tmp_path: Path) -> None:
    folder = put(tmp_path, v3(nickname="小米", system_prompt="短句", extensions={"app": {"a": 1}}))
    edit(folder, "zh: 小米", "zh: 小麦\n  en: Mai")
    edit(folder, "her: 在呢", "her: 我在")
    edit(folder, 'system_prompt: "短句"', 'system_prompt: "长句"\n  other: {b: 2}')
    found = out(folder)["data"]
    assert (found["name"], found["nickname"], found["system_prompt"]) == ("小麦", "小麦", "长句")
    assert found["mes_example"] == "<START>\n{{user}}: 在吗\n{{char}}: 我在"
    assert found["extensions"] == {"app": {"a": 1}, "other": {"b": 2}, "zhiyin": {"name_en": "Mai"}}


def test_what_no_card_has_a_field_for(tmp_path: Path) -> None:
    folder = put(tmp_path, v3(system_prompt="短句"))
    edit(folder, "rules:\n  - 短句", "rules:\n  - 长句")
    with (folder / "persona.yaml").open("a", encoding="utf-8") as file:
        file.write("background: 从前\navatar: {look: cherry}\ntools: {allow: [weather]}\n")
    assert out(folder)["data"]["extensions"] == {
        "zhiyin": {"background": "从前", "rules": ["长句"], "look": "cherry"},
    }  # fmt: skip


def test_a_lorebook_changed_removed_or_added(tmp_path: Path) -> None:
    folder = put(tmp_path, v3(character_book=BOOK))
    (folder / "lorebook.json").write_text(json.dumps({"spec": "lorebook_v3", "data": {**BOOK, "name": "新"}}))
    assert out(folder)["data"]["character_book"] == {**BOOK, "name": "新"}
    (folder / "lorebook.json").unlink()
    assert "character_book" not in out(folder)["data"]
    other = put(tmp_path, v3(), "other")
    (other / "lorebook.json").write_text(json.dumps(BOOK))
    assert out(other)["data"]["character_book"] == BOOK
    useless = put(tmp_path, v3(character_book={"entries": {}}), "useless")
    assert out(useless)["data"]["character_book"] == {"entries": {}}


def test_without_a_card_a_fresh_one_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "lea"
    folder.mkdir()
    (folder / "persona.yaml").write_text("id: lea\nname: {zh: 蕾雅, en: Lea}\nidentity: 一个人\n", encoding="utf-8")
    found = out(folder)
    assert (found["spec"], found["data"]["name"], found["data"]["description"]) == ("chara_card_v3", "蕾雅", "一个人")
    assert found["data"]["group_only_greetings"] == []
    assert read(exported(folder, "json"), "x").notices == ()


# Forms


def test_a_png_has_both_versions_once_and_its_picture(tmp_path: Path) -> None:
    picture = png(
        {**sillytavern(v2(character_book=BOOK)), "Chara": b"old", "Software": b"x"}, text("chara-ext-asset_:a", b"eA==")
    )
    folder = put(tmp_path, picture)
    edit(folder, "你好，你！", "早")
    made = exported(folder, "png")
    (old_name, old), (new_name, new) = notes(made)
    assert (old_name, old["spec"], new_name, new["spec"]) == ("chara", "chara_card_v2", "ccv3", "chara_card_v3")
    assert old["data"]["first_mes"] == new["data"]["first_mes"] == "早"
    assert new["data"]["character_book"] == BOOK
    assert old["data"]["character_book"]["entries"][0]["content"] == "颜料是矿物做的。"
    assert "version 3" in old["data"]["creator_notes"]
    assert new["data"]["creator_notes"] == "别给模型看"
    assert "group_only_greetings" not in old["data"]
    assert b"chara-ext-asset_:a" in made
    assert b"Software" in made
    with Image.open(io.BytesIO(made)) as shown, Image.open(io.BytesIO(picture)) as before:
        assert shown.tobytes() == before.tobytes()


def test_without_a_picture_one_is_drawn(tmp_path: Path) -> None:
    made = exported(put(tmp_path, v3()), "png")
    with Image.open(io.BytesIO(made)) as shown:
        assert shown.size == (400, 400)
        assert (shown.getcolors() or [])[1:]
    assert made == exported(tmp_path / "mia", "png")


def test_a_charx_keeps_its_files(tmp_path: Path) -> None:
    icon: Json = {"type": "icon", "uri": "embeded://assets/icon/images/a.png", "name": "main", "ext": "png"}
    files = {"assets/icon/images/a.png": png(), "module.risum": b"\0\1", "x_meta/1.json": b"{}"}
    folder = put(tmp_path, charx({"card.json": dumped(v3(assets=[icon])), **files}))
    made = exported(folder, "charx")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {name: archive.read(name) for name in archive.namelist() if name != "card.json"} == files
        assert json.loads(archive.read("card.json")) == v3(assets=[icon])
    assert made == exported(folder, "charx")


def test_a_png_becomes_a_charx_with_its_picture_as_the_icon(tmp_path: Path) -> None:
    picture = png({"ccv3": encoded(v3())})
    made = exported(put(tmp_path, picture), "charx")
    found = read(made, "x.charx")
    assert found.icon
    assert (found.icon.uri, found.icon.name) == ("embeded://assets/icon/images/main.png", "main")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.read("assets/icon/images/main.png") == picture


# What goes wrong


def test_a_broken_persona_or_card_is_told(tmp_path: Path) -> None:
    folder = put(tmp_path, v3())
    (folder / "card.json").write_text("[")
    with pytest.raises(BadCard, match=r"card\.json"):
        exported(folder, "json")
    (folder / "card.json").write_text("[1]")
    with pytest.raises(BadCard, match=r"card\.json"):
        exported(folder, "json")
    edit(folder, "identity", "idenity")
    with pytest.raises(Faults):
        exported(folder, "json")


def test_no_file_from_elsewhere_goes_into_a_card(tmp_path: Path) -> None:
    folder = put(tmp_path, v3())
    (tmp_path / "secret").write_bytes(png())
    (folder / "card.png").symlink_to(tmp_path / "secret")
    with pytest.raises(BadCard, match=r"card\.png"):
        exported(folder, "png")


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "name",
    "nickname",
    "description",
    "scenario",
    "first_mes",
    "mes_example",
    "system_prompt",
    "extensions",
    "tags",
    "zzz",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(FIELDS), plain), plain, st.sampled_from([v1, v2, v3]))
def test_whatever_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Json], top: Json, make: Callable[..., dict[str, Json]]
) -> None:
    card = {**make(**data), "zz_top": top}
    try:
        read(dumped(card), "x")
    except (BadCard, UnicodeEncodeError):
        return
    folder = put(tmp_path_factory.mktemp("any"), card)
    found = out(folder)
    inner = card["data"] if make is not v1 else card
    assert isinstance(inner, dict)
    for field, value in inner.items():
        if field == "extensions" and not isinstance(value, dict):
            continue  # it has to be an object
        if field == "name" and not (isinstance(value, str) and value.strip()):
            continue  # the file's name stands in
        assert found["data"][field] == value, field
    if make is not v1:
        assert found["zz_top"] == top
