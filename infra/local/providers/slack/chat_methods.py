"""chat.* and reactions.add.

Source: docs.slack.dev, the pages of the methods.
"""

from __future__ import annotations

import re
from typing import Any

from infra.local.providers.slack.access import Caller, visible_channel, writable_channel
from infra.local.providers.slack.arguments import Arguments
from infra.local.providers.slack.blocks import checked_blocks
from infra.local.providers.slack.errors import ApiError
from infra.local.providers.slack.limits import Buckets, spend_post
from infra.local.providers.slack.messages import Messages
from infra.local.providers.slack.objects import message_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, Message

MAXIMUM_TEXT = 40_000
TIMESTAMP = re.compile(r"\d{10}\.\d{6}")
REACTION = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


class ChatMethods:
    def __init__(self, service: Service, messages: Messages, buckets: Buckets) -> None:
        self.service = service
        self.messages = messages
        self.buckets = buckets

    async def post(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("chat:write")
        channel = writable_channel(self.service, who, arguments.required("channel"))
        content = read_content(arguments)
        metadata = _metadata(arguments.values.get("metadata"))
        thread_ts = thread(channel, arguments.optional("thread_ts"))
        if self.service.state.rate_limits:
            spend_post(self.buckets, who.name, channel.id, self.service.clock.now())
        message = Message(
            ts=self.service.next_ts(),
            user=who.settings.bot_user_id,
            team_id=who.settings.team_id,
            bot_id=who.settings.bot_id,
            app_id=who.settings.app_id,
            thread_ts=thread_ts,
            metadata=metadata,
            **content,
        )
        self.messages.post(channel, message)
        shown = message_object(self.service, channel, message)
        return {"channel": channel.id, "ts": message.ts, "message": shown}

    async def update(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("chat:write")
        channel, message = self._found(who, arguments, "ts")
        if message.bot_id != who.settings.bot_id:
            raise ApiError("cant_update_message")
        changes = read_content(arguments)
        self.messages.edit(channel, message, who.settings.bot_user_id, changes)
        shown = message_object(self.service, channel, message)
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}

    async def delete(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("chat:write")
        channel, message = self._found(who, arguments, "ts")
        if message.bot_id != who.settings.bot_id:
            raise ApiError("cant_delete_message")
        self.messages.delete(channel, message)
        return {"channel": channel.id, "ts": message.ts}

    async def react(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("reactions:write")
        name = arguments.required("name")
        channel, message = self._found(who, arguments, "timestamp")
        if not REACTION.fullmatch(name):
            raise ApiError("invalid_name")
        if who.settings.bot_user_id in message.reactions.get(name, []):
            raise ApiError("already_reacted")
        self.messages.react(channel, message, who.settings.bot_user_id, name, added=True)
        return {}

    def _found(self, who: Caller, arguments: Arguments, name: str) -> tuple[Channel, Message]:
        channel = visible_channel(self.service, who, arguments.required("channel"))
        ts = arguments.required(name)
        if not TIMESTAMP.fullmatch(ts):
            raise ApiError("bad_timestamp" if name == "timestamp" else "message_not_found")
        message = channel.find(ts)
        if message is None:
            raise ApiError("message_not_found")
        return channel, message


def read_content(arguments: Arguments) -> dict[str, Any]:
    """Text, blocks and attachments of a message. Raises no_text, msg_too_long and the errors of blocks."""
    text = arguments.optional("text") or ""
    blocks = arguments.values.get("blocks") or []
    attachments = arguments.values.get("attachments") or []
    if not text.strip() and not blocks and not attachments:
        raise ApiError("no_text")
    if len(text) > MAXIMUM_TEXT:
        raise ApiError("msg_too_long")
    if not isinstance(attachments, list) or not all(isinstance(attachment, dict) for attachment in attachments):
        raise ApiError("invalid_attachments")
    return {"text": text, "blocks": checked_blocks(blocks) if blocks else [], "attachments": attachments}


def thread(channel: Channel, thread_ts: str | None) -> str | None:
    """Raises invalid_thread_ts, thread_not_found, or cannot_reply_to_message for a reply instead of its thread."""
    if not thread_ts:
        return None
    if not TIMESTAMP.fullmatch(thread_ts):
        raise ApiError("invalid_thread_ts")
    parent = channel.find(thread_ts)
    if parent is None:
        raise ApiError("thread_not_found")
    if parent.thread_ts not in (None, parent.ts):
        raise ApiError("cannot_reply_to_message")
    return thread_ts


def _metadata(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("event_type"), str):
        raise ApiError("invalid_metadata_format")
    if not isinstance(value.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    return value
