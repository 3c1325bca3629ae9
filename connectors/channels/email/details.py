"""What only mail has: subject, addresses, thread, proofs and the whole body, for the ``email`` of a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.channels.email.body import clean_html
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from connectors.channels.email.content import Content
    from connectors.channels.email.mime.mail import Address, Mail
    from connectors.channels.email.verdicts import Verdicts

HTML_BYTES = 100_000
_EVENT_BYTES = 220_000
"""What text and HTML may come to in a message's JSON, so that an event of it stays below the 256 KB of a topic."""

_MOST_ADDRESSES = 50
_MOST_REFERENCES = 20
_LONGEST_LINE = 998
"""Characters (RFC 5322 section 2.1.1)."""

_LONGEST_NAME = 200
_LATEST_TIME = 253_402_300_799
"""The last second of the year 9999: times after it cannot be written."""


def details(mail: Mail, content: Content, verdicts: Verdicts, stored: str, flags: list[str]) -> dict[str, Any]:
    """The ``email`` of a message; members without a value are left out. Adds to ``flags``."""
    html = _html(mail, content, flags)
    value: dict[str, Any] = {
        "subject": mail.subject[:_LONGEST_LINE] if mail.subject else None,
        "from": _address(mail.senders[0]) if mail.senders else None,
        "to": _addresses(mail.to),
        "cc": _addresses(mail.cc),
        "reply_to": _addresses(mail.reply_to),
        "message_id": next(message_ids([mail.message_id or ""]), None),
        "in_reply_to": next(message_ids(mail.in_reply_to), None),
        "references": _references(mail.references),
        "date": rfc3339(mail.date) if mail.date is not None and 0 <= mail.date <= _LATEST_TIME else None,
        "authentication": verdicts.shown(),
        "text": content.text,
        "html": html,
        "content_ids": content.content_ids,
        "flags": list(dict.fromkeys(flags)),
        "original": stored,
    }
    return {name: each for name, each in value.items() if each not in (None, "", [], {})}


def message_ids(ids: Iterable[str]) -> Iterator[str]:
    """Those of a length that a line of a mail can have."""
    return (each for each in ids if 0 < len(each) <= _LONGEST_LINE)


def _references(ids: Sequence[str]) -> list[str]:
    """At most 20: the first, which began the thread, and the newest."""
    unique = list(dict.fromkeys(message_ids(ids)))
    return unique if len(unique) <= _MOST_REFERENCES else [unique[0], *unique[1 - _MOST_REFERENCES :]]


def _html(mail: Mail, content: Content, flags: list[str]) -> str | None:
    """The body as HTML that is safe to show; None when it is too large to travel, which the original does not have
    to."""
    if not mail.html:
        return None
    html = clean_html(mail.html) if len(mail.html) <= 10 * HTML_BYTES else ""
    small = len(html) * 4 <= HTML_BYTES or len(html.encode()) <= HTML_BYTES
    if len(mail.html) > 10 * HTML_BYTES or not small or not _fits(html, content.text):
        flags.append("html_truncated")
        return None
    return html


def _fits(html: str, text: str) -> bool:
    """The text counts twice: what was written now is a part of its own."""
    if 6 * (len(html) + 2 * len(text)) <= _EVENT_BYTES:
        return True
    return len(msgspec.json.encode(html)) + 2 * len(msgspec.json.encode(text)) <= _EVENT_BYTES


def _addresses(addresses: Sequence[Address]) -> list[dict[str, str]]:
    return [_address(each) for each in addresses[:_MOST_ADDRESSES]]


def _address(address: Address) -> dict[str, str]:
    value = {"address": address.address[:_LONGEST_LINE]}
    if address.name:
        value["name"] = address.name[:_LONGEST_NAME]
    return value
