"""A mail in our words: what a person wrote is a message, what machines report is a notice.

Nothing in here raises for what a mail says, however broken: what cannot be read is flagged, and the original is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.channels.email.added import take_invitation_out
from connectors.channels.email.automatic import kind_of
from connectors.channels.email.content import read_content
from connectors.channels.email.details import details, message_ids
from connectors.channels.email.fingerprint import HEAD_BYTES, fingerprint
from connectors.channels.email.mime.headers import header_block
from connectors.channels.email.mime.reading import read_both
from connectors.channels.email.notices import NOTICES, notice
from connectors.channels.email.own_ids import is_own_id
from connectors.channels.email.reports import parse_report
from connectors.channels.email.sender import domain_of, one_sender, sender_of
from connectors.channels.email.verdicts import read_verdicts, split_block
from shared.model.inbound import Continues, InboundMessage
from shared.model.message import ReplyTo

if TYPE_CHECKING:
    from connectors.channels.email.automatic import Kind
    from connectors.channels.email.mime.headers import Fields
    from connectors.channels.email.mime.mail import Address, Mail
    from connectors.channels.email.verdicts import Verdicts
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent

_DAY = 86_400.0
_MOST_CONTINUED = 10
_BYTE_ORDER_MARK = 3
"""Bytes that are not counted where the head ends."""

_OURS = "amazonses.com"
"""The domain of the message ids that SES gives to our mail; before it stands what SES calls the mail."""


class _Judged(NamedTuple):
    """A mail that was read, who can be held to have written it, and what SES says of that."""

    mail: Mail
    kind: Kind | None
    writer: Address | None
    verdicts: Verdicts
    provider_id: str


def parse(envelope: Envelope) -> list[InboundEvent]:
    """The one event that a mail is, or a report of SES on a mail of ours.

    ``envelope.headers`` holds what the intake has established, and nothing else is believed of the mail's own fields.
    """
    if envelope.headers.get("kind") == "report":
        return parse_report(envelope)
    judged = _judge(envelope)
    if judged.kind is not None and judged.kind in NOTICES:
        return [notice(judged.kind, judged.mail, envelope, judged.provider_id)]
    return [_message(envelope, judged)]


def _judge(envelope: Envelope) -> _Judged:
    mail, top = read_both(envelope.body)
    block = split_block(fields_of_first_bytes(envelope.body, top))
    writer = one_sender(block, mail)
    kind = kind_of(block, writer.key if writer else None, mail.content_type, mail.report_type)
    if envelope.headers.get("automatic") == "loop":
        kind = "loop"
    verdicts = read_verdicts(block, domain_of(writer))
    return _Judged(mail, kind, writer, verdicts, fingerprint(envelope.body, block, verdicts.verified))


def fields_of_first_bytes(raw: bytes, top: Fields) -> list[tuple[str, str]]:
    """The fields as the intake read them, to which the first HEAD_BYTES of a mail are all there is. ``top`` is what
    reading all of it gave: a head that is well-formed and ends within those bytes is the same either way."""
    ends_within = 0 < top.body <= HEAD_BYTES - _BYTE_ORDER_MARK
    return top.fields if ends_within and not top.flags else header_block(raw[:HEAD_BYTES])


def _message(envelope: Envelope, judged: _Judged) -> InboundMessage:
    mail, kind, writer, verdicts, provider_id = judged
    stored = envelope.stored or ""
    content = read_content(mail, stored, infected=verdicts.virus == "fail")
    link_code = envelope.headers.get("link_code")
    link_only = link_code is not None and not take_invitation_out(content, mail)
    flags = [*mail.flags, *content.flags, *_flags(envelope, verdicts)]
    if writer is None and mail.sender is not None:
        flags.append("malformed_sender")
    email = details(mail, content, verdicts, stored, flags)
    if kind is not None:
        email["automatic"] = kind
    answered = email.get("in_reply_to")
    return InboundMessage(
        provider_id=provider_id,
        sender=sender_of(envelope, mail, writer, verdicts, provider_id),
        parts=content.parts,
        occurred_at=_occurred_at(envelope, mail),
        wants_answer=kind is None,
        media=content.media,
        reply_to=ReplyTo(external_id=_filed_as(answered)) if answered else None,
        external_ids=[email["message_id"]] if "message_id" in email else [],
        metadata={"automatic": kind} if kind is not None else {},
        continues=_continues(envelope.headers.get("conversation") if writer else None, mail),
        email=email,
        link_code=link_code,
        link_only=link_only,
    )


def _flags(envelope: Envelope, verdicts: Verdicts) -> list[str]:
    """What somebody who reads the mail should know of it."""
    checks = {
        "dmarc_failed": verdicts.dmarc == "fail",
        "spam": verdicts.spam == "fail",
        "virus": verdicts.virus == "fail",
        "reply_address_of_another": envelope.headers.get("reply_address") == "of_another",
        "reply_address_forged": envelope.headers.get("reply_address") == "forged",
        "link_address_forged": envelope.headers.get("link_address") == "forged",
    }
    return [flag for flag, holds in checks.items() if holds]


def _occurred_at(envelope: Envelope, mail: Mail) -> float:
    """When the mail says it was written, unless its clock is more than a day off."""
    said = mail.date
    return said if said is not None and abs(said - envelope.received_at) <= _DAY else envelope.received_at


def _continues(conversation_id: str | None, mail: Mail) -> Continues | None:
    """What the mail answers: the nearest first, by the ids under which our own mail is filed."""
    nearest = [*mail.in_reply_to, *reversed(mail.references)]
    left = [_left_part(each) for each in message_ids(nearest)]
    ids = [each for each in dict.fromkeys(left) if each and not each.startswith("thread.")][:_MOST_CONTINUED]
    return Continues(conversation_id=conversation_id, external_ids=ids) if conversation_id or ids else None


def _filed_as(message_id: str) -> str:
    """The external id of the message that bears this Message-ID: a mail of ours has SES's name for it alone, or the one
    that we gave it."""
    domain = message_id.rstrip("> ").rpartition("@")[2].lower()
    left = _left_part(message_id)
    return left if is_own_id(left) or domain == _OURS or domain.endswith(f".{_OURS}") else message_id


def _left_part(message_id: str) -> str:
    return message_id.strip("<> ").rpartition("@")[0]
