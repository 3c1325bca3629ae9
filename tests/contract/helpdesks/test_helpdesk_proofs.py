"""Given a webhook, then it counts when it is the helpdesk's, as it was sent, and new."""

from __future__ import annotations

import json
import time

import pytest

from connectors import registry
from shared.errors import RequestError, Unauthorized
from shared.http.request import Request
from shared.model.value import replace
from tests.contract.helpdesks.desk_acts import given_a_ticket, reply
from tests.support.desks import Connected, StandIn, eventually


@pytest.fixture
def webhook(provider: StandIn, connected: Connected) -> Request:
    """What the helpdesk sends when an agent answers."""
    _, ticket = given_a_ticket(provider, connected)
    reply(provider, ticket, "An answer")
    return eventually(lambda: next((each for each in provider.webhooks if b"An answer" in each.body), None))


def test_a_webhook_that_was_changed_or_not_signed_is_refused(connected: Connected, webhook: Request) -> None:
    assert connected.envelopes(webhook)
    forged = [
        replace(webhook, body=webhook.body.replace(b"An answer", b"A forgery")),
        replace(webhook, headers={"content-type": "application/json"}),
        replace(webhook, headers={**webhook.headers, "authorization": "Bearer nobody"}, body=webhook.body + b" "),
    ]
    for each in forged:
        with pytest.raises(RequestError):
            connected.envelopes(each)


def test_a_webhook_that_another_secret_has_signed_is_refused(
    provider: StandIn, connected: Connected, webhook: Request
) -> None:
    secret = provider.settings["webhook_secret"]
    connected.account = replaced(connected.account, secret, "another secret")
    with pytest.raises(RequestError):
        connected.envelopes(webhook)


@pytest.mark.parametrize("side", [-1, 1], ids=["old", "from the future"])
def test_a_webhook_is_good_for_a_while_only(provider: StandIn, webhook: Request, side: int) -> None:
    ingress, seconds = registry.helpdesk_ingress(provider.name), provider.freshness
    signed_at = time.time()
    assert ingress.verify(webhook, provider.account, signed_at + side * (seconds - 30))
    with pytest.raises(Unauthorized) as refused:
        ingress.verify(webhook, provider.account, signed_at + side * (seconds + 30))
    assert refused.value.code == "stale_timestamp"


def replaced[Value](settings: Value, old: str, new: str) -> Value:
    """The settings with another text in the place of ``old``, wherever it is."""
    text = json.dumps(settings)
    assert old in text
    changed: Value = json.loads(text.replace(old, new))
    return changed
