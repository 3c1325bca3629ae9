"""Given an account's settings, then what is wrong with them is said before anything is lost, by ``set`` and by
``check``, and Chatwoot's refusals of the token are told from those of a call."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.helpdesks.chatwoot.adapter import ADAPTER
from connectors.helpdesks.chatwoot.attachments import fetch
from connectors.helpdesks.chatwoot.contacts import delete_contact
from shared.errors import DeliveryError
from shared.helpdesk.seam import HelpdeskContext
from tests.support.desks import answered, context_with
from tests.support.providers import Provider
from tests.unit.chatwoot.chatwoot_webhooks import ACCOUNT, NOW, SECRET, TOKEN

INBOX = "/api/v1/accounts/3/inboxes/7"
SHOWN = {
    "id": 7,
    "channel_type": "Channel::Api",
    "webhook_url": "https://a.example/hook?token=secret",
    "secret": SECRET,
}


@pytest.fixture
def chatwoot() -> Provider:
    return Provider()


@pytest.fixture
def context(chatwoot: Provider) -> HelpdeskContext:
    account = {**ACCOUNT, "api_base": "https://desk.example.com"}
    return context_with(chatwoot.client("http"), "chatwoot", account, NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"webhook_secret": None, "webhook_token": TOKEN}, None),
        ({"account_id": ""}, "account_id is missing"),
        ({"inbox_id": "seven"}, "inbox_id must be a number"),
        ({"access_token": None}, "access_token is missing"),
        ({"webhook_secret": " "}, "webhook_secret"),
        ({"webhook_token": "short"}, "webhook_token"),
        ({"webhook_token": "a" * 40}, "webhook_token"),
        ({"language": "de"}, "language"),
        ({"api_base": "desk.example.com"}, "api_base"),
        ({"api_base": "https://[desk"}, "api_base"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_without_their_values(
    changes: dict[str, Any], words: str | None
) -> None:
    found = ADAPTER.validate({**ACCOUNT, **changes})
    assert len(found) == (0 if words is None else 1)
    assert words is None or words in found[0]
    assert not any(str(value) in sentence for value in changes.values() if len(str(value)) > 2 for sentence in found)


def test_check_names_the_inbox_and_where_its_webhooks_go(chatwoot: Provider, context: HelpdeskContext) -> None:
    chatwoot.on(INBOX, answered(200, SHOWN))
    findings = ADAPTER.check(context)
    assert all(each.ok for each in findings)
    assert "https://a.example/hook" in findings[-1].detail
    assert "token=secret" not in str(findings)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": "Invalid Access Token"}, "invalid_token"),
        (404, {"error": "Resource could not be found"}, "there is none with this id"),
        (404, b"<html>", "no_such_address"),
        (500, b"", "provider_error"),
        (200, {**SHOWN, "channel_type": "Channel::WebWidget"}, "has to be an API inbox"),
        (200, {**SHOWN, "webhook_url": None}, "no webhook URL"),
        (200, {**SHOWN, "secret": "another"}, "has another one"),
    ],
)
def test_check_says_what_would_not_work(
    chatwoot: Provider, context: HelpdeskContext, status: int, body: object, words: str
) -> None:
    chatwoot.on(INBOX, answered(status, body))
    (wrong,) = [each for each in ADAPTER.check(context) if not each.ok]
    assert words in wrong.detail


def test_a_token_that_may_not_delete_is_no_reason_to_stop(chatwoot: Provider, context: HelpdeskContext) -> None:
    context.memory.remember("customer", "cus_1", "5")
    path = "/api/v1/accounts/3/contacts/5"
    chatwoot.on(path, answered(401, {"error": "You are not authorized to do this action"}))
    assert delete_contact("cus_1", context) is False
    chatwoot.on(path, answered(401, {"error": "Invalid Access Token"}))
    with pytest.raises(DeliveryError, match="invalid_token"):
        delete_contact("cus_1", context)
    chatwoot.on(path, answered(200, b""))
    assert delete_contact("cus_1", context) is True


def test_files_are_asked_for_at_the_installation_alone_and_without_the_token(
    chatwoot: Provider, context: HelpdeskContext
) -> None:
    path = "/rails/active_storage/blobs/proxy/abc--def/map.png"
    chatwoot.on(path, answered(200, b"bytes", **{"content-type": "image/png; charset=x"}))
    fetched = fetch({"path": path, "filename": "map.png"}, context)
    assert (fetched.body, fetched.declared_mime_type, fetched.filename) == (b"bytes", "image/png", "map.png")
    (call,) = chatwoot.calls
    assert call.url == f"https://desk.example.com{path}"
    assert "api_access_token" not in call.headers
    for elsewhere in ("//evil.example/x", "@evil.example/", "/api/v1/profile", ""):
        with pytest.raises(DeliveryError, match="address_refused"):
            fetch({"path": elsewhere}, context)


def test_a_file_that_is_gone_is_gone_for_good(chatwoot: Provider, context: HelpdeskContext) -> None:
    path = "/rails/active_storage/blobs/proxy/abc--def/map.png"
    chatwoot.on(path, answered(404, b""))
    with pytest.raises(DeliveryError, match="media_expired") as refused:
        fetch({"path": path}, context)
    assert refused.value.error_class == "permanent"
