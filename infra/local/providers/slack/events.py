"""Events: what happened in the workspace, told to the app when it has subscribed and may know.

Source: docs.slack.dev, "Events API" and the pages of the single events.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from infra.local.providers.slack.delivery import Delivery, Sent
from infra.local.providers.slack.objects import message_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, Message, new_id

VERIFICATION_WORD = "superseded-by-signatures"
"""The envelope's ``token``, which Slack has replaced by signatures but still sends."""
SUBSCRIPTIONS = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}
SCOPES = {
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}


class Events:
    """Publishes events. ``delivery`` is there while the stand-in runs."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.delivery: Delivery | None = None
        self.under_way: set[asyncio.Task[Sent]] = set()

    def posted(self, channel: Channel, message: Message) -> list[asyncio.Task[Sent]]:
        """A new message; one that names the app in a channel comes a second time as ``app_mention``."""
        event = {
            **message_object(self.service, channel, message),
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": channel.kind,
        }
        tasks = self._about(channel, SUBSCRIPTIONS[channel.kind], event)
        bot_user_id = self.service.accounts[channel.account].bot_user_id
        if channel.kind != "im" and f"<@{bot_user_id}>" in message.text and message.bot_id is None:
            kept = ("user", "text", "ts", "client_msg_id", "team", "thread_ts", "parent_user_id", "blocks", "files")
            mention = {name: event[name] for name in kept if name in event}
            mention |= {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
            tasks += self._about(channel, "app_mention", mention)
        return tasks

    def changed(self, channel: Channel, message: Message, before: dict[str, Any]) -> list[asyncio.Task[Sent]]:
        """``before``: the message object as it was."""
        event = {"message": message_object(self.service, channel, message), "previous_message": before}
        return self._about(channel, SUBSCRIPTIONS[channel.kind], self._hidden(channel, "message_changed", event))

    def deleted(self, channel: Channel, before: dict[str, Any]) -> list[asyncio.Task[Sent]]:
        event = {"deleted_ts": before["ts"], "previous_message": before}
        return self._about(channel, SUBSCRIPTIONS[channel.kind], self._hidden(channel, "message_deleted", event))

    def reacted(
        self, channel: Channel, message: Message, user: str, reaction: str, *, added: bool
    ) -> list[asyncio.Task[Sent]]:
        kind = "reaction_added" if added else "reaction_removed"
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        event = {"type": kind, "user": user, "reaction": reaction, "item": item, "item_user": message.user}
        return self._about(channel, kind, {**event, "event_ts": self.service.next_ts()})

    def raw(
        self, account: str, event: dict[str, Any], changes: dict[str, Any], *, shared: bool = False
    ) -> asyncio.Task[Sent]:
        """Any event at all, subscribed to or not; ``changes`` replace fields of its envelope."""
        return self._publish(account, str(event.get("type", "")), {**self._envelope(account, event, shared), **changes})

    def _hidden(self, channel: Channel, subtype: str, event: dict[str, Any]) -> dict[str, Any]:
        now = self.service.next_ts()
        return {
            "type": "message",
            "subtype": subtype,
            **event,
            "channel": channel.id,
            "hidden": True,
            "ts": now,
            "event_ts": now,
            "channel_type": channel.kind,
        }

    def _about(self, channel: Channel, subscription: str, event: dict[str, Any]) -> list[asyncio.Task[Sent]]:
        settings = self.service.accounts[channel.account]
        may_know = settings.bot_user_id in channel.members and SCOPES[subscription] in settings.scopes
        installed = self.service.state.standing.get(channel.account, "active") == "active"
        if subscription not in settings.events or not may_know or not installed:
            return []
        envelope = self._envelope(channel.account, event, channel.shared)
        return [self._publish(channel.account, str(event.get("subtype") or event["type"]), envelope)]

    def _envelope(self, account: str, event: dict[str, Any], shared: bool) -> dict[str, Any]:
        settings = self.service.accounts[account]
        event_id = new_id("Ev")
        installation = {
            "enterprise_id": None,
            "team_id": settings.team_id,
            "user_id": settings.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": VERIFICATION_WORD,
            "team_id": settings.team_id,
            "context_team_id": settings.team_id,
            "context_enterprise_id": None,
            "api_app_id": settings.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(time.time()),
            "authorizations": [installation],
            "is_ext_shared_channel": shared,
            "event_context": f"4-{event_id}",
        }

    def _publish(self, account: str, kind: str, envelope: dict[str, Any]) -> asyncio.Task[Sent]:
        if self.delivery is None:
            raise RuntimeError("the stand-in is not running")
        body = msgspec.json.encode(envelope)
        sent = self.delivery.noted(account, kind, body, "application/json", str(envelope.get("event_id") or "") or None)
        return self.started(self.delivery.deliver(self.service.accounts[account], sent, retried=True))

    def started(self, work: Any) -> asyncio.Task[Sent]:
        task: asyncio.Task[Sent] = asyncio.create_task(work)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        return task
