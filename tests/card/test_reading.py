"""Cards of every version and form, as other programs write them; and files that are none, or mean harm."""

import io
import json
import stat
import struct
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.card import BadCard
from bot.card.reading import read
from bot.jsonfile import Json
from tests.card.makings import BOOK, charx, chunk, dumped, encoded, png, sillytavern, text, v1, v2, v3


def refused(data: bytes, name: str = "mia.png") -> BadCard:
    with pytest.raises(BadCard) as caught:
        read(data, name)
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.zh)
    assert caught.value.en.isascii() or "×" in caught.value.en
    return caught.value


# Versions


@pytest.mark.parametrize(("card", "version"), [(v1(), 1), (v2(), 2), (v3(), 3)])
def test_each_version_is_told_by_its_spec(card: dict[str, Json], version: int) -> None:
    found = read(dumped(card), "mia.json")
    assert (found.version, found.name, found.char, found.text("personality")) == (version, "米娅", "米娅", "温柔")
    assert found.original == card
    assert found.notices == ()


def test_a_top_level_like_version_1_with_a_spec_is_taken_by_its_spec() -> None:
    both = {**v1(name="旧的"), **v2(name="新的")}
    assert read(dumped(both), "x.json").name == "新的"


@pytest.mark.parametrize(
    ("version", "told"),
    [("3.1", "newer"), (3.5, "newer"), ("x", "no number"), (None, "no number"), ("3.0", ""), ("2.9", "")],
)
def test_another_spec_version_is_told_and_taken(version: Json, told: str) -> None:
    found = read(dumped({**v3(), "spec_version": version}), "x.json")
    assert found.name == "米娅"
    assert [told in notice for notice in found.notices] == ([True] if told else [])


def test_an_unknown_spec_is_read_as_the_newest() -> None:
    found = read(dumped({**v3(nickname="小米"), "spec": "chara_card_v9", "spec_version": "9.0"}), "x.json")
    assert (found.version, found.char) == (3, "小米")
    assert len(found.notices) == 1


def test_a_nickname_is_what_char_stands_for() -> None:
    found = read(dumped(v3(nickname="小米")), "x.json")
    assert (found.name, found.char) == ("米娅", "小米")
    assert read(dumped(v3(nickname="")), "x.json").char == "米娅"


def test_a_card_without_a_name_is_called_as_its_file() -> None:
    found = read(dumped(v2(name="")), "C:\\cards\\Mia.v2.json")
    assert found.name == "Mia.v2"
    assert any("no name" in notice for notice in found.notices)


def test_an_icon_that_is_not_main_is_the_icon_and_told() -> None:
    one: dict[str, Json] = {"type": "icon", "uri": "embeded://a.png", "name": "first", "ext": "png"}
    found = read(dumped(v3(assets=[one, {**one, "name": "second"}])), "x.json")
    assert found.icon
    assert found.icon.name == "first"
    assert any("main" in notice for notice in found.notices)
    main = read(dumped(v3(assets=[one, {**one, "name": "main"}])), "x.json")
    assert main.icon
    assert (main.icon.name, main.notices) == ("main", ())
    assert read(dumped(v3()), "x.json").assets[0].uri == "ccdefault:"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "JSON"),
        (b"\x00\x01\x02", "UTF-8"),
        (b"{", "column"),
        (b"[1]", "object"),
        (b'{"a": 1}', "no card"),
        (b'{"name": "x"}', "no card"),
        (dumped({"spec": "chara_card_v2", "spec_version": "2.0"}), "no data"),
        (dumped({"spec": "lorebook_v3", "data": BOOK}), "lorebook.json"),
        (dumped(BOOK), "lorebook.json"),
        (b'{"name": "x", "description": ' + b"[" * 3000 + b"]" * 3000 + b"}", "deeper"),
        (b"[" * 3_000_000, "deeper"),
        (b"[" + b"0," * 300_000 + b"0]", "more than"),
        (b'{"a": NaN}', "number"),
        (b'{"a": 1e999}', "number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (b'"' + b'\\"' * 1_000_000, "JSON"),
        (b" " * 16_000_001, "Too large"),
        (b"\xff\xd8\xff\xe0JFIF", "PNG"),
        (b"RIFF....WEBP", "PNG"),
    ],
)  # fmt: skip
def test_what_is_no_card_is_told_in_both_languages(data: bytes, says: str) -> None:
    assert says in refused(data, "x.json").en


def test_other_encodings_are_read() -> None:
    words = json.dumps(v2(), ensure_ascii=False)
    for data in (words.encode("utf-8-sig"), words.encode("utf-16"), words.encode("gb18030")):
        assert read(data, "x.json").name == "米娅"


# PNG


def test_a_png_as_sillytavern_writes_it() -> None:
    found = read(png(sillytavern(v2())), "mia.png")
    assert (found.form, found.version, found.data["tags"]) == ("png", 3, ["画"])
    assert found.raw == png(sillytavern(v2()))


def test_a_png_as_airi_writes_it() -> None:
    extended = v3(extensions={"airi": {"modules": {"speech": {"model": "x"}}}})
    found = read(png(None, text("ccv3", encoded(extended))), "card.png")
    assert found.extensions == {"airi": {"modules": {"speech": {"model": "x"}}}}


def test_where_both_notes_disagree_ccv3_counts() -> None:
    notes = {"chara": encoded(v2(name="旧的")), "ccv3": encoded(v3(name="新的"))}
    assert read(png(notes), "x.png").name == "新的"


@pytest.mark.parametrize("keyword", ["chara", "Chara", "CHARA", "CCv3"])
def test_a_keyword_is_the_same_in_any_case(keyword: str) -> None:
    assert read(png({keyword: encoded(v2())}), "x.png").name == "米娅"


