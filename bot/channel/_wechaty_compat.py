"""Brings wechaty 0.10.7 (2022) into a process of today, and leaves no trace of its coming but the modules themselves.

What it imports and no longer finds, and what it does when it is imported:

- ``pyee.AsyncIOEventEmitter`` moved to ``pyee.asyncio`` (pyee 12), ``urllib3.get_host`` is gone (urllib3 2), ``telnetlib``
  is gone (Python 3.13): they are lent to it; it uses none of them the way we use it.
- ``PuppetOptions()`` is a default of one of its dataclasses, which Python 3.11 refuses where there is no hash.
- It makes the folder ``CACHE_DIR`` (else ``.wechaty`` in the current one): it gets one that is gone afterwards.
- A ``WECHATY_LOG`` it does not know is an error, and each of its loggers writes to stderr by itself, messages and tokens
  included: they keep to errors, and say them the house's way, which masks secrets.
"""

import importlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Lock
from types import ModuleType
from typing import Any

import pyee
import pyee.asyncio
import urllib3
import urllib3.util

importing = Lock()


def wechaty() -> ModuleType:
    """The package; the first time takes most of a second, so call it in a thread."""
    with importing:
        if "wechaty" not in sys.modules:
            _import()
        return sys.modules["wechaty"]


def _import() -> None:
    known = set(logging.root.manager.loggerDict)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wechaty-"))
        stack.enter_context(_environment({"CACHE_DIR": folder, "WECHATY_LOG": "error", "WECHATY_LOG_FILE": None}))
        stack.enter_context(_lent(pyee, "AsyncIOEventEmitter", pyee.asyncio.AsyncIOEventEmitter))
        stack.enter_context(_lent(urllib3, "get_host", urllib3.util.parse_url))
        stack.enter_context(_telnetlib())
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        options: Any = importlib.import_module("wechaty_puppet").PuppetOptions
        options.__hash__ = object.__hash__
        importlib.import_module("wechaty")
    for name in set(logging.root.manager.loggerDict) - known:
        logger = logging.getLogger(name)
        if logger.handlers:
            logger.handlers, logger.propagate = [], True
            logger.setLevel(logging.ERROR)


@contextmanager
def _environment(changed: Mapping[str, str | None]) -> Generator[None]:
    before = {name: os.environ.get(name) for name in changed}
    try:
        _set(changed)
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _lent(module: ModuleType, name: str, value: object) -> Generator[None]:
    """A module with one name more for a while."""
    if hasattr(module, name):
        yield
        return
    setattr(module, name, value)
    try:
        yield
    finally:
        delattr(module, name)


@contextmanager
def _telnetlib() -> Generator[None]:
    """An empty telnetlib, also where there is a real one: that would only warn that it will go."""
    before, empty = sys.modules.get("telnetlib"), ModuleType("telnetlib")
    empty.__dict__["Telnet"] = None
    sys.modules["telnetlib"] = empty
    try:
        yield
    finally:
        del sys.modules["telnetlib"]
        if before:
            sys.modules["telnetlib"] = before
