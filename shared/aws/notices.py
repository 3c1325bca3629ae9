"""What there is to know of channel accounts that belongs to no conversation, in DynamoDB, for 30 days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient
from shared.model.inbound import AccountNotice

if TYPE_CHECKING:
    from shared.model.answers import Notice

KEEP_SECONDS = 30 * 86400


class DynamoNotices:
    """Implements shared.core.storage.Notices."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def record(self, channel: str, account: str, notice: AccountNotice) -> None:
        key = keys.account_notice(channel, account, notice.occurred_at, notice.provider_id)
        data = json.dumps(notice.data, ensure_ascii=False)
        values = {"name": notice.name, "data": data, "ttl": int(notice.occurred_at) + KEEP_SECONDS}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": {**key, **encode_item(values)}})

    def of(self, channel: str, account: str, before: str | None, limit: int) -> tuple[list[Notice], str | None]:
        """The notices of an account, the latest first, and the cursor of the next page."""
        first = keys.NOTICE_PREFIX
        request = {
            "TableName": self._table,
            # BETWEEN takes both ends in: one more is asked for, and the one that was given before is left out.
            "KeyConditionExpression": "PK = :account AND SK BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":account": {"S": keys.account_partition(channel, account)},
                ":first": {"S": first},
                ":last": {"S": before if before is not None and before.startswith(first) else f"{first}~"},
            },
            "ScanIndexForward": False,
            "Limit": limit + 2,
        }
        items = self._client.call("dynamodb", "Query", request)["Items"]
        following = [item for item in items if item["SK"]["S"] != before]
        page = following[:limit]
        return [_read(item) for item in page], page[-1]["SK"]["S"] if len(following) > limit else None


def _read(item: dict[str, Any]) -> Notice:
    from shared.model.answers import Notice  # writers, whose start is counted, have no use for it

    values = decode_item(item)
    at = values["SK"].removeprefix(keys.NOTICE_PREFIX).partition("#")[0]
    return Notice(name=values["name"], at=at, data=json.loads(values["data"]))
