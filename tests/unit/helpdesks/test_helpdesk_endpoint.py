"""A helpdesk as an endpoint of the relay: what its answers mean, what it is not asked, and what a test ping proves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.core.publishing import entry_event
from shared.core.relay.records import HelpdeskName, Notification, Subscription
from shared.errors import InfrastructureError
from shared.model.event import Event
from tests.support.desks import Connected, StandIn, stand_in


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("generic") as running:
        yield running


@pytest.fixture
def connected(provider: StandIn) -> Iterator[Connected]:
    yield Connected("generic", provider.account)
    provider.act("fail", method="DELETE")


def ping() -> Event:
    return Event(
        id="evt_1",
        source="onethread",
        type="subscription.test",
        subject="",
        time="2026-01-01T00:00:00Z",
        specversion="1.0",
    )


def test_a_test_ping_calls_the_helpdesk(connected: Connected) -> None:
    assert connected.deliver(ping()).verdict == "delivered"
    assert [url.rpartition("/")[2] for url in connected.called] == ["me"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"authentication": {"type": "bearer", "token": "wrong"}}, "credentials_refused"),
        ({"api_base": 7}, "check_failed"),
    ],
)
def test_a_test_ping_of_an_account_that_does_not_work_says_so(
    provider: StandIn, change: dict[str, Any], code: str
) -> None:
    outcome = Connected("generic", {**provider.account, **change}).deliver(ping())
    assert (outcome.verdict, outcome.code) == ("retry", code)


def test_what_it_does_not_want_to_hear_of_is_delivered_without_a_call(connected: Connected) -> None:
    conversation = connected.write("hello")
    opened = connected.desk.store.logs[conversation][0]
    assert opened.type == "conversation.opened"
    assert connected.outcome(opened).verdict == "delivered"
    assert connected.called == []


def test_an_account_that_was_removed_keeps_its_place(connected: Connected) -> None:
    conversation = connected.write("hello")
    entry = connected.desk.store.logs[conversation][-1]
    removed = Subscription("sub-2", connected.desk.clock(), helpdesk=HelpdeskName("generic", "removed"))
    outcome = connected.endpoint.deliver(removed, Notification(entry_event(entry, "onethread"), entry))
    assert (outcome.verdict, outcome.code) == ("retry", "UnknownAccount")


def test_a_subscription_of_an_address_is_not_for_a_helpdesk(connected: Connected) -> None:
    entry = connected.desk.store.logs[connected.write("hello")][-1]
    other = Subscription("sub-3", connected.desk.clock(), url="https://subscriber.example")
    with pytest.raises(InfrastructureError):
        connected.endpoint.deliver(other, Notification(entry_event(entry, "onethread"), entry))


def test_settings_that_were_mended_are_read_after_a_refusal(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    provider.act("fail", {"path": "/customers", "http_status": 403})
    outcomes = [connected.outcome(each).code for each in connected.desk.store.logs[conversation]]
    assert "credentials_refused" in outcomes
    assert connected.accounts.refreshed == [("generic", "main")]
