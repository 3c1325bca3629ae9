"""Whatever the bytes: a mail whose strings are text and whose files can be had."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.channels.email.mime.charsets import decode_text, guess
from connectors.channels.email.mime.headers import shown
from connectors.channels.email.mime.parameters import safe_filename
from connectors.channels.email.mime.transfer import decode_base64, decode_quoted, decode_transfer, decoded_size
from tests.fuzz.targets.mail import SEEDS, one

SAMPLES = [path.read_bytes() for folder in SEEDS for path in sorted(Path(folder).rglob("*")) if path.is_file()]
LABELS = ["gb2312", "big5", "iso-2022-jp", "iso-2022-kr", "utf-7", "utf-16", "utf-32", "hz", "shift_jis", "johab", "x"]
PIECES = st.sampled_from(
    [
        b"--B\r\n",
        b"--B--\r\n",
        b"\r\n",
        b"\n",
        b"Content-Type: multipart/mixed; boundary=B\r\n",
        b"Content-Type: text/html\r\n",
        b"From: a@b.example\r\n",
        b"Subject: =?utf-8?B?",
        b"?=",
        b"Content-Disposition: attachment; filename*0*=",
        b"=\r",
        b"\0",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b'"',
        b"<",
        b"\x1b$B",
    ]
)


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    one(raw)


@given(st.lists(PIECES | st.binary(max_size=12), max_size=60).map(b"".join))
def test_any_pieces_of_a_mail_are_a_mail(raw: bytes) -> None:
    one(raw)


@given(st.sampled_from(SAMPLES), st.data())
def test_any_damage_to_a_mail_leaves_a_mail(raw: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        raw = raw[:start] + data.draw(PIECES | st.binary(max_size=8)) + raw[end:]
    one(raw)


@given(st.binary(max_size=300), st.sampled_from(LABELS) | st.none())
def test_any_bytes_are_text_in_any_charset(data: bytes, label: str | None) -> None:
    decode_text(data, label).encode()
    guess(data).encode()


@given(st.text(max_size=200) | st.text("=?utf8BbQq_*'-+ab", max_size=80))
def test_any_value_can_be_shown(value: str) -> None:
    text = shown(value.encode("utf-8", "replace").decode())

    text.encode()
    assert not any(character < " " or character == "\x7f" for character in text)


@given(st.text(max_size=300).filter(lambda name: name.isprintable()) | st.text("a./\\\u202e 长", max_size=200))
def test_any_file_name_is_made_safe(name: str) -> None:
    safe = safe_filename(name)

    if safe is not None:
        assert 0 < len(safe.encode()) <= 200
        assert "/" not in safe
        assert "\\" not in safe
        assert safe not in (".", "..")
        assert safe.isprintable()
        assert safe_filename(safe) == safe


@given(st.binary(max_size=300))
def test_transfer_decoding_never_fails(data: bytes) -> None:
    decode_base64(data)
    decode_quoted(data)


@example(b"=3=\r0z")
@given(st.text("=0AaF3D \r\n\tz", max_size=80).map(str.encode))
def test_quoted_printable_keeps_what_is_not_coded(data: bytes) -> None:
    decoded, broken = decode_quoted(data)

    assert decoded.count(b"z") == data.count(b"z")
    assert broken or b"=z" not in data


@given(st.lists(st.sampled_from([b"QUJD", b"QQ==", b"=", b"A", b"\r\n", b" ", b"-", b"+/"]), max_size=8).map(b"".join))
def test_a_file_is_as_long_as_it_was_counted(data: bytes) -> None:
    decoded, broken = decode_transfer(data, "base64")
    assert decoded_size(data, "base64") == (len(decoded), broken)
