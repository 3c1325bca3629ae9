"""A route that the provider calls closed: closed in the log, until the customer writes again."""

from __future__ import annotations

import pytest

from shared.core.routes import close_route
from shared.core.windows import describe
from shared.errors import Conflict, DeliveryError, ErrorClass
from shared.model.identifiers import identity_id
from tests.unit.core.desk import Desk

REASONS: dict[ErrorClass, str] = {"blocked": "blocked", "window": "window_closed"}


@pytest.mark.parametrize(("error_class", "reason"), REASONS.items())
def test_a_refusal_closes_the_route_and_says_so_on_the_stream(error_class: ErrorClass, reason: str) -> None:
    # given a reply on a channel with windows, which the provider will refuse
    desk = Desk()
    desk.write("ann", channel="lounge", opens="message")
    head = desk.conversation("ann", "lounge")
    sequence = desk.answer(head.conversation_id)["sequence"]
    desk.channels["lounge"].provider.plan = [DeliveryError(error_class, "refused", "refused by the test")]
    # when
    assert desk.deliver(head.conversation_id, sequence) == "failed"
    # then
    entry = desk.store.logs[head.conversation_id][-1]
    assert entry.type == "conversation.updated"
    (route,) = entry.data["changes"]["routes"]
    assert (route["can_reply"], route["reason"]) == (False, reason)
    with pytest.raises(Conflict):
        desk.answer(head.conversation_id)


@pytest.mark.parametrize("reason", REASONS.values())
def test_the_customers_next_message_opens_it_again(reason: str) -> None:
    # given
    desk = Desk()
    desk.write("ann", channel="lounge", opens="message")
    head = desk.conversation("ann", "lounge")
    identity = identity_id("lounge", "main", "ann")
    close_route(desk.store, head.conversation_id, identity, reason, desk.clock())
    # when
    desk.write("ann", channel="lounge", opens="message")
    # then
    route = desk.conversation("ann", "lounge").routes[identity]
    rules = desk.channels["lounge"].capabilities.windows
    assert describe(identity, route, rules, desk.clock()).can_reply
    assert desk.answer(head.conversation_id)["status"] == "queued"


def test_a_route_that_is_closed_already_is_not_closed_twice() -> None:
    desk = Desk()
    desk.write("ann")
    head = desk.conversation("ann")
    for _ in range(2):
        close_route(desk.store, head.conversation_id, identity_id("letters", "main", "ann"), "blocked", desk.clock())
    assert desk.conversation("ann").sequence == head.sequence + 1
