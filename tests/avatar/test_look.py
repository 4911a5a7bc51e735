"""Looks are validated; `ensure` draws once and is found again without heavy imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.avatar import LOOKS, Look, LookError, chosen, ensure
from bot.avatar.look import fingerprint


def test_names_and_parameters_give_looks() -> None:
    assert chosen("ayin") == Look()
    assert chosen({"hair": "#112233"}) == Look(hair="#112233")
    assert chosen({"base": "cherry", "eyes": "#00ff00"}).bow == LOOKS["cherry"].bow
    assert len(LOOKS) >= 2


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ("ayinn", "'ayinn' is not known; choose one of ayin"),
        ({"hiar": "#112233"}, "did you mean hair?"),
        ({"zzz": "#112233"}, "known are hair"),
        ({"hair": "red"}, "hair is 'red'; write a colour as #rrggbb"),
        ({"fringe": "curly"}, "fringe is 'curly'; choose one of swept, straight"),
        ({"base": "nobody"}, "'nobody' is not known"),
    ],
)
def test_a_look_that_cannot_be_drawn_says_why(look: str | dict[str, str], words: str) -> None:
    with pytest.raises(LookError) as fault:
        chosen(look)
    assert words in str(fault.value)


def test_the_fingerprint_follows_the_look() -> None:
    prints = {fingerprint(look) for look in LOOKS.values()}
    assert len(prints) == len(LOOKS)
    assert all(len(text) == 16 and int(text, 16) >= 0 for text in prints)


def test_ensure_draws_once(tmp_path: Path) -> None:
    folder = ensure(Look(), tmp_path)
    assert folder == tmp_path / fingerprint(Look())
    assert sorted(entry.name for entry in folder.iterdir()) == ["avatar.vrm", "manifest.json"]
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.name]
    (folder / "avatar.vrm").write_bytes(b"kept")
    assert ensure(Look(), tmp_path) == folder
    assert (folder / "avatar.vrm").read_bytes() == b"kept"


def test_a_body_that_is_there_needs_no_heavy_imports(tmp_path: Path) -> None:
    home = tmp_path / fingerprint(Look())
    home.mkdir()
    (home / "manifest.json").write_text("{}")
    code = (
        "import sys, pathlib, bot.avatar, bot.avatar.manifest\n"
        "print(bot.avatar.ensure(bot.avatar.chosen('ayin'), pathlib.Path(sys.argv[1])))\n"
        "print(sorted({'numpy', 'PIL'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.splitlines() == [str(home), "[]"]


def test_the_command_prints_the_folder_and_refuses_an_unknown_look(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    home = tmp_path / fingerprint(LOOKS["night"])
    home.mkdir()
    (home / "manifest.json").write_text("{}")
    command = [sys.executable, "-m", "bot.avatar", "--out", str(tmp_path), "--look"]
    done = subprocess.run([*command, "night"], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == str(home)
    failed = subprocess.run([*command, "nights"], capture_output=True, text=True, cwd=root, check=False)
    assert failed.returncode == 2
    assert "'nights' is not known" in failed.stderr
    assert "Traceback" not in failed.stderr
