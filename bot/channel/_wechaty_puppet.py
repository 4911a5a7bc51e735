"""What wechaty's classes (Message, Contact, Room) ask for, had from the gateway."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from wechaty_grpc.wechaty import puppet as grpc
from wechaty_puppet import FileBox, MessageType, Puppet
from wechaty_puppet.file_box.type import FileBoxType

from bot.channel._wechaty_files import downloaded
from bot.channel._wechaty_gateway import Gateway
from bot.channel._wechaty_refusal import Refused

KINDS = (
    "UNSPECIFIED", "ATTACHMENT", "AUDIO", "CONTACT", "CHAT_HISTORY", "EMOTICON", "IMAGE", "TEXT", "LOCATION",
    "MINI_PROGRAM", "UNSPECIFIED", "TRANSFER", "RED_ENVELOPE", "RECALLED", "URL", "VIDEO",
)  # fmt: skip
"""Kinds of messages by their number on the wire, which is TypeScript's and not that of the protocol's own file."""
INLINE = 2**20
"""Bytes of a file that go with the message itself; the gateway takes 4 MiB of base64."""
ARTWORK = 3
"""Of a picture's sizes: the original."""
UUID = 7
"""A box whose content lies at the gateway; wechaty is too old to know it."""


class GatewayPuppet(Puppet):
    """One account at a gateway. Raises Refused and ChannelError."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self.gateway = gateway
        self.account = ""
        """Who is logged in."""
        self.members: dict[tuple[str, str], grpc.RoomMemberPayloadResponse] = {}

    def self_id(self) -> str:
        """Who is logged in."""
        return self.account

    async def message_payload(self, message_id: str) -> grpc.MessagePayloadResponse:
        """A message, its kind as wechaty counts."""
        request = grpc.MessagePayloadRequest(message_id)
        payload = await self.gateway.ask("MessagePayload", request, grpc.MessagePayloadResponse)
        number = int(payload.type)
        payload.type = MessageType[f"MESSAGE_TYPE_{KINDS[number] if number < len(KINDS) else KINDS[0]}"]
        return payload

    async def contact_payload(self, contact_id: str) -> grpc.ContactPayloadResponse:
        """Somebody; without a name where the gateway does not know them."""
        request = grpc.ContactPayloadRequest(contact_id)
        try:
            return await self.gateway.ask("ContactPayload", request, grpc.ContactPayloadResponse)
        except Refused:
            return grpc.ContactPayloadResponse(id=contact_id)

    async def room_payload(self, room_id: str) -> grpc.RoomPayloadResponse:
        """A room; without a topic where the gateway does not know it."""
        request = grpc.RoomPayloadRequest(room_id)
        try:
            return await self.gateway.ask("RoomPayload", request, grpc.RoomPayloadResponse)
        except Refused:
            return grpc.RoomPayloadResponse(id=room_id)

    async def room_member_payload(self, room_id: str, contact_id: str) -> grpc.RoomMemberPayloadResponse:
        """Somebody as they are called in a room."""
        if (room_id, contact_id) not in self.members:
            request = grpc.RoomMemberPayloadRequest(room_id, contact_id)
            try:
                member = await self.gateway.ask("RoomMemberPayload", request, grpc.RoomMemberPayloadResponse)
            except Refused:
                member = grpc.RoomMemberPayloadResponse(id=contact_id)
            self.members[room_id, contact_id] = member
        return self.members[room_id, contact_id]

    async def message_image(self, message_id: str, image_type: int = ARTWORK) -> FileBox:
        """The picture a message brought."""
        request = grpc.MessageImageRequest(message_id, grpc.ImageType(image_type))
        reply = await self.gateway.ask("MessageImage", request, grpc.MessageImageResponse, file=True)
        return await self._opened(reply.filebox)

    async def message_file(self, message_id: str) -> FileBox:
        """The recording, film or file a message brought."""
        request = grpc.MessageFileRequest(message_id)
        reply = await self.gateway.ask("MessageFile", request, grpc.MessageFileResponse, file=True)
        return await self._opened(reply.filebox)

    async def message_send_text(self, conversation_id: str, message: str, mention_ids: list[str] | None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Send words. Its id is kept from wechaty, which would ask for the message, and call it unsent if that failed."""
        request = grpc.MessageSendTextRequest(conversation_id, message, mention_ids or [])
        await self.gateway.ask("MessageSendText", request, grpc.MessageSendTextResponse)

    async def message_send_file(self, conversation_id: str, file: FileBox) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Send a file that is in memory; a large one is brought to the gateway first."""
        data: bytes = file.buffer
        box: dict[str, Any] = {"name": file.name, "mediaType": file.mediaType, "size": len(data)}
        box["metadata"] = dict(file.metadata)
        if len(data) > INLINE:
            content = {"type": UUID, "boxType": UUID, "uuid": await self.gateway.upload(data)}
        else:
            kind = FileBoxType.Base64.value
            content = {"type": kind, "boxType": kind, "base64": base64.b64encode(data).decode()}
        request = grpc.MessageSendFileRequest(conversation_id, json.dumps(box | content))
        await self.gateway.ask("MessageSendFile", request, grpc.MessageSendFileResponse, file=True)

    async def _opened(self, text: str) -> FileBox:
        """A box as the gateway describes it, with its content."""
        box: Mapping[str, Any] = json.loads(text)
        match box.get("type", box.get("boxType")):
            case FileBoxType.Base64.value:
                data = base64.b64decode(box["base64"])
            case _ if box.get("uuid"):
                data = await self.gateway.download(str(box["uuid"]))
            case FileBoxType.Url.value:
                data = await downloaded(str(box.get("url") or box["remoteUrl"]), self.gateway.keys)
            case kind:
                raise Refused(f"a box of kind {kind} has no content")
        return FileBox.from_buffer(data, str(box.get("name", "")))
