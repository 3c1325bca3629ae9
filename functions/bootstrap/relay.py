"""The stream of events, and the relay that brings them to subscribers."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment, objects, store

if TYPE_CHECKING:
    from shared.aws.attempts import DynamoAttempts
    from shared.aws.lanes import DynamoLanes
    from shared.aws.relay_queue import ReleaseDue, SqsForwardQueue, SqsRelayQueue
    from shared.aws.skips import DynamoSkips
    from shared.aws.subscriptions import DynamoSubscriptions, RecentSubscriptions
    from shared.core.publishing import Stream
    from shared.core.relay.forwarding import Forward
    from shared.core.relay.records import Subscription
    from shared.core.relay.storage import Endpoint
    from shared.core.relay.sweeping import SweepSubscription
    from shared.core.relay.webhook_endpoint import WebhookEndpoint
    from shared.ports.http import HttpClient


@cache
def event_stream() -> Stream:
    from shared.aws.event_topic import SnsEventTopic
    from shared.aws.topics import Topics

    return SnsEventTopic(Topics(environment.client()), environment.setting("EVENTS_TOPIC_ARN"))


@cache
def subscriptions() -> DynamoSubscriptions:
    from shared.aws.subscriptions import DynamoSubscriptions

    return DynamoSubscriptions(environment.client(), environment.setting("TABLE_NAME"))


@cache
def recent_subscriptions() -> RecentSubscriptions:
    from shared.aws.subscriptions import RecentSubscriptions

    return RecentSubscriptions(subscriptions())


@cache
def wake_up_queue() -> SqsForwardQueue:
    """For what the stream says: a batch that comes again is the same occasion."""
    from shared.aws.relay_queue import SqsForwardQueue

    return SqsForwardQueue(environment.queues(), environment.setting("FORWARD_QUEUE_URL"), lambda: "stream")


@cache
def relay_queue() -> SqsRelayQueue:
    from shared.aws.relay_queue import SqsRelayQueue

    return SqsRelayQueue(
        environment.queues(),
        environment.setting("FORWARD_QUEUE_URL"),
        environment.setting("TIMERS_QUEUE_URL"),
        time.time,
    )


@cache
def release_due() -> ReleaseDue:
    from shared.aws.relay_queue import ReleaseDue

    return ReleaseDue(environment.queues(), environment.setting("FORWARD_QUEUE_URL"), time.time)


@cache
def lanes() -> DynamoLanes:
    from shared.aws.lanes import DynamoLanes

    return DynamoLanes(environment.client(), environment.setting("TABLE_NAME"))


@cache
def attempts() -> DynamoAttempts:
    from shared.aws.attempts import DynamoAttempts

    return DynamoAttempts(environment.client(), environment.setting("TABLE_NAME"))


@cache
def skips() -> DynamoSkips:
    from shared.aws.skips import DynamoSkips

    return DynamoSkips(environment.client(), environment.setting("TABLE_NAME"))


@cache
def loopback_webhooks() -> bool:
    """Whether subscribers may be on this machine: on a local stack alone."""
    return environment.setting("LOOPBACK_WEBHOOKS") == "true"


@cache
def webhook_client() -> HttpClient:
    """Calls subscribers' addresses, which are strangers' words."""
    if loopback_webhooks():
        from shared.http.loopback import LocalWebhookClient

        return LocalWebhookClient()
    from shared.http.outgoing import GuardedClient

    return GuardedClient()


@cache
def webhook_endpoint() -> WebhookEndpoint:
    from shared.core.relay.webhook_endpoint import WebhookEndpoint

    return WebhookEndpoint(webhook_client(), environment.seals(), time.time)


def endpoint_of(subscription: Subscription) -> Endpoint:
    """Where its events go: to its helpdesk's adapter, or to its address."""
    from functions.bootstrap import helpdesks

    return webhook_endpoint() if subscription.helpdesk is None else helpdesks.helpdesk_endpoint()


@cache
def forward() -> Forward:
    from shared.core.relay.forwarding import Forward

    return Forward(
        subscriptions=subscriptions(),
        lanes=lanes(),
        attempts=attempts(),
        skips=skips(),
        queue=relay_queue(),
        log=store.conversation_log(),
        addresses=objects.media_addresses(),
        endpoint_of=endpoint_of,
        source=environment.setting("EVENT_SOURCE"),
        clock=time.time,
    )


@cache
def sweep_subscription() -> SweepSubscription:
    from shared.core.relay.sweeping import SweepSubscription

    return SweepSubscription(
        subscriptions=subscriptions(),
        lanes=lanes(),
        queue=relay_queue(),
        log=store.conversation_log(),
        conversations=store.active_conversations(),
        clock=time.time,
    )
