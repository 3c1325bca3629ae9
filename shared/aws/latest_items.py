"""Items of a partition whose keys begin with the same and go on with a time: the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.aws.client import AwsClient


def latest_items(
    client: AwsClient, table: str, partition: str, *, prefix: str, before: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Up to ``limit`` items before one of them, given by its sort key, and the cursor of the next page. One call."""
    request = {
        "TableName": table,
        # BETWEEN takes both ends in: one more is asked for, and the one that was given before is left out.
        "KeyConditionExpression": "PK = :partition AND SK BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":partition": {"S": partition},
            ":first": {"S": prefix},
            ":last": {"S": before if before is not None and before.startswith(prefix) else f"{prefix}~"},
        },
        "ScanIndexForward": False,
        "Limit": limit + 2,
    }
    items = client.call("dynamodb", "Query", request)["Items"]
    following = [item for item in items if item["SK"]["S"] != before]
    page = following[:limit]
    return page, page[-1]["SK"]["S"] if len(following) > limit else None
