"""What there is to know of channel accounts that belongs to no conversation, in DynamoDB, for 30 days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient
from shared.aws.latest_items import latest_items
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
        items, following = latest_items(
            self._client,
            self._table,
            keys.account_partition(channel, account),
            prefix=keys.NOTICE_PREFIX,
            before=before,
            limit=limit,
        )
        return [_read(item) for item in items], following


def _read(item: dict[str, Any]) -> Notice:
    from shared.model.answers import Notice  # writers, whose start is counted, have no use for it

    values = decode_item(item)
    at = values["SK"].removeprefix(keys.NOTICE_PREFIX).partition("#")[0]
    return Notice(name=values["name"], at=at, data=json.loads(values["data"]))
