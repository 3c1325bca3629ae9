"""A mail as it travels: read back by Python's own parser, and looked at byte by byte."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.channels.email.composing import compose
from connectors.channels.email.letter import Enclosure, Letter
from connectors.channels.email.reply_address import read_token
from shared.model.parts import TextPart
from tests.support.mail import FixedSeals
from tests.unit.email_outbound.letters import (
    CONVERSATION,
    IDENTITY,
    Files,
    deliver,
    file,
    outgoing,
    picture,
    received,
    recipient,
    sent,
)

LONG_LINE = "word " * 500 + "x" * 2_000
TEXTS = [
    "Hello",
    "您好，包裹已发出。\n第二行",
    "مرحبا بك",
    "👩‍👩‍👧‍👦 e\u0301 🇨🇳",
    "From here it goes\n.\n..dots\n",
    LONG_LINE,
    "在" * 3_000,
    "tab\tand trailing blanks   \nend",
    "=3D =\n",
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:12]))
def test_every_text_arrives_as_it_was_and_travels_in_short_7_bit_lines(text: str) -> None:
    delivered = deliver(outgoing(text=text))

    assert delivered.text("plain").rstrip("\n") == text.rstrip("\n")
    assert delivered.mail.raw.isascii()
    lines = delivered.mail.raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(b"\n" not in line and b"\r" not in line and b"\0" not in line for line in lines)


def test_a_text_without_what_no_mail_can_carry_arrives_without_it() -> None:
    assert deliver(outgoing(text="a\x00b\ud83d")).text("plain").strip() == "ab?"


def test_the_header_says_who_writes_to_whom_and_where_answers_go() -> None:
    parsed = deliver(outgoing(), recipient(received()), from_name="小店 “Shop”").parsed

    [sender] = parsed["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("小店 “Shop”", "help@shop.example")
    assert [each.addr_spec for each in parsed["To"].addresses] == ["ann@example.com"]
    [answers] = parsed["Reply-To"].addresses
    token = read_token(answers.addr_spec, "reply.shop.example")
    assert token is not None
    assert token.conversation_id == CONVERSATION
    assert FixedSeals().holds(token.seal, "reply", "main", CONVERSATION, IDENTITY)
    assert parsed["Subject"] == "Re: Where is it?"
    assert parsed["MIME-Version"] == "1.0"
    assert parsed["X-Onethread-Message"] == "msg_01890000-0000-7000-8000-000000000001"
    assert parsed["Message-ID"] == "<msg_01890000-0000-7000-8000-000000000001.1@reply.shop.example>"
    assert parsed["Date"].datetime.timestamp() == 1_790_000_000


def test_the_thread_names_our_sealed_id_first_then_the_customers_ids() -> None:
    parsed = deliver(outgoing(), recipient(received(references=["<r1@x>", "<r2@x>"]))).parsed

    root, *others = parsed["References"].split()
    assert read_token(root, "reply.shop.example") is not None
    assert others == ["<r1@x>", "<r2@x>", "<q1@example.com>"]
    assert parsed["In-Reply-To"] == "<q1@example.com>"


def test_mails_of_ours_that_were_not_answered_are_named_by_the_ids_the_provider_gave_them() -> None:
    parsed = deliver(outgoing(), recipient(sent("ses-2"), sent("ses-1"))).parsed

    assert parsed["References"].split()[1:] == ["<ses-1@mail.example>", "<ses-2@mail.example>"]
    assert parsed["In-Reply-To"] is None


def test_a_message_id_longer_than_a_line_is_neither_folded_nor_encoded() -> None:
    long_id = f"<{'a' * 300}@{'b' * 100}.example>"

    raw = deliver(outgoing(), recipient(received(message_id=long_id, references=[long_id, "<c@d>"]))).mail.raw

    assert f"In-Reply-To: {long_id}\r\n".encode() in raw
    assert re.search(rb"References: <thread\.[^ ]+>\r\n " + re.escape(long_id.encode()), raw)


def test_a_mail_has_no_more_than_twenty_references() -> None:
    ids = [f"<{number}@x>" for number in range(60)]

    found = deliver(outgoing(), recipient(received(references=ids))).parsed["References"].split()

    assert len(found) == 20
    assert found[0].startswith("<thread.")
    assert found[-1] == "<q1@example.com>"


@pytest.mark.parametrize("origin", ["bot", "system"])
def test_automatic_mail_says_so(origin: str) -> None:
    parsed = deliver(outgoing(origin="bot" if origin == "bot" else "system")).parsed

    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["X-Auto-Response-Suppress"] == "All"
    assert parsed["X-Loop"] == "reply.shop.example"


def test_mail_of_a_person_is_not_marked_as_automatic() -> None:
    parsed = deliver(outgoing()).parsed

    assert parsed["Auto-Submitted"] is parsed["X-Auto-Response-Suppress"] is parsed["X-Loop"] is None


def test_text_html_picture_and_file_stand_where_mail_programs_look_for_them() -> None:
    files = Files({"photo.png": b"\x89PNG picture", "合同.pdf": b"%PDF contract"})

    delivered = deliver(outgoing(TextPart(text="Look"), picture(), file("合同.pdf")), files=files)

    mixed = delivered.parsed
    assert mixed.get_content_type() == "multipart/mixed"
    alternative, attached = mixed.iter_parts()
    plain, related = alternative.iter_parts()
    html, image = related.iter_parts()
    kinds = [part.get_content_type() for part in (alternative, plain, related, html, image, attached)]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in html.get_content()
    assert (image.get_content_disposition(), image.get_filename()) == ("inline", "photo.png")
    assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "合同.pdf")
    assert (image.get_content(), attached.get_content()) == (b"\x89PNG picture", b"%PDF contract")


def test_a_mail_is_not_carried_as_a_mail_inside_ours() -> None:
    """RFC 2046 forbids base64 for message/rfc822, and everything of ours is in base64."""
    delivered = deliver(
        outgoing(file("forwarded.eml", "message/rfc822")), files=Files({"forwarded.eml": b"A: b\n\n\xff"})
    )

    [attached] = delivered.parsed.iter_attachments()
    assert attached.get_content_type() == "application/octet-stream"
    assert attached.get_content() == b"A: b\n\n\xff"


@pytest.mark.parametrize("mime_type", ["", "nonsense", "text/html; charset=\r\nX: y", "ïmage/png", "multipart/mixed"])
def test_whatever_a_files_type_claims_to_be_the_mail_can_be_read(mime_type: str) -> None:
    delivered = deliver(outgoing(file("a.bin", mime_type)), files=Files({"a.bin": b"content"}))

    [attached] = delivered.parsed.iter_attachments()
    content = attached.get_content()
    assert (content if isinstance(content, bytes) else content.encode()) == b"content"
    assert b"\r\nX: y" not in delivered.mail.raw


def test_an_address_that_needs_quotation_marks_gets_them() -> None:
    delivered = deliver(outgoing(), recipient(address="a..b.@docomo.example"))

    assert b'To: "a..b."@docomo.example\r\n' in delivered.mail.raw
    assert delivered.mail.recipients == ('"a..b."@docomo.example',)


LETTER = Letter(
    from_name="Shop",
    from_address="help@shop.example",
    to="ann@example.com",
    cc=(),
    reply_to="reply@shop.example",
    subject="Order",
    date=datetime(2026, 1, 2, tzinfo=UTC),
    own_id="<1@shop.example>",
    in_reply_to=None,
    references=(),
    message_id="msg_1",
    text="text",
    html="html",
)
BREAK = "x\r\nBcc: victim@example.com"


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, subject=BREAK),
        replace(LETTER, to=BREAK),
        replace(LETTER, cc=(BREAK,)),
        replace(LETTER, from_name=BREAK),
        replace(LETTER, reply_to=BREAK),
        replace(LETTER, in_reply_to=BREAK),
        replace(LETTER, references=(BREAK,)),
        replace(LETTER, own_id=BREAK),
        replace(LETTER, loop_mark=BREAK),
        replace(LETTER, enclosures=(Enclosure(BREAK, "text/plain", b""),)),
    ],
)
def test_a_line_break_never_makes_a_header(letter: Letter) -> None:
    try:
        raw = compose(letter)
    except ValueError:
        return
    assert b"\r\nbcc:" not in raw.lower()


def test_the_composed_mail_of_the_tests_above_is_fine_without_the_line_break() -> None:
    assert b"To: ann@example.com\r\n" in compose(LETTER)
