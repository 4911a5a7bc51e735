"""Khronos' own validator finds no error in any named look."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.avatar import LOOKS, author

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", LOOKS)
def test_a_body_is_valid_gltf(name: str, tmp_path: Path) -> None:
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert node, "no Node: `make setup`"
    file = tmp_path / "avatar.vrm"
    file.write_bytes(author.vrm(LOOKS[name]))
    command = [node, str(Path(__file__).with_name("validate.mjs")), str(file)]
    found = subprocess.run(
        command, cwd=ROOT / "bot" / "web" / "page", capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(found.stdout) == {"errors": 0, "messages": []}
