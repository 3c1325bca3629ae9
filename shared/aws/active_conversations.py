"""Which conversations were written to since a time, from the index ``inbox``: no write was added for it."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING

from shared.aws import keys
from shared.aws.conversation_log import STATUSES

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from shared.aws.conversation_log import DynamoConversationLog


class DynamoActiveConversations:
    """Implements shared.core.relay.storage.ActiveConversations. Four calls for a page: the index by each status, and
    the heads.

    The index knows minutes: conversations of the minute that ``at`` is in may have been written to just before it.
    """

    def __init__(self, client: AwsClient, table: str, log: DynamoConversationLog) -> None:
        self._client = client
        self._table = table
        self._log = log

    def since(self, at: float, position: str | None, limit: int) -> tuple[list[tuple[str, int]], str | None]:
        found = [self._of(status, at, position, limit + 1) for status in STATUSES]
        # One that changes its status may be in two lists for a moment.
        places = list(dict.fromkeys(merge(*found)))
        page = [place.partition("#")[2] for place in places[:limit]]
        sequences = {head.conversation_id: head.sequence for head in self._log.heads(page)}
        active = [(each, sequences[each]) for each in dict.fromkeys(page) if each in sequences]
        return active, places[limit - 1] if len(places) > limit else None

    def _of(self, status: str, at: float, position: str | None, limit: int) -> list[str]:
        """Places in the index, ``<minute>#<conversation>``, in order."""
        request = {
            "TableName": self._table,
            "IndexName": keys.INBOX_INDEX,
            "KeyConditionExpression": f"GSI1PK = :status AND GSI1SK {'>=' if position is None else '>'} :from",
            "ExpressionAttributeValues": {
                ":status": {"S": keys.inbox_partition(status)},
                ":from": {"S": keys.inbox_minute(at) if position is None else position},
            },
            "Limit": limit,
        }
        items = self._client.call("dynamodb", "Query", request)["Items"]
        return [item["GSI1SK"]["S"] for item in items]
