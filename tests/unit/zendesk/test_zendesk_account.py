"""Given an account's settings, then what is wrong with them is said before anything is lost, by ``set`` and by
``check``; and given an agent's file, then it is asked for at Zendesk alone, and the token goes to the account's own
host."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from connectors.helpdesks.zendesk.adapter import ADAPTER
from connectors.helpdesks.zendesk.attachments import fetch
from connectors.helpdesks.zendesk.users import delete_user
from shared.errors import DeliveryError, Redirected
from shared.helpdesk.seam import HelpdeskContext
from tests.support.desks import answered, context_with
from tests.support.providers import Provider
from tests.unit.zendesk.zendesk_webhooks import ACCOUNT, NOW

ME = "/api/v2/users/me.json"
USER = {"id": 900, "email": "Onethread@example.com", "role": "admin"}
FILE = "/attachments/token/abc/"


@pytest.fixture
def zendesk() -> Provider:
    return Provider()


@pytest.fixture
def context(zendesk: Provider) -> HelpdeskContext:
    return context_with(zendesk.client("http"), "zendesk", ACCOUNT, NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"api_token": None, "access_token": "oauth"}, None),
        ({"brand_id": "7", "group_id": 8}, None),
        ({"api_base": " "}, "api_base is missing"),
        ({"api_base": "acme.zendesk.com"}, "api_base must be"),
        ({"api_base": "https://[desk"}, "api_base must be"),
        ({"email": None}, "email is missing"),
        ({"email": "the agent"}, "email must be"),
        ({"webhook_secret": ""}, "webhook_secret is missing"),
        ({"api_token": ""}, "api_token or access_token"),
        ({"access_token": "oauth"}, "api_token or access_token"),
        ({"brand_id": "shop"}, "brand_id must be"),
        ({"language": "de"}, "language"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_without_their_values(
    changes: dict[str, Any], words: str | None
) -> None:
    found = ADAPTER.validate({**ACCOUNT, **changes})
    assert len(found) == (0 if words is None else 1)
    assert words is None or words in found[0]
    values = [str(value) for value in {**ACCOUNT, **changes}.values() if len(str(value)) > 9]
    assert not any(value in sentence for value in values for sentence in found)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "Basic " + base64.b64encode(b"onethread@example.com/token:token-of-the-agent").decode()),
        ({"api_token": None, "access_token": "oauth"}, "Bearer oauth"),
    ],
)
def test_check_finds_the_tokens_agent(
    zendesk: Provider, context: HelpdeskContext, changes: dict[str, Any], shown: str
) -> None:
    zendesk.on(ME, answered(200, {"user": USER}))
    asked = context_with(context.http, "zendesk", {**ACCOUNT, **changes}, NOW)
    assert all(each.ok for each in ADAPTER.check(asked))
    (call,) = zendesk.calls
    assert call.headers["authorization"] == shown


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": "Couldn't authenticate you"}, "invalid_token"),
        (403, {"error": "Forbidden"}, "not_authorized"),
        (404, b"<html>", "no_such_address"),
        (500, b"", "provider_error"),
        (200, b"<html>", "provider_garbled"),
        (200, {"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}, "does not know it"),
        (200, {"user": {**USER, "role": "end-user"}}, "no agent"),
        (200, {"user": {**USER, "email": "ada@example.com"}}, "another user"),
    ],
)
def test_check_says_what_would_not_work(
    zendesk: Provider, context: HelpdeskContext, status: int, body: object, words: str
) -> None:
    zendesk.on(ME, answered(status, body))
    (wrong,) = [each for each in ADAPTER.check(context) if not each.ok]
    assert words in wrong.detail


def test_a_file_comes_from_where_zendesk_keeps_it_and_the_token_stays_behind(
    zendesk: Provider, context: HelpdeskContext
) -> None:
    zendesk.on(FILE, Redirected(302, "https://p16.zdusercontent.com/attachment/1?token=signed"))
    zendesk.on("/attachment/1", answered(200, b"bytes", **{"content-type": "image/png; charset=x"}))
    fetched = fetch({"url": f"https://example.zendesk.com{FILE}?name=map.png", "filename": "map.png"}, context)
    assert (fetched.body, fetched.declared_mime_type, fetched.filename) == (b"bytes", "image/png", "map.png")
    assert ["authorization" in call.headers for call in zendesk.calls] == [True, False]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example/attachments/token/abc/",
        "http://example.zendesk.com/attachments/token/abc/",
        "https://example.zendesk.com@evil.example/x",
        "https://example.zendesk.com.evil.example/x",
        "https://p16.zdusercontent.com/attachment/1",
        "https://[x/",
    ],
)
def test_no_other_address_is_asked_for_a_file(zendesk: Provider, context: HelpdeskContext, address: str) -> None:
    with pytest.raises(DeliveryError, match="address_refused"):
        fetch({"url": address}, context)
    assert zendesk.calls == []


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/x",
        "http://p16.zdusercontent.com/x",
        "https://zdusercontent.com.evil.example/x",
        "https://evilzdusercontent.com/x",
        "http://169.254.169.254/latest",
        "",
    ],
)
def test_no_redirect_leads_out_of_zendesk(zendesk: Provider, context: HelpdeskContext, location: str) -> None:
    zendesk.on(FILE, Redirected(302, location))
    with pytest.raises(DeliveryError, match="address_refused"):
        fetch({"url": f"https://example.zendesk.com{FILE}"}, context)
    assert {call.url.split("/")[2] for call in zendesk.calls} == {"example.zendesk.com"}


def test_a_file_that_is_gone_is_gone_for_good(zendesk: Provider, context: HelpdeskContext) -> None:
    zendesk.on(FILE, answered(404, b""))
    with pytest.raises(DeliveryError, match="media_expired") as refused:
        fetch({"url": f"https://example.zendesk.com{FILE}"}, context)
    assert refused.value.error_class == "permanent"


def test_a_token_that_may_not_delete_is_no_reason_to_stop(zendesk: Provider, context: HelpdeskContext) -> None:
    context.memory.remember("customer", "cus_1", "5")
    path, lasting = "/api/v2/users/5.json", "/api/v2/deleted_users/5.json"
    zendesk.on(path, answered(403, {"error": "Forbidden"}))
    assert delete_user("cus_1", context) is False
    zendesk.on(path, answered(422, {"error": "RecordInvalid", "details": {}}))
    assert delete_user("cus_1", context) is False
    zendesk.on(path, answered(401, {"error": "Couldn't authenticate you"}))
    with pytest.raises(DeliveryError, match="invalid_token"):
        delete_user("cus_1", context)
    zendesk.on(path, answered(404, {"error": "RecordNotFound"}))
    zendesk.on(lasting, answered(200, {"deleted_user": {}}))
    assert delete_user("cus_1", context) is True
    assert zendesk.calls[-1].path == lasting
    assert context.memory.theirs("customer", "cus_1") is None
