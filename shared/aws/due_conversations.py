"""Conversations that somebody has to look at, by the hour, from the index ``due``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.aws.due_index import due_page

if TYPE_CHECKING:
    from shared.aws.conversation_log import DynamoConversationLog
    from shared.core.records import Head


class DynamoDueConversations:
    """Implements shared.core.storage.DueConversations."""

    def __init__(self, client: AwsClient, table: str, log: DynamoConversationLog) -> None:
        self._client = client
        self._table = table
        self._log = log

    def due(self, hour_of: float, after: str | None, limit: int) -> tuple[list[Head], str | None]:
        page, following = due_page(self._client, self._table, keys.due_hour(hour_of), after, limit)
        return self._log.heads(page), following

    def look_again(self, head: Head, at: float) -> None:
        # The sequence stays: nothing happened that the log would have to tell. Whoever writes the next entry says anew
        # when the conversation is due.
        written = {"due": at, **{name: value["S"] for name, value in keys.due(at, head.conversation_id).items()}}
        request = {
            "TableName": self._table,
            "Key": keys.head(head.conversation_id),
            "UpdateExpression": "SET " + ", ".join(f"{name} = :{name}" for name in written),
            "ConditionExpression": "#sequence = :sequence",
            "ExpressionAttributeNames": {"#sequence": "sequence"},
            "ExpressionAttributeValues": encode_item(
                {":sequence": head.sequence, **{f":{name}": value for name, value in written.items()}}
            ),
        }
        with suppress(ConditionFailed):
            self._client.call("dynamodb", "UpdateItem", request)
