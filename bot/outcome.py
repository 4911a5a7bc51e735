"""What a command comes to: its exit code, and a word where the input was wrong."""

import sys

GOOD, BAD_INPUT, BROKEN_STORE = 0, 2, 70


def complain(text: object) -> int:
    """Say what is wrong with the input; the exit code for it."""
    print(text, file=sys.stderr)
    return BAD_INPUT
