"""The mails of CPython's own tests: nothing in them is lost, and the standard library sees the same parts."""

from __future__ import annotations

import email
import html
from email.message import Message
from pathlib import Path

import pytest

from connectors.channels.email.mime.reading import read_file, read_mail

FOLDER = Path(__file__).parents[2] / "fixtures" / "email" / "cpython"
MAILS = sorted(FOLDER.glob("msg_*.txt"))


def leaves(message: Message) -> list[Message]:
    """The leaves of the mail itself; a mail inside is a leaf as a whole."""
    if message.get_content_type().startswith("message/") or not message.is_multipart():
        return [message]
    return [leaf for part in message.get_payload() if isinstance(part, Message) for leaf in leaves(part)]


def words(data: bytes) -> list[str]:
    return data.decode("latin-1").split()


def test_the_mails_are_there() -> None:
    assert len(MAILS) == 48


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_nothing_is_lost(path: Path) -> None:
    raw = path.read_bytes()
    mail = read_mail(raw)
    files = [read_file(raw, file.index)[0] for file in mail.files]
    body = ((mail.text or "") + "\n" + html.unescape(mail.html or "")).encode("latin-1", "replace")
    everything = " ".join(words(b" ".join((body, *files))))

    for leaf in leaves(email.message_from_bytes(raw)):
        if leaf.get_content_type().startswith("message/"):
            payload = leaf.get_payload()
            inside = payload[0] if isinstance(payload, list) and payload else leaf
            content = inside.as_bytes() if isinstance(inside, Message) and inside is not leaf else b""
        else:
            decoded = leaf.get_payload(decode=True)
            content = decoded if isinstance(decoded, bytes) else b""
        missing = [word for word in words(content) if word not in everything]
        assert missing == [], f"{leaf.get_content_type()} lost {missing[:5]}"


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_the_headers_are_those_that_the_standard_library_reads(path: Path) -> None:
    raw = path.read_bytes()

    ours = [name for name, _value in read_mail(raw).headers]

    assert ours == [name.lower() for name in email.message_from_bytes(raw)]
