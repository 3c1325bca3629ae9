"""What holds for the reading of any bytes as a mail."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.channels.email.mime.reading import header_block, read_file, read_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.channels.email.mime.mail import Mail

FIXTURES = Path(__file__).parents[2] / "fixtures" / "email"
# Folders of mails to begin with.
SEEDS = (FIXTURES / "raw", FIXTURES / "cpython")


def one(data: bytes) -> None:
    """Raises AssertionError, or whatever the reader raised, when something does not hold."""
    mail = read_mail(data)
    for text in strings(mail):
        text.encode()
        assert "\0" not in text
    assert len(mail.text or "") <= 1_000_000
    assert len(mail.html or "") <= 1_000_000
    assert mail.date is None or math.isfinite(mail.date)
    assert len(mail.files) <= 200
    if mail.sender:
        assert mail.senders == [mail.sender]
        assert mail.sender.address.count("@") >= 1
    for file in mail.files[:5]:
        body, again = read_file(data, file.index)
        assert again == file
        assert len(body) == file.size
        assert file.filename is None or 0 < len(file.filename.encode()) <= 200
    for name, value in header_block(data):
        assert name == name.lower()
        value.encode()


def strings(mail: Mail) -> Iterator[str]:
    """Every string of a mail."""
    for name, value in mail.headers:
        yield from (name, value)
    for address in (*mail.senders, *mail.to, *mail.cc, *mail.reply_to):
        yield from (address.name, address.address)
    yield from (mail.subject, mail.content_type, mail.message_id or "", mail.report_type or "")
    yield from (mail.text or "", mail.html or "", *mail.in_reply_to, *mail.references)
    for file in mail.files:
        yield from (file.filename or "", file.mime_type, file.content_id or "", file.charset or "")
