"""A persona's documents, read through once to see what they come to and what of them cannot be read."""

from dataclasses import dataclass

from bot import reading
from bot.faults import Fault, Faults, Place, shown
from bot.folder import KNOWLEDGE, LARGEST_DOCUMENT, Unreadable, read
from bot.persona import Persona


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found."""

    passages: int
    notices: tuple[str, ...]
    """What was left out of files that can be read, with their names, in both languages."""


async def looked_through(her: Persona) -> Looked:
    """Read all documents, one after another, each within reading.SECONDS. Raises Faults that name those that cannot be read."""
    passages, faults, notices = 0, list[Fault](), list[str]()
    for file in her.documents:
        path = her.folder / KNOWLEDGE / file
        try:
            found = await reading.read(path, read(her.folder / KNOWLEDGE, file, LARGEST_DOCUMENT))
        except Unreadable as error:
            zh, en = map(str, error.args)
            faults.append(Fault(Place(shown(path)), "", f"{zh}。", f"{en}."))
        except OSError as error:
            zh, en = f"读不了：{error.strerror}。", f"Cannot be read: {error.strerror}."
            faults.append(Fault(Place(shown(path)), "", zh, en))
        else:
            passages += len(found.chunks)
            notices += [f"{shown(path)}：{notice.zh}。 {notice.en}." for notice in found.notices]
    if faults:
        raise Faults(faults)
    return Looked(passages, tuple(notices))
