"""The table's stream: every new entry, receipt and media state goes to the event topic, in order per conversation."""

from __future__ import annotations

from typing import Any

from functions import bootstrap
from functions.telemetry import conclude
from shared.aws.stream_records import publications
from shared.errors import InfrastructureError

SERVICE = "publish"


def handler(event: dict[str, Any], context: object) -> None:
    """A batch of stream records in. Raises when anything was not published: the batch comes again, and the topic
    drops what it has already taken, because every event keeps its id."""
    source = bootstrap.setting("EVENT_SOURCE")
    found = [each for record in event["Records"] for each in publications(record, source)]
    refused = bootstrap.event_stream().publish(found) if found else set()
    conclude(SERVICE, {"published": len(found) - len(refused)}, refused=len(refused))
    if refused:
        raise InfrastructureError(f"{len(refused)} events were not published")
