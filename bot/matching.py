"""Regular expressions of people nobody knows, against a text: in a process of its own, which is ended when it takes too long."""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress

LONGEST_S = 3.0
"""For all patterns of a text together; a sane one takes microseconds."""
SEARCH = """
import json, re, sys, warnings
warnings.simplefilter("ignore")
asked = json.loads(sys.stdin.buffer.read())
for pattern in asked["patterns"]:
    print(json.dumps(bool(re.search(pattern, asked["text"]))), flush=True)
"""


async def matched(patterns: Sequence[str], text: str, seconds: float = LONGEST_S) -> dict[str, bool | None]:
    """Pattern → whether it is found in the text; None where that took too long. Patterns must compile."""
    wanted = list(dict.fromkeys(patterns))
    found: dict[str, bool | None] = dict.fromkeys(wanted)
    if not wanted:
        return found
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", SEARCH, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdin
    assert child.stdout
    try:
        async with asyncio.timeout(seconds):
            child.stdin.write(json.dumps({"patterns": wanted, "text": text}).encode())
            child.stdin.close()
            for pattern in wanted:
                if not (line := await child.stdout.readline()):
                    break
                found[pattern] = json.loads(line) is True
            await child.wait()
    except TimeoutError:
        pass  # what is not found by now counts as taking too long
    finally:
        if child.returncode is None:  # killing one that has ended would reap it behind asyncio's back
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return found
