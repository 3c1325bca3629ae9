"""Writing, changing, deleting and reacting, whoever does it: the app by its API or a person by hand."""

from __future__ import annotations

import asyncio
from typing import Any

from infra.local.providers.slack.delivery import Sent
from infra.local.providers.slack.events import Events
from infra.local.providers.slack.objects import message_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, Message

Tasks = list[asyncio.Task[Sent]]


class Messages:
    """Each act changes the memory, and returns the deliveries of its events, which are under way."""

    def __init__(self, service: Service, events: Events) -> None:
        self.service = service
        self.events = events

    def post(self, channel: Channel, message: Message) -> Tasks:
        channel.messages.append(message)
        self.service.changed()
        return self.events.posted(channel, message)

    def edit(self, channel: Channel, message: Message, editor: str, changes: dict[str, Any]) -> Tasks:
        """``changes``: new values of fields of the message."""
        before = message_object(self.service, channel, message)
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited = {"user": editor, "ts": f"{self.service.next_ts().partition('.')[0]}.000000"}
        self.service.changed()
        return self.events.changed(channel, message, before)

    def unfurl(self, channel: Channel, message: Message, attachment: dict[str, Any]) -> Tasks:
        """Slack adds the preview of a link: the message changes, and its text does not."""
        before = message_object(self.service, channel, message)
        message.attachments = [*message.attachments, attachment]
        self.service.changed()
        return self.events.changed(channel, message, before)

    def delete(self, channel: Channel, message: Message) -> Tasks:
        """The first message of a thread with replies becomes a tombstone, which Slack tells as a change."""
        before = message_object(self.service, channel, message)
        self.service.changed()
        if channel.replies(message.ts):
            message.subtype, message.user, message.client_msg_id = "tombstone", "USLACKBOT", None
            message.text, message.blocks, message.files = "This message was deleted.", [], []
            return self.events.changed(channel, message, before)
        channel.messages.remove(message)
        return self.events.deleted(channel, before)

    def react(self, channel: Channel, message: Message, user: str, reaction: str, *, added: bool) -> Tasks:
        users = message.reactions.setdefault(reaction, [])
        if added == (user in users):
            return []
        if added:
            users.append(user)
        else:
            users.remove(user)
        if not users:
            del message.reactions[reaction]
        self.service.changed()
        return self.events.reacted(channel, message, user, reaction, added=added)
