"""The relay's queue: subscribers and helpdesks are told of what happened, and what agents did in a helpdesk is carried
out."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Protocol

from functions.batches import BatchResponse, Record, attempt, process_fifo
from functions.bootstrap import environment, helpdesks, relay
from functions.telemetry import conclude
from shared.aws.relay_queue import from_json
from shared.core.relay.records import Sweep
from shared.model.envelope import Envelope

SERVICE = "forward"


class InvocationContext(Protocol):
    """Lambda's context object, as far as it is asked."""

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: dict[str, Any], context: InvocationContext) -> BatchResponse:
    """One item of the queue in (a wake-up, a sweep, or a helpdesk's webhook), and out if it is to be tried again. What
    an endpoint refuses is no failure here: the relay has its own schedule for that."""
    outcomes: Counter[str] = Counter()
    ended: list[str] = []

    def remaining() -> float:
        return context.get_remaining_time_in_millis() / 1000

    def handle(record: Record) -> None:
        item = json.loads(record["body"])
        if item["kind"] == "desk":
            ended.append(helpdesks.act_on_desk()(Envelope.from_json(record["body"]), attempt(record)))
            outcomes["desk_webhooks"] += 1
            return
        work = from_json(item)
        if isinstance(work, Sweep):
            outcomes["woken"] += relay.sweep_subscription()(work)
            return
        forwarded = relay.forward()(work, remaining)
        outcomes["told"] += forwarded.told
        ended.append(forwarded.ended)

    response = process_fifo(
        event, SERVICE, environment.setting("FORWARD_QUEUE_URL"), environment.setting("FORWARD_ASIDE_URL"), handle
    )
    conclude(SERVICE, outcomes, failed=len(response["batchItemFailures"]), ended=",".join(ended) or None)
    return response
