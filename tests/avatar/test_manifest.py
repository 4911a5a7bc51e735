"""The manifest is read back whole, and a broken one says what is wrong."""

import json
from pathlib import Path

import pytest

from bot.avatar.manifest import CONTENT, VISEMES, ManifestError, load


def _folder(tmp_path: Path, text: str) -> Path:
    """A body's folder with this manifest."""
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    return tmp_path


def test_cues_lead_to_expressions_and_gestures(tmp_path: Path) -> None:
    manifest = load(_folder(tmp_path, json.dumps(CONTENT)))
    assert manifest.cues["joy"] == ("expression", "happy")
    assert manifest.cues["wave"] == ("gesture", "wave")
    assert manifest.cues["shake_head"] == ("gesture", "shake")
    assert manifest.expressions["smile"] == {"smile": 1.0}
    assert set(manifest.gestures) == {
        "wave", "nod", "shake", "bow", "think", "shrug", "present_left", "present_right", "clap", "heart", "point",
    }  # fmt: skip
    assert manifest.titles["wave"] == {"zh": "挥手", "en": "wave"}
    assert tuple(manifest.visemes) == VISEMES
    assert manifest.visemes["aa"]["aa"] == 1
    assert 1.4 < manifest.height < 1.5
    assert manifest.frames["bust"].span < manifest.frames["half"].span


def test_no_cue_stands_for_two_things() -> None:
    entries = [*CONTENT["expressions"].values(), *CONTENT["gestures"].values()]
    cues = [cue for entry in entries for cue in entry["cues"]]
    assert len(cues) == len(set(cues))
    assert all(cue.replace("_", "").isalpha() and cue.islower() for cue in cues)


@pytest.mark.parametrize("viseme", VISEMES)
def test_mouth_weights_are_shares(viseme: str) -> None:
    weights = CONTENT["visemes"][viseme]
    assert set(weights) == {"aa", "ih", "ou", "ee", "oh"}
    assert 0 <= sum(weights.values()) <= 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "version must be 1"),
        ('{"version": 2}', "version must be 1"),
        ('{"version": 1}', "expressions"),
        (json.dumps(CONTENT | {"visemes": {}}), "sil"),
        (json.dumps(CONTENT | {"camera": {"height": 1.4, "bust": 3}}), "wrong kind"),
    ],
)
def test_a_broken_manifest_names_its_file_and_fault(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ManifestError) as fault:
        load(_folder(tmp_path, text))
    assert "manifest.json" in str(fault.value)
    assert words in str(fault.value)


def test_a_missing_manifest_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"python -m bot\.avatar"):
        load(tmp_path)
