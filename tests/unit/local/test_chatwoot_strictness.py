"""Given the Chatwoot stand-in, when a call is not as Chatwoot wants it, then it is refused as Chatwoot refuses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.support.desks import StandIn, stand_in

TOKEN = "token-of-the-agent"
CONTACT = {"name": "Ann", "identifier": "cus_1"}


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("chatwoot") as running:
        yield running


def call(
    provider: StandIn, method: str, path: str, body: object = None, token: str = TOKEN, account: int = 3
) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"api_access_token": token, "content-type": "application/json"}
    address = f"{provider.url}/desk/api/v1/accounts/{account}{path}"
    try:
        with urlopen(Request(address, data=data, method=method, headers=headers), timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


@pytest.fixture
def conversation(provider: StandIn) -> str:
    """The path of a conversation with somebody."""
    _, made = call(provider, "POST", "/contacts", {"name": "Bob"})
    wanted = {"inbox_id": 7, "contact_id": made["payload"]["contact"]["id"]}
    return f"/conversations/{call(provider, 'POST', '/conversations', wanted)[1]['id']}"


def test_a_wrong_token_and_a_wrong_account_get_nothing(provider: StandIn) -> None:
    assert call(provider, "GET", "/inboxes/7", token="x") == (401, {"error": "Invalid Access Token"})
    assert call(provider, "GET", "/inboxes/7", account=4) == (404, {"error": "Resource could not be found"})
    assert call(provider, "GET", "/inboxes/8") == (404, {"error": "Resource could not be found"})


def test_what_is_unique_can_be_had_once(provider: StandIn) -> None:
    assert call(provider, "POST", "/contacts", CONTACT)[0] == 200
    taken = {"message": "Identifier has already been taken", "attributes": ["identifier"]}
    assert call(provider, "POST", "/contacts", CONTACT) == (422, taken)


@pytest.mark.parametrize(
    ("fields", "attribute"),
    [({"phone_number": "030 1234"}, "phone_number"), ({"email": "nobody"}, "email"), ({"name": "A" * 256}, "name")],
)
def test_a_contact_has_to_be_valid(provider: StandIn, fields: dict[str, str], attribute: str) -> None:
    status, said = call(provider, "POST", "/contacts", fields)
    assert (status, said["attributes"]) == (422, [attribute])


def test_a_search_needs_words(provider: StandIn) -> None:
    refused = (422, {"error": "Specify search string with parameter q"})
    assert call(provider, "GET", "/contacts/search") == refused


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"inbox_id": 7, "contact_id": 999_999}, 404),
        ({"inbox_id": 8, "contact_id": 1}, 404),
        ({"inbox_id": "7", "contact_id": 1}, 422),
        ({"contact_id": 1}, 422),
    ],
)
def test_a_conversation_needs_its_inbox_and_its_contact(provider: StandIn, body: dict[str, Any], status: int) -> None:
    assert call(provider, "POST", "/conversations", body)[0] == status


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x", "message_type": "activity"},
        {"content": "x", "message_type": 0},
        {"content": "x", "private": "perhaps"},
        {"content": "x", "content_type": "video"},
        {"content": "x" * 150_001},
        {"content": "x", "text": "unknown field"},
    ],
)
def test_a_message_has_to_be_valid(provider: StandIn, conversation: str, body: dict[str, Any]) -> None:
    assert call(provider, "POST", f"{conversation}/messages", body)[0] == 422


def test_a_status_is_one_of_four(provider: StandIn, conversation: str) -> None:
    refused = (422, {"error": "'closed' is not a valid status"})
    assert call(provider, "POST", f"{conversation}/toggle_status", {"status": "closed"}) == refused
    status, said = call(provider, "POST", f"{conversation}/toggle_status", {"status": "resolved"})
    assert (status, said["payload"]["current_status"]) == (200, "resolved")


def test_a_customer_who_writes_opens_a_resolved_conversation(provider: StandIn, conversation: str) -> None:
    call(provider, "POST", f"{conversation}/toggle_status", {"status": "resolved"})
    call(provider, "POST", f"{conversation}/messages", {"content": "hello", "message_type": "incoming"})
    assert call(provider, "GET", conversation)[1]["status"] == "open"


def test_the_latest_twenty_messages_are_shown_and_those_before(provider: StandIn, conversation: str) -> None:
    for number in range(22):
        call(provider, "POST", f"{conversation}/messages", {"content": str(number)})
    latest = call(provider, "GET", f"{conversation}/messages")[1]["payload"]
    assert [each["content"] for each in latest] == [str(number) for number in range(2, 22)]
    before = call(provider, "GET", f"{conversation}/messages?before={latest[0]['id']}")[1]["payload"]
    assert [each["content"] for each in before] == ["0", "1"]
