"""The index ``due``: what somebody has to look at, a partition at a time, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.aws import keys

if TYPE_CHECKING:
    from shared.aws.client import AwsClient


def due_page(
    client: AwsClient, table: str, partition: str, after: str | None, limit: int
) -> tuple[list[str], str | None]:
    """Up to ``limit`` names of a partition, after one of them, and the cursor of the next page. One call."""
    values = {":partition": {"S": partition}}
    condition = "GSI2PK = :partition"
    if after is not None:
        values[":after"] = {"S": after}
        condition += " AND GSI2SK > :after"
    request = {
        "TableName": table,
        "IndexName": keys.DUE_INDEX,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
        "Limit": limit + 1,
    }
    items = client.call("dynamodb", "Query", request)["Items"]
    page = [item["GSI2SK"]["S"] for item in items[:limit]]
    return page, page[-1] if len(items) > limit else None
