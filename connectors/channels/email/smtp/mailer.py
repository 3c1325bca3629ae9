"""The mail provider of an account with a mail server of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from connectors.channels.email.smtp.session import session
from connectors.channels.email.smtp.transfer import transfer
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from connectors.channels.email.smtp.settings import Relay
    from shared.ports.mailer import OutgoingMail

BEFORE_THE_END = 30.0
"""Seconds in which a mail has to be with the server, but for its last line: the function that sends has 60."""

_CHECKING = 20.0


class SmtpMailer:
    """Implements shared.ports.mailer.Mailer. ``domain`` is that of the account's address: we greet with it.

    The tags of a mail go nowhere: a mail server sends no reports. The id of a mail is the left part of the Message-ID
    that we gave it.
    """

    def __init__(self, relay: Relay, domain: str) -> None:
        self._relay = relay
        self._domain = domain

    def send(self, mail: OutgoingMail, api_base: str | None) -> str:
        """Hands the mail over once. Raises DeliveryError, classed. ``api_base`` is for providers with an API."""
        deadline = time.monotonic() + BEFORE_THE_END
        with session(self._relay, self._domain, deadline) as connection:
            transfer(connection, mail, deadline)
        return mail.own_id

    def message_ids(self, provider_id: str) -> tuple[str, ...]:
        """None: a mail server has no names of its own for a mail."""
        return ()

    def check(self, address: str, api_base: str | None) -> list[Finding]:
        """Connects and logs in, and sends nothing."""
        relay = self._relay
        with session(relay, self._domain, time.monotonic() + _CHECKING) as connection:
            limit = connection.esmtp_features.get("size", "").strip()
        findings = [Finding(True, "mail server", f"{relay.host}:{relay.port} answers, and its certificate is trusted")]
        if relay.username:
            findings.append(Finding(True, "login", "the mail server takes the user name and password"))
        else:
            findings.append(Finding(True, "login", "no smtp_username is set: the mail server has to know this stack"))
        if limit.isdigit() and int(limit):
            findings.append(Finding(True, "size", f"mails of up to {int(limit)} bytes"))
        return [*findings, Finding(True, "reports", "none: sent is the last status of a mail")]