def test_a_broken_ccv3_leaves_chara_and_is_told() -> None:
    found = read(png({"ccv3": b"%%%", "chara": encoded(v2())}), "x.png")
    assert found.version == 2
    assert "ccv3" in found.notices[0]


def test_base64_with_line_breaks_and_without_padding() -> None:
    packed = encoded(v2()).rstrip(b"=")
    assert read(png({"chara": packed[:60] + b"\r\n" + packed[60:]}), "x.png").name == "米娅"


def test_an_animated_png() -> None:
    control = chunk(b"acTL", struct.pack(">II", 1, 0)), chunk(b"fcTL", b"\0" * 26)
    assert read(png({"ccv3": encoded(v3())}, *control), "x.png").name == "米娅"


BOMB = zlib.compress(b"\0" * 200_000_000, 9)
"""194 kB that unpack to 200 MB."""
GOOD = png({"chara": encoded(v2())})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (png(), "no card in this PNG"),
        (png({"chara": b"!!not base64!!"}), "base64"),
        (png({"chara": b"AAAA"}), "no text"),
        (png({"chara": encoded([1])}), "object"),
        (png(None, chunk(b"zTXt", b"chara\0\0" + zlib.compress(encoded(v2())))), "compressed"),
        (png({"chara": encoded(v2())}, chunk(b"zTXt", b"Comment\0\0" + BOMB)), "unpacks"),
        (png({"chara": encoded(v2())}, chunk(b"iTXt", b"Comment\0\1\0zh\0\0" + BOMB)), "unpacks"),
        (png({"chara": encoded(v2())}, chunk(b"iCCP", b"profile\0\0" + BOMB)), "unpacks"),
        (png({"chara": encoded(v2())}, width=60_000, height=60_000), "pixels"),
        (png({"chara": encoded(v2())}, width=0), "pixels"),
        (png({"chara": encoded(v2())}, width=2**32 - 1, height=2**32 - 1), "pixels"),
        (GOOD[:-4], "cut off"),
        (GOOD[:-12], "cut off"),
        (GOOD[:40], "cut off"),
        (GOOD.replace(b"chara", b"chare"), "checksum"),
        (GOOD[:8] + GOOD[33:], "IHDR"),
        (GOOD[:8] + b"\xff\xff\xff\xff" + GOOD[12:], "cut off"),
        (GOOD[:33] + chunk(b"abCD", b"") * 20_001 + GOOD[33:], "chunks"),
        (png({"chara": encoded({"a": "x" * 17_000_000})}), "Too large"),
    ],
)  # fmt: skip
def test_a_png_that_is_damaged_or_means_harm(data: bytes, says: str) -> None:
    assert says in refused(data).en


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_no_bytes_break_the_reading(noise: bytes, at: int) -> None:
    for data in (noise, GOOD[:at] + noise, GOOD[:at] + noise + GOOD[at + len(noise) :]):
        try:
            read(data, "x")
        except BadCard:
            continue


# CHARX


def test_a_charx_with_assets() -> None:
    icon: Json = {"type": "icon", "uri": "embeded://assets/icon/images/a.png", "name": "main", "ext": "png"}
    data = charx({"card.json": dumped(v3(assets=[icon])), "assets/icon/images/a.png": png(), "module.risum": b"x"})
    found = read(data, "mia.charx")
    assert (found.form, found.name, found.raw) == ("charx", "米娅", data)
    assert found.icon
    assert found.icon.uri.endswith("a.png")
    assert read(b"\xff\xd8\xff\xe0 a picture in front" + data, "mia.jpeg").name == "米娅"


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("card.json", dumped(v3()))
        link = zipfile.ZipInfo("assets/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def twice() -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)
        for name in ("card.json", "CARD.json"):
            archive.writestr(name, dumped(v3()))
    return out.getvalue()


def named(path: str) -> bytes:
    """A CHARX with a file of this name, whatever zipfile thinks of it."""
    place = "~" * len(path.encode())
    return charx({"card.json": dumped(v3()), place: b"x"}).replace(place.encode(), path.encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (charx({"a.json": b"{}"}), "card.json"),
        (charx({"sub/card.json": dumped(v3())}), "card.json"),
        (charx({"card.json": b"{"}), "card.json"),
        (charx({"card.json": dumped(v3()), "a": b"\0" * 50_000_000}), "bomb"),
        (charx({"card.json": dumped(v3()), "a": b"\0" * 101_000_000, "b": b"\0" * 101_000_000}), "too much"),
        (charx({"card.json": b" " * 17_000_000 + dumped(v3())}), "bomb"),
        (charx({"card.json": dumped(v3()), **{f"{n}": b"" for n in range(1000)}}), "too many"),
        (charx({"card.json": dumped(v3()), "a": b"x"}, zipfile.ZIP_BZIP2), "unusual"),
        (linked(), "link"),
        (twice(), "name"),
        (charx({"card.json": dumped(v3())})[:-30], "zip"),
        (b"PK\x03\x04" + b"\0" * 100, "zip"),
        (charx({"card.json": dumped(v3())}, zipfile.ZIP_STORED).replace("米娅".encode(), b"xxxxxx"), "damaged"),
    ],
)  # fmt: skip
def test_a_charx_that_is_damaged_or_means_harm(data: bytes, says: str) -> None:
    assert says in refused(data, "x.charx").en


@pytest.mark.parametrize(
    "path",
    [
        "../../evil", "a/../../evil", "/etc/evil", "C:\\evil.txt", "C:/evil", "a\\..\\evil", "evil\0.png", "NUL", "a/con.png",
        "COM1.txt", "a/lpt9", "x" * 301, "a//b", "./a", "trailing.", "a\nb", "a/ b /..",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    assert "name" in refused(named(path), "x.charx").en
