"""Making the vectors that are missing, a batch at a time; whatever breaks off is gone on with where it was."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from bot.knowledge._database import busy
from bot.knowledge.embeddings import EmbeddingError, Embeddings
from bot.knowledge.vectors import START, Vectors

T = TypeVar("T")

log = logging.getLogger(__name__)

TENTH = 10
"""Progress is told in as many steps."""


async def fill(name: str, vectors: Vectors, service: Embeddings) -> int:
    """Make the missing vectors of the persona's index; how many were made. Waits while the service is away. Raises sqlite3.Error."""
    made, told, after = 0, -1, START
    if service.dimension:
        await _written(partial(vectors.forget_others, service.dimension), service)
    while due := await asyncio.to_thread(vectors.due, service.most, after):
        if service.away_s:
            await service.sleep(service.away_s)
            continue
        try:
            found = await service.passages([each.text for each in due])
        except EmbeddingError:
            continue  # told by the service already, which is away now
        after = due[-1].file, due[-1].number
        kept = [(each, vector) for each, vector in zip(due, found, strict=True) if vector]
        for each, vector in zip(due, found, strict=True):
            if not vector:
                log.warning("%s: %s #%s: 向量服务不收这一段 / not taken", name, each.file or "faq", each.number)
        if kept and not made and await _written(partial(vectors.forget_others, service.dimension), service):
            after = START  # the model has become another one behind its name
        await _written(partial(vectors.keep, kept), service)
        made += len(kept)
        have, of = await asyncio.to_thread(vectors.progress)
        if (tenth := TENTH * have // max(1, of)) != told:
            told = tenth
            log.info("%s: 向量 vectors %s/%s", name, have, of)
    return made


async def _written(write: Callable[[], T], service: Embeddings) -> T:
    """What comes of a change, made as soon as no other process writes. Raises sqlite3.Error."""
    while True:
        try:
            return await asyncio.to_thread(write)
        except sqlite3.OperationalError as error:
            if not busy(error):
                raise
            await service.sleep(1.0)
