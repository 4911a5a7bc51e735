"""The twin in memory says the same as SQLite, whatever is asked in whatever order."""

import random
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.message import Part, Picture, Receipt, State, Text, VoiceNote
from bot.settings import Data
from bot.store import Claim, Full, Reply, SpokenLine, Stale, Store, memory, sqlite
from bot.store._files import hashed
from tests.fakes import message

TURN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
CHATS = ("a", "b", "group")
CHANNELS = ("page", "wechat")
PEOPLE = ("lee", "kim", "ann")
BYTES = [bytes([48 + n]) * n * 40 for n in range(1, 10)]
"""Together more than the stores of this test have room for."""
CALLS = {
    "accept": 9, "claim": 7, "finish": 6, "keep": 6, "media": 5, "line": 5, "keep_line": 5, "extend": 3, "history": 3,
    "own": 3, "deliveries": 3, "receipt": 3, "waiting": 3, "release": 2, "entry": 2, "heard": 2, "amend": 2, "rate": 2,
    "conversations": 2, "note": 1, "said_since": 1, "forget": 0.6, "undelivered": 2, "instead": 2, "unpack": 2,
    "remember": 3, "recall": 1, "recollect": 1, "invite": 2, "redeem": 2, "revoke": 0.5,
}  # fmt: skip
"""What may be asked, and how often."""


def parts(chance: random.Random) -> tuple[Part, ...]:
    hash = hashed(chance.choice(BYTES))
    kinds = (Text("早"), Picture(hash, "image/png"), VoiceNote(hash, "audio/silk", 1.0, "喂"))
    return tuple(chance.choices(kinds, k=chance.randrange(1, 3)))


@dataclass
class Side:
    """One of the two stores, and what was claimed there."""

    store: Store
    claims: list[Claim] = field(default_factory=lambda: [Claim("page:a", "none", 1, ())])
    turns: dict[str, str] = field(default_factory=dict[str, str])

    async def say(self, seed: str) -> str:
        """What the store says to a random call; turns are named in the order they come up."""
        chance = random.Random(seed)
        call = chance.choices(list(CALLS), list(CALLS.values()))[0]
        try:
            said = await self._ask(call, chance)
        except (Full, Stale) as error:
            said = type(error).__name__
        return call + TURN.sub(lambda found: self.turns.setdefault(found.group(), f"#{len(self.turns)}"), repr(said))

    async def _ask(self, call: str, chance: random.Random) -> object:
        store, channel, chat, who = self.store, chance.choice(CHANNELS), chance.choice(CHATS), chance.choice(PEOPLE)
        room, claim, number = f"{channel}:{chat}", chance.choice(self.claims), chance.randrange(40)
        data, key = chance.choice(BYTES), f"key {chance.randrange(4)}"
        match call:
            case "accept":
                said = message("", f"{number}", channel=channel, chat=chat, sender=who)
                more = {"door": chance.choice(("", "page")), "group": chat == "group", "addressed": number % 7 > 0}
                return await store.accept(replace(said, parts=parts(chance), **more))
            case "claim":
                if claimed := await store.claim(room, merge=number % 4 > 0):
                    self.claims.append(claimed)
                return claimed
            case "finish":
                state, sent = chance.choice((State.ANSWERED, State.FAILED)), parts(chance) if number % 2 else ()
                reply = Reply(state, parts(chance) if number % 5 else (), 2.0, {"n": (1, 2)}, None, sent)
                return await store.finish(claim, replace(reply, media=[hashed(data)]))
            case "extend" | "release":
                return await getattr(store, call)(claim)
            case "history":
                return await store.history(room, before=number if number % 2 else None, limit=number % 9)
            case "note":
                return await store.note(room, "", "提醒", turn="", at=1.0, deliver=True)
            case "heard":
                return await store.heard(room, claim.turn, number - 3)
            case "amend":
                return await store.amend(room, claim.turn, detail={key: 1}, state=State.STOPPED)
            case "receipt":
                waiting = await store.deliveries(room)
                return waiting and await store.receipt(Receipt(chance.choice(waiting).key, number % 3 > 0))
            case "instead":
                waiting = await store.deliveries(room)
                return waiting and await store.instead(chance.choice(waiting).key, parts(chance))
            case "keep":
                return await store.keep(room, data, chance.choice(("audio/mpeg", "image/png")))
            case "keep_line":
                return await store.keep_line(room, key, SpokenLine(data, {"n": (number,)}))
            case _:
                given = {
                    "waiting": (), "media": (room, hashed(data)), "line": (room, key), "entry": (room, number),
                    "rate": (room, number, 1), "own": (room, channel, who), "conversations": (channel, who),
                    "deliveries": (room,), "undelivered": (), "unpack": (room, number, parts(chance)),
                    "remember": (channel, f"{key}:{who}", chance.choice(("", "x"))), "recall": (channel, f"{key}:{who}"),
                    "recollect": (channel, key), "invite": (key, room, number), "revoke": (room,),
                    "redeem": (key, channel, who, 100.0), "said_since": (channel, who, 0.0), "forget": (channel, who),
                }  # fmt: skip
                return await getattr(store, call)(*given[call])


@pytest.mark.parametrize("seed", range(8))
async def test_both_stores_say_the_same(seed: int, tmp_path: Path) -> None:
    real = await sqlite.open(Data(dir=tmp_path, max_gb=1e-6, synchronous="normal"))
    one, two = Side(await memory.open(Data(max_gb=1e-6))), Side(real)
    for step in range(200):
        assert await one.say(f"{seed}.{step}") == await two.say(f"{seed}.{step}"), f"step {step}"
    rows = await real.reader.do(lambda db: {hash for (hash,) in db.execute("select hash from media")})
    assert rows == {path.name for path in (tmp_path / "media").iterdir()}
    await real.close()
