"""Pushing to the open sockets of an identity: who gets the frame, and which connections are forgotten."""

from __future__ import annotations

import pytest

from shared.aws.connections import OPENING_SECONDS, ConnectedSockets, DynamoConnections
from shared.aws.sockets import ConnectionGone, ConnectionPoster

NOW = 1_700_000_000.0


class Connections(DynamoConnections):
    """Connections of one identity, in memory: id and age in seconds."""

    def __init__(self, ages: dict[str, float]) -> None:
        self.ages = ages
        self.forgotten: list[str] = []

    def of(self, identity_id: str) -> list[tuple[str, float]]:
        return [(connection_id, NOW - age) for connection_id, age in self.ages.items()]

    def forget(self, identity_id: str, connection_id: str) -> None:
        self.forgotten.append(connection_id)


class Gateway(ConnectionPoster):
    """A gateway for which some connections are gone."""

    def __init__(self, gone: set[str]) -> None:
        self.gone = gone
        self.posted: list[str] = []

    def post(self, connection_id: str, data: bytes) -> None:
        if connection_id in self.gone:
            raise ConnectionGone("GoneException", "", 410)
        self.posted.append(connection_id)


def test_every_open_connection_gets_the_frame_and_a_stale_one_is_forgotten() -> None:
    # given two open connections, and one that was left without a word
    connections = Connections({"a=": 60, "stale=": OPENING_SECONDS + 1, "b=": 5})
    gateway = Gateway({"stale="})
    # when
    taken = ConnectedSockets(connections, gateway, lambda: NOW).push("idn_1", b"{}")
    # then
    assert (taken, gateway.posted, connections.forgotten) == (2, ["a=", "b="], ["stale="])


@pytest.mark.parametrize("age", [0, 1, OPENING_SECONDS])
def test_a_connection_that_is_still_being_opened_is_kept(age: float) -> None:
    connections = Connections({"new=": age})
    taken = ConnectedSockets(connections, Gateway({"new="}), lambda: NOW).push("idn_1", b"{}")
    assert (taken, connections.forgotten) == (0, [])
