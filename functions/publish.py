"""The table's stream: every new entry, receipt and media state goes to the event topic, in order per conversation; and
whoever subscribed to it is woken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.bootstrap import environment, relay
from functions.telemetry import conclude
from shared.aws.stream_records import publications
from shared.core.relay.waking import wake_ups
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from shared.core.publishing import Publication

SERVICE = "publish"


def handler(event: dict[str, Any], context: object) -> None:
    """A batch of stream records in. Raises when anything was not published, or anybody not woken: the batch comes
    again, and topic and queue drop what they have already taken, because it keeps its id."""
    source = environment.setting("EVENT_SOURCE")
    found = [each for record in event["Records"] for each in publications(record, source)]
    refused = relay.event_stream().publish(found) if found else set()
    asleep = _wake(found) if found else 0
    conclude(SERVICE, {"published": len(found) - len(refused)}, refused=len(refused), asleep=asleep)
    if refused or asleep:
        raise InfrastructureError(f"{len(refused)} events were not published, {asleep} subscribers not woken")


def _wake(found: list[Publication]) -> int:
    """Puts in one wake-up for each subscription and conversation; how many were not taken."""
    items = wake_ups(found, relay.recent_subscriptions().all())
    return len(relay.wake_up_queue().put(items)) if items else 0
