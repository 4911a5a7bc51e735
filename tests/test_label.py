"""The AI label: its words where a text is read, its record where a file can hold one."""

import io
import json
import struct
from xml.etree import ElementTree

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from bot import mp3
from bot.channel import Capabilities
from bot.label import KEYS, Labels
from bot.pcm import RATE
from bot.settings import Label

LABELS = Labels(Label(producer="001191110102MAD55U9H0F10002"))
TONE = (8000 * np.sin(np.arange(RATE) / 20)).astype(np.int16)


def checked(record: str) -> None:
    """A record as GB 45438-2025 wants it."""
    assert record.isascii()
    assert " " not in record
    fields = json.loads(record)["AIGC"]
    assert tuple(fields) == KEYS
    assert (fields["Label"], fields["ContentProducer"]) == ("1", "001191110102MAD55U9H0F10002")
    assert len(fields["ProduceID"]) == 32


def test_each_record_has_its_own_number() -> None:
    one, two = (json.loads(LABELS.record())["AIGC"]["ProduceID"] for _ in range(2))
    assert one != two


async def test_an_mp3_carries_the_record_and_decodes_to_the_sample() -> None:
    plain = await mp3.encoded(TONE)
    data = LABELS.labelled(plain, "audio/mpeg")
    with av.open(io.BytesIO(data)) as file:
        checked(file.metadata["AIGC"])
    assert np.array_equal(mp3.decoded(data), mp3.decoded(plain))


def test_a_wav_carries_the_record_and_still_plays() -> None:
    out = io.BytesIO()
    soundfile.write(out, TONE[:-1], RATE, format="WAV", subtype="PCM_U8")
    data = LABELS.labelled(out.getvalue(), "audio/wav")
    at = data.index(b"AIGC")
    (size,) = struct.unpack_from("<I", data, at + 4)
    checked(data[at + 8 : at + 8 + size].decode())
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert len(soundfile.read(io.BytesIO(data))[0]) == len(TONE) - 1


@pytest.mark.parametrize(("format", "type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_carries_the_record_and_can_still_be_seen(format: str, type: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (9, 7), "red").save(out, format)
    data = LABELS.labelled(out.getvalue(), type)
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.size == (9, 7)
        xmp = picture.info["xmp"]
    packet = xmp.decode() if isinstance(xmp, bytes) else xmp
    body = packet[packet.index("<x:") : packet.rindex("<?xpacket")]
    found = ElementTree.fromstring(body).find(".//{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC")
    assert found is not None
    assert found.text
    checked(found.text)


def test_markdown_carries_it_in_its_front_matter() -> None:
    text = LABELS.labelled("你好".encode(), "text/markdown").decode()
    head, _, body = text.removeprefix("---\n").partition("\n---\n\n")
    assert head.startswith("AIGC:\n")
    assert [line.split(":")[0].strip() for line in head.splitlines()[1:]] == list(KEYS)
    assert body == "你好"


def test_what_has_no_place_for_it_stays_as_it_is() -> None:
    for type in ("audio/silk", "audio/amr", "application/octet-stream", "image/jpeg", "image/png", "audio/wav"):
        assert LABELS.labelled(b"bytes", type) == b"bytes"


def test_it_can_be_switched_off() -> None:
    assert Labels(Label(metadata=False)).labelled(b"x", "audio/mpeg") == b"x"


@pytest.mark.parametrize(
    ("text", "first", "words"),
    [("each", False, True), ("each", True, True), ("first", True, True), ("first", False, False), ("off", True, False)],
)
def test_texts_say_it_where_the_operator_wants_it(text: str, first: bool, words: bool) -> None:
    labels = Labels(Label.model_validate({"text": text}))
    assert labels.words(Capabilities(), first=first) == ("（内容由AI生成）" if words else "")


def test_a_service_that_says_it_itself_needs_no_words() -> None:
    assert LABELS.words(Capabilities(labels=True), first=True) == ""
    assert LABELS.words(Capabilities(live=True), first=True) == ""
