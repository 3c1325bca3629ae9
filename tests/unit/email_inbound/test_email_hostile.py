"""Whatever a mail holds, it is one event that can be stored, and the mail itself is kept."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.channels.email.fingerprint import HEAD_BYTES
from connectors.channels.email.intake import INTAKE
from connectors.channels.email.mime.headers import header_block
from connectors.channels.email.mime.reading import read_both
from connectors.channels.email.parsing import fields_of_first_bytes, parse
from shared.model.inbound import InboundEvent, InboundMessage
from tests.unit.email_inbound.mails import (
    ACCOUNTS,
    FAIL,
    NONE,
    PASS,
    SEALS,
    block,
    details,
    envelope,
    letter,
    message,
    raw,
    words,
)
from tests.unit.email_inbound.test_email_parsing import TEXT, file, multipart


def one_event(body: bytes) -> InboundEvent:
    (event,) = parse(envelope(body))
    assert msgspec.json.decode(msgspec.json.encode(event))
    return event


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\r\n",
        b"\r\n\r\nonly a body",
        b"Subject: only a head",
        b"no fields at all, and no blank line",
        b"From ann@trusted.example Fri Jan 15 08:00:00 2027\r\nSubject: mbox\r\n\r\nx",
        b"\xef\xbb\xbfSubject: x\r\n\r\nx",
        b"Subject: \xff\xfe\x00\r\n\r\n\xff\xfe\x00",
        b"Subject: x\rFrom: a@b.example\r\rbody",
        b"Content-Type: multipart/mixed\r\n\r\n--\r\n",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a",
        b"Content-Type: text/plain; charset=x-unheard-of\r\n\r\n\xff\xfe",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Date: \x00\r\nFrom: \x00\r\nMessage-ID: \x00\r\n\r\n\x00",
        b"From: " + b"a@b.example, " * 20_000 + b"\r\n\r\nx",
        b"References: " + b"<a@b.example> " * 20_000 + b"\r\n\r\nx",
        b"Subject: " + b"x" * 300_000 + b"\r\n\r\nx",
    ],
)
def test_a_broken_mail_is_one_event(body: bytes) -> None:
    one_event(body)
    one_event(raw(top="") + body)
    one_event(block().encode() + body)


@settings(max_examples=200)
@given(st.binary(max_size=600))
@example(b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\r\n\r\n--a\r\n\r\n--a--")
def test_any_bytes_are_one_event(body: bytes) -> None:
    one_event(body)
    INTAKE.mail(body, ACCOUNTS, SEALS)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 5_000), st.binary(max_size=8)), max_size=6))
def test_any_damage_to_a_mail_leaves_one_event(changes: list[tuple[int, bytes]]) -> None:
    mail = bytearray(raw(multipart("mixed", TEXT, file("image/png", "a.png"))))
    for place, bytes_ in changes:
        mail[place % len(mail) : place % len(mail) + len(bytes_)] = bytes_
    one_event(bytes(mail))


def test_a_part_in_a_broken_encoding_is_kept_and_flagged() -> None:
    event = message(raw(letter("SGVsbG8=!!!*", Content_Transfer_Encoding="base64")))
    assert "Hello" in words(event)[0]
    assert "broken_encoding" in str(details(event)["flags"])


def test_five_hundred_parts_are_one_message_with_fifty_files() -> None:
    event = message(raw(multipart("mixed", TEXT, *(file("image/png", f"{number}.png") for number in range(500)))))
    assert len(event.parts) == 51
    assert "too_many_parts" in str(details(event)["flags"])


def test_a_mail_of_forty_megabytes_is_read_whole() -> None:
    line = b"A" * 76 + b"\r\n"
    head = raw(multipart("mixed", TEXT, "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"))
    body = head.replace(b"\r\n--b1--\r\n", b"\r\n" + line * 512_000 + b"--b1--\r\n")
    assert len(body) > 39_000_000
    event = message(body)
    assert (words(event), len(event.media)) == (["Hello"], 1)


def test_hostile_html_shows_its_words_and_runs_nothing() -> None:
    html = (
        "<p onclick=alert(1)>Hello</p><script>alert(1)</script><iframe src=//evil.example></iframe>"
        '<a href="javascript:alert(1)">x</a><svg onload=alert(1)><form action=//evil.example><input>'
        "<style>@import url(//evil.example)</style><img src=x onerror=alert(1)>"
    )
    event = message(raw(letter(html, Content_Type="text/html; charset=utf-8")))
    shown = str(details(event)["html"])
    assert "Hello" in words(event)[0]
    for hostile in ("script", "onclick", "iframe", "onload", "onerror", "<form", "@import", "<svg"):
        assert hostile not in shown


def test_deeply_nested_html_is_read() -> None:
    html = "<div>" * 20_000 + "Hello" + "</div>" * 20_000
    assert isinstance(one_event(raw(letter(html, Content_Type="text/html"))), InboundMessage)


@pytest.mark.parametrize("top", [block(FAIL), block(NONE), ""])
def test_no_words_of_the_sender_make_it_somebody_else(top: str) -> None:
    claims = (
        f"Authentication-Results: amazonses.com; {PASS}\r\nX-SES-RECEIPT: x\r\nX-SES-Virus-Verdict: PASS\r\n"
        "Sender: boss@shop.example\r\nX-Original-From: boss@shop.example\r\nReply-To: boss@shop.example\r\n"
        "identity_scope: main\r\nconversation: conv_01890a5d-ac96-774b-bcce-b302099a8057\r\n"
    )
    event = message(raw(claims + letter(), top))
    assert (event.sender.scope, event.sender.verification) == ("main:unverified", "none")
    assert event.continues is None


def test_a_line_end_that_only_some_programs_see_makes_nobody_somebody_else() -> None:
    """Here a lone CR ends the header fields for whoever reads it as a line end, right after another From."""
    parts = "Content-Type: multipart/mixed; boundary=b\r\r--b\r\rHello\r--b--\r"
    hidden = f"X-Mark: 1\rFrom: Boss <boss@trusted.example>\r{parts}"
    mail = f"{hidden}\r\n{letter(From='Eve <eve@trusted.example>', Content_Type='multipart/mixed; boundary=b')}"
    held = {"identity_scope": "main", "conversation": "conv_01890a5d-ac96-774b-bcce-b302099a8057"}
    event = message(raw(f"{mail}\r--b\r\rx\r--b--\r"), **held)
    assert event.sender.external_id == "boss@trusted.example"
    assert (event.sender.scope, event.sender.verification, event.continues) == ("main:unverified", "none", None)
    assert details(event)["flags"] == ["malformed_sender"]


PIECES = (
    *(b"\n", b"\r\n", b"\r", b"\r\n\r\n", b"\n\n", b" ", b"\t", b":", b"\xef\xbb\xbf", b"\xe9", b"From x\n"),
    *(b"From: a@b.example", b"A: 1\r\n", b"To: c@d.example\n", b"no field", b"charset=gbk"),
)
LONG = [b"", *(b"X: " + b"x" * (HEAD_BYTES - less) for less in (3, 10, 40)), b"y" * (HEAD_BYTES - 20)]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
    st.sampled_from(LONG),
    st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
)
def test_the_parsing_judges_by_the_fields_that_the_intake_saw(before: bytes, long: bytes, after: bytes) -> None:
    mail = before + long + after
    _mail, top = read_both(mail)
    assert fields_of_first_bytes(mail, top) == header_block(mail[:HEAD_BYTES])
