"""The package wechaty is a guest here: asleep until it is needed, and no trace of it in folder, log and environment."""

import asyncio
import json
import os
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot import yamlfile
from bot.channel import ChannelError
from bot.channel.wechaty import Keys
from bot.validation import validated
from tests.channel.rig_wechaty import WechatyRig, listening, rig
from tests.channel.rigs import Notes
from tests.standins.wechaty import WechatyStandIn, serving

ROOT = Path(__file__).resolve().parents[2]
VISIT = """
import asyncio, json, logging, os, signal, sys
from pathlib import Path
from bot.channel import Premises
from bot.channel.wechaty import Keys, open
from tests.channel.rigs import Notes

async def visit(endpoint):
    keys = Keys(kind="wechaty", endpoint=endpoint, token="canary-4711", tls="off")
    channel = open("shop", keys, Premises(Notes(), Path("credentials")))
    found = await channel.probe()
    await channel.close()
    return found

def listeners():
    links = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in links]

logging.basicConfig(level=logging.INFO)
environ, signals = dict(os.environ), [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
found = asyncio.run(visit(sys.argv[1]))
logging.getLogger("Wechaty").warning("of no interest")
print(json.dumps({
    "found": found,
    "version": sys.modules["wechaty"].__version__,
    "left": os.listdir("."),
    "environment": dict(os.environ) == environ,
    "signals": [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == signals,
    "handlers": [n for n, logger in logging.root.manager.loggerDict.items()
                 if any(isinstance(h, logging.StreamHandler) for h in getattr(logger, "handlers", ()))],
    "silent": logging.getLogger("Message").getEffectiveLevel() >= logging.ERROR,
    "listeners": listeners(),
    "lent": [name for name in ("AsyncIOEventEmitter",) if hasattr(sys.modules["pyee"], name)],
    "telnetlib": "telnetlib" in sys.modules,
}))
"""


def test_it_sleeps_until_a_channel_needs_it() -> None:
    code = "import sys, bot.channel.wechaty; print([m for m in ('wechaty', 'grpclib', 'qrcode') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


async def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    strays = {"TOKEN": "stray-token", "ENDPOINT": "127.0.0.1:1", "WECHATY_LOG": "debug", "WECHATY_LOG_FILE": "log.txt"}
    environ = {**os.environ, **strays, "PYTHONPATH": str(ROOT)}
    async with serving(WechatyStandIn(token="canary-4711")) as endpoint:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", VISIT, endpoint),
            cwd=tmp_path,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(ran.communicate(), 30)
    assert (ran.returncode, err) == (0, b"")
    seen: dict[str, Any] = json.loads(out)
    assert "已登录 bot" in seen.pop("found")
    assert seen == {
        "version": "0.10.7",
        "left": [],
        "environment": True,
        "signals": True,
        "handlers": [],
        "silent": True,
        "listeners": [],
        "lent": [],
        "telnetlib": False,
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "field", "words"),
    [
        ("token: word", "", "要写 endpoint"),
        ("token: word\nendpoint: gateway", "endpoint", "127.0.0.1:8788"),
        ("endpoint: 127.0.0.1:8788", "", "要写 token"),
        ("endpoint: 127.0.0.1:8788\ntoken: 密码密码", "token", "英文字母"),
        ("endpoint: 127.0.0.1:8788\ntoken: word\ntls: yes", "tls", "insecure"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_with_the_mend(written: str, field: str, words: str) -> None:
    _, faults = validated(Keys, yamlfile.parse(f"kind: wechaty\n{written}", "config/local.yaml"))
    (fault,) = faults
    assert fault.field == field
    assert words in fault.zh
    assert "密码" not in fault.value


# TLS


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own for a name, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, chain = folder / "ca.pem", folder / "chain.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    chain.write_bytes(pem.read_bytes() + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.set_alpn_protocols(["h2"])
    return context, pem


async def secured(folder: Path, shop: WechatyRig) -> Path:
    """The stand-in with a certificate for gateway.example; the file to trust it by."""
    await shop.down()
    shop.standin.tls, ca = certified(folder, "gateway.example")
    await shop.up()
    return ca


async def test_a_certificate_of_ones_own_is_trusted_by_its_authority_and_name(tmp_path: Path) -> None:
    async with rig(tmp_path) as shop:
        ca = await secured(tmp_path, shop)
        trusting = shop.channel(Notes(), tls="on", ca=str(ca), server_name="gateway.example")
        async with listening(trusting) as house:
            await shop.say("你好", "m1")
            assert (await house.next()).text == "你好"
        for keys in (
            {"tls": "on", "ca": str(ca)},
            {"tls": "on", "server_name": "gateway.example"},
            {"tls": "on", "ca": str(tmp_path / "nothing.pem")},
        ):
            with pytest.raises(ChannelError, match=r"server_name|PEM") as told:
                await shop.channel(Notes(), **keys).probe()
            assert not told.value.again


async def test_plain_words_to_a_secured_gateway_are_explained(tmp_path: Path) -> None:
    async with rig(tmp_path) as shop:
        for tls in ("insecure", "off"):
            with pytest.raises(ChannelError, match="check endpoint and tls") as told:
                await shop.channel(Notes(), tls=tls).probe()
            assert told.value.again
            await secured(tmp_path, shop)
