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
from connectors.channels.slack.payloads import (
    MAXIMUM_ID,
    Callback,
    Event,
    Installation,
    identifier,
    raw_text,
    read_callback,
    seconds,
)
from connectors.channels.slack.people import (
    installation,
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
    if event.type in ("message", "app_mention"):
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
    channel, user, ts = event.channel, event.user, event.ts
    if not channel or len(channel) > MAXIMUM_ID:
        return None
    subtype = event.subtype
    if subtype is not None:
        if subtype == "message_changed" and event.message is not None and identifier(event.message.ts):
            return read_change(event, channel, home, envelope.received_at)
        if subtype == "message_deleted" and event.deleted_ts:
            return read_deletion(event, channel, envelope.received_at)
        if subtype in NOISE_OF_MESSAGES or subtype == "bot_message":
            return []
    if is_program(event, home):
        return []
    if not user or not ts or len(user) + len(ts) > MAXIMUM_ID:
        return None
    team = event.user_team or event.source_team or event.team or ""
    if channel[0] == "D" if event.channel_type is None else event.channel_type == "im":
        return [_message(event, team, event.thread_ts or "", home, envelope)]
    return [_message_in_channel(event, team, callback, home, envelope)]


def _message_in_channel(
    event: Event, team: str, callback: Callback, home: Installation, envelope: Envelope
) -> InboundEvent:
    """A message that others of the company may have written, in the thread that it is in or begins."""
    channel, user, ts = event.channel or "", event.user or "", event.ts or ""
    root = event.thread_ts or ts
    shared = callback.is_ext_shared_channel is True
    part = role(user, team, event.parent_user_id or "", in_thread=root != ts, shared=shared, home=home)
    if part == "staff":
        data = {"channel": channel, "ts": ts, "thread_ts": event.thread_ts or "", "user": user}
        return notice(envelope, "message.staff", data, f"{channel}:{ts}")
    message = _message(event, team, root, home, envelope)
    if part == "echo":
        message.origin = "echo"
        message.author = Author(type="agent", id=user, name=message.sender.name)
        message.sender = starter_of(event, home, envelope.account)
    return message


def _message(event: Event, team: str, root: str, home: Installation, envelope: Envelope) -> InboundMessage:
    """What a person of the workspace ``team`` wrote; ``root`` is the message at the head of its thread, if it is in
    one."""
    channel, ts = event.channel or "", event.ts or ""
    provider_id = f"{channel}:{ts}"
    sources: list[MediaSource] = []
    message = InboundMessage(
        provider_id=provider_id,
        sender=Sender(external_id=event.user or "", scope=home.scope(team) or envelope.account),
        parts=read_parts(event, sources),
        occurred_at=seconds(ts, envelope.received_at),
        media=sources,
        thread_id=f"{channel}:{root}" if root else channel,
        external_ids=[provider_id],
    )
    if not message.parts:
        message.parts = [_kept(event.subtype or "message", "nothing that we can read", envelope)]
    if event.user_profile is not None:
        message.sender.name = profile_name(event.user_profile)
    if root and root != ts:
        message.continues = Continues(external_ids=[f"{channel}:{root}"])
    return message


def _unknown(event: Event, callback: Callback, home: Installation, envelope: Envelope) -> list[InboundEvent]:
    """An event that we do not know. What somebody wrote in it becomes a message; the rest is a notice."""
    user, channel = identifier(event.user), identifier(event.channel)
    if not user or user == home.bot_user or not (event.text or "").strip():
        return [read_notice(callback, envelope)]
    name = identifier(event.ts) or identifier(event.event_ts) or identifier(callback.event_id) or "None"
    return [
        InboundMessage(
            provider_id=f"{channel}:{name}",
            sender=sender_of(user, identifier(event.team), home, envelope.account, None),
            parts=[_kept(identifier(event.type) or "unknown", "unknown event", envelope)],
            occurred_at=seconds(event.ts, envelope.received_at),
        )
    ]


def _kept(kind: str, reason: str, envelope: Envelope) -> UnsupportedPart:
    return UnsupportedPart(provider_type=kind, reason=reason, raw=raw_text(envelope.body))
