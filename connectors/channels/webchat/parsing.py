"""A visitor's frame, as the chat service queued it, in the words of the schema.

The queued body is ``{"session": {external_id, identity_id, verification, name?, email?, claims?}, "frame": {...}}``.
The session was proven by its token before it was queued; the frame was checked, but is read here as if it had not been.
"""

from __future__ import annotations

from typing import Any

import msgspec

from shared.model.envelope import Envelope
from shared.model.identifiers import digest, identity_id
from shared.model.inbound import AccountNotice, InboundEvent, InboundMessage, InboundReceipt, MediaSource, Sender
from shared.model.link_codes import read_code
from shared.model.parts import EventPart, Part, UnsupportedPart, decode_part, media_of
from shared.model.uploads import upload_key

_CHANNEL = "webchat"
_CLAIMED = ("email", "phone")


class _Session(msgspec.Struct):
    external_id: str
    verification: str = "none"
    name: str | None = None
    email: str | None = None
    claims: dict[str, str] = {}


class _Body(msgspec.Struct):
    session: _Session
    frame: Any


def parse(envelope: Envelope) -> list[InboundEvent]:
    """One event. A frame that is not understood becomes an ``unsupported`` part; a body without a session, a notice."""
    try:
        body = msgspec.json.decode(envelope.body, type=_Body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return [_unreadable(envelope)]
    frame = body.frame if isinstance(body.frame, dict) else {}
    sender = _sender(envelope.account, body.session)
    sequence = frame.get("sequence")
    if frame.get("type") == "read" and isinstance(sequence, int) and not isinstance(sequence, bool) and sequence >= 0:
        return [InboundReceipt(status="read", occurred_at=envelope.received_at, sender=sender, up_to_sequence=sequence)]
    return [_link(envelope, sender, frame) or _message(envelope, sender, frame)]


def _link(envelope: Envelope, sender: Sender, frame: dict[str, Any]) -> InboundMessage | None:
    """A link code that the visitor came with; None for every other frame."""
    client_id, text = frame.get("client_id"), frame.get("code")
    code = read_code(text) if isinstance(text, str) else None
    if frame.get("type") != "link" or not isinstance(client_id, str) or not client_id or code is None:
        return None
    return InboundMessage(
        provider_id=f"{identity_id(_CHANNEL, envelope.account, sender.external_id)}:{client_id}",
        sender=sender,
        parts=[EventPart(name="link")],
        occurred_at=envelope.received_at,
        wants_answer=False,
        metadata={"client_id": client_id},
        link_code=code,
        link_only=True,
    )


def _message(envelope: Envelope, sender: Sender, frame: dict[str, Any]) -> InboundMessage:
    identity = identity_id(_CHANNEL, envelope.account, sender.external_id)
    client_id = frame.get("client_id")
    found = frame.get("parts")
    named = isinstance(client_id, str) and client_id != ""
    if frame.get("type") != "message" or not named or not isinstance(found, list) or not found:
        raw = envelope.body.decode("utf-8", "replace")
        part = UnsupportedPart(provider_type=str(frame.get("type"))[:64], reason="not a known frame", raw=raw)
        return InboundMessage(
            provider_id=f"{identity}:{client_id if named else digest(raw)}",
            sender=sender,
            parts=[part],
            occurred_at=envelope.received_at,
        )
    parts = [_part(value, envelope.account, identity) for value in found]
    return InboundMessage(
        provider_id=f"{identity}:{client_id}",
        sender=sender,
        parts=parts,
        occurred_at=envelope.received_at,
        media=_sources(parts, envelope.account, identity),
        metadata={"client_id": client_id},
    )


def _part(value: Any, account: str, identity: str) -> Part:
    """The part, if its files are uploads that could be this visitor's; else all of it as ``unsupported``."""
    try:
        part = decode_part(value)
        for media in media_of(part):
            upload_key(account, identity, media.media_id or "")
    except (msgspec.ValidationError, ValueError) as error:
        kind = value.get("type") if isinstance(value, dict) else None
        raw = msgspec.json.encode(value).decode()
        return UnsupportedPart(provider_type=str(kind)[:64], reason=str(error)[:200], raw=raw)
    return part


def _sources(parts: list[Part], account: str, identity: str) -> list[MediaSource]:
    """Files lie where this visitor's own uploads go: the key follows from the session and the media id alone."""
    media = [each for part in parts for each in media_of(part)]
    keys = [upload_key(account, identity, each.media_id or "") for each in media]
    return [MediaSource(index=index, reference={"upload": key}) for index, key in enumerate(keys)]


def _sender(account: str, session: _Session) -> Sender:
    """An address counts as an alias only because the site has vouched for it, in a token that it signed. What the
    visitor typed stays a claim, and their name is taken from it only when nobody else has said one."""
    signed = session.verification == "signed_token"
    aliases = {"email": session.email} if signed and session.email else {}
    claims = {kind: session.claims[kind] for kind in _CLAIMED if kind in session.claims}
    return Sender(
        external_id=session.external_id,
        scope=account,
        aliases=aliases,
        claims={kind: value for kind, value in claims.items() if aliases.get(kind) != value},
        verification="signed_token" if signed else "none",
        name=session.name or session.claims.get("name"),
    )


def _unreadable(envelope: Envelope) -> AccountNotice:
    raw = envelope.body.decode("utf-8", "replace")
    return AccountNotice(
        provider_id=digest(raw), name="unreadable_frame", occurred_at=envelope.received_at, data={"raw": raw}
    )
