"""The media queue: files of messages are fetched from the provider before they expire there, and kept in our bucket;
those of a message that was taken back are deleted."""

from __future__ import annotations

import json
from typing import Any

from functions.batches import BatchResponse, Record, attempt, process
from functions.bootstrap import channels, environment
from functions.telemetry import conclude

SERVICE = "media"
TRIES = 5
"""As many as the queue delivers a message before it sets it aside (template.yaml)."""


def handler(event: dict[str, Any], context: object) -> BatchResponse:
    """Events of messages with files in, the ones to be tried again out."""
    settled = 0

    def handle(record: Record) -> None:
        nonlocal settled
        message = json.loads(record["body"])
        if message["type"] == "message.deleted":
            settled += channels.erase_media()(message["subject"], message["data"].get("media_ids", ()))
            return
        final = attempt(record) >= TRIES
        settled += len(channels.fetch_media()(message["subject"], message["sequence"], final=final))

    response = process(event, SERVICE, environment.setting("MEDIA_QUEUE_URL"), handle)
    conclude(SERVICE, {"media_settled": settled}, failed=len(response["batchItemFailures"]))
    return response
