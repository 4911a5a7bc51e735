"""A prompt as a chat completions request, and which part of it a service does not take. Pure."""

import base64
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.brain import Prompt, Said
from bot.tool import Tool

PICTURES = "pictures"
TOOLS = "tools"
CHOICE = "tool_choice"
OPTIONAL = (CHOICE, "stream_options", "temperature", "max_completion_tokens", "max_tokens")
"""Parameters one can do without, the telling names first."""
UNSEEN = "（对方发来了图片，但你现在看不了图片，请老实说明。 A picture was sent, but you cannot see pictures: say so.）"
BLIND = re.compile(r"image|picture|vision|visual|multi-?modal|mmproj|content must be a string|valid string")
"""How services say that a model takes words only."""
UNABLE = re.compile(r"\btools?\b|tool_choice|function.?call")
"""How services say that a model calls no tools (Ollama, vLLM, llama.cpp)."""
FAILED = re.compile(r"failed|internal|could not|unable to|role '?tool|tool_call_id|tool messages")
"""Something about tools went wrong, which is no reason never to offer any again."""
UNNAMED = re.compile(r"[^A-Za-z0-9_-]")
"""What services take in no tool's name; models invent some that have it."""
NOT_FOR_CHAT = re.compile(
    r"embed|bge-|minilm|rerank|moderation|tts|speech|whisper|transcri|audio|realtime|image|dall-e|diffusion|flux|sora"
    r"|cogview|cosyvoice|paraformer|sensevoice|ocr|davinci|babbage|turbo-instruct"
)


def request(prompt: Prompt, model: str, temperature: float | None, without: Collection[str]) -> dict[str, Any]:
    """The request's body; ``without`` names what the service did not take."""
    limit = "max_completion_tokens" if "max_tokens" in without else "max_tokens"
    optional: dict[str, Any] = {
        "stream_options": {"include_usage": True},
        limit: prompt.max_tokens,
        "temperature": temperature,
    }
    messages = (message(said, PICTURES not in without, TOOLS not in without) for said in prompt.said)
    # Where one cannot say that there is to be no further call, there is nothing to call.
    if prompt.tools and TOOLS not in without and not (prompt.enough and CHOICE in without):
        optional |= {TOOLS: [function(tool) for tool in prompt.tools], CHOICE: "none" if prompt.enough else None}
    return {
        "model": model,
        "messages": [each for each in messages if each],
        "stream": True,
        **{name: value for name, value in optional.items() if value is not None and name not in without},
    }


def function(tool: Tool) -> dict[str, Any]:
    """A tool as services know it."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.about, "parameters": dict(tool.arguments)},
    }


def message(said: Said, sees: bool, calls: bool = True) -> dict[str, Any]:
    """One message; pictures as data, or a word about them where they cannot be seen; calls likewise. Empty: nothing to say."""
    if said.role == "tool":
        return (
            {"role": "tool", "tool_call_id": said.call, "content": said.text}
            if calls
            else {"role": "user", "content": said.text}
        )
    if said.calls:
        asked = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": _name(call.name), "arguments": _sound(call.arguments)},
            }
            for call in said.calls
        ]
        plain = {"role": said.role, "content": said.text} if said.text else {}
        return {"role": said.role, "content": said.text or None, "tool_calls": asked} if calls else plain
    if not said.pictures:
        return {"role": said.role, "content": said.text}
    if not sees:
        return {"role": said.role, "content": f"{said.text}\n{UNSEEN}"}
    pictures = [
        {"type": "image_url", "image_url": {"url": f"data:{type};base64,{base64.b64encode(data).decode('ascii')}"}}
        for type, data in said.pictures
    ]
    return {"role": said.role, "content": [{"type": "text", "text": said.text}, *pictures]}


def _name(name: str) -> str:
    """A tool's name as every service takes it."""
    return UNNAMED.sub("_", name)[:64] or "unknown"


def _sound(arguments: str) -> str:
    """Arguments that every service can read: many break over what their own model wrote; the result tells what was wrong."""
    try:
        found = json.loads(arguments, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return "{}"
    return arguments if isinstance(found, dict) else "{}"


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def untaken(status: int, complaint: str, sent: Mapping[str, Any]) -> str:
    """The part of what was sent that a service complains of; empty: something that must be there."""
    complaint = complaint.lower()
    if status in (400, 422):
        for name in OPTIONAL:
            if name in sent and name in complaint:
                return name
    unable = UNABLE.search(complaint) and not FAILED.search(complaint)
    if TOOLS in sent and status in (400, 404, 422, 500) and unable:
        return TOOLS
    pictured = any(isinstance(message["content"], list) for message in sent["messages"])
    # Some say 404 or 500 where the model takes no pictures (OpenRouter, llama.cpp).
    return PICTURES if pictured and status in (400, 404, 415, 422, 500) and BLIND.search(complaint) else ""


def chosen(offered: Sequence[str], preferred: Sequence[str]) -> str:
    """The first preferred model that is offered, else the first one for chat; empty: there is none."""
    chat = [id for id in offered if not NOT_FOR_CHAT.search(id.lower())]
    return next(iter([*(id for id in preferred if id in offered), *chat]), "")
