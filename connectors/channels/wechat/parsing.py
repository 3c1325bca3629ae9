"""A verified push in our words.

Nothing in here raises for what a push says: what is not understood is kept as it came.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from connectors.channels.wechat.events import read_event
from connectors.channels.wechat.messages import Content, read_message
from connectors.channels.wechat.push import MAXIMUM_ID, Push, read_push, sender_in_head, sender_of, text_of
from shared.errors import BadRequest
from shared.model.identifiers import digest
from shared.model.inbound import InboundMessage, Sender
from shared.model.parts import UnsupportedPart

if TYPE_CHECKING:
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent

_MAXIMUM_PROVIDER_ID = 300
_LATEST_TIME = 253_402_300_799
"""The last second of the year 9999: times after it cannot be written."""


def parse(envelope: Envelope) -> list[InboundEvent]:
    """The one event in a push. Its provider id is the same for every delivery of it."""
    try:
        push = read_push(envelope.body)
    except BadRequest as error:
        return [_unreadable(envelope, sender_in_head(envelope.body), "unreadable", f"{error.code}: {error}")]
    kind = text_of(push, "MsgType").strip().lower()
    openid = sender_of(push)
    if not kind or not openid:
        missing = "FromUserName" if kind else "MsgType"
        return [_unreadable(envelope, openid, kind or "unknown", f"there is no {missing}")]
    sender = Sender(external_id=openid, scope=envelope.account)
    provider_id = _provider_id(push, openid)
    occurred_at = _occurred_at(envelope, push)
    if kind == "event":
        known = read_event(push, sender, provider_id, occurred_at)
        return [known or _unknown_event(envelope, push, sender, provider_id, occurred_at)]
    reason, content = "unknown message type", None
    try:
        content = read_message(kind, push)
    except BadRequest as error:
        reason = str(error)
    if content is None:
        unsupported = UnsupportedPart(provider_type=kind[:100], reason=reason, raw=_raw(envelope))
        content = Content([unsupported])
    return [
        InboundMessage(
            provider_id=provider_id,
            sender=sender,
            parts=content.parts,
            occurred_at=occurred_at,
            opens="message",
            media=content.media,
            metadata=content.metadata,
        )
    ]


def _unknown_event(
    envelope: Envelope, push: Push, sender: Sender, provider_id: str, occurred_at: float
) -> InboundMessage:
    name = f"event:{text_of(push, 'Event')}"[:100]
    part = UnsupportedPart(provider_type=name, reason="unknown event", raw=_raw(envelope))
    return InboundMessage(
        provider_id=provider_id, sender=sender, parts=[part], occurred_at=occurred_at, wants_answer=False
    )


def _unreadable(envelope: Envelope, openid: str, provider_type: str, reason: str) -> InboundMessage:
    """What says too little of itself to be told from others: its content is its id.

    Without an OpenID in it the sender is the one in the query, which is not proven.
    """
    content_hash = digest(envelope.body.hex())
    named = openid or envelope.query.get("openid", "")[:MAXIMUM_ID] or f"unknown:{content_hash}"
    sender = Sender(external_id=named, scope=envelope.account)
    if not openid:
        sender.verification, sender.unproven = "none", True
    return InboundMessage(
        provider_id=content_hash,
        sender=sender,
        parts=[UnsupportedPart(provider_type=provider_type[:100], reason=reason, raw=_raw(envelope))],
        occurred_at=envelope.received_at,
    )


def _provider_id(push: Push, openid: str) -> str:
    """The message's id, which is unique for its sender alone; for an event, which has none, what sets it apart."""
    message_id = text_of(push, "MsgId")
    if message_id:
        provider_id = f"{openid}:{message_id}"
    else:
        provider_id = ":".join((openid, *(text_of(push, name) for name in ("CreateTime", "Event", "EventKey"))))
    return provider_id if len(provider_id) <= _MAXIMUM_PROVIDER_ID else f"{openid}:{digest(provider_id)}"


def _occurred_at(envelope: Envelope, push: Push) -> float:
    created = text_of(push, "CreateTime").strip()
    if created.isascii() and created.isdigit() and len(created) <= 12 and int(created) <= _LATEST_TIME:
        return float(created)
    return envelope.received_at


def _raw(envelope: Envelope) -> str:
    try:
        return envelope.body.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(envelope.body).decode("ascii")
