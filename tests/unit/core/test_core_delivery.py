"""Sending: whatever a provider says, or does not say, ends up on the message; nothing is sent twice."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from shared.core.delivery_state import EarlyReceipt
from shared.core.later import TryLater
from shared.core.messages import read_message
from shared.core.records import Reference
from shared.core.sending import FIRST_DELAY, LONGEST_DELAY, LONGEST_WAIT, TRIES, backoff
from shared.errors import ConfigurationError, Conflict, ErrorClass, InfrastructureError
from shared.model.identifiers import identity_id
from shared.model.message import Message
from tests.support.channels import LONGEST, AfterAccepting, Provider
from tests.unit.core.desk import Desk
from tests.unit.core.falling_back import refusal

ANN = identity_id("letters", "main", "ann")
THREE_PIECES = "a" * LONGEST + "b" * LONGEST + "c"


class Crash(BaseException):
    """The process has died: nothing may catch it."""


class Sending:
    """One reply of an agent to Ann on a channel, to be delivered."""

    def __init__(self, desk: Desk, channel: str, text: str) -> None:
        desk.write("ann", channel=channel)
        self.desk = desk
        self.conversation_id = desk.conversation("ann", channel).conversation_id
        self.sequence: int = desk.answer(self.conversation_id, text)["sequence"]
        self.provider: Provider = desk.channels[channel].provider

    def deliver(self, attempt: int = 1) -> str:
        return self.desk.deliver(self.conversation_id, self.sequence, attempt)

    def message(self) -> Message:
        """The message as the API shows it now."""
        return read_message(self.desk.store.entries(self.conversation_id, self.sequence - 1, 1)[0])

    def texts(self) -> list[str]:
        """The first letter of everything that the customer has got."""
        return [text[0] for _, text in self.provider.accepted]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def sending(desk: Desk) -> Sending:
    return Sending(desk, "letters", "answer")


@pytest.fixture
def long_sending(desk: Desk) -> Sending:
    """A message that takes three calls, on a channel that shows a repeated call twice."""
    return Sending(desk, "letters", THREE_PIECES)


@pytest.fixture
def long_idempotent_sending(desk: Desk) -> Sending:
    return Sending(desk, "register", THREE_PIECES)


def test_a_message_that_was_taken_is_sent_and_found_by_the_providers_id(sending: Sending) -> None:
    assert sending.deliver() == "sent"
    message = sending.message()
    assert (message.status, message.error) == ("sent", None)
    assert message.external_ids == ["provider-1"]
    found = sending.desk.store.find(Reference("letters", "main", message.external_ids[0]))
    assert found is not None
    assert (found.sequence, found.message_id) == (sending.sequence, message.id)
    assert sending.provider.accepted == [("ann", "answer")]
    assert sending.desk.store.of("letters", "main") == {"status": "ok"}


def test_a_provider_can_prove_more_than_that_it_was_sent(sending: Sending) -> None:
    sending.provider.plan = ["delivered"]
    assert sending.deliver() == "delivered"
    assert sending.message().status == "delivered"


@pytest.mark.parametrize(
    ("error_class", "status", "retryable"),
    [
        ("permanent", "failed", False),
        ("window", "failed", False),
        ("blocked", "failed", False),
        ("account", "failed", True),
        ("token", "failed", True),
        ("unknown", "unknown", False),
    ],
)
def test_a_refusal_is_written_on_the_message_with_its_reason(
    sending: Sending, error_class: ErrorClass, status: str, retryable: bool
) -> None:
    sending.provider.plan = [refusal(error_class)]
    assert sending.deliver() == status
    message = sending.message()
    assert message.status == status
    assert message.error is not None
    assert (message.error.code, message.error.title) == (f"code_of_{error_class}", "what happened")
    assert message.error.retryable == retryable
    assert sending.provider.accepted == []


def test_only_a_customer_who_blocks_us_is_marked_so(desk: Desk, sending: Sending) -> None:
    sending.provider.plan = [refusal("permanent")]
    sending.deliver()
    assert desk.store.identities[ANN].identity.status == "active"
    again = Sending(desk, "letters", "again")
    again.provider.plan = [refusal("blocked")]
    again.deliver()
    assert desk.store.identities[ANN].identity.status == "blocked"


@pytest.mark.parametrize("error_class", ["account", "token"])
def test_an_account_at_fault_is_shown_as_failing_until_it_works_again(
    desk: Desk, sending: Sending, error_class: ErrorClass
) -> None:
    sending.provider.plan = [refusal(error_class)]
    sending.deliver()
    assert desk.store.of("letters", "main") == {"status": "failing", "code": f"code_of_{error_class}"}
    Sending(desk, "letters", "again").deliver()
    assert desk.store.of("letters", "main") == {"status": "ok"}


@pytest.mark.parametrize("error_class", ["permanent", "window", "blocked", "unknown"])
def test_other_refusals_say_nothing_of_the_account(desk: Desk, sending: Sending, error_class: ErrorClass) -> None:
    sending.provider.plan = [refusal(error_class)]
    sending.deliver()
    assert desk.store.of("letters", "main") == {"status": "unknown"}


def test_a_busy_provider_is_tried_again_later(sending: Sending) -> None:
    sending.provider.plan = [refusal("retry"), refusal("retry")]
    for attempt in (1, 2):
        with pytest.raises(TryLater) as later:
            sending.deliver(attempt)
        assert 0 <= later.value.delay <= FIRST_DELAY * 2 ** (attempt - 1)
        assert sending.message().status == "queued"
    assert sending.deliver(3) == "sent"
    assert sending.texts() == ["a"]


@pytest.mark.parametrize("seconds", [0.0, 17.5, LONGEST_WAIT])
def test_the_wait_that_a_provider_asks_for_is_kept(sending: Sending, seconds: float) -> None:
    sending.provider.plan = [refusal("retry", seconds)]
    with pytest.raises(TryLater) as later:
        sending.deliver()
    assert later.value.delay == seconds


def test_a_provider_that_asks_for_too_long_a_wait_gets_no_further_try(sending: Sending) -> None:
    sending.provider.plan = [refusal("retry", LONGEST_WAIT + 1)]
    assert sending.deliver() == "failed"
    error = sending.message().error
    assert error is not None
    assert error.retryable


def test_the_last_try_fails_the_message(sending: Sending) -> None:
    sending.provider.plan = [refusal("retry")] * TRIES
    for attempt in range(1, TRIES):
        with pytest.raises(TryLater):
            sending.deliver(attempt)
    assert sending.deliver(TRIES) == "failed"
    assert sending.message().status == "failed"


def test_deliveries_that_only_waited_behind_another_message_use_up_no_try(sending: Sending) -> None:
    sending.provider.plan = [refusal("retry")]
    with pytest.raises(TryLater) as later:
        sending.deliver(attempt=TRIES + 30)
    assert later.value.delay <= FIRST_DELAY
    assert sending.deliver(attempt=TRIES + 31) == "sent"


def test_waits_grow_and_are_spread_over_their_whole_length() -> None:
    for attempt in range(1, 12):
        ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1))
        waits = [backoff(attempt) for _ in range(300)]
        assert 0 <= min(waits) < ceiling * 0.1
        assert ceiling * 0.9 < max(waits) <= ceiling


def test_a_message_that_was_sent_is_not_sent_again(sending: Sending) -> None:
    sending.deliver()
    sending.deliver(2)
    assert sending.texts() == ["a"]
    assert sending.message().status == "sent"


@pytest.mark.parametrize("error_class", ["permanent", "unknown"])
def test_a_message_that_ended_otherwise_is_not_tried_again_either(sending: Sending, error_class: ErrorClass) -> None:
    sending.provider.plan = [refusal(error_class)]
    before = sending.deliver()
    sending.deliver(2)
    assert sending.texts() == []
    assert sending.message().status == before


def test_a_message_in_several_calls_keeps_all_their_ids_in_order(long_sending: Sending) -> None:
    assert long_sending.deliver() == "sent"
    message = long_sending.message()
    assert long_sending.texts() == ["a", "b", "c"]
    assert message.external_ids == ["provider-1", "provider-2", "provider-3"]


def test_a_message_in_several_calls_goes_on_where_it_stopped(long_sending: Sending) -> None:
    long_sending.provider.plan = ["sent", refusal("retry"), "sent", "sent"]
    with pytest.raises(TryLater):
        long_sending.deliver()
    assert long_sending.deliver(2) == "sent"
    assert long_sending.texts() == ["a", "b", "c"]
    assert len(long_sending.message().external_ids) == 3


@pytest.mark.parametrize("error_class", ["permanent", "unknown"])
def test_after_a_piece_that_did_not_go_through_no_later_piece_is_sent(
    long_sending: Sending, error_class: ErrorClass
) -> None:
    long_sending.provider.plan = ["sent", refusal(error_class)]
    status = long_sending.deliver()
    long_sending.deliver(2)
    assert long_sending.texts() == ["a"]
    assert long_sending.message().status == status


def test_no_further_piece_follows_one_that_the_provider_reports_as_failed_meanwhile(
    long_sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, conversation_id, sequence = long_sending.desk.store, long_sending.conversation_id, long_sending.sequence
    note = store.progress

    def and_a_receipt_comes(*call: Any) -> None:
        note(*call)
        store.raise_status(conversation_id, sequence, "", "failed", 0.0)

    monkeypatch.setattr(store, "progress", and_a_receipt_comes)
    long_sending.deliver()
    assert long_sending.texts() == ["a"]
    assert long_sending.message().status == "failed"


@pytest.mark.parametrize("piece", [0, 1, 2])
@pytest.mark.parametrize("taken", [True, False])
def test_a_crash_between_a_call_and_its_answer_leaves_the_outcome_unknown(
    long_sending: Sending, piece: int, taken: bool
) -> None:
    """Nobody can tell whether the customer has the piece, so it is not sent again, and neither is the rest."""
    crash = Crash()
    long_sending.provider.plan = ["sent"] * piece
    long_sending.provider.plan.append(AfterAccepting(crash) if taken else crash)
    with pytest.raises(Crash):
        long_sending.deliver()
    long_sending.deliver(2)
    long_sending.deliver(3)
    message = long_sending.message()
    assert (message.status, message.error.code if message.error else None) == ("unknown", "outcome_unknown")
    assert long_sending.texts() == ["a", "b", "c"][: piece + taken]


@pytest.mark.parametrize("piece", [0, 1, 2])
@pytest.mark.parametrize("taken", [True, False])
def test_a_crash_is_made_good_where_the_provider_shows_a_repeated_call_once(
    long_idempotent_sending: Sending, piece: int, taken: bool
) -> None:
    crash = Crash()
    long_idempotent_sending.provider.plan = ["sent"] * piece
    long_idempotent_sending.provider.plan.append(AfterAccepting(crash) if taken else crash)
    with pytest.raises(Crash):
        long_idempotent_sending.deliver()
    assert long_idempotent_sending.deliver(2) == "sent"
    assert long_idempotent_sending.texts() == ["a", "b", "c"]


def test_a_failure_of_our_own_store_before_the_call_is_no_unknown_outcome(sending: Sending) -> None:
    sending.provider.plan = [InfrastructureError("the token could not be read")]
    with pytest.raises(InfrastructureError):
        sending.deliver()
    assert sending.deliver(2) == "sent"
    assert sending.texts() == ["a"]


def test_an_account_that_was_removed_fails_the_message(desk: Desk, sending: Sending) -> None:
    desk.gone.add("letters")
    assert sending.deliver() == "failed"
    error = sending.message().error
    assert error is not None
    assert error.code == "unknown_account"


def test_an_account_with_a_setting_missing_fails_the_message_and_is_shown_as_failing(
    desk: Desk, sending: Sending
) -> None:
    sending.provider.plan = [ConfigurationError("the account has no app_id")]
    assert sending.deliver() == "failed"
    error = sending.message().error
    assert error is not None
    assert (error.code, error.retryable) == ("account_misconfigured", True)
    assert desk.store.of("letters", "main")["status"] == "failing"


def test_an_identity_that_is_gone_fails_the_message(desk: Desk, sending: Sending) -> None:
    del desk.store.identities[ANN]
    assert sending.deliver() == "failed"
    error = sending.message().error
    assert error is not None
    assert error.code == "unknown_identity"


def test_a_receipt_that_was_faster_than_the_answer_is_not_taken_back(desk: Desk, sending: Sending) -> None:
    desk.store.set_aside(Reference("letters", "main", "provider-1"), EarlyReceipt("read", desk.clock()))
    sending.deliver()
    assert sending.message().status == "read"


def test_a_customer_who_was_found_gone_before_the_answer_came_gets_no_more_messages(
    desk: Desk, sending: Sending
) -> None:
    gone = EarlyReceipt(
        "failed", desk.clock(), {"code": "mail_bounced", "title": "gone", "retryable": False}, blocks=True
    )
    desk.store.set_aside(Reference("letters", "main", "provider-1"), gone)
    sending.deliver()
    assert desk.store.identities[ANN].identity.status == "blocked"
    assert desk.conversation("ann").routes[ANN].blocked == "blocked"


@pytest.mark.parametrize(("error_class", "reason"), [("blocked", "blocked"), ("window", "window_closed")])
def test_a_route_that_the_provider_closes_is_closed_from_then_on(
    desk: Desk, error_class: ErrorClass, reason: str
) -> None:
    sending = Sending(desk, "lounge", "answer")
    sending.provider.plan = [refusal(error_class)]
    sending.deliver()
    with pytest.raises(Conflict) as refused:
        desk.answer(sending.conversation_id)
    route = refused.value.members["route"]
    assert isinstance(route, dict)
    assert route["reason"] == reason
    assert desk.store.logs[sending.conversation_id][-1].type == "conversation.updated"


@pytest.mark.parametrize("error_class", ["blocked", "window", "account"])
def test_a_refusal_stays_a_refusal_when_what_follows_from_it_cannot_be_noted(
    desk: Desk, sending: Sending, monkeypatch: pytest.MonkeyPatch, error_class: ErrorClass
) -> None:
    for name in ("set_identity_status", "append", "failing"):
        monkeypatch.setattr(desk.store, name, Mock(side_effect=InfrastructureError("down")))
    sending.provider.plan = [refusal(error_class)]
    with pytest.raises(InfrastructureError):
        sending.deliver()
    sending.deliver(2)
    assert sending.message().status == "failed"
