"""Drawing as a tool: words become a picture that goes with her reply, labelled as the law wants, so many a day."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot import phrases, pictures
from bot.arguments import checked
from bot.label import Labels
from bot.message import Picture
from bot.persona import Bilingual
from bot.settings import BrainSettings, DrawSettings
from bot.store import Full, Record, Store
from bot.tool import Occasion, Result, Tool, ToolError
from bot.tool._images import Images, Undrawn
from bot.tool._outside import Outside
from bot.tool._stamp import stamped

log = logging.getLogger(__name__)

DRAWN = "drawn"
"""Kind of the records: one for each picture of a person's day."""
KINDS = ("PNG", "JPEG", "WEBP")
HEAVIEST = 1_500_000
"""Bytes; WeChat's services take pictures of up to 2 MB."""
QUALITIES = (92, 85, 75, 60)
MARGIN_S = 10.0
"""Seconds beyond the service's for making the picture ready."""
ABOUT = 120
"""Characters of the prompt that are kept beside the picture."""
SHAPES = ("square", "portrait", "landscape")
WHY: Mapping[str, Bilingual] = {
    "filtered": phrases.DRAW_NOT_THIS,
    "refused": phrases.DRAW_OFF,
    "busy": phrases.DRAW_BUSY,
    "unreachable": phrases.DRAW_BUSY,
    "broken": phrases.DRAW_FAILED,
}
"""What she says of each kind of trouble."""


def open(
    settings: DrawSettings,
    brain: BrainSettings,
    per_day: int,
    store: Store,
    labels: Labels,
    shows: Callable[[str], bool] = lambda door: True,
    outside: Outside | None = None,
) -> "DrawToolbox":
    """Drawing, where a model is set; ``shows`` tells whether a door can show pictures, ``outside`` where they may lie."""
    images = Images(settings, brain, outside or Outside())
    return DrawToolbox(images, settings, per_day, store, labels, shows)


