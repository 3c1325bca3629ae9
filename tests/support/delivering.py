"""``Deliver`` with its parts, put together as functions/bootstrap does."""

from __future__ import annotations

from collections.abc import Callable

from shared.core.delivery import Deliver
from shared.core.delivery_storage import Deliveries
from shared.core.ladder import Ladder
from shared.core.pushing import PushMessage
from shared.core.refusals import FollowRefusal
from shared.core.sending import SendOnRoute
from shared.core.storage import AccountHealth, ConversationLog, MediaAddresses, People
from shared.ports.clock import Clock
from shared.ports.connector import Connector
from shared.ports.context import ChannelContext


def deliver_on(
    *,
    log: ConversationLog,
    people: People,
    deliveries: Deliveries,
    health: AccountHealth,
    connector_of: Callable[[str], Connector],
    context_of: Callable[[str, str], ChannelContext],
    addresses: MediaAddresses,
    clock: Clock,
) -> Deliver:
    send_on_route = SendOnRoute(
        log=log,
        people=people,
        deliveries=deliveries,
        health=health,
        connector_of=connector_of,
        context_of=context_of,
        addresses=addresses,
        clock=clock,
    )
    return Deliver(
        log,
        deliveries,
        push=PushMessage(log, addresses, connector_of=connector_of, context_of=context_of),
        send_on_route=send_on_route,
        ladder=Ladder(log, deliveries, connector_of, clock),
        follow_refusal=FollowRefusal(log, people, health, clock),
        clock=clock,
    )
