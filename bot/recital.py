"""A reply becomes voice notes: the lines as she says them on a page, joined, cut between lines, in a channel's format."""

import asyncio
from collections.abc import Sequence

import numpy as np

from bot import voicenote
from bot.director import Director
from bot.message import Line
from bot.pcm import RATE, Samples
from bot.utterance import Take
from bot.voice import Manner, Voice

AHEAD = 4
"""Lines spoken at once."""


class Unspoken(Exception):
    """No voice note could be made."""


async def recited(text: str, voice: Voice, manner: Manner, format: str, longest_s: float) -> list[tuple[bytes, float]]:
    """Voice notes of at most ``longest_s``, with their seconds. Raises Unspoken."""
    director = Director(())
    lines = [piece for piece in (*director.feed(text), *director.close()) if isinstance(piece, Line) and piece.spoken]
    room = asyncio.Semaphore(AHEAD)

    async def speak(line: Line) -> Samples:
        take = Take(line, lambda shown: None)
        async with room:
            await take.record(voice, manner, first=False)
        return take.samples if take.length else np.empty(0, np.int16)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(speak(line)) for line in lines]
    try:
        notes = joined([task.result() for task in tasks], round(longest_s * RATE))
        return [(await voicenote.encoded(note, format), len(note) / RATE) for note in notes]
    except voicenote.NoEncoder as error:
        raise Unspoken(voicenote.MISSING.format(extra=error)) from error


def joined(lines: Sequence[Samples], most: int) -> list[Samples]:
    """Lines put together into pieces of at most so many samples; only a line that is too long itself is cut."""
    pieces: list[list[Samples]] = [[]]
    length = 0
    for line in (part for whole in lines for part in np.split(whole, range(most, len(whole), most))):
        if length + len(line) > most:
            pieces.append([])
            length = 0
        pieces[-1].append(line)
        length += len(line)
    found = [np.concatenate(piece) for piece in pieces if piece]
    return [piece for piece in found if len(piece)]
