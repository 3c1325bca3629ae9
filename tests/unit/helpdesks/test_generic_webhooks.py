"""Webhooks to the generic adapter: who may send one, and what it asks for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from connectors import registry
from shared.errors import BadRequest, RequestError
from shared.helpdesk.seam import DeskChange, DeskReply
from shared.http.request import Request
from shared.model.envelope import Envelope
from tests.unit.helpdesks.test_generic_settings import contract_account

NOW = 1_800_000_000.0
SECRET = "secret-of-the-webhook"
BODY = json.dumps({"event": "comment.created", "ticket": {"id": 12}, "comment": {"id": 7}}).encode()


def account(**verification: Any) -> dict[str, Any]:
    made = contract_account()
    if verification:
        made["webhook"]["verification"] = {"secret": SECRET, **verification}
    return made


def signature(body: bytes = BODY, timestamp: str = "1800000000", algorithm: str = "sha256") -> bytes:
    return hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, getattr(hashlib, algorithm)).digest()


def request(headers: dict[str, str], body: bytes = BODY) -> Request:
    return Request("POST", "/helpdesks/generic/main", headers=headers, body=body)


def signed(body: bytes = BODY, timestamp: str = "1800000000") -> Request:
    proof = f"sha256={signature(body, timestamp).hex()}"
    return request({"x-desk-signature": proof, "x-desk-timestamp": timestamp}, body)


def basic(username: str, password: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"}


PROVEN = [
    (account(), signed()),
    (account(type="bearer"), request({"authorization": f"Bearer {SECRET}"})),
    (account(type="basic", username="desk"), request(basic("desk", SECRET))),
    (
        account(type="hmac", header="X-Sig", encoding="base64", algorithm="sha512", signed=["X-T", "body"]),
        request({"x-t": "1800000000", "x-sig": base64.b64encode(signature(algorithm="sha512")).decode()}),
    ),
]


@pytest.mark.parametrize(("settings", "given"), PROVEN, ids=["hmac", "bearer", "basic", "hmac-base64-sha512"])
def test_a_webhook_with_its_proof_is_one_event_of_its_ticket(settings: dict[str, Any], given: Request) -> None:
    (event,) = registry.helpdesk_ingress("generic").verify(given, settings, NOW)
    assert (event.sender_key, event.body) == ("12", BODY)


@pytest.mark.parametrize(("settings", "given"), PROVEN, ids=["hmac", "bearer", "basic", "hmac-base64-sha512"])
def test_without_it_or_with_another_one_it_is_refused(settings: dict[str, Any], given: Request) -> None:
    name = next(each for each in given.headers if each in ("authorization", "x-desk-signature", "x-sig"))
    spoiled = {name: given.headers[name][:-2] + "AA"}
    for headers in ({}, {**given.headers, **spoiled}, {**given.headers, name: ""}):
        with pytest.raises(RequestError) as refused:
            registry.helpdesk_ingress("generic").verify(request(headers), settings, NOW)
        assert refused.value.status == 401


@pytest.mark.parametrize("settings", [{}, {"webhook": {}}, account(type="none"), account(type="bearer", secret="")])
def test_an_account_that_proves_nothing_takes_no_webhook(settings: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        registry.helpdesk_ingress("generic").verify(request({"authorization": "Bearer "}), settings, NOW)
    assert refused.value.code == "no_verification"


@pytest.mark.parametrize(("timestamp", "code"), [("1799999690", "stale_timestamp"), ("soon", "bad_timestamp")])
def test_a_proof_that_covers_an_old_time_proves_nothing(timestamp: str, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        registry.helpdesk_ingress("generic").verify(signed(timestamp=timestamp), account(), NOW)
    assert refused.value.code == code


def test_a_webhook_of_no_ticket_is_acknowledged_and_nothing_comes_of_it() -> None:
    assert registry.helpdesk_ingress("generic").verify(signed(b'{"ping": true}'), account(), NOW) == []


def test_a_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(BadRequest):
        registry.helpdesk_ingress("generic").verify(signed(b"ticket=12"), account(), NOW)


def actions(value: object) -> list[Any]:
    envelope = Envelope("generic", "main", NOW, json.dumps(value).encode())
    return registry.helpdesk("generic").parse(envelope, account())


def comment(**fields: Any) -> dict[str, Any]:
    return {"id": 7, "body": "An answer", "public": True, "author": {"name": "Ada", "kind": "agent"}, **fields}


def test_a_public_comment_is_an_answer_with_its_files() -> None:
    file = {"url": "/files/1", "name": "a.png", "type": "image/png"}
    (found,) = actions({"ticket": {"id": 12}, "comment": comment(files=[file, {"name": "no address"}])})
    part = {"type": "text", "text": "An answer", "format": "plain"}
    reference = {"url": "/files/1", "filename": "a.png", "mime_type": "image/png"}
    assert found == DeskReply("12", "7", [part], "Ada", [reference])


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"ticket": {}},
        {"ticket": {"id": 12}},
        {"ticket": {"id": 12}, "comment": comment(public=False)},
        {"ticket": {"id": 12}, "comment": comment(body=" ")},
        {"ticket": {"id": 12}, "comment": comment(author={"kind": "api"})},
        {"ticket": {"id": 12, "status": "solved"}, "event": "comment.created"},
        {"ticket": {"id": 12, "status": "on hold"}, "event": "ticket.changed"},
    ],
)
def test_notes_our_own_comments_and_what_is_not_mapped_ask_for_nothing(value: object) -> None:
    assert actions(value) == []


def test_an_answer_that_closes_the_ticket_goes_out_before_it_is_closed() -> None:
    found = actions({"event": "ticket.changed", "ticket": {"id": 12, "status": "solved"}, "comment": comment()})
    assert [type(each) for each in found] == [DeskReply, DeskChange]
    assert found[1] == DeskChange("12", "7", "closed")
