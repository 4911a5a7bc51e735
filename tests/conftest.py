"""What every test shares: asyncio, an environment without keys, and no way out but the loopback."""

import ipaddress
import os
import sys
from collections.abc import AsyncGenerator

import pytest

from bot.phonetics import Phonetics

for name in list(os.environ):
    if name.startswith(("OPENAI_", "ZHIYIN_")) and name != "ZHIYIN_TEST_BROWSER":
        del os.environ[name]


def _stay_home(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to connect to anything but this machine."""
    if event == "socket.connect" and isinstance(address := arguments[1], tuple):
        host = str(address[0])
        if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            raise PermissionError(f"a test tried to reach {host}")


sys.addaudithook(_stay_home)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Async tests run on asyncio; what a module's tests share lives as long as the module."""
    return "asyncio"


@pytest.fixture(scope="module")
async def phonetics() -> AsyncGenerator[Phonetics]:
    """A client of the real phonetics worker."""
    async with Phonetics() as phonetics:
        yield phonetics
