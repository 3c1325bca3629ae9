"""The generic adapter's calls: what answers mean, where credentials go, and what happens to a ticket that is gone."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.helpdesks.generic.calling import Caller, check, credentials
from connectors.helpdesks.generic.settings import Authentication, read
from shared.errors import DeliveryError
from shared.ports.http import HttpResponse
from tests.support.desks import Connected, stand_in
from tests.unit.helpdesks.test_generic_settings import contract_account

MEANINGS = [
    (400, "permanent", "provider_refused"),
    (401, "account", "credentials_refused"),
    (403, "account", "credentials_refused"),
    (404, "permanent", "not_found"),
    (409, "retry", "provider_error"),
    (422, "permanent", "provider_refused"),
    (429, "retry", "rate_limited"),
    (500, "retry", "provider_error"),
    (503, "retry", "provider_error"),
]


@pytest.mark.parametrize(("status", "error_class", "code"), MEANINGS)
def test_answers_are_understood_by_their_status(status: int, error_class: str, code: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        check(HttpResponse(status, {"retry-after": "7"}, b""))
    assert (refused.value.error_class, refused.value.code) == (error_class, code)
    assert refused.value.retry_after == (7.0 if error_class == "retry" else None)


@pytest.mark.parametrize(
    ("given", "headers"),
    [
        (None, {}),
        (Authentication(type="bearer", token="t"), {"Authorization": "Bearer t"}),
        (Authentication(type="basic", username="a", password="b"), {"Authorization": "Basic YTpi"}),
        (Authentication(type="header", header="X-Key", token="k"), {"X-Key": "k"}),
    ],
)
def test_calls_say_who_we_are_as_the_account_has_it(given: Authentication | None, headers: dict[str, str]) -> None:
    assert credentials(given) == headers


class Recording:
    """An HTTP client that notes what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []

    def request(self, method: str, url: str, **options: Any) -> HttpResponse:
        self.calls.append((url, dict(options["headers"])))
        return HttpResponse(200, {}, b"file")


@pytest.mark.parametrize("url", ["/files/1", "https://desk.example/files/1", "https://DESK.example/files/1"])
def test_files_are_fetched_from_the_helpdesk_itself(url: str) -> None:
    http = Recording()
    assert Caller(read(contract_account()), http).fetch(url, 100).body == b"file"
    assert http.calls[0][1]["Authorization"] == "Bearer token-of-the-desk"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/files/1",
        "http://desk.example/files/1",
        "https://desk.example.elsewhere.example/",
        "https://desk.example@elsewhere.example/",
        "https://desk.example:444/",
        "//elsewhere.example/files/1",
        "file:///etc/passwd",
    ],
)
def test_credentials_go_to_no_other_place(url: str) -> None:
    http = Recording()
    caller = Caller(read(contract_account()), http)
    if url.startswith("//"):
        caller.fetch(url, 100)
        assert http.calls[0][0].startswith("https://desk.example//")
        return
    with pytest.raises(DeliveryError) as refused:
        caller.fetch(url, 100)
    assert refused.value.code == "foreign_address"
    assert http.calls == []


def test_a_ticket_that_was_deleted_there_is_made_anew_by_what_comes_next() -> None:
    with stand_in("generic") as provider:
        connected = Connected("generic", provider.account)
        conversation = connected.write("first")
        connected.tell(conversation)
        gone = connected.memory.theirs("conversation", conversation)
        connected.memory.remember("conversation", "other", "1")
        connected.memory.pairs["conversation", conversation] = "999999"
        connected.write("second")
        entry = connected.desk.store.logs[conversation][-1]
        assert connected.outcome(entry).code == "ticket_gone"
        connected.tell(conversation)
        ticket = connected.memory.theirs("conversation", conversation)
        assert ticket not in (None, "999999", gone)
        (shown,) = [each for each in provider.act("tickets", method="GET")["items"] if each["id"] == ticket]
        assert [each["text"] for each in shown["messages"]] == ["second"]
