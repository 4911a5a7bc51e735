"""The data folder's lock: one holder, named; free again when it is gone."""

import os
from pathlib import Path

import pytest

from bot.lock import Locked, locked


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path / "data") as lock:
        lock.tell("http://127.0.0.1:8080")
        with pytest.raises(Locked) as told, locked(tmp_path / "data"):
            pass
        assert (told.value.pid, told.value.url) == (os.getpid(), "http://127.0.0.1:8080")
    with locked(tmp_path / "data"):
        pass


def test_a_holder_that_has_not_said_its_name_is_told_as_unknown(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.file.truncate(0)
        with pytest.raises(Locked) as told, locked(tmp_path):
            pass
        assert (told.value.pid, told.value.url) == (0, "")
