"""Frames to open WebSocket connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.aws.client import AwsClient, AwsError, Credentials
from shared.aws.sockets import ConnectionGone, ConnectionPoster

if TYPE_CHECKING:
    from tests.unit.aws.conftest import ScriptedServer

CONNECTION = "R0oXAdfD0kwCH6w="


@pytest.fixture
def poster(server: ScriptedServer) -> ConnectionPoster:
    client = AwsClient("eu-west-1", Credentials("AKID", "secret"), "http://127.0.0.1:1")
    return ConnectionPoster(client, f"{server.url}/prod")


def test_a_frame_is_posted_to_the_stage_of_the_api(poster: ConnectionPoster, server: ScriptedServer) -> None:
    poster.post(CONNECTION, b'{"type":"typing"}')

    [request] = server.received
    assert (request.method, request.target) == ("POST", "/prod/@connections/R0oXAdfD0kwCH6w%3D")
    assert request.body == b'{"type":"typing"}'
    assert "/eu-west-1/execute-api/aws4_request" in request.headers["authorization"]


def test_a_slash_in_a_connection_id_does_not_part_the_path(poster: ConnectionPoster, server: ScriptedServer) -> None:
    poster.post("a/b+c=", b"frame")

    assert server.received[0].target == "/prod/@connections/a%2Fb%2Bc%3D"


def test_a_connection_is_closed(poster: ConnectionPoster, server: ScriptedServer) -> None:
    server.answer(204, b"")

    poster.delete(CONNECTION)

    assert server.received[0].method == "DELETE"
    assert server.received[0].target == "/prod/@connections/R0oXAdfD0kwCH6w%3D"


@pytest.mark.parametrize("headers", [{"x-amzn-ErrorType": "GoneException"}, {}])
def test_a_closed_connection_is_gone(poster: ConnectionPoster, server: ScriptedServer, headers: dict[str, str]) -> None:
    server.answer(410, b"", headers)

    with pytest.raises(ConnectionGone) as raised:
        poster.post(CONNECTION, b"frame")

    assert isinstance(raised.value, AwsError)
    assert len(server.received) == 1


def test_another_refusal_is_not_taken_for_a_closed_connection(poster: ConnectionPoster, server: ScriptedServer) -> None:
    server.answer(403, b'{"message": "no"}', {"x-amzn-ErrorType": "ForbiddenException"})

    with pytest.raises(AwsError, match="ForbiddenException: no") as raised:
        poster.post(CONNECTION, b"frame")

    assert not isinstance(raised.value, ConnectionGone)
