"""Card files in and persona folders out, as the command line has them: what to print of it."""

import os
from pathlib import Path

from bot import persona, settings
from bot.card import LARGEST, BadCard, Form
from bot.card.incoming import imported, proposed
from bot.card.outgoing import exported
from bot.card.reading import read

FORMS: dict[str, Form] = {".json": "json", ".png": "png", ".charx": "charx"}


def taken_in(root: Path, file: Path, id: str = "") -> list[str]:
    """Make a persona of a card, in the data folder; empty id: one is found. Raises Faults, BadCard, OSError."""
    own = settings.load(root, os.environ).data.dir / "persona"
    card = read(_bytes(file), file.name)
    id = id or proposed(card, file.stem)
    if (root / "persona" / id).exists():
        zh, en = f"{id} 是自带的人设：用 --id 换一个名字。", f"{id} is shipped: choose another name with --id."
        raise BadCard(zh, en)
    notices = list(dict.fromkeys(imported(card, own, id)))
    summary = persona.summary(persona.load(own / id)).splitlines()
    return [
        *(f"- {notice}" for notice in notices),
        *(line for line in summary if line not in notices),
        f"已导入 / imported to {own / id}",
        f"请她上场：在 config/local.yaml 里写 persona: {id}，再重启。 Write persona: {id} there and restart.",
    ]


def given_out(folder: Path, target: Path) -> list[str]:
    """Write a persona as a card, in the form the target's ending says. Raises Faults, BadCard, OSError."""
    if (form := FORMS.get(target.suffix.lower())) is None:
        zh = f"文件名要以 {'、'.join(FORMS)} 结尾：{target}"
        raise BadCard(zh, "The file's name ends with .json, .png or .charx.")
    data = exported(folder, form)
    try:
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError:
        zh, en = f"{target} 已经有了，没有动它：换一个名字。", f"{target} is there already and was left alone."
        raise BadCard(zh, en) from None
    return [
        f"已导出 / exported to {target}（{len(data)} 字节 bytes）",
        "问答和资料（faq.yaml、knowledge/）不在卡里。 FAQ and knowledge do not go into a card.",
    ]


def _bytes(file: Path) -> bytes:
    """What a card's file holds. Raises BadCard and OSError."""
    if not file.is_file():
        raise BadCard(f"没有这个文件：{file}", f"There is no such file: {file}")
    if file.stat().st_size > LARGEST:
        raise BadCard(f"文件太大：最多 {LARGEST // 1_000_000} MB。", f"Too large: at most {LARGEST // 1_000_000} MB.")
    return file.read_bytes()
