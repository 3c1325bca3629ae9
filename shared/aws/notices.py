"""What providers say about our accounts, in DynamoDB, for 30 days."""

from __future__ import annotations

import json

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient
from shared.model.inbound import AccountNotice

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
