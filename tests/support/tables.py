"""The table as the stack declares it: keys, the inbox index, the stream."""

from __future__ import annotations

from typing import Any

from shared.aws.client import AwsClient
from shared.aws.errors import AwsError
from shared.aws.keys import DUE_INDEX, INBOX_INDEX

KEY_ATTRIBUTES = ("PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK")


def create_table(client: AwsClient, name: str, *, stream: bool = True) -> None:
    """Makes the table and turns expiry on. Both engines have it ready at once.

    Without the ``stream`` where nobody reads it: on DynamoDB Local every transaction takes longer the more it holds.
    """
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in KEY_ATTRIBUTES],
        "KeySchema": _key_schema("PK", "SK"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": name,
                "KeySchema": _key_schema(*key),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for name, key in ((INBOX_INDEX, ("GSI1PK", "GSI1SK")), (DUE_INDEX, ("GSI2PK", "GSI2SK")))
        ],
    }
    if stream:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    try:
        client.call("dynamodb", "CreateTable", request)
    except AwsError as error:
        # Made by an earlier try whose answer was too slow: the name is nobody else's.
        if error.code != "ResourceInUseException":
            raise
    expiry = {"AttributeName": "ttl", "Enabled": True}
    client.call("dynamodb", "UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": expiry})


def delete_table(client: AwsClient, name: str) -> None:
    client.call("dynamodb", "DeleteTable", {"TableName": name})


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
