"""Every helpdesk's stand-in, one after the other, and onethread in memory beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors import registry
from tests.support.desks import Connected, StandIn, stand_in


@pytest.fixture(scope="module", params=registry.helpdesks())
def provider(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with stand_in(request.param) as running:
        yield running


@pytest.fixture
def connected(provider: StandIn) -> Iterator[Connected]:
    provider.webhooks.clear()
    yield Connected(provider.name, provider.account)
    provider.act("fail", method="DELETE")
