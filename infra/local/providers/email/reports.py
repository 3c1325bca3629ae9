"""The events that a configuration set publishes, as JSON objects.

Source: Amazon SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS" and its examples.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.header import decode_header, make_header
from typing import Any, Literal

from infra.local.providers.email.fields import Field, addresses, split
from infra.local.providers.email.state import sent_id

SENDING_ACCOUNT = "000000000000"
BounceType = Literal["Permanent", "Transient", "Undetermined"]
Event = dict[str, Any]


def mail_object(
    *,
    message_id: str,
    sender: str,
    recipients: list[str],
    raw: bytes,
    tags: dict[str, list[str]],
    configuration_set: str,
    region: str,
    at: float,
) -> dict[str, Any]:
    """``mail`` of every event. ``raw`` is the mail as it was handed in: the headers here are the caller's."""
    fields, _ = split(raw)
    domain = sender.rpartition("@")[2]
    return {
        "timestamp": timestamp(at),
        "source": sender,
        "sourceArn": f"arn:aws:ses:{region}:{SENDING_ACCOUNT}:identity/{domain}",
        "sendingAccountId": SENDING_ACCOUNT,
        "messageId": message_id,
        "destination": recipients,
        "headersTruncated": False,
        "headers": [{"name": field.name, "value": field.value} for field in fields],
        "commonHeaders": _common_headers(fields, raw, message_id),
        "tags": {
            "ses:source-tls-version": ["TLSv1.3"],
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": [configuration_set],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [domain],
            "ses:caller-identity": ["local"],
            **tags,
        },
    }


def _common_headers(fields: list[Field], raw: bytes, message_id: str) -> dict[str, Any]:
    values = {field.name.lower(): field.value for field in fields}
    common: dict[str, Any] = {"messageId": message_id}
    for name, key in (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Reply-To", "replyTo")):
        if name.lower() in values:
            common[key] = [decoded(values[name.lower()])] if key == "from" else addresses(raw, name)
    for name in ("date", "subject"):
        if name in values:
            common[name] = decoded(values[name])
    return common


def decoded(value: str) -> str:
    """A header value with its encoded words read."""
    return str(make_header(decode_header(value)))


def send(mail: dict[str, Any]) -> Event:
    return {"eventType": "Send", "mail": mail, "send": {}}


def delivery(mail: dict[str, Any], recipient: str, at: float) -> Event:
    return {
        "eventType": "Delivery",
        "mail": _with_outgoing_address(mail),
        "delivery": {
            "timestamp": timestamp(at),
            "processingTimeMillis": 421,
            "recipients": [recipient],
            "smtpResponse": "250 2.6.0 Message received",
            "remoteMtaIp": "127.0.0.1",
            "reportingMTA": "a1-1.smtp-out.amazonses.com",
        },
    }


def bounce(
    mail: dict[str, Any],
    recipient: str,
    at: float,
    *,
    kind: BounceType = "Permanent",
    subtype: str = "General",
    status: str | None = None,
    diagnostic: str | None = None,
) -> Event:
    code = status or ("5.1.1" if kind == "Permanent" else "4.2.2")
    text = diagnostic or ("smtp; 550 5.1.1 user unknown" if kind == "Permanent" else "smtp; 452 4.2.2 mailbox full")
    return {
        "eventType": "Bounce",
        "mail": mail,
        "bounce": {
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [
                {"emailAddress": recipient, "action": "failed", "status": code, "diagnosticCode": text}
            ],
            "timestamp": timestamp(at),
            "feedbackId": sent_id(at),
            "reportingMTA": "dsn; a1-1.smtp-out.amazonses.com",
        },
    }


def complaint(mail: dict[str, Any], recipient: str, at: float) -> Event:
    return {
        "eventType": "Complaint",
        "mail": mail,
        "complaint": {
            "complainedRecipients": [{"emailAddress": recipient}],
            "timestamp": timestamp(at),
            "feedbackId": sent_id(at),
            "complaintSubType": None,
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": timestamp(at),
        },
    }


def reject(mail: dict[str, Any]) -> Event:
    return {"eventType": "Reject", "mail": mail, "reject": {"reason": "Bad content"}}


def delivery_delay(mail: dict[str, Any], recipient: str, at: float) -> Event:
    return {
        "eventType": "DeliveryDelay",
        "mail": mail,
        "deliveryDelay": {
            "timestamp": timestamp(at),
            "delayType": "TransientCommunicationFailure",
            "expirationTime": timestamp(at + 14 * 3600),
            "delayedRecipients": [
                {"emailAddress": recipient, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
            ],
            "reportingMTA": "a1-1.smtp-out.amazonses.com",
        },
    }


def _with_outgoing_address(mail: dict[str, Any]) -> dict[str, Any]:
    return {**mail, "tags": {**mail["tags"], "ses:outgoing-ip": [f"192.0.2.{1 + secrets.randbelow(254)}"]}}


def timestamp(at: float) -> str:
    """E.g. 2026-01-02T10:00:02.028Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
