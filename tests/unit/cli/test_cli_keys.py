"""``onethread key``."""

from __future__ import annotations

from collections.abc import Callable

from infra.cli import key as key_command
from shared.aws.api_keys import DynamoApiKeys
from shared.aws.client import AwsClient, Credentials
from shared.core.api_keys import SCOPES, Authenticate
from tests.unit.cli.stage import REGION, Result, Stack

Run = Callable[..., Result]


def _authenticate(stack: Stack) -> Authenticate:
    client = AwsClient(REGION, Credentials("AKIDEXAMPLE", "example"), stack.endpoint_url)
    return Authenticate(DynamoApiKeys(client, stack.outputs["TableName"], lambda: 0.0))


def test_a_key_that_was_made_opens_the_api_within_its_scope(run: Run, stack: Stack) -> None:
    made = run("--local", "--json", "key", "create", "--name", "dashboard", "--scope", "read").json
    found = _authenticate(stack)(f"Bearer {made['key']}", "read")
    assert (found.id, found.name, found.scopes) == (made["id"], "dashboard", ("read",))
    assert not found.allows("write")


def test_a_key_may_write_and_read_unless_said_otherwise(run: Run, stack: Stack) -> None:
    made = run("--local", "--json", "key", "create", "--name", "helpdesk").json
    assert made["scopes"] == ["write"]


def test_the_key_is_the_first_line_and_is_shown_this_once(run: Run, stack: Stack) -> None:
    text = run("--local", "key", "create", "--name", "helpdesk").out.splitlines()[0]
    assert text.startswith("ot_")
    listed = run("--local", "key", "list")
    assert "helpdesk" in listed.out
    assert text.rpartition("_")[2] not in listed.out
    assert "hash" not in run("--local", "--json", "key", "list").out


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(run: Run, stack: Stack) -> None:
    made = run("--local", "--json", "key", "create", "--name", "helpdesk").json
    assert run("--local", "key", "revoke", made["id"]).code == 0
    (item,) = run("--local", "--json", "key", "list").json["items"]
    assert item["revoked_at"] is not None


def test_revoking_a_key_that_is_not_there_fails(run: Run, stack: Stack) -> None:
    result = run("--local", "--json", "key", "revoke", "0f3a9c17b2de")
    assert (result.code, result.error["code"]) == (1, "unknown_key")


def test_the_scopes_of_the_command_are_those_of_the_api() -> None:
    assert key_command.SCOPES == SCOPES
