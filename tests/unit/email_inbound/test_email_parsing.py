"""A mail becomes exactly one event: what a person wrote is a message, what machines report a notice."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from shared.model.inbound import Continues, MediaSource
from shared.model.parts import AudioPart, FilePart, ImagePart, TextPart, UnsupportedPart, VideoPart
from tests.unit.email_inbound.mails import (
    CONVERSATION,
    FAIL,
    NONE,
    NOW,
    block,
    details,
    letter,
    message,
    notice,
    raw,
    words,
)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00" * 30).decode()


def multipart(kind: str, *parts: str, **fields: str) -> str:
    """A mail of several parts, each with its own header fields."""
    body = "".join(f"--b1\r\n{part}\r\n" for part in parts) + "--b1--\r\n"
    return letter(body, Content_Type=f'multipart/{kind}; boundary="b1"', MIME_Version="1.0", **fields)


def file(mime_type: str, name: str | None = None, *more: str) -> str:
    named = f'; filename="{name}"' if name else ""
    fields = [f"Content-Type: {mime_type}", f"Content-Disposition: attachment{named}", *more]
    return "\r\n".join([*fields, "Content-Transfer-Encoding: base64", "", PNG])


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\nHello"
HTML = 'Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <img src="cid:logo"><script>alert(1)</script></p>'


def test_a_mail_is_a_message_of_its_writer() -> None:
    event = message(raw())
    assert words(event) == ["Where is my order?"]
    assert (event.sender.external_id, event.sender.scope, event.sender.name) == ("ann@trusted.example", "main", "Ann")
    assert (event.sender.verification, event.sender.aliases) == ("provider", {"email": "ann@trusted.example"})
    assert (event.opens, event.thread_id, event.wants_answer, event.origin) == (None, None, True, "customer")
    assert event.external_ids == ["<one@trusted.example>"]


def test_what_only_mail_has_is_beside_the_parts() -> None:
    cc = "Bob <bob@elsewhere.example>, help@shop.example"
    event = message(
        raw(letter(Cc=cc, Reply_To="ann@home.example", In_Reply_To="<0@x.example>", References="<0@x.example>"))
    )
    assert details(event) == {
        "subject": "Order 42",
        "from": {"address": "ann@trusted.example", "name": "Ann"},
        "to": [{"address": "help@shop.example"}],
        "cc": [{"address": "bob@elsewhere.example", "name": "Bob"}, {"address": "help@shop.example"}],
        "reply_to": [{"address": "ann@home.example"}],
        "message_id": "<one@trusted.example>",
        "in_reply_to": "<0@x.example>",
        "references": ["<0@x.example>"],
        "date": "2027-01-15T08:00:00.000Z",
        "authentication": {
            "spf": "pass",
            "dkim": "pass",
            "dmarc": "pass",
            "aligned": True,
            "spam": "pass",
            "virus": "pass",
        },
        "text": "Where is my order?",
        "original": "mail/k3v7",
    }


def test_a_quote_is_cut_from_the_message_and_kept_in_the_mail() -> None:
    event = message(
        raw(letter("Thanks!\r\n\r\nOn Fri, Jan 15, 2027 at 8:00 AM Shop <help@shop.example> wrote:\r\n> Hi\r\n"))
    )
    assert words(event) == ["Thanks!"]
    assert "> Hi" in str(details(event)["text"])


def test_the_quote_of_an_answer_in_html_is_cut_where_the_text_does_not_show_it() -> None:
    attribution = '<div class="gmail_attr">Scripsit Ann hoc</div>'
    html = (
        f'<div>Thanks!</div><div class="gmail_quote">{attribution}<blockquote class="gmail_quote">Hi</blockquote></div>'
    )
    mail = multipart(
        "alternative",
        "Content-Type: text/plain\r\n\r\nThanks!\r\nScripsit Ann hoc\r\nHi",
        f"Content-Type: text/html\r\n\r\n{html}",
        In_Reply_To="<0@x.example>",
    )
    assert words(message(raw(mail))) == ["Thanks!"]


def test_html_is_cleaned_and_its_pictures_are_found_by_content_id() -> None:
    mail = multipart("related", HTML, file("image/png", "logo.png", "Content-ID: <logo>"))
    event = message(raw(mail))
    found = details(event)
    assert "script" not in str(found["html"])
    assert "cid:logo" in str(found["html"])
    assert found["content_ids"] == {"logo": 1}
    assert isinstance(event.parts[1], ImagePart)


def test_files_follow_the_text_in_order_each_with_where_to_fetch_it() -> None:
    mail = multipart(
        "mixed",
        TEXT,
        file("image/png", "a.png"),
        file("image/svg+xml", "b.svg"),
        file("audio/mpeg", "c.mp3"),
        file("video/mp4", "d.mp4"),
        file("application/pdf", "e.pdf"),
    )
    event = message(raw(mail))
    kinds = [TextPart, ImagePart, FilePart, AudioPart, VideoPart, FilePart]
    assert [type(part) for part in event.parts] == kinds
    assert [source.index for source in event.media] == [0, 1, 2, 3, 4]
    assert event.media[0] == MediaSource(index=0, reference={"stored": "mail/k3v7", "file": "0"})
    image = event.parts[1]
    assert isinstance(image, ImagePart)
    assert (image.media.filename, image.media.declared_mime_type) == ("a.png", "image/png")


def test_of_very_many_files_fifty_are_kept_and_the_others_counted() -> None:
    event = message(raw(multipart("mixed", TEXT, *(file("image/png", f"{number}.png") for number in range(60)))))
    assert len(event.media) == 50
    assert "files_left_out:10" in str(details(event)["flags"])


def test_files_of_an_infected_mail_are_never_fetched() -> None:
    event = message(raw(multipart("mixed", TEXT, file("application/pdf", "e.pdf")), block(virus="FAIL")))
    assert event.media == []
    part = event.parts[1]
    assert isinstance(part, FilePart)
    assert (part.media.state, part.media.reason) == ("withheld", "virus")
    assert details(event)["flags"] == ["virus"]


def test_spam_is_flagged_and_still_a_message() -> None:
    event = message(raw(top=block(spam="FAIL")))
    assert (details(event)["flags"], event.wants_answer) == (["spam"], True)


@pytest.mark.parametrize("body", ["", " \r\n\r\n"])
def test_what_was_said_in_the_subject_alone_is_said(body: str) -> None:
    assert words(message(raw(letter(body, Subject="Please call me")))) == ["Please call me"]


def test_a_mail_with_nothing_in_it_says_so() -> None:
    (part,) = message(raw(letter("", Subject=""))).parts
    assert isinstance(part, UnsupportedPart)
    assert part.provider_type == "empty_mail"


def test_a_long_text_is_cut_at_a_line_and_flagged() -> None:
    line = "你好，世界。" * 10 + "\r\n"
    event = message(raw(letter(line * 1_000)))
    (text,) = words(event)
    assert 50_000 < len(text.encode()) <= 60_000
    assert text.endswith("。")
    assert details(event)["flags"] == ["text_truncated"]
    assert len(str(details(event)["text"]).encode()) <= 60_000


def test_a_large_html_is_left_to_the_original() -> None:
    large = "<p>" + "word " * 30_000 + "</p>"
    event = message(raw(letter(large, Content_Type="text/html; charset=utf-8")))
    assert "html" not in details(event)
    assert "html_truncated" in str(details(event)["flags"])


@pytest.mark.parametrize("unit", ['"', "\\", "\x01", "é", "👩‍👩‍👧 ", "🇨🇳", "<b>x</b>", "word "])
def test_no_mail_makes_an_event_too_large_to_travel(unit: str) -> None:
    mail = multipart(
        "alternative",
        "Content-Type: text/plain; charset=utf-8\r\n\r\n" + unit * 60_000,
        "Content-Type: text/html; charset=utf-8\r\n\r\n<p>" + unit * 60_000,
    )
    assert len(msgspec.json.encode(message(raw(mail)))) < 250_000


def test_the_size_of_a_file_is_known_before_it_is_fetched() -> None:
    event = message(raw(multipart("mixed", TEXT, file("application/pdf", "a.pdf"))))
    part = event.parts[1]
    assert isinstance(part, FilePart)
    assert (part.media.filename, part.media.size) == ("a.pdf", len(base64.b64decode(PNG)))


def test_a_reply_names_what_it_answers_and_what_it_continues() -> None:
    ses, older = "<010f-a@eu-west-1.amazonses.com>", "<010e-b@email.amazonses.com>"
    mail = letter(In_Reply_To=ses, References=f"<thread.x.y@reply.shop.example> {older} <own@trusted.example> {ses}")
    event = message(raw(mail), conversation=CONVERSATION, identity_scope="main", reply_address="held")
    assert event.reply_to is not None
    assert event.reply_to.external_id == "010f-a"
    assert event.continues == Continues(conversation_id=CONVERSATION, external_ids=["010f-a", "own", "010e-b"])


def test_a_mail_that_went_through_a_mail_server_is_answered_by_the_name_that_we_gave_it() -> None:
    name = "msg_01890000-0000-7000-8000-000000000001.1"
    event = message(raw(letter(In_Reply_To=f"<{name}@reply.shop.example>")))
    assert event.reply_to is not None
    assert (event.reply_to.external_id, event.continues) == (name, Continues(external_ids=[name]))


def test_an_answer_to_a_mail_that_is_not_ours_keeps_its_whole_id() -> None:
    event = message(raw(letter(In_Reply_To="<0@trusted.example>")))
    assert event.reply_to is not None
    assert event.reply_to.external_id == "<0@trusted.example>"


def test_at_most_ten_ids_are_followed_and_twenty_references_kept() -> None:
    ids = [f"<{number}@x.example>" for number in range(100)]
    event = message(raw(letter(References="\r\n ".join(ids))))
    assert event.continues is not None
    assert event.continues.external_ids == [str(number) for number in range(99, 89, -1)]
    assert details(event)["references"] == [ids[0], *ids[-19:]]


def test_a_new_mail_continues_nothing_whatever_its_subject_says() -> None:
    event = message(raw(letter(Subject=f"Re: Order 42 [{CONVERSATION}]")))
    assert (event.continues, event.reply_to) == (None, None)


@pytest.mark.parametrize("verdicts", [NONE, FAIL, ""])
def test_an_unproven_sender_is_somebody_else_than_the_proven_one(verdicts: str) -> None:
    event = message(raw(top=block(verdicts)))
    sender = event.sender
    assert (sender.external_id, sender.scope, sender.verification) == ("ann@trusted.example", "main:unverified", "none")
    assert sender.aliases == {}


def test_a_mail_that_fails_dmarc_is_flagged() -> None:
    assert details(message(raw(top=block(FAIL))))["flags"] == ["dmarc_failed"]


def test_what_the_intake_established_decides_the_identity() -> None:
    held = {"identity_scope": "main", "conversation": CONVERSATION, "reply_address": "held"}
    event = message(raw(top=block(NONE)), **held)
    assert (event.sender.scope, event.sender.verification, event.sender.aliases) == ("main", "signed_token", {})
    unproven = message(raw(), **{**held, "identity_scope": "main:unverified"})
    assert (unproven.sender.scope, unproven.sender.verification) == ("main:unverified", "provider")


def test_no_other_scope_is_taken_from_the_envelope() -> None:
    assert message(raw(top=block(NONE)), identity_scope="sales").sender.scope == "main:unverified"


@pytest.mark.parametrize("outcome", ["of_another", "forged"])
def test_a_reply_address_that_proves_nothing_is_flagged_and_continues_nothing(outcome: str) -> None:
    event = message(raw(), reply_address=outcome)
    assert details(event)["flags"] == [f"reply_address_{outcome}"]
    assert event.continues is None


def test_reply_to_is_nobodys_identity() -> None:
    event = message(raw(letter(Reply_To="bob@evil.example")))
    assert event.sender.external_id == "ann@trusted.example"


@pytest.mark.parametrize(
    ("written", "external_id"),
    [
        ('"boss@shop.example" <bob@evil.example>', "bob@evil.example"),
        ("=?utf-8?b?PGFubkB0cnVzdGVkLmV4YW1wbGU+?= <bob@evil.example>", "bob@evil.example"),
        ("Ann (ann@trusted.example) <BOB@Evil.Example>", "bob@evil.example"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_the_identity_is_the_address_and_never_the_name(written: str, external_id: str) -> None:
    assert message(raw(letter(From=written))).sender.external_id == external_id


@pytest.mark.parametrize(
    "mail",
    [letter(From="ann@trusted.example, bob@evil.example"), f"From: bob@evil.example\r\n{letter()}"],
)
def test_of_several_from_addresses_none_is_proven(mail: str) -> None:
    event = message(raw(mail), identity_scope="main", conversation=CONVERSATION)
    assert (event.sender.scope, event.sender.verification) == ("main:unverified", "none")
    assert "several_senders" in str(details(event)["flags"])


def test_mails_of_nobody_are_not_of_the_same_person() -> None:
    one, other = message(raw(letter(From=""))), message(raw(letter("Other words", From="")))
    assert one.sender.external_id != other.sender.external_id
    assert one.sender.verification == "none"
    assert "no_sender" in str(details(one)["flags"])


@pytest.mark.parametrize(
    ("date", "occurred_at"),
    [
        ("Fri, 15 Jan 2027 07:30:00 +0000", NOW - 1_800),
        ("Fri, 15 Jan 2027 15:30:00 +0800", NOW - 1_800),
        ("Mon, 1 Jan 1970 00:00:00 +0000", NOW),
        ("Sun, 17 Jan 2027 08:00:01 +0000", NOW),
        ("Fri, 99 Jan 99999 99:00:00 +9999", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_a_clock_that_is_more_than_a_day_off_is_not_believed(date: str, occurred_at: float) -> None:
    assert message(raw(letter(Date=date))).occurred_at == occurred_at


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Auto_Submitted": "auto-replied", "Subject": "Out of office"}, "auto_reply"),
        ({"List_Id": "<news.example>"}, "list"),
        ({"Precedence": "bulk"}, "bulk"),
    ],
)
def test_machines_mail_is_kept_and_nobody_waits_for_an_answer(fields: dict[str, str], kind: str) -> None:
    event = message(raw(letter(**fields)))
    assert words(event) == ["Where is my order?"]
    assert (event.wants_answer, event.metadata, details(event)["automatic"]) == (False, {"automatic": kind}, kind)


def delivery_report(**fields: str) -> str:
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; gone@trusted.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    )
    original = "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <010f@eu-west-1.amazonses.com>\r\nSubject: Hi\r\n"
    mail = multipart("report", TEXT, status, original, From="MAILER-DAEMON@mx.example", **fields)
    return mail.replace("multipart/report;", "multipart/report; report-type=delivery-status;")


def test_a_bounce_is_a_notice_with_what_it_says() -> None:
    event = notice(raw(delivery_report(), block(NONE, return_path="")))
    assert event.name == "mail.bounce"
    expected: dict[str, Any] = {
        "recipient": "gone@trusted.example",
        "action": "failed",
        "status": "5.1.1",
        "diagnostic": "550 5.1.1 no such user",
        "original_message_id": "<010f@eu-west-1.amazonses.com>",
        "original": "mail/k3v7",
    }
    assert {name: event.data.get(name) for name in expected} == expected


def test_a_forged_bounce_is_no_receipt() -> None:
    assert notice(raw(delivery_report(), block(FAIL))).name == "mail.bounce"


def test_a_plain_bounce_of_a_mail_server_is_a_notice() -> None:
    mail = letter("Undeliverable", From="Mail Delivery System <MAILER-DAEMON@mx.example>")
    assert notice(raw(mail, block(NONE, return_path=""))).name == "mail.bounce"


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_other_reports_are_notices(kind: str) -> None:
    mail = delivery_report().replace("delivery-status", kind)
    assert notice(raw(mail)).name == "mail.report"


def test_our_own_mail_come_back_is_a_notice_and_no_message() -> None:
    event = notice(raw(), automatic="loop")
    assert (event.name, event.data["original"]) == ("mail.loop", "mail/k3v7")


def test_a_mail_in_two_copies_has_one_id_and_another_mail_another() -> None:
    assert message(raw(top=block(smtp_id="1"))).provider_id == message(raw(top=block(smtp_id="2"))).provider_id
    assert message(raw()).provider_id != message(raw(letter(From="bob@evil.example"))).provider_id
