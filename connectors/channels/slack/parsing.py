"""A verified request in our words.

Nothing in here raises for what a request says: what is not understood is kept as it came.
"""

from __future__ import annotations

from connectors.channels.slack.events import (
    NOISE,
    NOISE_OF_MESSAGES,
    notice,
    read_change,
    read_deletion,
    read_notice,
    read_reaction,
)
from connectors.channels.slack.interactions import read_form
from connectors.channels.slack.messages import read_parts
from connectors.channels.slack.payloads import Callback, Event, Installation, raw_text, read_callback, seconds
from connectors.channels.slack.people import (
    Role,
    installation,
    is_direct,
    is_program,
    profile_name,
    role,
    sender_of,
    starter_of,
)
from shared.model.envelope import Envelope
from shared.model.inbound import Continues, InboundEvent, InboundMessage, MediaSource, Sender
from shared.model.message import Author
from shared.model.parts import UnsupportedPart


def parse(envelope: Envelope) -> list[InboundEvent]:
    """The event in a request, if it is anybody's business. Its provider id is the same for every delivery of it."""
    callback = read_callback(envelope.body)
    if callback is None:
        return read_form(envelope)
    event = callback.event
    if event is None:
        return [read_notice(callback, envelope)]
    home = installation(callback)
    if event.type == "message" or event.type == "app_mention":
        found = _message_event(event, callback, home, envelope)
    elif event.type in ("reaction_added", "reaction_removed"):
        found = read_reaction(event, home, envelope.received_at)
    else:
        found = [] if event.type in NOISE else None
    return _unknown(event, callback, home, envelope) if found is None else found


def _message_event(
    event: Event, callback: Callback, home: Installation, envelope: Envelope
) -> list[InboundEvent] | None:
    """None when it lacks what every such event has."""
    channel = event.channel or ""
    if not channel:
        return None
    subtype = event.subtype
    if subtype is not None:
        if subtype == "message_changed" and event.message is not None and event.message.ts:
            return read_change(event, channel, home, envelope.received_at)
        if subtype == "message_deleted" and event.deleted_ts:
            return read_deletion(event, channel, envelope.received_at)
        if subtype in NOISE_OF_MESSAGES or subtype == "bot_message":
            return []
    if is_program(event, home):
        return []
    if not event.user or not event.ts:
        return None
    return [_message(event, callback, home, envelope)]


def _message(event: Event, callback: Callback, home: Installation, envelope: Envelope) -> InboundEvent:
    channel, user, ts, root = event.channel or "", event.user or "", event.ts or "", event.thread_ts or ""
    team = event.user_team or event.source_team or event.team or ""
    in_thread = root not in ("", ts)
    provider_id = f"{channel}:{ts}"
    part: Role = "customer"
    if is_direct(event, channel):
        thread_id = f"{channel}:{root}" if root else channel
    else:
        thread_id = f"{channel}:{root or ts}"
        shared = callback.is_ext_shared_channel is True
        part = role(user, team, event.parent_user_id or "", in_thread=in_thread, shared=shared, home=home)
        if part == "staff":
            data = {"channel": channel, "ts": ts, "thread_ts": root, "user": user}
            return notice(envelope, "message.staff", data, provider_id)
    name = profile_name(event.user_profile) if event.user_profile is not None else None
    sources: list[MediaSource] = []
    message = InboundMessage(
        provider_id=provider_id,
        sender=Sender(external_id=user, scope=home.scope(team) or envelope.account, name=name),
        parts=read_parts(event, sources),
        occurred_at=seconds(ts, envelope.received_at),
        media=sources,
        thread_id=thread_id,
        external_ids=[provider_id],
    )
    if not message.parts:
        message.parts = [_kept(event.subtype or "message", "nothing that we can read", envelope)]
    if part == "echo":
        message.origin = "echo"
        message.author = Author(type="agent", id=user, name=name)
        message.sender = starter_of(event, home, envelope.account)
    if in_thread:
        message.continues = Continues(external_ids=[f"{channel}:{root}"])
    return message


def _unknown(event: Event, callback: Callback, home: Installation, envelope: Envelope) -> list[InboundEvent]:
    """An event that we do not know. What somebody wrote in it becomes a message; the rest is a notice."""
    user, channel = event.user or "", event.channel or ""
    if not user or user == home.bot_user or not (event.text or "").strip():
        return [read_notice(callback, envelope)]
    name = event.ts or event.event_ts or callback.event_id
    return [
        InboundMessage(
            provider_id=f"{channel}:{name}",
            sender=sender_of(user, event.team or "", home, envelope.account, None),
            parts=[_kept(event.type or "unknown", "unknown event", envelope)],
            occurred_at=seconds(event.ts, envelope.received_at),
        )
    ]


def _kept(kind: str, reason: str, envelope: Envelope) -> UnsupportedPart:
    return UnsupportedPart(provider_type=kind, reason=reason, raw=raw_text(envelope.body))
