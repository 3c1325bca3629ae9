"""Mail that is no message of anybody: delivery failures that mail servers report, receipts, our own mail come back.

Anybody can write such a mail, so it changes no status of ours: SES's own reports do that. It is noted, with the key of
the original. Sources: RFC 3464 (delivery status), RFC 8098 (disposition), RFC 5965 (feedback).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.channels.email.mime.headers import header_block
from connectors.channels.email.mime.reading import read_file
from shared.model.inbound import AccountNotice

if TYPE_CHECKING:
    from connectors.channels.email.automatic import Kind
    from connectors.channels.email.mime.mail import Mail
    from shared.model.envelope import Envelope

NOTICES: dict[Kind, str] = {"bounce": "mail.bounce", "report": "mail.report", "loop": "mail.loop"}
"""The kinds of mail that become a notice, and its name."""

_REPORTED = {
    "final-recipient": "recipient",
    "original-recipient": "original_recipient",
    "action": "action",
    "status": "status",
    "diagnostic-code": "diagnostic",
    "disposition": "disposition",
    "feedback-type": "feedback_type",
    "original-message-id": "original_message_id",
}
_TYPED = frozenset(("recipient", "original_recipient", "diagnostic"))
_REPORT_TYPES = ("message/delivery-status", "message/disposition-notification", "message/feedback-report")
_ORIGINAL_TYPES = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")
_LONGEST_TEXT = 500
_MOST_FILES = 20
_READ = 65_536
"""Bytes of a report that are read."""


def notice(kind: Kind, mail: Mail, envelope: Envelope, provider_id: str) -> AccountNotice:
    """What became known, by a mail of a kind in NOTICES."""
    data: dict[str, Any] = {} if kind == "loop" else _reported(mail, envelope.body)
    data |= {
        "subject": mail.subject[:_LONGEST_TEXT] if mail.subject else "",
        "from": mail.senders[0].key[:_LONGEST_TEXT] if mail.senders else "",
        "message_id": (mail.message_id or "")[:_LONGEST_TEXT],
        "original": envelope.stored,
    }
    data = {name: value for name, value in data.items() if value}
    return AccountNotice(provider_id=provider_id, name=NOTICES[kind], occurred_at=envelope.received_at, data=data)


def _reported(mail: Mail, raw: bytes) -> dict[str, str]:
    """The first recipient's outcome, and the id of the mail that it is about, as far as the report says them."""
    found: dict[str, str] = {}
    for file in mail.files[:_MOST_FILES]:
        if file.mime_type in _REPORT_TYPES:
            body, _ = read_file(raw, file.index)
            for group in body[:_READ].replace(b"\r\n", b"\n").split(b"\n\n"):
                _note(found, header_block(group.lstrip(b"\n") + b"\n\n"))
        elif file.mime_type in _ORIGINAL_TYPES:
            body, _ = read_file(raw, file.index)
            of_original = dict(reversed(header_block(body[:_READ])))
            if of_original.get("message-id"):
                found.setdefault("original_message_id", of_original["message-id"].strip()[:_LONGEST_TEXT])
    return found


def _note(found: dict[str, str], fields: list[tuple[str, str]]) -> None:
    for field, value in fields:
        name = _REPORTED.get(field)
        if name:
            plain = value.partition(";")[2] if name in _TYPED and ";" in value else value
            found.setdefault(name, " ".join(plain.split())[:_LONGEST_TEXT])
