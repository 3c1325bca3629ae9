"""The mail provider, as the email connector sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.ports.connector import Finding


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail as it is handed to the mail provider: ``raw`` is the whole MIME message, at most 40 MB; ``recipients`` are
    addresses of the envelope, the customer's first. ``tags`` come back with every report on it: names and values are
    A-Z a-z 0-9 _ -. ``own_id`` is the left part of the Message-ID that it bears, until a provider replaces it."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    tags: Mapping[str, str]
    own_id: str


class Mailer(Protocol):
    """The mail provider: the one seam to replace where there is none of those that are here (SES, and SMTP)."""

    def send(self, mail: OutgoingMail, api_base: str | None) -> str:
        """Hands the mail over; the provider's id for it. ``api_base`` is the account's own address of the provider.
        Raises DeliveryError, classed."""
        ...

    def message_ids(self, provider_id: str) -> tuple[str, ...]:
        """The Message-IDs, angle brackets included, that a mail which was handed over may have reached its recipients
        under: providers put their own in place of ours."""
        ...

    def check(self, address: str, api_base: str | None) -> list[Finding]:
        """Whether the provider would send from this address."""
        ...
