"""Which part is text, which HTML, which a file: one mail for each shape that mail programs send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.email.mime.mail import Mail
from connectors.channels.email.mime.reading import read_file, read_mail

RAW = Path(__file__).parents[2] / "fixtures" / "email" / "raw"
EXPECTED: dict[str, dict[str, Any]] = json.loads((RAW / "shapes.json").read_text())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_mail_is_read_as_its_shape_means(name: str) -> None:
    raw = (RAW / "shapes" / f"{name}.eml").read_bytes()

    mail = read_mail(raw)

    assert {key: said(mail, key) for key in EXPECTED[name]} == EXPECTED[name]
    assert [read_file(raw, file.index)[1] for file in mail.files] == mail.files
    assert [file.index for file in mail.files] == list(range(len(mail.files)))


def said(mail: Mail, key: str) -> Any:
    if key != "files":
        return getattr(mail, key)
    members = ("filename", "mime_type", "size", "content_id", "inline")
    return [{member: getattr(file, member) for member in members} for file in mail.files]


def test_every_mail_of_the_folder_has_an_expectation() -> None:
    assert {path.stem for path in (RAW / "shapes").iterdir()} == set(EXPECTED)


def test_a_file_is_the_bytes_that_were_attached() -> None:
    raw = (RAW / "shapes" / "mixed_with_file.eml").read_bytes()

    body, file = read_file(raw, 0)

    assert body == b"%PDF-"
    assert file.filename == "a.pdf"


@pytest.mark.parametrize("index", [-1, 1, 1000])
def test_a_file_that_is_not_listed_is_refused(index: int) -> None:
    with pytest.raises(IndexError):
        read_file((RAW / "shapes" / "mixed_with_file.eml").read_bytes(), index)
