"""SNS: publishing events in batches, over the Query protocol (the only one SNS speaks).

Limits (Amazon SNS API reference, "PublishBatch"): 10 messages and 256 KiB in a batch; attributes count as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from shared.aws.batches import batches
from shared.aws.errors import AwsError

if TYPE_CHECKING:
    from shared.aws.client import AwsClient

BATCH_ENTRIES = 10
BATCH_BYTES = 262_144


class TopicEntry(NamedTuple):
    """A message of a batch. ``id`` is the caller's own and unique in the batch.

    ``attributes`` are what subscriptions filter by: text, or a list of texts (String.Array).
    """

    id: str
    body: str
    group_id: str | None = None
    dedup_id: str | None = None
    attributes: Mapping[str, str | list[str]] | None = None


class _Attribute(NamedTuple):
    name: str
    data_type: str
    value: str


class Topics:
    """Publishes to SNS topics, named by their ARN."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def publish_batch(self, topic_arn: str, entries: Sequence[TopicEntry]) -> list[str]:
        """Publishes messages in order, ten to a call; returns the ids of those that SNS did not take.

        Raises AwsError when a call fails as a whole; earlier calls may have succeeded, which dedup ids make harmless.
        """
        failed: list[str] = []
        for batch in batches(entries, _size, maximum_entries=BATCH_ENTRIES, maximum_bytes=BATCH_BYTES):
            form = {"Action": "PublishBatch", "Version": "2010-03-31", "TopicArn": topic_arn}
            for position, entry in enumerate(batch):
                form.update(_fields(f"PublishBatchRequestEntries.member.{position + 1}", str(position), entry))
            answer = self._client.request(
                "sns",
                "POST",
                "/",
                headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
                body=urlencode(form).encode("ascii"),
                operation="PublishBatch",
            )
            taken = _successful(answer.body)
            failed.extend(entry.id for position, entry in enumerate(batch) if str(position) not in taken)
        return failed


def _fields(prefix: str, position: str, entry: TopicEntry) -> dict[str, str]:
    fields = {f"{prefix}.Id": position, f"{prefix}.Message": entry.body}
    if entry.group_id is not None:
        fields[f"{prefix}.MessageGroupId"] = entry.group_id
    if entry.dedup_id is not None:
        fields[f"{prefix}.MessageDeduplicationId"] = entry.dedup_id
    for number, attribute in enumerate(_attributes(entry), start=1):
        place = f"{prefix}.MessageAttributes.entry.{number}"
        fields[f"{place}.Name"] = attribute.name
        fields[f"{place}.Value.DataType"] = attribute.data_type
        fields[f"{place}.Value.StringValue"] = attribute.value
    return fields


def _attributes(entry: TopicEntry) -> list[_Attribute]:
    return [
        _Attribute(name, "String", value)
        if isinstance(value, str)
        else _Attribute(name, "String.Array", json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        for name, value in (entry.attributes or {}).items()
    ]


def _size(entry: TopicEntry) -> int:
    return len(entry.body.encode()) + sum(len("".join(attribute).encode()) for attribute in _attributes(entry))


def _successful(document: bytes) -> set[str]:
    """The ids under <Successful> of a PublishBatch answer; an id that is not listed there was not published."""
    from xml.parsers import expat

    path: list[str] = []
    ids: set[str] = set()

    def start(name: str, attributes: dict[str, Any]) -> None:
        path.append(name)

    def end(name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if path[-3:] == ["Successful", "member", "Id"]:
            ids.add(data)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        raise AwsError("MalformedAnswer", "sns PublishBatch did not answer with XML", 200) from None
    return ids
