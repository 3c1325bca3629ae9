"""The media of a message in DynamoDB: where each comes from, how far each is, and the key of its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.errors import InfrastructureError
from shared.model.media import Media

if TYPE_CHECKING:
    from shared.core.media import MediaOrigin
    from shared.core.records import Entry
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock


class DynamoMediaEntries:
    """Implements shared.core.media.MediaEntries."""

    def __init__(self, client: AwsClient, table: str, log: ConversationLog, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._log = log
        self._clock = clock

    def media_sources(self, conversation_id: str, sequence: int) -> tuple[str, str, Sequence[MediaOrigin]]:
        entry = self._entry(conversation_id, sequence)
        if entry.channel is None or entry.account is None:
            raise InfrastructureError(f"entry {sequence} of {conversation_id} came in on no channel")
        declared = _declared_types(entry)
        sources = [
            (name, reference, declared.get(name))
            for name, reference in entry.media_sources.items()
            if name not in entry.media
        ]
        return entry.channel, entry.account, sources

    def record_media(self, conversation_id: str, sequence: int, media: Media, key: str | None) -> bool:
        values: dict[str, Any] = {**msgspec.to_builtins(media), "at": self._clock()}
        values["state"] = media.state
        if key is not None:
            values["key"] = key
        item = {**keys.media(conversation_id, sequence, values.pop("media_id")), **encode_item(values)}
        request = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}
        try:
            self._client.call("dynamodb", "PutItem", request)
        except ConditionFailed:
            return False
        return True

    def _entry(self, conversation_id: str, sequence: int) -> Entry:
        entry = self._log.entry(conversation_id, sequence)
        if entry is None:
            raise InfrastructureError(f"there is no entry {sequence} in {conversation_id}")
        return entry


def _declared_types(entry: Entry) -> dict[str, str]:
    """What the sender said each file is, by media id, from anywhere inside the message's parts."""
    found: dict[str, str] = {}

    def visit(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("media_id"), str) and isinstance(value.get("declared_mime_type"), str):
                found[value["media_id"]] = value["declared_mime_type"]
            for inner in value.values():
                visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    visit(entry.data)
    return found
