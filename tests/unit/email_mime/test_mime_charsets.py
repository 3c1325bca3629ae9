"""Text and headers in the charsets that mail comes in, labelled rightly, loosely and wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.channels.email.mime.charsets import codec_of, decode_text
from connectors.channels.email.mime.reading import read_mail

RAW = Path(__file__).parents[2] / "fixtures" / "email" / "raw"
EXPECTED = json.loads((RAW / "charsets.json").read_text())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_mail_says_what_its_writer_wrote(name: str) -> None:
    mail = read_mail((RAW / "charsets" / f"{name}.eml").read_bytes())

    assert {"text": (mail.text or "").rstrip("\n"), "subject": mail.subject, "flags": mail.flags} == EXPECTED[name]


def test_every_mail_of_the_folder_has_an_expectation() -> None:
    assert {path.stem for path in (RAW / "charsets").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "hex", "zlib", "rot13", "uu"]
)
def test_codecs_of_python_that_are_no_charsets_are_not_used(label: str) -> None:
    assert codec_of(label) is None


@pytest.mark.parametrize("label", ["", " ", "a" * 1000, "x\0y", "é", "../../etc", "encodings.aliases", "'", "%s"])
def test_a_label_that_is_none_does_no_harm(label: str) -> None:
    assert codec_of(label) is None
    assert decode_text("schön".encode(), label) == "schön"


def test_every_jis_pair_is_a_character_or_the_replacement() -> None:
    pairs = b"".join(bytes((row, cell)) for row in range(0x21, 0x7F) for cell in range(0x21, 0x7F))

    text = decode_text(b"\x1b$B" + pairs + b"\x1b(B", "iso-2022-jp")

    assert len(text) == 94 * 94
    text.encode()
