"""DynamoDB stream records of the table, as publications: entries, receipts and media states, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item
from shared.aws.head_items import read_delivery, read_entry
from shared.core.publishing import Publication, entry_event, media_event, publication, status_event
from shared.core.records import Entry, Located

if TYPE_CHECKING:
    from shared.model.event import Event

_NOT_MEDIA = frozenset({"PK", "SK", "at", "key"})


def publications(record: dict[str, Any], source: str) -> list[Publication]:
    """What a stream record (of one changed item) has to say to the stream: one publication, or none.

    Expiry by TTL and heads say nothing; an attempt that has been begun is nobody's business but the sender's.
    """
    change = record["dynamodb"]
    sort = change["Keys"]["SK"]["S"]
    if not sort.startswith(keys.ENTRY_PREFIX) or record["eventName"] == "REMOVE":
        return []
    if len(sort) == 14:
        if record["eventName"] != "INSERT":
            return []
        entry = read_entry(change["NewImage"])
        return [_of_entry(entry, source)]
    conversation_id = change["Keys"]["PK"]["S"].removeprefix("C#")
    sequence = int(sort[2:14])
    if sort.endswith("#S"):
        return _of_delivery(conversation_id, sequence, change, source)
    return _of_media(conversation_id, sequence, sort[17:], change, source)


def _of_entry(entry: Entry, source: str) -> Publication:
    return publication(entry_event(entry, source), channel=entry.channel, origin=entry.origin, tasks=entry.tasks)


def _of_delivery(conversation_id: str, sequence: int, change: dict[str, Any], source: str) -> list[Publication]:
    before = read_delivery(change["OldImage"]) if "OldImage" in change else None
    message = Located(conversation_id, sequence, decode_item(change["NewImage"]).get("message_id"))
    told = status_event(message, before, read_delivery(change["NewImage"]), source)
    if told is None:
        return []
    event, tasks = told
    return [publication(event, channel=None, origin=None, tasks=tasks)]


def _of_media(
    conversation_id: str, sequence: int, media_id: str, change: dict[str, Any], source: str
) -> list[Publication]:
    values = decode_item(change["NewImage"])
    media = {name: value for name, value in values.items() if name not in _NOT_MEDIA}
    return [
        _plain(
            media_event(
                conversation_id=conversation_id,
                sequence=sequence,
                media_id=media_id,
                media=media,
                at=values["at"],
                source=source,
            )
        )
    ]


def _plain(event: Event) -> Publication:
    return publication(event, channel=None, origin=None, tasks=())
