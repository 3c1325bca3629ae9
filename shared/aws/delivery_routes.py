"""Messages that go on to another route, in DynamoDB: every step is one conditional write, and none goes back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared.aws.attributes import encode_item
from shared.aws.client import ConditionFailed
from shared.aws.delivery_items import STATUS_NAMES, DeliveryItems, on_route
from shared.aws.head_items import read_delivery
from shared.core.delivery_state import UNREAD, DeliveryState, Reached
from shared.model.message import STATUS_RANK


class DeliveryRoutes(DeliveryItems):
    """The part of shared.core.storage.Deliveries that moves a message from route to route."""

    def leave(self, conversation_id: str, sequence: int, message_id: str, route: int, leaving: dict[str, Any]) -> bool:
        values: dict[str, Any] = {":leaving": {**leaving, "at": self._clock()}, ":message": message_id}
        expression = "SET leaving = :leaving, message_id = :message"
        return self._changed(conversation_id, sequence, expression, values, condition=on_route(route, values))

    def stay(self, conversation_id: str, sequence: int, route: int) -> bool:
        values: dict[str, Any] = {":here": route}
        condition = f"{on_route(route, values)} AND attribute_exists(leaving)"
        return self._changed(
            conversation_id, sequence, "SET wanted = :here REMOVE leaving", values, condition=condition
        )

    def want_next(
        self,
        conversation_id: str,
        sequence: int,
        message_id: str,
        route: int,
        reason: str,
        *,
        error: dict[str, Any] | None = None,
    ) -> bool:
        leaving = {"reason": reason, "at": self._clock(), **({} if error is None else {"error": error})}
        # What has been delivered has not failed; what has been read is not unread.
        limit = STATUS_RANK["read" if reason == UNREAD else "failed"]
        values: dict[str, Any] = {":next": route + 1, ":leaving": leaving, ":message": message_id, ":limit": limit}
        names = {"#rank": "rank"}
        condition = (
            f"{on_route(route, values)} AND attribute_not_exists(leaving) AND attribute_not_exists(ended) "
            "AND (attribute_not_exists(#rank) OR #rank < :limit)"
        )
        expression = "SET wanted = :next, leaving = :leaving, message_id = :message"
        return self._changed(conversation_id, sequence, expression, values, condition=condition, names=names)

    def turn(
        self,
        conversation_id: str,
        sequence: int,
        *,
        before: DeliveryState,
        route: int,
        attempts: tuple[dict[str, Any], ...],
        taken: dict[str, Any] | None,
    ) -> bool:
        sets = [
            *("route = :to", "wanted = :to", "attempts = list_append(if_not_exists(attempts, :nothing), :attempts)"),
            *("#status = :queued", "#rank = :zero", "started = :zero", "done = :zero", "tries = :zero"),
        ]
        values: dict[str, Any] = {":to": route, ":attempts": list(attempts), ":nothing": [], ":queued": "queued"}
        values[":zero"] = 0
        if taken is None:
            sets.append("ended = :ended")
            values[":ended"] = True
        else:
            sets.append("taken = :taken")
            values[":taken"] = taken
        if before.rank:
            sets.append("earlier = :earlier")
            values[":earlier"] = asdict(Reached(before.status, before.rank, before.at))
        # A receipt that came since it was read would be lost with the states that are put together here.
        condition = f"{on_route(before.route, values)} AND attribute_not_exists(ended) AND {_as_read(before, values)}"
        expression = f"SET {', '.join(sets)} REMOVE leaving, #error"
        names = {name: STATUS_NAMES[name] for name in ("#status", "#rank", "#error")}
        return self._changed(conversation_id, sequence, expression, values, condition=condition, names=names)

    def _raise_earlier(self, item: dict[str, Any], route: int, reached: Reached) -> bool:
        """Notes how far a route came that the message has left, if it came further than any other of those.

        ``item`` is the state; nothing happens when ``route`` is not behind it, or when the route failed: that it has
        been left says as much.
        """
        state = read_delivery(item)
        if reached.status == "failed" or state.route <= route:
            return False
        request = {
            "TableName": self._table,
            "Key": {"PK": item["PK"], "SK": item["SK"]},
            "UpdateExpression": "SET earlier = :earlier",
            "ConditionExpression": "attribute_not_exists(earlier) OR earlier.#rank < :rank",
            "ExpressionAttributeNames": {"#rank": "rank"},
            "ExpressionAttributeValues": encode_item({":earlier": asdict(reached), ":rank": reached.rank}),
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed:
            return False
        return reached.rank > state.rank

    def _changed(
        self,
        conversation_id: str,
        sequence: int,
        expression: str,
        values: dict[str, Any],
        *,
        condition: str,
        names: dict[str, str] | None = None,
    ) -> bool:
        try:
            self._update(conversation_id, sequence, expression, values, condition=condition, names=names)
        except ConditionFailed:
            return False
        return True


def _as_read(state: DeliveryState, values: dict[str, Any]) -> str:
    """The condition that nothing was added to a state since it was read; it compares the names in STATUS_NAMES."""
    values[":was"] = STATUS_RANK[state.status_here]
    unchanged = "#rank = :was" if values[":was"] else "(attribute_not_exists(#rank) OR #rank = :was)"
    if state.earlier is None:
        return f"{unchanged} AND attribute_not_exists(earlier)"
    values[":earlier_was"] = state.earlier.rank
    return f"{unchanged} AND earlier.#rank = :earlier_was"
