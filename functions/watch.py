"""What time brings: send windows that are about to shut and controllers that are gone (on a schedule), and messages
that stay unread, and what the relay has put off (the queue of timers)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from functions.attention import look_round
from functions.batches import BatchResponse, Record, process
from functions.bootstrap import conversations, environment, relay
from functions.telemetry import conclude, logger
from shared.aws.relay_queue import is_timed

SERVICE = "watch"


def handler(event: dict[str, Any], context: object) -> BatchResponse | None:
    """Events of messages with a timer in, the ones to be looked at again out; or a tick of the schedule."""
    if "Records" in event:
        return _timers(event)
    _sweep()
    look_round(SERVICE, environment.setting("DEAD_LETTER_QUEUES").split(","))
    return None


def _timers(event: dict[str, Any]) -> BatchResponse:
    outcomes: Counter[str] = Counter()

    def handle(record: Record) -> None:
        message = json.loads(record["body"])
        if is_timed(message):
            relay.release_due()(message)
            outcomes["relay_resumed"] += 1
            return
        outcome = conversations.follow_unread()(message["subject"], message["sequence"])
        outcomes["unread_sent_on" if outcome == "sent_on" else "unread_settled"] += 1

    response = process(event, SERVICE, environment.setting("TIMERS_QUEUE_URL"), handle)
    conclude(SERVICE, outcomes, again=len(response["batchItemFailures"]))
    return response


def _sweep() -> None:
    """One conversation that fails does not stop the others: the next sweep comes to it again."""
    outcomes: Counter[str] = Counter()
    watch, end_lease = conversations.window_watch(), conversations.end_lease()
    for conversation_id in watch.due():
        try:
            if end_lease(conversation_id):
                outcomes["control_lost"] += 1
            outcomes["windows_announced"] += watch(conversation_id)
        except Exception as error:
            outcomes["failed"] += 1
            logger(SERVICE).warning("conversation failed", error=type(error).__name__)
    conclude(SERVICE, outcomes)
