"""Mail is queued by what its first bytes say; where it lies goes with it, and what it says does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from shared.core.mail import NAMES_KEPT, ReceiveMail, Unaddressed
from shared.errors import BadRequest
from shared.model.envelope import Addressed, QueuedEvent, VerifiedEvent
from shared.ports.accounts import Account, AccountSecrets
from shared.ports.context import Seals
from tests.support.mail import FixedSeals, KeptOriginals
from tests.support.stores import Clock


class Settings:
    """One account's secret."""

    def __init__(self, current: Account) -> None:
        self.current = current

    def previous(self) -> Account | None:
        return None


@dataclass
class Accounts:
    """Accounts of several channels; counts how often it was asked which there are."""

    known: dict[tuple[str, str], Account]
    asked: int = 0

    def names(self) -> list[tuple[str, str]]:
        self.asked += 1
        return sorted(self.known)

    def account(self, channel: str, account: str) -> AccountSecrets:
        return Settings(self.known[channel, account])


class ToTheAccountsNamed:
    """An intake for mail that begins with the names of accounts."""

    head_bytes = 100

    def mail(self, head: bytes, accounts: Mapping[str, Account], seals: Seals) -> list[Addressed]:
        named = head.decode().split()
        return [
            Addressed(name, VerifiedEvent("ann", "mail-1", b"", headers={"conversation": "c"}))
            for name in named
            if name in accounts
        ]

    def report(self, body: bytes) -> list[Addressed]:
        if body == b"nonsense":
            raise BadRequest("malformed_report", "this is no report")
        return [Addressed("main", VerifiedEvent("ses-1", "report-1", body, headers={"kind": "report"}))]


@dataclass
class Queue:
    events: list[QueuedEvent] = field(default_factory=list)

    def put(self, events: list[QueuedEvent]) -> None:
        self.events.extend(events)


@dataclass
class Mailbox:
    """A mailbox with mail by key."""

    kept: dict[str, bytes]
    queue: Queue = field(default_factory=Queue)
    clock: Clock = field(default_factory=Clock)
    accounts: Accounts = field(
        default_factory=lambda: Accounts({("email", "main"): {}, ("email", "sales"): {}, ("wechat", "main"): {}})
    )

    def __post_init__(self) -> None:
        self.receive = ReceiveMail(
            ToTheAccountsNamed(),
            accounts=self.accounts,
            queue=self.queue,
            heads=KeptOriginals(self.kept),
            seals=FixedSeals(),
            clock=self.clock,
        )


def test_mail_is_queued_for_each_account_that_it_is_for() -> None:
    mailbox = Mailbox({"mail/1": b"main sales"})
    assert mailbox.receive.mail("mail/1") == 2
    first, second = mailbox.queue.events
    assert (first.envelope.account, second.envelope.account) == ("main", "sales")
    assert (first.envelope.channel, first.envelope.stored, first.envelope.body) == ("email", "mail/1", b"")
    assert first.envelope.headers == {"conversation": "c"}
    assert first.dedupe != second.dedupe


def test_a_notice_that_comes_twice_is_queued_under_the_same_id() -> None:
    mailbox = Mailbox({"mail/1": b"main"})
    mailbox.receive.mail("mail/1")
    mailbox.receive.mail("mail/1")
    first, second = mailbox.queue.events
    assert (first.group, first.dedupe) == (second.group, second.dedupe)


def test_mail_for_nobody_is_refused_so_that_it_is_set_aside() -> None:
    mailbox = Mailbox({"mail/1": b"nobody"})
    with pytest.raises(Unaddressed):
        mailbox.receive.mail("mail/1")
    assert mailbox.queue.events == []


def test_an_account_that_was_set_up_a_moment_ago_gets_its_mail() -> None:
    mailbox = Mailbox({"mail/1": b"main", "mail/2": b"new"})
    mailbox.receive.mail("mail/1")
    mailbox.accounts.known["email", "new"] = {}
    assert mailbox.receive.mail("mail/2") == 1


def test_which_accounts_there_are_is_asked_once_a_minute() -> None:
    mailbox = Mailbox({"mail/1": b"main"})
    for _ in range(5):
        mailbox.receive.mail("mail/1")
    assert mailbox.accounts.asked == 1
    mailbox.clock.now += NAMES_KEPT
    mailbox.receive.mail("mail/1")
    assert mailbox.accounts.asked == 2


def test_only_the_beginning_of_a_mail_is_read() -> None:
    mailbox = Mailbox({"mail/1": b"main " + b" " * 100 + b"sales"})
    assert mailbox.receive.mail("mail/1") == 1


def test_the_note_that_ses_leaves_when_a_rule_is_made_is_no_mail() -> None:
    assert Mailbox({}).receive.mail("mail/AMAZON_SES_SETUP_NOTIFICATION") == 0


def test_a_report_is_queued_whole() -> None:
    mailbox = Mailbox({})
    assert mailbox.receive.report(b"{}") == 1
    [event] = mailbox.queue.events
    assert (event.envelope.body, event.envelope.stored) == (b"{}", None)


def test_a_report_that_is_none_is_refused() -> None:
    with pytest.raises(BadRequest):
        Mailbox({}).receive.report(b"nonsense")
