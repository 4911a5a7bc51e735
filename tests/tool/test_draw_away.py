"""Drawing, where it goes wrong: services that refuse or send rubbish, and pictures that lie where nobody may look."""

import logging
from pathlib import Path

import pytest

from bot import phrases
from bot.persona import Bilingual
from bot.tool._outside import Outside, public
from tests.standins.images import ImagesStandIn
from tests.tool.rig_draw import KEY, refused, rig, secured, seen


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("policy", phrases.DRAW_NOT_THIS),
        ("policy-200", phrases.DRAW_NOT_THIS),
        ("moderation", phrases.DRAW_NOT_THIS),
        ("401", phrases.DRAW_OFF),
        ("404", phrases.DRAW_OFF),
        ("moved", phrases.DRAW_OFF),
        ("429", phrases.DRAW_BUSY),
        ("503", phrases.DRAW_BUSY),
        ("hangup", phrases.DRAW_BUSY),
        ("500", phrases.DRAW_FAILED),
        ("html", phrases.DRAW_FAILED),
        ("garbage", phrases.DRAW_FAILED),
        ("empty", phrases.DRAW_FAILED),
        ("base64", phrases.DRAW_FAILED),
        ("huge", phrases.DRAW_FAILED),
        ("bomb", phrases.DRAW_FAILED),
        ("svg", phrases.DRAW_FAILED),
        ("gif", phrases.DRAW_FAILED),
        ("torn", phrases.DRAW_FAILED),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_told_in_both_languages(
    fault: str, words: Bilingual, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with rig() as here:
        assert await refused(here, f"fault-{fault}") == words.zh
        assert await refused(here, f"fault-{fault}", "en") == words.en
        assert await here.counted() == 0
        assert len(here.service.requests) == 2
    assert "no picture" in caplog.text
    assert not any(secret in caplog.text for secret in (KEY, "sk-secret", f"fault-{fault} "))


async def test_a_service_that_is_not_there() -> None:
    for place, words in (("http://127.0.0.1:1/v1", phrases.DRAW_BUSY), ("nowhere", phrases.DRAW_OFF)):
        async with rig(base_url=place) as here:
            assert await refused(here, "猫") == words.zh


async def test_a_key_that_is_none() -> None:
    async with rig(api_key="key\r\nX-More: y") as here:
        assert await refused(here, "猫") == phrases.DRAW_OFF.zh


# Pictures that lie elsewhere


async def test_an_address_is_fetched_by_tls_without_the_key(tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path, lambda host: True) as outside, rig(service=service, outside=outside) as here:
        assert (await seen(here, (await here.draw("fault-url")).parts[0])).size == (640, 480)
        assert (await seen(here, (await here.draw("fault-url-away")).parts[0])).size == (640, 480)
        assert len(service.fetched) == 2
        assert all("Authorization" not in headers for headers in service.fetched)


@pytest.mark.parametrize("name", ["heavy", "round"])
async def test_an_address_that_leads_to_too_much_or_nowhere(name: str, tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path, lambda host: True) as outside, rig(service=service, outside=outside) as here:
        assert await refused(here, f"fault-url-{name}") == phrases.DRAW_FAILED.zh


async def test_an_address_of_this_machine_is_never_dialled(tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path) as outside, rig(service=service, outside=outside) as here:
        assert await refused(here, "fault-url") == phrases.DRAW_FAILED.zh
        service.places["name"] = service.places["url"].replace("127.0.0.1", "localhost")
        assert await refused(here, "fault-url-name") == phrases.DRAW_FAILED.zh
        assert service.fetched == []


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/file/x", "file:///etc/passwd", "//127.0.0.1/x", "", "https://", "https://[::1", "data:text/plain,x", "ftp://x/y"],
)  # fmt: skip
async def test_only_tls_is_followed(address: str) -> None:
    service = ImagesStandIn()
    async with rig(service=service, outside=Outside(lambda host: True)) as here:
        port = here.box.settings.base_url.rpartition(":")[2].removesuffix("/v1")
        service.places["odd"] = address.format(port=port)
        assert await refused(here, "fault-url-odd") == phrases.DRAW_FAILED.zh
        assert service.fetched == []


async def test_a_redirect_out_of_tls_is_not_followed(tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path, lambda host: True) as outside, rig(service=service, outside=outside) as here:
        service.places["again"] = here.box.settings.base_url.replace("/v1", "/file/x")
        assert await refused(here, "fault-url-round") == phrases.DRAW_FAILED.zh
        assert service.fetched == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0", "::", "100.64.0.1", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "fe80::1", "fd00::1", "224.0.0.1", "ff02::1", "255.255.255.255", "2002:7f00:1::", "64:ff9b::7f00:1",
        "64:ff9b::a01:203", "not an address", "",
    ],
)  # fmt: skip
def test_addresses_of_the_house_are_told_from_others(host: str) -> None:
    assert not public(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet(host: str) -> None:
    assert public(host)
