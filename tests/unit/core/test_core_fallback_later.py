"""Which route a reply takes when it fails, or stays unread, after it was sent."""

from __future__ import annotations

from itertools import permutations

import pytest

from shared.core.delivery_state import EarlyReceipt
from shared.core.later import TryLater
from shared.core.records import Reference
from shared.errors import InfrastructureError
from tests.support.stores import START
from tests.unit.core.falling_back import IDENTITY, Ladder, Receipt, down, refusal


@pytest.fixture
def ladder() -> Ladder:
    return Ladder()


def test_a_message_that_bounces_after_all_goes_on_and_is_not_called_failed(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.receipt("letters", "failed")
    assert ladder.message().status == "sent"
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"letters": ["a"], "post": ["a"]}
    assert ladder.story() == [("letters", "failed", "bounced"), ("post", "sent", None)]
    assert ladder.message().external_ids == ["provider-1", "provider-1"]


def test_the_same_bounce_again_does_nothing(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    for _ in range(3):
        ladder.receipt("letters", "failed")
        ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a"], "post": ["a"]}
    assert len(ladder.reservations()) == 1


def test_a_bounce_that_is_faster_than_the_answer_is_heard(ladder: Ladder) -> None:
    error = {"code": "bounced", "title": "Nobody is there", "retryable": False}
    ladder.desk.store.set_aside(Reference("letters", "main", "provider-1"), EarlyReceipt("failed", START, error))
    ladder.reply()
    ladder.deliver()
    ladder.deliver_what_is_wanted()
    assert ladder.story() == [("letters", "failed", "bounced"), ("post", "sent", None)]


def test_a_bounce_of_a_message_that_was_delivered_is_ignored(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.receipt("letters", "delivered")
    ladder.receipt("letters", "failed")
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.message().status == "delivered"


def test_a_message_that_turns_out_delivered_before_it_went_on_stays(ladder: Ladder) -> None:
    ladder.reply(unread_after=60)
    ladder.deliver()
    ladder.receipt("letters", "failed")
    ladder.receipt("letters", "delivered")
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.story() == []
    assert ladder.unread()
    ladder.deliver_what_is_wanted()
    assert ladder.story() == [("letters", "delivered", "unread"), ("post", "sent", None)]


def test_a_late_word_about_a_route_that_is_behind_counts_for_the_message_and_not_for_the_route(
    ladder: Ladder,
) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.receipt("letters", "failed")
    ladder.provider("post").plan = [refusal("retry", 5)]
    with pytest.raises(TryLater):
        ladder.deliver()
    ladder.receipt("letters", "delivered")
    assert ladder.message().status == "delivered"
    assert ladder.story()[-1] == ("post", "queued", None)
    assert ladder.deliver() == "sent"
    assert ladder.message().status == "delivered"
    assert ladder.story()[-1] == ("post", "sent", None)


def test_two_addresses_on_the_same_account_are_told_apart(ladder: Ladder) -> None:
    bob = ladder.desk.join(ladder.conversation_id, "bob", "letters")
    ladder.reply(fallback=["letters", "post"])
    ladder.deliver()
    ladder.receipt("letters", "failed", "provider-1")
    ladder.deliver()
    assert ladder.message().identity_id == bob
    ladder.receipt("letters", "failed", "provider-1")
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a", "a"]}
    ladder.receipt("letters", "failed", "provider-2", blocks=True)
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a", "a"], "post": ["a"]}
    assert ladder.desk.store.identities[bob].identity.status == "blocked"
    assert ladder.desk.store.identities[IDENTITY["letters"]].identity.status == "active"


def test_a_bounce_on_the_last_route_ends_the_message(ladder: Ladder) -> None:
    ladder.reply(fallback=["post"])
    ladder.provider("letters").plan = [refusal("permanent")]
    ladder.deliver()
    ladder.receipt("post", "failed")
    ladder.deliver_what_is_wanted()
    message = ladder.message()
    assert (message.status, message.error.code if message.error else None) == ("failed", "bounced")
    assert ladder.story() == [("letters", "failed", "code_of_permanent"), ("post", "failed", "bounced")]


def test_a_message_that_stays_unread_also_goes_by_the_next_route(ladder: Ladder) -> None:
    ladder.reply(unread_after=60)
    ladder.deliver()
    assert ladder.unread()
    assert not ladder.unread()
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"], "post": ["a"]}
    assert ladder.story() == [("letters", "sent", "unread"), ("post", "sent", None)]


@pytest.mark.parametrize("reads_before_it_goes_on", [True, False])
def test_a_message_that_is_read_takes_no_further_route(ladder: Ladder, reads_before_it_goes_on: bool) -> None:
    ladder.reply(unread_after=60)
    ladder.deliver()
    if reads_before_it_goes_on:
        assert ladder.unread()
    ladder.receipt("letters", "read")
    if not reads_before_it_goes_on:
        assert not ladder.unread()
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.message().status == "read"


def test_an_unread_message_that_nobody_else_takes_is_still_what_it_was(ladder: Ladder) -> None:
    ladder.reply(unread_after=60, fallback=["post"])
    ladder.deliver()
    ladder.unread()
    ladder.provider("post").plan = [refusal("permanent")]
    ladder.deliver()
    message = ladder.message()
    assert (message.status, message.error) == ("sent", None)
    assert ladder.story() == [("letters", "sent", "unread"), ("post", "failed", "code_of_permanent")]


@pytest.mark.parametrize("order", list(permutations(("sent", "delivered", "read", "failed"))), ids="-".join)
def test_receipts_in_every_order_leave_a_message_that_was_read_read(ladder: Ladder, order: tuple[Receipt, ...]) -> None:
    ladder.reply()
    ladder.deliver()
    ranks = []
    for status in (*order, *order):
        ladder.receipt("letters", status)
        ladder.deliver_what_is_wanted()
        ranks.append(ladder.desk.state(ladder.conversation_id, ladder.sequence).rank)
    assert ranks == sorted(ranks)
    assert ladder.message().status == "read"
    failed_first = order.index("failed") < min(order.index("delivered"), order.index("read"))
    assert ladder.got() == ({"letters": ["a"], "post": ["a"]} if failed_first else {"letters": ["a"]})


@pytest.mark.parametrize("failing", ["set_identity_status", "append", "turn"])
def test_a_failure_is_not_forgotten_when_what_follows_from_it_cannot_be_noted(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    ladder.reply()
    ladder.provider("letters").plan = [refusal("blocked")]
    with monkeypatch.context() as broken:
        broken.setattr(ladder.desk.store, failing, down)
        with pytest.raises(InfrastructureError):
            ladder.deliver()
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"post": ["a"]}
    assert ladder.desk.store.identities[IDENTITY["letters"]].identity.status == "blocked"
    assert len(ladder.reservations()) == 1