class DrawToolbox:
    """Draws through a service."""

    def __init__(
        self,
        images: Images,
        settings: DrawSettings,
        per_day: int,
        store: Store,
        labels: Labels,
        shows: Callable[[str], bool],
    ) -> None:
        self.images, self.settings, self.per_day = images, settings, per_day
        self.store, self.labels, self.shows = store, labels, shows
        self.day, self.users = "", Counter[str]()
        """The latest day, and how many pictures each user had then: who is somebody else by now, as one who had all of
        theirs deleted or unlinked an account, is still the same user."""
        self.tools: Sequence[Tool] = (_tool(settings.whole_s),) if settings.model and per_day else ()

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """Draw it for the user who asks. Raises ToolError in the user's language."""
        tool = next((tool for tool in self.tools if tool.name == name), None)
        if tool is None:
            raise ToolError(f"没有这个工具 / no such tool: {name[:64]}")
        asked = checked(arguments, tool.arguments)
        prompt = str(asked["prompt"]).encode("utf-8", "ignore").decode().strip()
        if not prompt:
            raise ToolError("参数不对 / wrong arguments: prompt: 空的 empty")
        if not self.shows(occasion.door):
            raise ToolError(phrases.DRAW_NOT_HERE.text(occasion.language))
        slot = await self._counted(occasion)
        size: str = getattr(self.settings, str(asked.get("shape", SHAPES[0])))
        picture = await self._drawn(prompt, size, slot, occasion)
        said = phrases.DRAWN.text(occasion.language)
        told = "Done; the picture is shown under your reply. Say a short word about it; write no link, no Markdown picture."
        return Result(told, said, parts=(picture,))

    async def tend(self) -> None:
        """Nothing to keep up."""

    async def close(self) -> None:
        """Let go of connections."""
        await self.images.close()

    async def _counted(self, occasion: Occasion) -> str:
        """The id of one more picture of this person's day, counted before it is drawn. Raises ToolError when there were enough.

        A picture that is given up half-way stays counted: the service was asked, and wants its money.
        """
        user, day = f"{occasion.door}:{occasion.sender}", f"{occasion.now:%Y-%m-%d}"
        who = occasion.person or user
        if self.day != day:
            self.day, self.users = day, Counter[str]()
        await self._all_counted(day, occasion.language)
        before = await self.store.records(DRAWN, owner=who)
        if old := [record.id for record in before if record.value.get("day") != day]:
            await self.store.drop(DRAWN, *old)
        taken = {record.id for record in before} - set(old)
        free = [id for number in range(self.per_day) if (id := f"{who}/{day}/{number}") not in taken]
        enough = max(len(taken), self.users[user]) >= self.per_day
        for id in () if enough else free:  # those of a linked user have other ids
            if await self.store.put(Record(DRAWN, id, who, occasion.now.timestamp(), {"day": day}), fresh=True):
                self.users[user] += 1
                return id
        raise ToolError(phrases.DRAWN_ENOUGH.text(occasion.language).format(most=self.per_day))

    async def _all_counted(self, day: str, language: str) -> None:
        """Raises ToolError when everybody together had enough; those of who is forgotten still count while she runs."""
        most = self.settings.all_per_day
        if not most:
            return
        kept = [record for record in await self.store.records(DRAWN) if record.value.get("day") == day]
        if max(len(kept), self.users.total()) >= most:
            raise ToolError(phrases.DRAWN_ENOUGH_BY_ALL.text(language))

    async def _drawn(self, prompt: str, size: str, slot: str, occasion: Occasion) -> Picture:
        """The picture, kept. Raises ToolError; one that failed is not counted, but for one that took too long."""
        try:
            async with asyncio.timeout(self.settings.whole_s):
                data = await self.images.drawn(prompt, size)
            ready, width, height = await asyncio.to_thread(self._ready, data)
            hash = await self.store.keep(occasion.conversation, ready, "image/jpeg")
        except TimeoutError:
            log.warning("no picture within %.0f s", self.settings.whole_s)
            raise ToolError(phrases.DRAW_SLOW.text(occasion.language)) from None
        except (Undrawn, pictures.BadPicture, Full) as error:
            log.warning("no picture: %s", error)
            await self.store.drop(DRAWN, slot)
            self.users[f"{occasion.door}:{occasion.sender}"] -= 1
            raise ToolError(_why(error).text(occasion.language)) from None
        return Picture(hash, "image/jpeg", width, height, prompt[:ABOUT])

    def _ready(self, data: bytes) -> tuple[bytes, int, int]:
        """(JPEG with its labels, width, height). Raises BadPicture."""
        picture = pictures.opened(data, KINDS)
        if self.labels.settings.text != "off":
            picture = stamped(picture)
        packed = pictures.jpeg(picture, HEAVIEST, QUALITIES)
        return self.labels.labelled(packed, "image/jpeg"), picture.width, picture.height


def _tool(seconds: float) -> Tool:
    return Tool(
        "draw",
        "Draws a picture and shows it under your reply. Call it only when the user asks for a picture, drawing, sticker or"
        " wallpaper; it takes a while and users have few a day. Put all that matters into the prompt: it sees nothing else.",
        {
            "type": "object",
            "properties": {
                "prompt": {
                    "type": "string",
                    "maxLength": 2000,
                    "description": "What is to be seen, in detail: subject, setting, style, colours, mood; in the user's language.",
                },
                "shape": {"type": "string", "enum": list(SHAPES), "description": "Of the picture; square if not told."},
            },
            "required": ["prompt"],
            "additionalProperties": False,
        },
        writes=True,
        doing=("正在画画…", "Drawing…"),
        patience_s=seconds + MARGIN_S,
        anew=True,
    )


def _why(error: Exception) -> Bilingual:
    match error:
        case Undrawn(kind=kind):
            return WHY[kind]
        case Full():
            return phrases.NO_ROOM
        case _:
            return phrases.DRAW_FAILED
