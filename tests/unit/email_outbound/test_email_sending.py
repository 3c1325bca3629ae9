"""A rendered mail goes to the mail provider, with its files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.channels.email.connector import CONNECTOR
from connectors.channels.email.rendering import render
from connectors.channels.email.sending import LARGEST_MAIL, send
from connectors.channels.email.tags import tagged_account
from shared.errors import ConfigurationError, DeliveryError, Unprocessable
from shared.model.parts import TextPart
from tests.support.mail import RecordedMailer
from tests.unit.email_outbound.letters import (
    CONVERSATION,
    Files,
    context,
    deliver,
    file,
    outgoing,
    picture,
    received,
    recipient,
)


def test_a_mail_is_sent_from_the_account_to_the_customer_and_the_providers_id_is_kept() -> None:
    delivered = deliver(outgoing())

    assert delivered.mail.sender == "help@shop.example"
    assert delivered.mail.recipients == ("ann@example.com",)
    assert delivered.mail.tags == {
        "account": "main",
        "conversation": CONVERSATION,
        "message": "msg_01890000-0000-7000-8000-000000000001",
    }
    assert (delivered.result.external_ids, delivered.result.status) == (("0100-mail-1",), "sent")


def test_an_account_name_that_no_tag_can_hold_comes_back_from_its_tag() -> None:
    mailer = RecordedMailer()
    [request] = render(outgoing(), recipient()).requests

    send(request, replace(context(mailer), account_name="a@b.example"))

    assert tagged_account(mailer.sent[0].tags["account"]) == "a@b.example"


def test_the_answer_goes_to_the_from_address_whatever_reply_to_said() -> None:
    asked = received(reply_to=[{"address": "phisher@evil.example"}])

    assert deliver(outgoing(), recipient(asked)).mail.recipients == ("ann@example.com",)


def test_copies_are_named_and_get_the_mail() -> None:
    cc = ["Bob@Example.COM", {"name": "Li", "address": "li@例子.测试"}, "Bob@example.com"]

    delivered = deliver(outgoing(email={"cc": cc}))

    assert delivered.mail.recipients == ("ann@example.com", "Bob@example.com", "li@xn--fsqu00a.xn--0zwm56d")
    assert [each.addr_spec for each in delivered.parsed["Cc"].addresses] == list(delivered.mail.recipients[1:])


@pytest.mark.parametrize(
    ("cc", "code"),
    [
        (["nobody"], "bad_address"),
        (["用户@example.com"], "bad_address"),
        (["a@b.example, c@d.example"], "bad_address"),
        (["a@b.example\r\nBcc: v@w.example"], "bad_header"),
        ([7], "bad_header"),
        ([f"a{number}@b.example" for number in range(21)], "bad_address"),
    ],
)
def test_copies_to_what_is_no_address_are_refused(cc: list[object], code: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        render(outgoing(email={"cc": cc}), recipient())

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("address", "code"), [("用户@example.com", "bad_address"), ("a@b.example\r\nBcc: v@w.example", "bad_header")]
)
def test_an_address_that_cannot_be_written_to_is_refused(address: str, code: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        render(outgoing(), recipient(address=address))

    assert refusal.value.code == code


def test_a_refusal_of_the_provider_is_passed_on() -> None:
    refusal = DeliveryError("account", "not_verified", "no")
    [request] = render(outgoing(), recipient()).requests

    with pytest.raises(DeliveryError) as raised:
        send(request, context(RecordedMailer(refusal=refusal)))

    assert raised.value is refusal


def test_files_that_turn_out_too_large_together_stop_the_mail_before_it_is_sent() -> None:
    mailer = RecordedMailer()
    files = Files({"a.bin": b"a" * 14_000_000, "b.bin": b"b" * 14_000_000})
    [request] = render(outgoing(file("a.bin", None), file("b.bin", None)), recipient()).requests

    with pytest.raises(DeliveryError) as raised:
        send(request, context(mailer, files))

    assert (raised.value.error_class, raised.value.code) == ("permanent", "media_too_large")
    assert mailer.sent == []


def test_the_largest_files_that_are_let_through_fit_a_mail_of_ses() -> None:
    files = Files({"a.bin": b"\xff" * 25 * 1024 * 1024})

    assert len(deliver(outgoing(file("a.bin", None)), files=files).mail.raw) < LARGEST_MAIL


def test_a_mail_over_the_limit_of_ses_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.channels.email.sending.LARGEST_MAIL", 100)
    mailer = RecordedMailer()
    [request] = render(outgoing(), recipient()).requests

    with pytest.raises(DeliveryError) as raised:
        send(request, context(mailer))

    assert (raised.value.error_class, raised.value.code, mailer.sent) == ("permanent", "mail_too_large", [])


@pytest.mark.parametrize("missing", ["address", "reply_domain"])
def test_an_account_without_an_address_cannot_send(missing: str) -> None:
    [request] = render(outgoing(), recipient()).requests

    with pytest.raises(ConfigurationError):
        send(request, context(account={missing: ""}))


def test_a_picture_is_in_the_mail_of_the_words_beside_it() -> None:
    filler = TextPart(text="x" * 99_995)

    first, second = render(outgoing(filler, picture()), recipient()).requests

    assert (first.body["attachments"], len(first.uploads)) == ([], 0)
    assert second.body["attachments"][0]["content_id"] in second.body["html"]
    assert (first.body["number"], second.body["number"]) == (1, 2)


@pytest.mark.parametrize("name", ["a.exe", "A.EXE", "a.pdf.js", "a.exe.", "a.bat ", "run.PS1", "x/y/z.scr"])
def test_a_file_that_ses_refuses_is_refused_before_anything_is_sent(name: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        render(outgoing(TextPart(text="see file"), file(name)), recipient())

    assert refusal.value.code == "file_type_refused"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\secret\\a.txt", "a.txt"),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("invoice\u202efdp.zip", "invoicefdp.zip"),
        ("exe", "exe"),
        ("", "file.pdf"),
        (None, "file.pdf"),
        ("名" * 300 + ".pdf", "名" * 65 + ".pdf"),
    ],
)
def test_a_filename_is_a_name_and_nothing_else(name: str | None, expected: str) -> None:
    part = file("x")
    part.media.filename = name

    [request] = render(outgoing(part), recipient()).requests

    assert request.body["attachments"][0]["filename"] == expected


def test_mail_shows_nobody_typing() -> None:
    CONNECTOR.type(recipient(), True, context())
