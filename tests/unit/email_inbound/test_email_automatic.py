"""Machines' mail is told from people's, so that no machine answers it."""

from __future__ import annotations

import pytest

from connectors.channels.email.automatic import Kind, is_own, kind_of
from connectors.channels.email.mime.headers import header_block
from connectors.channels.email.verdicts import split_block
from tests.unit.email_inbound.mails import block, letter, raw


def kind(
    mail: str, return_path: str = "ann@trusted.example", sender: str = "ann@trusted.example", report: str | None = None
) -> Kind | None:
    found = split_block(header_block(raw(mail, block(return_path=return_path))))
    return kind_of(found, sender, "multipart/report" if report is not None else "text/plain", report)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"Auto_Submitted": "no"}, None),
        ({"Auto_Submitted": "No (really)"}, None),
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "Auto-Generated; owner-email=x@y.example"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"X_Autorespond": "Away"}, "auto_reply"),
        ({"X_Autoreply": "no"}, None),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"Precedence": "Bulk"}, "bulk"),
        ({"Precedence": "junk"}, "bulk"),
        ({"Precedence": "list"}, "list"),
        ({"Precedence": "first-class"}, None),
        ({"List_Id": "<news.shop.example>"}, "list"),
        ({"List_Unsubscribe": "<https://x.example/>"}, "list"),
        ({"Feedback_ID": "1:2:3:x"}, "bulk"),
        ({"X_Auto_Response_Suppress": "All"}, "bulk"),
        ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "bulk"),
        ({"X_Auto_Response_Suppress": "DR, RN"}, None),
        ({"X_Auto_Response_Suppress": "None"}, None),
    ],
)
def test_header_fields_say_what_kind_of_machine_wrote(fields: dict[str, str], expected: Kind | None) -> None:
    assert kind(letter(**fields)) == expected


def test_mail_without_a_return_address_is_a_machines() -> None:
    assert kind(letter(), return_path="") == "auto_reply"
    assert kind(letter(), return_path="", sender="mailer-daemon@mx.example") == "bounce"


def test_only_the_return_path_of_ses_counts() -> None:
    assert kind(f"Return-Path: <>\r\n{letter()}") is None


def test_reports_are_told_by_their_type() -> None:
    assert kind(letter(), report="delivery-status") == "bounce"
    assert kind(letter(), report="disposition-notification") == "report"
    assert kind(letter(), report="feedback-report") == "report"


@pytest.mark.parametrize("sender", ["noreply@x.example", "do-not-reply@x.example", "bounces@x.example"])
def test_nobody_waits_for_an_answer_behind_an_address_that_takes_none(sender: str) -> None:
    assert kind(letter(), sender=sender) == "bulk"


def test_our_own_mail_is_known_by_its_address_and_by_our_mark() -> None:
    own = ["help@shop.example", "@reply.shop.example"]
    marks = ["reply.shop.example", ""]
    assert is_own([], ["help@shop.example"], own, marks)
    assert is_own([], ["reply+x@reply.shop.example"], own, marks)
    assert is_own([("x-loop", " Reply.Shop.Example ")], ["ann@trusted.example"], own, marks)
    assert not is_own([("x-loop", "elsewhere.example"), ("x-loop", "")], ["ann@trusted.example"], own, marks)
    assert not is_own([("subject", "reply.shop.example")], ["ann@shop.example"], own, marks)
