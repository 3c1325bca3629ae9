"""Taking in mail: whose it is, and into the queue with it. The mail itself stays where the mail provider put it.

Here only its first bytes are read, so this is quick whatever the mail weighs; what it says is read when it is stored in
the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from shared.core.webhook import traceparent
from shared.model.envelope import Addressed, Envelope, QueuedEvent
from shared.model.identifiers import digest

if TYPE_CHECKING:
    from shared.ports.accounts import Account, AccountSecrets
    from shared.ports.clock import Clock
    from shared.ports.context import Seals
    from shared.ports.ingress import InboundQueue, Intake

CHANNEL = "email"
NAMES_KEPT = 60.0
"""Seconds for which the list of mail accounts is believed."""

SETUP_NOTICE = "AMAZON_SES_SETUP_NOTIFICATION"
"""The name of what SES puts into a bucket when a receipt rule is made."""


class AccountNames(Protocol):
    """The channel accounts of this stack, by name."""

    def names(self) -> list[tuple[str, str]]: ...

    def account(self, channel: str, account: str) -> AccountSecrets: ...


class Heads(Protocol):
    """The first bytes of mail."""

    def beginning(self, key: str, length: int) -> bytes: ...


class Unaddressed(Exception):
    """A mail that is for none of our accounts: somebody should look at the receipt rule or at the accounts."""


class ReceiveMail:
    """The use case behind the mailbox."""

    def __init__(
        self,
        intake: Intake,
        *,
        accounts: AccountNames,
        queue: InboundQueue,
        heads: Heads,
        seals: Seals,
        clock: Clock,
    ) -> None:
        self._intake = intake
        self._accounts = accounts
        self._queue = queue
        self._heads = heads
        self._seals = seals
        self._clock = clock
        self._names: list[str] = []
        self._names_at = float("-inf")

    def mail(self, key: str) -> int:
        """Queues the mail that lies under ``key``; for how many accounts.

        Raises Unaddressed, InfrastructureError.
        """
        if key.endswith(SETUP_NOTICE):
            return 0
        head = self._heads.beginning(key, self._intake.head_bytes)
        found = self._intake.mail(head, self._settings(NAMES_KEPT), self._seals)
        if not found:
            # An account that was set up since.
            found = self._intake.mail(head, self._settings(0), self._seals)
        if not found:
            raise Unaddressed("no account has any of the recipients")
        return self._put(found, key)

    def report(self, body: bytes) -> int:
        """Queues what the mail provider says of mail that we sent. Raises BadRequest, InfrastructureError."""
        return self._put(self._intake.report(body), None)

    def _put(self, found: list[Addressed], key: str | None) -> int:
        now = self._clock()
        self._queue.put([_queued(each, key, now) for each in found])
        return len(found)

    def _settings(self, kept: float) -> Mapping[str, Account]:
        """The mail accounts; which there are is asked again after ``kept`` seconds."""
        now = self._clock()
        if now - self._names_at >= kept:
            self._names = [account for channel, account in self._accounts.names() if channel == CHANNEL]
            self._names_at = now
        return {name: self._accounts.account(CHANNEL, name).current for name in self._names}


def _queued(addressed: Addressed, key: str | None, now: float) -> QueuedEvent:
    account, event = addressed
    envelope = Envelope(CHANNEL, account, now, event.body, event.query, event.headers, traceparent(None), stored=key)
    group = digest(CHANNEL, account, event.sender_key)
    return QueuedEvent(envelope, group, digest(CHANNEL, account, event.sender_key, event.dedupe_key))
