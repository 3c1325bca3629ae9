"""The table's stream, read as Lambda would read it."""

from __future__ import annotations

import json
from typing import Any

from tests.support.stores import Store

_PREFIX = "DynamoDBStreams_20120810"


def stream_records(store: Store) -> list[dict[str, Any]]:
    """Every change of the table so far, in order, in the form of a Lambda event's ``Records``."""
    described = store.client.call("dynamodb", "DescribeTable", {"TableName": store.table})
    stream = {"StreamArn": described["Table"]["LatestStreamArn"]}
    shards = _call(store, "DescribeStream", stream)["StreamDescription"]["Shards"]
    records: list[dict[str, Any]] = []
    for shard in shards:
        start = {**stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = _call(store, "GetShardIterator", start)["ShardIterator"]
        while iterator:
            page = _call(store, "GetRecords", {"ShardIterator": iterator, "Limit": 1000})
            records += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return records


def _call(store: Store, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"{_PREFIX}.{operation}"}
    answer = store.client.request("dynamodb", "POST", "/", headers=headers, body=json.dumps(payload).encode())
    found: dict[str, Any] = json.loads(answer.body)
    return found
