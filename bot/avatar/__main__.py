"""`python -m bot.avatar --out build/avatar [--look cherry]`: draws a body and prints its folder."""

import argparse
import sys
from pathlib import Path

from bot.avatar import LOOKS, LookError, chosen, ensure


def main() -> int:
    """Draws the wanted look unless it is there; the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.avatar", description="画出她的形象 / draws her body")
    parser.add_argument("--out", type=Path, default=Path("build/avatar"), help="输出文件夹 / folder to write to")
    parser.add_argument("--look", default="ayin", help="形象 / look: " + ", ".join(LOOKS))
    arguments = parser.parse_args()
    try:
        print(ensure(chosen(arguments.look), arguments.out))
    except LookError as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
