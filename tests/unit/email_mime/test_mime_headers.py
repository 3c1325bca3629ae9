"""Header blocks, dates and ids; and what the reading of a head may not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from connectors.channels.email.mime.dates import read_date
from connectors.channels.email.mime.headers import MAXIMUM_HEADER_BYTES, header_block
from connectors.channels.email.mime.reading import read_mail


def test_fields_come_in_order_unfolded_and_lower_case() -> None:
    head = (
        b"Received: from a\r\n\tby b\r\nX-A:1\r\nRECEIVED:  c \r\nSubject: =?utf-8?Q?=C3=BC?=\r\n x\r\n\r\nX-B: 2\r\n"
    )

    assert header_block(head) == [
        ("received", "from a by b"),
        ("x-a", "1"),
        ("received", "c"),
        ("subject", "=?utf-8?Q?=C3=BC?= x"),
    ]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_end_is_one(end: bytes) -> None:
    assert header_block(end.join((b"A: 1", b" 2", b"B: 3", b"", b"C: 4"))) == [("a", "1 2"), ("b", "3")]


def test_a_lone_cr_makes_no_field_of_its_own() -> None:
    fields = header_block(b"X: a\rFrom: trusted@example.com\r\nFrom: evil@example.com\r\n\r\n")

    assert fields == [("x", "a From: trusted@example.com"), ("from", "evil@example.com")]


def test_a_head_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    assert header_block(b"A: 1\r\nB: 2\r\nC") == [("a", "1"), ("b", "2")]


def test_old_and_odd_lines_are_read_as_they_were_meant() -> None:
    assert header_block(b"From ann Tue Jan 2\nA : 1\n: nameless\nB: \n\nC: 2") == [("a", "1"), ("b", "")]


def test_a_line_that_is_no_field_begins_the_body() -> None:
    mail = read_mail(b"From: a@b.example\r\nA: 1\r\nHello there\r\nB: 2\r\n\r\nend")

    assert mail.headers == [("from", "a@b.example"), ("a", "1")]
    assert mail.text == "Hello there\nB: 2\n\nend"
    assert mail.flags == ["malformed_header"]


def test_a_header_block_over_256_kb_is_cut_at_a_line() -> None:
    line = b"X: " + b"a" * 95 + b"\r\n"

    mail = read_mail(b"From: a@b.example\r\n" + line * 100_000 + b"\r\nhello")

    assert mail.flags == ["headers_truncated"]
    assert {len(value) for name, value in mail.headers if name == "x"} == {95}
    assert len(mail.headers) == (MAXIMUM_HEADER_BYTES - 19) // 100 + 1
    assert mail.text == "hello"


def test_values_of_headers_never_hold_control_characters() -> None:
    mail = read_mail(b"From: a@b.example\r\nSubject: =?utf-8?Q?a=0D=0ABcc:_x=00=1B?=\x07b\r\n\r\n")

    assert mail.subject == "a Bcc: x b"


def test_headers_are_found_by_any_case() -> None:
    mail = read_mail(b"X-A: 1\r\nx-a: 2\r\n\r\n")

    assert mail.first("X-a") == "1"
    assert mail.all("x-A") == ["1", "2"]
    assert mail.first("nothing") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Tue, 02 Jan 2024 10:00:00 +0000", 1704189600),
        ("Tue, 2 Jan 2024 18:00:00 +0800 (CST)", 1704189600),
        ("2 Jan 2024 10:00 GMT", 1704189600),
        ("Tue, 02 Jan 24 05:00:00 EST", 1704189600),
        ("Tuesday, 02-Jan-2024 10:00:00 UTC", 1704189600),
        ("Tue Jan  2 10:00:00 2024", 1704189600),
        ("Tue Jan  2 10:00:00 GMT 2024", 1704189600),
        ("Tue Jan  2 11:00:00 +0100 2024", 1704189600),
        ("2024-01-02 10:00:00", 1704189600),
        ("2024-01-02T10:00:00.123Z", 1704189600),
        ("Tue, 02 Jan 2024 10:00:00 -0330", 1704202200),
        ("Thu, 29 Feb 2024 23:59:60 +0000", 1709251200),
        ("Thu, 01 Jan 1970 00:00:00 +0000", 0),
        ("Mon, 1 Jan 1900 00:00:00 +0000", -2208988800),
        ("", None),
        ("yesterday", None),
        ("Tue, 42 Jan 2024 10:00:00", None),
        ("Tue, 02 Foo 2024 10:00:00", None),
        ("Tue, 02 Jan 2024 30:00:00", None),
        ("Tue, 02 Jan 99999 10:00:00 +999999", None),
    ],
)
def test_dates(value: str, seconds: float | None) -> None:
    assert read_date(value) == seconds


@pytest.mark.parametrize(
    ("head", "message_id", "references"),
    [
        ("Message-ID: <a@b>\r\nReferences: <1@x>\r\n <2@x><3@x> junk", "<a@b>", ["<1@x>", "<2@x>", "<3@x>"]),
        ("Message-ID: a@b", "<a@b>", []),
        ("Message-ID:", None, []),
        ("Message-ID: <a\r\n b@c>", "<ab@c>", []),
        ("References: nothing here", None, []),
    ],
)
def test_message_ids(head: str, message_id: str | None, references: list[str]) -> None:
    mail = read_mail(head.encode() + b"\r\n\r\n")

    assert mail.message_id == message_id
    assert mail.references == references


def test_of_very_many_references_the_last_are_kept() -> None:
    mail = read_mail(b"References: " + b" ".join(b"<%d@x>" % number for number in range(500)) + b"\r\n\r\n")

    assert mail.references == [f"<{number}@x>" for number in range(300, 500)]


def test_reading_needs_neither_the_email_package_nor_what_few_mails_need() -> None:
    code = (
        "import sys; from connectors.channels.email.mime.reading import read_mail;"
        "read_mail(b'From: a@b.example\\r\\nContent-Type: text/plain; charset=utf-8\\r\\n\\r\\n\\xc3\\xbc');"
        "print([name for name in ('email', 'encodings.idna', 'unicodedata') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
