"""What SES says became of mail that we sent.

Source: docs.aws.amazon.com/ses, "Examples of event data that Amazon SES publishes to Amazon SNS". Delivered means that
the mail server of the recipient took the mail; whether anybody read it is not known, so nothing is ever ``read``.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.model.identifiers import digest
from shared.model.inbound import AccountNotice, InboundReceipt
from shared.model.message import MessageError

if TYPE_CHECKING:
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent

_MOST_RECIPIENTS = 50
_LONGEST_TEXT = 500
_SUPPRESSED = frozenset(("suppressed", "onaccountsuppressionlist"))
_REFUSED_CONTENT = frozenset(("messagetoolarge", "contentrejected", "attachmentrejected"))


def parse_report(envelope: Envelope) -> list[InboundEvent]:
    """One event: a receipt for the mail, whoever of its recipients it is about, or a notice."""
    try:
        report = json.loads(envelope.body)
    except (ValueError, RecursionError):
        report = None
    message_id = _text(_object(_object(report).get("mail")).get("messageId"))
    if not message_id:
        raw = envelope.body.decode("utf-8", "replace")
        data = {"raw": raw[: 8 * _LONGEST_TEXT]}
        return [_notice("mail.unreadable_report", digest(raw), envelope.received_at, data)]
    kind = _text(report.get("eventType")) or _text(report.get("notificationType"))
    member = _object(report.get(_MEMBERS.get(kind, "")))
    at = _time(member.get("timestamp")) or envelope.received_at
    if kind == "Delivery":
        return [InboundReceipt(status="delivered", occurred_at=at, external_id=message_id)]
    if kind == "Complaint":
        # The mail arrived, and was called spam: whoever did that wants no more of it.
        return [InboundReceipt(status="delivered", occurred_at=at, external_id=message_id, error=_SPAM, blocks=True)]
    if kind in _FAILURES:
        error = _FAILURES[kind] if kind != "Bounce" else _bounced(member)
        gone = error.code in ("mail_bounced", "mail_suppressed")
        return [InboundReceipt(status="failed", occurred_at=at, external_id=message_id, error=error, blocks=gone)]
    return [_other(kind, message_id, member, at)]


_MEMBERS = {
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Rendering Failure": "failure",
    "DeliveryDelay": "deliveryDelay",
}
_FAILURES = {
    "Bounce": MessageError(code="mail_bounced", title="The mail was not delivered"),
    "Reject": MessageError(code="mail_rejected", title="SES refused the mail for what is in it"),
    "Rendering Failure": MessageError(code="mail_not_rendered", title="SES could not put the mail together"),
}


_SPAM = MessageError(code="mail_complaint", title="The recipient called the mail spam")


def _bounced(bounce: dict[str, Any]) -> MessageError:
    """Why a mail came back. SES has tried for hours by then: only what is not for ever is worth another mail."""
    kind, subtype = _text(bounce.get("bounceType")), _text(bounce.get("bounceSubType")).lower()
    status = _text(_first(bounce.get("bouncedRecipients")).get("status"))
    suffix = f" ({status[:20]})" if status else ""
    if subtype in _SUPPRESSED:
        return MessageError(code="mail_suppressed", title="SES does not send to this address: it bounced before")
    if subtype in _REFUSED_CONTENT:
        return MessageError(code="mail_refused", title=f"The mail server refused the mail for what is in it{suffix}")
    if kind == "Permanent":
        return MessageError(code="mail_bounced", title=f"The mail server does not take mail for this address{suffix}")
    return MessageError(code="mail_undelivered", title=f"The mail could not be delivered{suffix}", retryable=True)


def _other(kind: str, message_id: str, member: dict[str, Any], at: float) -> AccountNotice:
    """What changes no status: a delay says that the mail may yet arrive."""
    data: dict[str, Any] = {"external_id": message_id}
    name = "mail.report"
    if kind == "DeliveryDelay":
        name = "mail.delayed"
        data |= {"recipients": _recipients(member.get("delayedRecipients")), "type": _text(member.get("delayType"))}
    else:
        data |= {"type": kind}
    unique = digest(name, kind, message_id, _text(member.get("feedbackId")) or _text(member.get("timestamp")))
    return _notice(name, unique, at, {key: value for key, value in data.items() if value})


def _notice(name: str, provider_id: str, at: float, data: dict[str, Any]) -> AccountNotice:
    return AccountNotice(provider_id=provider_id, name=name, occurred_at=at, data=data)


def _recipients(value: Any) -> list[str]:
    recipients = value if isinstance(value, list) else []
    return [_text(_object(each).get("emailAddress")) for each in recipients[:_MOST_RECIPIENTS]]


def _first(value: Any) -> dict[str, Any]:
    return _object(value[0]) if isinstance(value, list) and value else {}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """Text that can be written down again: JSON may spell out halves of characters."""
    return value[:_LONGEST_TEXT].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _time(value: Any) -> float | None:
    """Seconds since the epoch; None for what is no time of SES's, or none that can be written."""
    try:
        seconds = datetime.fromisoformat(_text(value)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= 253_402_300_799 else None
