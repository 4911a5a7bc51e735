"""``python -m bot.phonetics_worker``: answers requests from stdin on stdout, the most urgent first, until stdin closes."""

import heapq
import os
import select
import signal
from itertools import count
from pathlib import Path

import espeakng_loader

from bot.phonetics_worker import japanese
from bot.phonetics_worker.engine import Espeak, Tone
from bot.phonetics_worker.script import Piece, Run, runs
from bot.phonetics_worker.sounds import Sounded, Unit, units
from bot.phonetics_worker.wire import Frames, Head, pack

MANDARIN, ENGLISH = "cmn-latn-pinyin", "en-us"
TAIL_S = 0.03
"""Kept after the last phoneme for its echo."""


class Desk:
    """Works on one clause at a time."""

    def __init__(self) -> None:
        self.engine = Espeak()
        variants = Path(espeakng_loader.get_data_path(), "voices", "!v")
        self.variants = {path.name for path in variants.iterdir()}

    def answer(self, request: Head) -> tuple[Head, bytes]:
        """What a request asks for, or ``error``."""
        try:
            return self.speak(request)
        except (ValueError, OSError) as error:
            return {"error": str(error)}, b""

    def speak(self, request: Head) -> tuple[Head, bytes]:
        """A clause's units, and its samples if they are wanted."""
        if request["language"] == "ja":
            return self.read(request), b""
        found: list[Unit] = []
        pcm = bytearray()
        for run in runs(request["text"], request["language"], apart=request["apart"]):
            sound, spoken = self._run(run, request)
            late = len(pcm) / 2 / self.engine.rate
            for unit in spoken:
                found.append(
                    Unit(unit.at, unit.length, [(ipa, at + late, length) for ipa, at, length in unit.phonemes])
                )
            pcm += sound
        rows = [[unit.at, unit.length, unit.phonemes] for unit in found]
        head = {"units": rows, "seconds": len(pcm) / 2 / self.engine.rate, "rate": self.engine.rate}
        return head, bytes(pcm) if request["sound"] else b""

    def read(self, request: Head) -> Head:
        """A Japanese clause's units with typical times; what kana don't tell is read as English."""
        rows: list[tuple[int, int, Sounded]] = []
        now = 0.0
        for at, length, sounded in japanese.words(request["text"]):
            if sounded is None:
                word = Run(mandarin=False, pieces=(Piece(request["text"][at : at + length], at, length),))
                sounded = [phoneme for unit in self._run(word, request)[1] for phoneme in unit.phonemes]
            if sounded:
                rows.append((at, length, [(ipa, now + start, seconds) for ipa, start, seconds in sounded]))
                now += sounded[-1][1] + sounded[-1][2]
        return {"units": rows, "seconds": now, "rate": self.engine.rate}

    def _run(self, run: Run, request: Head) -> tuple[bytes, list[Unit]]:
        rate, pitch, breadth = request["mandarin" if run.mandarin else "english"]
        tone = Tone(self._voice(run, request["variant"]), rate, pitch, breadth)
        pcm, marks, samples = self.engine.speak(run.text + request["end"], tone)
        spoken = units(run, marks, samples, self.engine.rate, rate / 175)
        if not spoken:
            return b"", []
        end = spoken[-1].start + spoken[-1].duration + TAIL_S
        return pcm[: round(end * self.engine.rate) * 2], spoken

    def _voice(self, run: Run, variant: str) -> str:
        if variant and variant not in self.variants:
            raise ValueError(f"espeak-ng has no variant {variant!r}")
        return (MANDARIN if run.mandarin else ENGLISH) + (variant and f"+{variant}")


def main() -> None:
    """Serve until stdin closes, which is also how the parent's death shows."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who then closes stdin
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not fall between frames
    desk, frames, number = Desk(), Frames(), count()
    waiting: list[tuple[int, int, Head]] = []
    while True:
        # Look for newer, more urgent requests after every clause; sleep only when there is nothing to do.
        while select.select([0], [], [], 0 if waiting else None)[0]:
            if not (data := os.read(0, 1 << 16)):
                return
            for head, _ in frames.feed(data):
                heapq.heappush(waiting, (head["urgency"], next(number), head))
        _, _, request = heapq.heappop(waiting)
        answer, body = desk.answer(request)
        if not _write(out, pack({"id": request["id"], **answer}, body)):
            return


def _write(out: int, data: bytes) -> bool:
    """Whether somebody took all of it."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(out, view) :]
    except BrokenPipeError:
        return False
    return True


if __name__ == "__main__":
    main()
