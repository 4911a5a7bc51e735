"""The command line: run, chat, login, check, exam, import, export, prompt, doctor, backup."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""Where persona/, config/ and build/ lie."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the process's exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        return _done(chosen)
    except KeyboardInterrupt:
        return 130


def _done(chosen: argparse.Namespace) -> int:
    """Load what a command needs, now that its arguments are known to be good, and do it."""
    if chosen.command == "run":
        from bot import serving  # the process that lives on has no room for what the others need

        return asyncio.run(serving.run(ROOT))
    from bot import commands, invigilator

    handlers: dict[str, Callable[[argparse.Namespace], int]] = {
        "chat": lambda given: asyncio.run(commands.chat(ROOT, given.say)),
        "login": lambda given: asyncio.run(commands.login(ROOT, given.channel)),
        "check": lambda given: commands.check(given.folder),
        "exam": lambda given: asyncio.run(invigilator.exam(ROOT, given.folder, given.brain, given.repeat, given.judge)),
        "import": lambda given: commands.import_card(ROOT, given.card, given.id),
        "export": lambda given: commands.export_card(given.folder, given.target),
        "prompt": lambda given: asyncio.run(commands.prompt(ROOT, given.conversation)),
        "doctor": lambda _: asyncio.run(commands.doctor(ROOT)),
        "backup": lambda given: commands.backup(ROOT, given.target),
    }
    return handlers[chosen.command](chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="知音 Zhiyin: a virtual human")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="启动 / serve the page and the channels")
    chat = commands.add_parser("chat", help="在终端里聊天 / chat in the terminal")
    chat.add_argument("--say", type=Path, metavar="WAV", help="把她的声音写进文件 / write her voice to a file")
    login = commands.add_parser("login", help="扫码登录一个通道 / log a channel in by a QR code")
    login.add_argument("channel", help="config 里的通道名 / its name in config")
    check = commands.add_parser("check", help="检查人设文件夹 / check a persona folder")
    check.add_argument("folder", type=Path)
    exam = commands.add_parser("exam", help="让人设考一场 / have a persona sit its exam.yaml")
    exam.add_argument("folder", type=Path)
    exam.add_argument(
        "--brain", choices=("offline", "settings"), default="offline",
        help="谁来答：离线大脑（默认），或设置里的 / who answers: the offline brain, or the configured one",
    )  # fmt: skip
    exam.add_argument(
        "--repeat", type=int, choices=range(1, 21), default=1, metavar="N", help="每题考几遍 / tries a case (1-20)"
    )
    exam.add_argument(
        "--judge", action="store_true", help="请设置里的大模型评一评，不算分 / ask the configured brain's opinion"
    )
    imports = commands.add_parser("import", help="把角色卡变成人设 / make a persona of a character card")
    imports.add_argument("card", type=Path, help=".json, .png, .charx")
    imports.add_argument("--id", default="", help="人设文件夹叫什么 / the persona folder's name")
    export = commands.add_parser("export", help="把人设写成角色卡 / write a persona as a character card")
    export.add_argument("folder", type=Path)
    export.add_argument("target", type=Path, help=".json, .png, .charx")
    prompt = commands.add_parser("prompt", help="看看发给大脑的到底是什么 / show what a brain would be sent")
    prompt.add_argument("conversation", help="对话的名字，如 page:4be1… / its name")
    commands.add_parser("doctor", help="看看什么是真的、什么在顶替 / what is real and what a fallback")
    backup = commands.add_parser("backup", help="备份数据 / back up the data folder")
    backup.add_argument("target", type=Path, nargs="?", help="备份到哪里 / where to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
