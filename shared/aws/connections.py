"""Open web-chat connections: found by connection when a frame arrives, by identity when there is something to push."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, Throttled
from shared.aws.sockets import ConnectionGone, ConnectionPoster
from shared.core.chat.ports import Connection

if TYPE_CHECKING:
    from shared.ports.clock import Clock

BATCH_TRIES = 4
OPENING_SECONDS = 30.0
"""A connection is noted before the gateway has opened it; for so long, "gone" may mean "not open yet"."""


class DynamoConnections:
    """Implements shared.core.chat.ports.Connections: an item by connection, and one beside the identity."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def add(self, connection: Connection) -> None:
        values = {
            "identity_id": connection.identity_id,
            "account": connection.account,
            "external_id": connection.external_id,
            "verification": connection.verification,
            "connected_at": connection.connected_at,
            "ttl": int(connection.expires_at),
        }
        personal = {"name": connection.name, "email": connection.email}
        values |= {name: value for name, value in personal.items() if value is not None}
        if connection.claims:
            values["claims"] = connection.claims
        item = encode_item(values)
        by_connection = {**keys.connection(connection.connection_id), **item}
        by_identity = {
            **keys.identity_connection(connection.identity_id, connection.connection_id),
            **encode_item({"ttl": values["ttl"], "connected_at": connection.connected_at}),
        }
        # The rows go by themselves when API Gateway would close the connection anyway: a lost $disconnect leaves
        # nothing behind.
        writes = [{"PutRequest": {"Item": each}} for each in (by_connection, by_identity)]
        self._batch(writes)

    def remove(self, connection_id: str) -> None:
        connection = self.find(connection_id)
        if connection is not None:
            self.forget(connection.identity_id, connection_id)

    def forget(self, identity_id: str, connection_id: str) -> None:
        """Removes a connection whose identity is known."""
        found = (keys.connection(connection_id), keys.identity_connection(identity_id, connection_id))
        self._batch([{"DeleteRequest": {"Key": key}} for key in found])

    def find(self, connection_id: str) -> Connection | None:
        request = {"TableName": self._table, "Key": keys.connection(connection_id), "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        if item is None:
            return None
        values = decode_item(item)
        if values["ttl"] < self._clock():
            return None
        return Connection(
            connection_id=connection_id,
            identity_id=values["identity_id"],
            account=values["account"],
            external_id=values["external_id"],
            verification=values["verification"],
            name=values.get("name"),
            email=values.get("email"),
            claims=values.get("claims", {}),
            connected_at=values["connected_at"],
            expires_at=float(values["ttl"]),
        )

    def of(self, identity_id: str) -> list[tuple[str, float]]:
        """An identity's connections: id, and when it was opened. Expired ones are among them until they are swept."""
        request = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :prefix)",
            "ExpressionAttributeValues": {":pk": {"S": keys.identity_partition(identity_id)}, ":prefix": {"S": "WS#"}},
            "ConsistentRead": True,
        }
        items = self._client.call("dynamodb", "Query", request)["Items"]
        return [(item["SK"]["S"].removeprefix("WS#"), float(item["connected_at"]["N"])) for item in items]

    def _batch(self, writes: list[dict[str, Any]]) -> None:
        pending = {self._table: writes}
        for _ in range(BATCH_TRIES):
            answer = self._client.call("dynamodb", "BatchWriteItem", {"RequestItems": pending})
            pending = answer.get("UnprocessedItems", {})
            if not pending:
                return
        raise Throttled("UnprocessedItems", "DynamoDB did not take all of a batch", 503)


class ConnectedSockets:
    """Implements shared.ports.context.Sockets: a frame to every connection of an identity, and the stale ones removed
    on the way."""

    def __init__(self, connections: DynamoConnections, poster: ConnectionPoster, clock: Clock) -> None:
        self._connections = connections
        self._poster = poster
        self._clock = clock

    def push(self, identity_id: str, frame: bytes) -> int:
        taken = 0
        for connection_id, connected_at in self._connections.of(identity_id):
            try:
                self._poster.post(connection_id, frame)
            except ConnectionGone:
                # One that is still being opened is "gone" too. It stays: its browser asks for what it has missed.
                if self._clock() - connected_at > OPENING_SECONDS:
                    self._connections.forget(identity_id, connection_id)
            else:
                taken += 1
        return taken
