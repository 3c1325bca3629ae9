"""Time that has passed for one conversation: what the table keeps of it is put back, and the watch is called."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from shared.aws import keys
from shared.aws.head_items import head_item, read_head
from tests.e2e.outside import Outside, eventually

TICK = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


class Elapsed:
    """``seconds`` are how long ago everything in a conversation is to have happened."""

    def __init__(self, outside: Outside, conversation_id: str, seconds: float) -> None:
        self._dynamodb = outside.aws("dynamodb")
        self._functions = outside.aws("lambda")
        self._table: str = outside.local["table"]
        self._conversation_id = conversation_id
        self._seconds = seconds

    def windows(self) -> None:
        """The send windows were opened that long ago, and somebody has to look at the conversation now."""
        eventually(self._put_windows_back)

    def message(self, sequence: int) -> None:
        """A message was accepted that long ago."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=keys.entry(self._conversation_id, sequence),
            UpdateExpression="SET #at = #at - :seconds",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":seconds": {"N": str(self._seconds)}},
        )

    def tick(self) -> None:
        """What the schedule does every five minutes."""
        self._watch(TICK)

    def remind(self, sequence: int) -> None:
        """What the queue of timers does when the time of a message has come."""
        body = json.dumps({"subject": self._conversation_id, "sequence": sequence})
        record = {
            "messageId": "reminder",
            "receiptHandle": "reminder",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(time.time() * 1000))},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:eu-central-1:000000000000:{self._table}-timers",
        }
        assert self._watch({"Records": [record]}) == {"batchItemFailures": []}

    def _watch(self, event: dict[str, Any]) -> Any:
        answer = self._functions.invoke(FunctionName=f"{self._table}-watch", Payload=json.dumps(event).encode())
        payload = answer["Payload"].read()
        assert "FunctionError" not in answer, payload
        return json.loads(payload)

    def _put_windows_back(self) -> bool:
        """False when somebody wrote to the conversation in between."""
        key = keys.head(self._conversation_id)
        head = read_head(self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)["Item"])
        routes = {
            name: replace(
                route,
                windows={
                    opens: replace(window, opened_at=window.opened_at - self._seconds)
                    for opens, window in route.windows.items()
                },
            )
            for name, route in head.routes.items()
        }
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=head_item(replace(head, routes=routes, due_at=time.time())),
                ConditionExpression="#sequence = :sequence",
                ExpressionAttributeNames={"#sequence": "sequence"},
                ExpressionAttributeValues={":sequence": {"N": str(head.sequence)}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True
