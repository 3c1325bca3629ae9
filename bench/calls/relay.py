"""A message on its way to one subscribed helpdesk, by webhook."""

from __future__ import annotations

import time

from bench.calls.bill import Hop
from bench.calls.journeys import Event, Journeys
from bench.calls.stage import TABLE
from functions import forward, publish
from functions.bootstrap import relay
from shared.aws.subscriptions import DynamoSubscriptions
from shared.core.relay.records import Subscription

URL = "https://helpdesk.example/hook"


class _Invocation:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Relay:
    """From now on somebody has subscribed to everything."""

    def __init__(self, journeys: Journeys) -> None:
        self._journeys = journeys
        wanted = Subscription(id="sub_bench", created_at=time.time(), url=URL)
        DynamoSubscriptions(journeys.stage.client.plain, TABLE).create(wanted)
        relay.recent_subscriptions.cache_clear()

    def publish(self, name: str, openids: list[str]) -> Hop:
        return self._journeys.hop(name, "stream", len(openids), lambda: self._changes(openids), publish.handler)

    def forward(self, name: str, openid: str, messages: int) -> Hop:
        """One invocation for a wake-up: so many messages of one conversation are told."""

        def queued() -> Event:
            self._journeys.stage.client.take_sent()
            publish.handler(self._changes([openid] * messages), None)
            woken = [each for each in self._journeys.stage.client.take_sent() if each.group.startswith("sub_bench#")]
            return self._journeys.events(woken)

        def handler(event: Event, context: object) -> object:
            return forward.handler(event, _Invocation())

        return self._journeys.hop(name, "fifo", messages, queued, handler, provider_calls=messages)

    def _changes(self, openids: list[str]) -> Event:
        self._journeys.store(openids)
        return {"Records": self._journeys.stage.changes()}
