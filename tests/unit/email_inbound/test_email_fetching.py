"""The files of a mail come out of the original, however it was packed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from connectors.channels.email.media import LastMail, fetch
from shared.errors import DeliveryError
from shared.ports.context import ChannelContext
from shared.ports.http import HttpResponse
from tests.contract.provider import ScriptedProvider, context_for
from tests.unit.email_inbound.mails import ACCOUNT, message, raw
from tests.unit.email_inbound.test_email_parsing import TEXT, file, multipart


@dataclass
class Kept:
    """Originals by key; remembers what was read."""

    mails: dict[str, bytes]
    reads: list[str] = field(default_factory=list)

    def read(self, key: str) -> bytes:
        self.reads.append(key)
        if key not in self.mails:
            raise DeliveryError("permanent", "media_expired", "the original is not kept any more")
        return self.mails[key]


def context(kept: Kept) -> ChannelContext:
    return replace(context_for(ACCOUNT, ScriptedProvider(HttpResponse(200, {}, b""))), originals=kept)


MAIL = raw(multipart("mixed", TEXT, file("image/png", "a.png"), file("application/pdf", "b.pdf")))


def test_each_file_of_a_message_is_where_its_source_says() -> None:
    kept = Kept({"mail/k3v7": MAIL})
    found = [fetch(source.reference, context(kept), LastMail()) for source in message(MAIL).media]
    assert [(each.filename, each.declared_mime_type) for each in found] == [
        ("a.png", "image/png"),
        ("b.pdf", "application/pdf"),
    ]
    assert all(each.body.startswith(b"\x89PNG") for each in found)


def test_a_mail_is_read_once_for_all_its_files() -> None:
    kept, last = Kept({"mail/k3v7": MAIL, "mail/other": MAIL}), LastMail()
    for source in message(MAIL).media:
        fetch(source.reference, context(kept), last)
    assert kept.reads == ["mail/k3v7"]
    fetch({"stored": "mail/other", "file": "0"}, context(kept), last)
    assert kept.reads == ["mail/k3v7", "mail/other"]


@pytest.mark.parametrize(
    "reference",
    [
        {},
        {"stored": "mail/k3v7"},
        {"file": "0"},
        {"stored": "mail/k3v7", "file": "x"},
        {"stored": "mail/k3v7", "file": "-1"},
        {"stored": "mail/k3v7", "file": "²"},
        {"stored": "mail/k3v7", "file": "2"},
        {"stored": "mail/k3v7", "file": "9" * 50},
        {"stored": "mail/gone", "file": "0"},
    ],
)
def test_a_file_that_is_not_there_has_expired(reference: dict[str, str]) -> None:
    with pytest.raises(DeliveryError) as refusal:
        fetch(reference, context(Kept({"mail/k3v7": MAIL})), LastMail())
    assert (refusal.value.error_class, refusal.value.code) == ("permanent", "media_expired")


def test_a_mail_that_could_not_be_read_is_asked_for_again() -> None:
    kept, last = Kept({}), LastMail()
    with pytest.raises(DeliveryError):
        fetch({"stored": "mail/k3v7", "file": "0"}, context(kept), last)
    kept.mails["mail/k3v7"] = MAIL
    assert fetch({"stored": "mail/k3v7", "file": "0"}, context(kept), last).filename == "a.png"
