"""The prompt as it would be sent, part by part with its size: what an operator reads to understand an answer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import prompt
from bot.brain import Prompt
from bot.message import Author, Entry
from bot.mind import Mind
from bot.persona import Persona
from bot.store import Claim, Store
from bot.tokens import tokens


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt."""

    name: str
    text: str
    stable: bool = False
    """The same until the persona changes: what services can cache."""

    @property
    def tokens(self) -> int:
        """About how many tokens it has: models count each in their own way."""
        return tokens(self.text)


async def proof(
    mind: Mind, store: Store, persona: Persona, cues: Sequence[str], conversation: str, look_back: int
) -> tuple[list[Part], Entry | None] | None:
    """The parts of what would be sent for a conversation's last message, and its reply where there is one; None: nobody wrote."""
    history = await store.history(conversation, limit=look_back + 2 * prompt.BLOCK)
    last = next((entry for entry in reversed(history) if entry.author is Author.USER), None)
    if last is None:
        return None
    asked = (
        tuple(entry for entry in history if entry.author is Author.USER and entry.turn == last.turn)
        if last.turn
        else (last,)
    )
    reply = next((entry for entry in history if entry.author is Author.PERSONA and entry.turn == last.turn), None)
    window = await mind.windows.of(conversation, look_back, len(asked), keep=False)
    before = [entry for entry in window.entries if entry.number <= last.number]
    beside = await mind.beside(persona, Claim(conversation, "proof", 0, asked), asked, window)
    now = datetime.fromtimestamp(last.at, mind.zone)
    built = prompt.build(persona, cues, before, asked, now, beside=beside, look_back=look_back + prompt.BLOCK)
    return list(_parts(persona, cues, beside, built)), reply


def _parts(persona: Persona, cues: Sequence[str], beside: prompt.Beside, built: Prompt) -> Iterator[Part]:
    for title, text in prompt.sections(persona, cues, beside):
        yield Part(f"system · {title}", f"# {title}\n{text}", stable=True)
    if built.tools:
        told = [
            {"name": tool.name, "description": tool.about, "parameters": dict(tool.arguments)} for tool in built.tools
        ]
        yield Part("tools", json.dumps(told, ensure_ascii=False, indent=1), stable=True)
    past = built.said[1:-1]
    if past:
        yield Part("history", "\n".join(f"[{said.role}] {said.text}" for said in past))
    yield Part("last message", built.said[-1].text)


def shown(parts: Sequence[Part], reply: Entry | None) -> str:
    """The parts as text, a table of their sizes first."""
    total, stable = sum(part.tokens for part in parts), sum(part.tokens for part in parts if part.stable)
    lines = [f"{part.tokens:>7}  {'■' if part.stable else '□'} {part.name}" for part in parts]
    lines.append(
        f"{total:>7}  约 tokens；■ 不变、可缓存的 {stable}（{stable / (total or 1):.0%}）/ about; ■ can be cached"
    )
    if reply:
        lines.append(_used(reply.detail))
    return "\n".join([*lines, *(f"\n──── {part.name} ────\n{part.text}" for part in parts)])


def _used(detail: Mapping[str, Any]) -> str:
    """What the service counted for the answer that was given."""
    usage = detail.get("usage") or {}
    if not usage.get("input"):
        return f"（那次是 {detail.get('brain') or '固定的话'} 答的，没有计数 / no count was told）"
    share = usage.get("cached", 0) / usage["input"]
    return f"那次服务计数 the service counted: input {usage['input']}, cached {usage.get('cached', 0)}（{share:.0%}）, output {usage.get('output', 0)}"
