"""Mails made to hurt: read within limits, and said so."""

from __future__ import annotations

import base64

import pytest

from connectors.channels.email.mime.reading import read_file, read_mail

HEAD = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"


def nested(levels: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return HEAD + opened + b"\r\ninnermost\r\n" + b"".join(b"--b%d--\r\n" % n for n in reversed(range(levels)))


def test_twenty_levels_are_read() -> None:
    mail = read_mail(nested(20))

    assert mail.text == "innermost"
    assert mail.flags == []


@pytest.mark.parametrize("levels", [21, 5000])
def test_deeper_levels_are_kept_as_one_file(levels: int) -> None:
    raw = nested(levels)

    mail = read_mail(raw)

    assert mail.flags == ["nested_too_deep"]
    assert [file.mime_type for file in mail.files] == ["message/rfc822"]
    body, _file = read_file(raw, 0)
    assert body.startswith(b"Content-Type: multipart/mixed; boundary=b20\r\n")
    assert b"innermost" in body


def test_the_first_two_hundred_parts_are_read() -> None:
    raw = MIXED + b"".join(b"--B\r\nContent-Type: image/png\r\n\r\n%d\r\n" % number for number in range(500)) + b"--B--"

    mail = read_mail(raw)

    assert mail.flags == ["too_many_parts"]
    assert len(mail.files) == 199
    assert read_file(raw, 198)[0] == b"198"
    assert mail.part_count == 501


@pytest.mark.parametrize(
    "raw",
    [
        MIXED + b"--B\r\n" * 1_000_000,
        MIXED + b"--B\r\n\r\n\r\n" * 500_000 + b"--B--",
        MIXED + b"--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" * 20_000,
    ],
    ids=["delimiters", "empty parts", "one boundary on all levels"],
)
def test_a_million_delimiters_are_counted_and_no_more(raw: bytes) -> None:
    mail = read_mail(raw)

    assert "too_many_parts" in mail.flags
    assert mail.part_count >= 20_000


def test_lines_that_only_begin_like_a_delimiter_are_text() -> None:
    mail = read_mail(MIXED + b"--B\r\n\r\n" + b"--Bx\r\n" * 50_000 + b"--B--\r\nepilogue")

    assert mail.text == "\n".join(["--Bx"] * 50_000)


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        (b"charset=utf-8", "中".encode()),
        (b"charset=gb2312", "中文".encode("gbk")),
        (b"charset=utf-8", b"x"),
        (b"charset=iso-2022-jp", b"\x1b$B-!\x1b(B\r\n"),
    ],
)
def test_text_is_cut_at_a_million_characters(kind: bytes, unit: bytes) -> None:
    mail = read_mail(HEAD + b"Content-Type: text/plain; " + kind + b"\r\n\r\n" + unit * (12_000_000 // len(unit)))

    assert mail.flags == ["text_truncated"]
    assert mail.text is not None
    assert 700_000 < len(mail.text) <= 1_000_000
    assert "\ufffd" not in mail.text


def test_text_of_a_million_characters_is_whole() -> None:
    mail = read_mail(HEAD + b"\r\n" + b"x" * 1_000_000)

    assert mail.flags == []
    assert mail.text == "x" * 1_000_000


def test_a_line_of_thirty_megabytes_without_headers_is_text() -> None:
    mail = read_mail(b"x" * 30_000_000)

    assert mail.flags == ["text_truncated", "no_sender"]


def test_a_file_of_a_mail_of_forty_megabytes_is_whole() -> None:
    content = bytes(range(256)) * (29_000_000 // 256)
    raw = MIXED + b"--B\r\n\r\nsee\r\n--B\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw += base64.encodebytes(content).replace(b"\n", b"\r\n") + b"\r\n--B--"

    mail = read_mail(raw)

    assert len(raw) > 38_000_000
    assert mail.files[0].size == len(content)
    assert read_file(raw, 0)[0] == content
    assert mail.flags == []


@pytest.mark.parametrize(
    "field",
    [
        b"From: " + b"<" * 200_000,
        b"From: " + b"(" * 200_000,
        b"From: " + b'"\\' * 100_000,
        b"From: " + b"a:" * 100_000,
        b"From: " + b"," * 200_000,
        b"To: " + "a@üüü.example, ".encode() * 9000,
        b"Subject: " + b"=?a?q?" * 40_000,
        b"Subject: " + b"=?utf-8?q?a?= =?latin1?q?a?= " * 8000,
        b"Content-Type: text/plain" + b'; a="b' * 40_000,
        b"References: " + b"<" * 200_000,
        b"X: a\r\n" + b"Y: \xff\xfe\r\n" * 20_000,
        b"X: " + b" charset" * 30_000 + b"\r\nSubject: \xff",
    ],
    ids=lambda field: str(field[:24]),
)
def test_hostile_fields_are_read(field: bytes) -> None:
    assert read_mail(field.rstrip() + b"\r\n\r\nhello").text == "hello"


@pytest.mark.parametrize(
    ("encoding", "unit"),
    [
        ("base64", b"QQ=="),
        ("base64", b"!Q"),
        ("quoted-printable", b"=zz=  "),
        ("quoted-printable", b"=\r"),
        ("x-uuencode", b"\xff\n"),
    ],
)
def test_transfer_encodings_that_are_all_broken_are_read(encoding: str, unit: bytes) -> None:
    head = f"Content-Disposition: attachment\r\nContent-Transfer-Encoding: {encoding}\r\n\r\nbegin 644 x\n"
    mail = read_mail(HEAD + head.encode() + unit * (10_000_000 // len(unit)))

    assert len(mail.files) == 1
