"""What happens beside messages: changes of messages, reactions, and news of the app itself.

Source: docs.slack.dev, "Events API", the pages of the single events.
"""

from __future__ import annotations

from typing import Any

from connectors.channels.slack.messages import read_parts
from connectors.channels.slack.payloads import Callback, Event, Installation, identifier, raw_text, seconds
from connectors.channels.slack.people import is_program
from shared.model.envelope import Envelope
from shared.model.identifiers import digest
from shared.model.inbound import AccountNotice, InboundDeletion, InboundEdit, InboundEvent, InboundReaction

NOISE = frozenset(
    {
        "app_home_opened",
        "app_context_changed",
        "assistant_thread_started",
        "assistant_thread_context_changed",
        "channel_archive",
        "channel_created",
        "channel_deleted",
        "channel_history_changed",
        "channel_left",
        "channel_rename",
        "channel_shared",
        "channel_unarchive",
        "channel_unshared",
        "emoji_changed",
        "file_change",
        "file_created",
        "file_deleted",
        "file_public",
        "file_shared",
        "file_unshared",
        "group_archive",
        "group_left",
        "group_rename",
        "group_unarchive",
        "im_close",
        "im_created",
        "im_open",
        "link_shared",
        "member_joined_channel",
        "member_left_channel",
        "message_metadata_deleted",
        "message_metadata_posted",
        "message_metadata_updated",
        "pin_added",
        "pin_removed",
        "team_join",
        "user_change",
        "user_profile_changed",
        "user_status_changed",
    }
)
"""Events that tell of no customer's words: a file that is shared comes as a message as well."""

NOISE_OF_MESSAGES = frozenset(
    {
        "app_conversation_join",
        "assistant_app_thread",
        "bot_add",
        "bot_disable",
        "bot_enable",
        "bot_remove",
        "channel_archive",
        "channel_convert_to_private",
        "channel_convert_to_public",
        "channel_join",
        "channel_leave",
        "channel_name",
        "channel_posting_permissions",
        "channel_purpose",
        "channel_topic",
        "channel_unarchive",
        "ekm_access_denied",
        "group_archive",
        "group_join",
        "group_leave",
        "group_name",
        "group_purpose",
        "group_topic",
        "group_unarchive",
        "huddle_thread",
        "joiner_notification",
        "joiner_notification_for_inviter",
        "message_replied",
        "pinned_item",
        "reminder_add",
        "sh_room_created",
        "unpinned_item",
    }
)
"""Subtypes of messages that Slack writes itself."""

_ACCOUNT_EVENTS = frozenset({"app_uninstalled", "tokens_revoked"})


def read_change(event: Event, channel: str, home: Installation, at: float) -> list[InboundEvent]:
    """An edit. Slack sends one too when a link gets its preview, and when a thread under a message grows: then the
    message says what it said before, and nothing has happened. A message with replies is taken back by writing over
    it."""
    now, before = event.message, event.previous_message
    if now is None:
        return []
    ts = identifier(now.ts)
    when = seconds(event.event_ts or event.ts, at)
    external_id = f"{channel}:{ts}"
    if now.subtype == "tombstone":
        return [InboundDeletion(provider_id=f"{external_id}:deleted", external_id=external_id, occurred_at=when)]
    if is_program(now, home):
        return []
    parts = read_parts(now, [])
    if before is not None and read_parts(before, []) == parts:
        return []
    change = identifier(event.event_ts or event.ts)
    return [InboundEdit(provider_id=f"{external_id}:{change}", external_id=external_id, parts=parts, occurred_at=when)]


def read_deletion(event: Event, channel: str, at: float) -> list[InboundEvent]:
    external_id = f"{channel}:{event.deleted_ts}"
    when = seconds(event.event_ts or event.ts, at)
    return [InboundDeletion(provider_id=f"{external_id}:deleted", external_id=external_id, occurred_at=when)]


def read_reaction(event: Event, home: Installation, at: float) -> list[InboundEvent] | None:
    """None when it is not about a message.

    Slack does not say which workspace it comes from: in a channel it is the customer's when it is on a message of the
    same person or of ours, else a colleague's.
    """
    item = event.item or {}
    channel, ts = identifier(item.get("channel")), identifier(item.get("ts"))
    user, reaction = identifier(event.user), event.reaction
    if not (channel and ts and user and reaction):
        return None
    if user == home.bot_user:
        return []
    customer = channel[:1] == "D" or event.item_user in (None, user, home.bot_user)
    removed = event.type == "reaction_removed"
    external_id = f"{channel}:{ts}"
    return [
        InboundReaction(
            provider_id=f"{external_id}:{user}:{reaction}:{identifier(event.event_ts)}:{int(removed)}",
            external_id=external_id,
            reaction=reaction,
            occurred_at=seconds(event.event_ts, at),
            removed=removed,
            by="customer" if customer else "agent",
        )
    ]


def read_notice(callback: Callback, envelope: Envelope) -> AccountNotice:
    """News of the app itself; whatever else is nobody's words is kept as it came."""
    event = callback.event
    kind = identifier(event.type if event is not None else callback.type)
    name = kind if kind in _ACCOUNT_EVENTS or kind == "app_rate_limited" else f"event.{kind or 'unknown'}"
    data: dict[str, Any] = {"raw": raw_text(envelope.body)}
    if kind == "app_rate_limited":
        minute = callback.minute_rate_limited
        data = {} if minute is None else {"minute": minute}
    elif kind in _ACCOUNT_EVENTS:
        data = {"team_id": identifier(callback.team_id)}
    return notice(envelope, name, data, identifier(callback.event_id))


def notice(envelope: Envelope, name: str, data: dict[str, Any], event_id: str = "") -> AccountNotice:
    return AccountNotice(
        provider_id=event_id or digest(envelope.body.hex()), name=name, occurred_at=envelope.received_at, data=data
    )
