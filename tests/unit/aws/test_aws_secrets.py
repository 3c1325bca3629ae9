"""Secrets: read seldom, forgotten in time, never shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.aws.client import AwsError, NotFound
from shared.aws.secrets import KEPT_ENTRIES, Secrets
from shared.errors import ConfigurationError, UnknownAccount

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from tests.unit.aws.conftest import ScriptedServer

MISSING = b'{"__type": "ResourceNotFoundException", "Message": "not there"}'
DELETED = b'{"__type": "InvalidRequestException", "Message": "it was marked for deletion"}'


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def secrets(client: AwsClient, watch: Watch) -> Secrets:
    return Secrets(client, "onethread/", watch)


def stored(server: ScriptedServer, value: Any) -> None:
    server.answer(200, json.dumps({"SecretString": json.dumps(value)}).encode())


def asked(server: ScriptedServer) -> list[dict[str, str]]:
    return [json.loads(request.body) for request in server.received]


def test_an_account_is_read_once_in_300_seconds(secrets: Secrets, server: ScriptedServer, watch: Watch) -> None:
    stored(server, {"token": "old"})
    stored(server, {"token": "new"})

    assert secrets.account("slack", "main").current == {"token": "old"}
    watch.now += 299
    assert secrets.account("slack", "main").current == {"token": "old"}
    assert asked(server) == [{"SecretId": "onethread/slack/main", "VersionStage": "AWSCURRENT"}]

    watch.now += 1
    assert secrets.account("slack", "main").current == {"token": "new"}


def test_the_previous_version_is_read_when_asked_for_and_once(secrets: Secrets, server: ScriptedServer) -> None:
    stored(server, {"token": "new"})
    stored(server, {"token": "old"})
    account = secrets.account("slack", "main")
    assert len(server.received) == 1

    assert account.previous() == {"token": "old"}
    assert secrets.account("slack", "main").previous() == {"token": "old"}

    assert [each["VersionStage"] for each in asked(server)] == ["AWSCURRENT", "AWSPREVIOUS"]


def test_no_previous_version_is_no_error_and_is_not_asked_for_again(secrets: Secrets, server: ScriptedServer) -> None:
    stored(server, {"token": "only"})
    server.answer(400, MISSING)

    assert secrets.account("slack", "main").previous() is None
    assert secrets.account("slack", "main").previous() is None
    assert len(server.received) == 2


@pytest.mark.parametrize("answer", [MISSING, DELETED])
def test_an_unknown_account_is_asked_for_once_in_30_seconds(
    secrets: Secrets, server: ScriptedServer, watch: Watch, answer: bytes
) -> None:
    server.answer(400, answer)
    stored(server, {"token": "made meanwhile"})

    for _ in range(2):
        with pytest.raises(UnknownAccount):
            secrets.account("slack", "main")
        watch.now += 29
    assert len(server.received) == 1

    assert secrets.account("slack", "main").current == {"token": "made meanwhile"}


@pytest.mark.parametrize("account", ["", "a/b", "a b", "ä", "x" * 257, "a\n", "a?b"])
def test_a_name_that_cannot_be_stored_costs_no_call(secrets: Secrets, server: ScriptedServer, account: str) -> None:
    with pytest.raises(UnknownAccount):
        secrets.account("slack", account)

    assert server.received == []


def test_refresh_reads_again_at_most_once_in_30_seconds(secrets: Secrets, server: ScriptedServer, watch: Watch) -> None:
    for token in ("one", "two", "three"):
        stored(server, {"token": token})
    secrets.account("slack", "main")

    assert secrets.refresh("slack", "main").current == {"token": "one"}
    watch.now += 30
    assert secrets.refresh("slack", "main").current == {"token": "two"}
    watch.now += 29
    assert secrets.refresh("slack", "main").current == {"token": "two"}
    assert secrets.account("slack", "main").current == {"token": "two"}
    assert len(server.received) == 2


def test_refresh_reads_an_account_that_was_never_read(secrets: Secrets, server: ScriptedServer) -> None:
    stored(server, {"token": "one"})

    assert secrets.refresh("slack", "main").current == {"token": "one"}


def test_after_a_rotation_the_previous_version_is_read_anew(
    secrets: Secrets, server: ScriptedServer, watch: Watch
) -> None:
    stored(server, {"token": "one"})
    server.answer(400, MISSING)
    assert secrets.account("slack", "main").previous() is None

    watch.now += 30
    stored(server, {"token": "two"})
    stored(server, {"token": "one"})
    assert secrets.refresh("slack", "main").previous() == {"token": "one"}


def test_a_secret_of_the_stack_is_text_kept_as_long(secrets: Secrets, server: ScriptedServer, watch: Watch) -> None:
    server.answer(200, b'{"SecretString": "not json"}')

    assert secrets.text("arn:aws:secretsmanager:x") == "not json"
    watch.now += 299
    assert secrets.text("arn:aws:secretsmanager:x") == "not json"

    assert asked(server) == [{"SecretId": "arn:aws:secretsmanager:x", "VersionStage": "AWSCURRENT"}]


def test_a_missing_secret_of_the_stack_is_not_found(secrets: Secrets, server: ScriptedServer) -> None:
    server.answer(400, MISSING)

    with pytest.raises(NotFound):
        secrets.text("gone")


def test_a_failed_read_is_raised_and_not_kept(secrets: Secrets, server: ScriptedServer) -> None:
    server.answer(400, b'{"__type": "AccessDeniedException"}')
    stored(server, {"token": "one"})

    with pytest.raises(AwsError, match="AccessDenied"):
        secrets.account("slack", "main")

    assert secrets.account("slack", "main").current == {"token": "one"}


@pytest.mark.parametrize("text", ['{"token": "hunter2"', '["hunter2"]'])
def test_a_secret_that_is_no_object_is_the_deployers_fault_and_is_not_shown(
    secrets: Secrets, server: ScriptedServer, text: str
) -> None:
    server.answer(200, json.dumps({"SecretString": text}).encode())

    with pytest.raises(ConfigurationError, match="onethread/slack/main") as raised:
        secrets.account("slack", "main")

    assert "hunter2" not in str(raised.value)
    assert raised.value.__context__ is None


def test_a_binary_secret_is_the_deployers_fault(secrets: Secrets, server: ScriptedServer) -> None:
    server.answer(200, b'{"SecretBinary": "AAAA"}')

    with pytest.raises(ConfigurationError):
        secrets.text("binary")


def test_a_flood_of_invented_names_pushes_no_real_account_out(secrets: Secrets, server: ScriptedServer) -> None:
    stored(server, {"token": "one"})
    secrets.account("slack", "main")
    for number in range(KEPT_ENTRIES + 1):
        server.answer(400, MISSING)
        with pytest.raises(UnknownAccount):
            secrets.account("slack", f"invented{number}")
    calls = len(server.received)

    assert secrets.account("slack", "main").current == {"token": "one"}
    assert len(server.received) == calls
    with pytest.raises(UnknownAccount):
        secrets.account("slack", f"invented{KEPT_ENTRIES}")
    assert len(server.received) == calls
