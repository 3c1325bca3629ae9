"""SES's word on mail that we sent becomes a receipt, or a notice where it changes no status."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.channels.email.parsing import parse
from shared.model.envelope import Envelope
from shared.model.inbound import AccountNotice, InboundEvent, InboundReceipt
from tests.unit.email_inbound.mails import NOW

AT = "2027-01-15T08:00:05.000Z"


def reported(kind: str, **member: Any) -> InboundEvent:
    name = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())
    return outcome({"eventType": kind, "mail": {"messageId": "010f"}, name: {"timestamp": AT, **member}})


def outcome(report: object) -> InboundEvent:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    (event,) = parse(Envelope("email", "main", NOW, body, headers={"kind": "report"}))
    return event


def receipt(event: InboundEvent) -> InboundReceipt:
    if not isinstance(event, InboundReceipt):
        raise TypeError(f"{event} is no receipt")
    return event


def notice(event: InboundEvent) -> AccountNotice:
    if not isinstance(event, AccountNotice):
        raise TypeError(f"{event} is no notice")
    return event


def test_a_delivered_mail_is_delivered_and_never_read() -> None:
    found = receipt(reported("Delivery", recipients=["ann@trusted.example", "bob@trusted.example"]))
    assert (found.status, found.external_id, found.occurred_at) == ("delivered", "010f", NOW + 5)


def test_the_older_name_of_the_kind_is_read_too() -> None:
    report = {"notificationType": "Delivery", "mail": {"messageId": "010f"}, "delivery": {"timestamp": AT}}
    assert receipt(outcome(report)).status == "delivered"


@pytest.mark.parametrize(
    ("bounce", "code", "retryable"),
    [
        ({"bounceType": "Permanent", "bounceSubType": "General"}, "mail_bounced", False),
        ({"bounceType": "Permanent", "bounceSubType": "NoEmail"}, "mail_bounced", False),
        ({"bounceType": "Permanent", "bounceSubType": "Suppressed"}, "mail_suppressed", False),
        ({"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}, "mail_suppressed", False),
        ({"bounceType": "Transient", "bounceSubType": "MailboxFull"}, "mail_undelivered", True),
        ({"bounceType": "Transient", "bounceSubType": "MessageTooLarge"}, "mail_refused", False),
        ({"bounceType": "Undetermined", "bounceSubType": "Undetermined"}, "mail_undelivered", True),
    ],
)
def test_a_bounced_mail_has_failed_and_says_why(bounce: dict[str, Any], code: str, retryable: bool) -> None:
    found = receipt(
        reported("Bounce", **bounce, bouncedRecipients=[{"emailAddress": "x@y.example", "status": "5.1.1"}])
    )
    assert found.error is not None
    assert (found.status, found.external_id) == ("failed", "010f")
    assert (found.error.code, found.error.retryable) == (code, retryable)


def test_several_recipients_are_one_receipt() -> None:
    recipients = [{"emailAddress": f"{number}@y.example", "status": "5.1.1"} for number in range(50)]
    found = receipt(reported("Bounce", bounceType="Permanent", bouncedRecipients=recipients))
    assert found.error is not None
    assert "5.1.1" in found.error.title


@pytest.mark.parametrize(("kind", "code"), [("Reject", "mail_rejected"), ("Rendering Failure", "mail_not_rendered")])
def test_a_mail_that_ses_did_not_send_has_failed(kind: str, code: str) -> None:
    found = receipt(reported(kind))
    assert found.error is not None
    assert (found.status, found.error.code) == ("failed", code)


def test_a_complaint_says_that_the_mail_arrived_and_that_no_more_is_wanted() -> None:
    found = receipt(reported("Complaint", complainedRecipients=[{"emailAddress": "ann@trusted.example"}]))
    assert found.error is not None
    assert (found.status, found.error.code, found.blocks) == ("delivered", "mail_complaint", True)


@pytest.mark.parametrize(
    ("kind", "subtype", "blocks"),
    [
        ("Permanent", "General", True),
        ("Permanent", "NoEmail", True),
        ("Permanent", "OnAccountSuppressionList", True),
        ("Permanent", "ContentRejected", False),
        ("Transient", "MailboxFull", False),
        ("Transient", "MessageTooLarge", False),
    ],
)
def test_an_address_that_takes_no_mail_gets_no_more(kind: str, subtype: str, blocks: bool) -> None:
    found = receipt(reported("Bounce", bounceType=kind, bounceSubType=subtype))
    assert (found.status, found.blocks) == ("failed", blocks)


def test_a_delay_is_a_notice_and_no_failure() -> None:
    found = notice(
        reported("DeliveryDelay", delayType="MailboxFull", delayedRecipients=[{"emailAddress": "a@b.example"}])
    )
    assert (found.name, found.data["type"]) == ("mail.delayed", "MailboxFull")


@pytest.mark.parametrize("kind", ["Open", "Click", "Send", "Tomorrow"])
def test_no_other_report_is_a_receipt(kind: str) -> None:
    assert notice(reported(kind)).name == "mail.report"


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"\xff\x00",
        b"[" * 100_000,
        [],
        {},
        {"mail": 5},
        {"mail": {"messageId": ["010f"]}},
        {"eventType": "Delivery"},
    ],
)
def test_a_report_that_cannot_be_read_is_a_notice(report: object) -> None:
    assert notice(outcome(report)).name == "mail.unreadable_report"


@pytest.mark.parametrize("timestamp", [None, 5, "tomorrow", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999-23:59"])
def test_a_time_that_is_none_is_when_the_report_came(timestamp: object) -> None:
    report = {"eventType": "Delivery", "mail": {"messageId": "010f"}, "delivery": {"timestamp": timestamp}}
    assert receipt(outcome(report)).occurred_at == NOW


def test_members_of_any_type_break_nothing() -> None:
    values: list[Any] = [None, 5, "x", [], {}, [[]], [5], [{"emailAddress": "\ud800"}]]
    for value in values:
        for kind in ("Bounce", "Complaint", "DeliveryDelay"):
            report = {"eventType": kind, "mail": {"messageId": "010f"}, "bounce": value, "complaint": value}
            inner = {"bouncedRecipients": value, "complainedRecipients": value, "delayedRecipients": value}
            assert outcome(report)
            assert reported(kind, **inner, bounceType=value, bounceSubType=value, feedbackId=value)
