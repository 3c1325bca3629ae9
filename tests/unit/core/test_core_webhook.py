"""Receiving webhooks: acknowledged is what is durable, and only what is proven gets that far."""

from __future__ import annotations

import json
import re

import pytest

from shared.core.webhook import traceparent
from shared.errors import InfrastructureError, RequestError
from shared.http.request import Request
from shared.model.value import replace
from tests.unit.core.hooks import Hooks, Secrets
from tests.unit.wechat.pushes import (
    AES_KEY,
    NOW,
    OPENID,
    PLAIN,
    SECURE,
    encrypt,
    plain_request,
    secure_request,
    sign,
    xml,
)

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER_AES_KEY = AES_KEY[::-1]
GET = Request("GET", "/hooks/wechat/plain")


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


def refusal(hooks: Hooks, request: Request, account: str = "plain", channel: str = "wechat") -> tuple[int, str]:
    """Status and code of the refusal; nothing may have been queued."""
    with pytest.raises(RequestError) as refused:
        hooks(request, account, channel)
    assert hooks.queue.events == []
    return refused.value.status, refused.value.code


@pytest.mark.parametrize("account", ["plain", "secure"])
def test_a_proven_push_is_queued_and_then_acknowledged(hooks: Hooks, account: str) -> None:
    body = xml(MsgId="1", Content="hi")
    answer = hooks(plain_request(body) if account == "plain" else secure_request(body), account)
    assert (answer.status, answer.body) == (200, b"success")
    [event] = hooks.queue.events
    assert (event.envelope.channel, event.envelope.account) == ("wechat", account)
    assert (event.envelope.body, event.envelope.received_at) == (body, NOW)


def test_the_handshake_is_answered_and_queues_nothing(hooks: Hooks) -> None:
    request = replace(plain_request(b"", echostr="5874513"), method="GET")
    assert hooks(request).body == b"5874513"
    assert hooks.queue.events == []


def test_one_sender_is_one_group_and_a_redelivery_is_dropped_by_the_queue(hooks: Hooks) -> None:
    for message_id, sender in (("1", "ann"), ("1", "ann"), ("2", "ann"), ("1", "bob")):
        hooks(plain_request(xml(MsgId=message_id, FromUserName=sender)))
    first, again, second, other = hooks.queue.events
    assert first.group == again.group == second.group != other.group
    assert len({first.dedupe, again.dedupe}) == 1
    assert len({first.dedupe, second.dedupe, other.dedupe}) == 3


def test_the_same_sender_of_another_account_is_another_group(hooks: Hooks) -> None:
    hooks.accounts.cached["wechat", "twin"] = hooks.plain
    hooks(plain_request(xml()))
    hooks(plain_request(xml()), "twin")
    assert (
        len({event.group for event in hooks.queue.events}) == len({event.dedupe for event in hooks.queue.events}) == 2
    )


def test_the_names_of_group_and_duplicate_show_nobody(hooks: Hooks) -> None:
    hooks(plain_request(xml()))
    [event] = hooks.queue.events
    for name in (event.group, event.dedupe):
        assert re.fullmatch("[a-z2-7]{26}", name)
        assert OPENID not in name


def test_a_queue_that_is_down_is_never_acknowledged(hooks: Hooks) -> None:
    hooks.queue.down = True
    with pytest.raises(InfrastructureError):
        hooks(plain_request(xml()))


@pytest.mark.parametrize(
    "channel", ["pigeon", "", "..", "wechat/../webchat", "wechat.ingress", "WeChat", "x" * 99, "é"]
)
def test_an_unknown_channel_is_not_found(hooks: Hooks, channel: str) -> None:
    assert refusal(hooks, GET, "plain", channel) == (404, "unknown_channel")


def test_an_unknown_account_is_not_found(hooks: Hooks) -> None:
    assert refusal(hooks, plain_request(xml()), "nobody") == (404, "unknown_account")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", ""])
def test_other_methods_are_refused(hooks: Hooks, method: str) -> None:
    assert refusal(hooks, replace(plain_request(xml()), method=method)) == (405, "method_not_allowed")


def test_a_body_over_the_limit_is_refused_before_any_account_is_looked_up(hooks: Hooks) -> None:
    hooks.accounts.cached.clear()
    assert refusal(hooks, Request("POST", "/", body=b"x" * 131_073)) == (413, "payload_too_large")
    assert refusal(hooks, Request("POST", "/", body=b"x" * 131_072)) == (404, "unknown_account")


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_web_chat_takes_no_webhooks(hooks: Hooks, body: bytes) -> None:
    status, code = refusal(hooks, Request("POST", "/hooks/webchat/main", body=body), "main", "webchat")
    assert (status, code) in {(404, "not_a_webhook"), (413, "payload_too_large")}
    assert refusal(hooks, Request("GET", "/hooks/webchat/main"), "main", "webchat") == (404, "not_a_webhook")


@pytest.mark.parametrize("account", ["plain", "secure"])
def test_the_secret_before_a_rotation_is_good_until_the_provider_has_changed_too(hooks: Hooks, account: str) -> None:
    old = getattr(hooks, account).current
    rotated = {**old, "token": "the new token"}
    hooks.accounts.cached["wechat", account] = Secrets(rotated, before=old)
    request = plain_request(xml()) if account == "plain" else secure_request(xml())
    assert hooks(request, account).status == 200
    assert len(hooks.queue.events) == 1


def test_a_rotated_encryption_key_is_tried_like_a_rotated_token(hooks: Hooks) -> None:
    hooks.accounts.cached["wechat", "secure"] = Secrets({**SECURE, "encoding_aes_key": OTHER_AES_KEY}, before=SECURE)
    assert hooks(secure_request(xml()), "secure").status == 200


def test_a_secret_that_this_function_has_not_heard_of_yet_is_read_anew(hooks: Hooks) -> None:
    old = Secrets({**PLAIN, "token": "the old token"}, before={**PLAIN, "token": "an older one"})
    hooks.accounts.cached["wechat", "plain"] = old
    hooks.accounts.stored["wechat", "plain"] = Secrets(PLAIN)
    assert hooks(plain_request(xml())).status == 200
    assert hooks.accounts.refreshed == 1


def test_a_forged_push_costs_one_look_for_newer_secrets_and_is_refused(hooks: Hooks) -> None:
    request = plain_request(xml(), signature="0" * 40)
    assert refusal(hooks, request) == (401, "bad_signature")
    assert (hooks.plain.asked, hooks.accounts.refreshed) == (1, 1)


def test_what_is_proven_by_the_current_secret_costs_no_second_look(hooks: Hooks) -> None:
    hooks(plain_request(xml()))
    assert (hooks.plain.asked, hooks.accounts.refreshed) == (0, 0)


@pytest.mark.parametrize("account", ["plain", "secure"])
@pytest.mark.parametrize("seconds", [301, -301, 86_400])
def test_a_stale_push_is_refused_and_no_other_secret_is_tried(hooks: Hooks, account: str, seconds: int) -> None:
    make = plain_request if account == "plain" else secure_request
    assert refusal(hooks, make(xml(), now=NOW - seconds), account) == (401, "stale_timestamp")
    assert (getattr(hooks, account).asked, hooks.accounts.refreshed) == (0, 0)


def test_a_plain_push_does_not_get_into_a_secure_account_by_its_plain_past(hooks: Hooks) -> None:
    hooks.accounts.cached["wechat", "secure"] = Secrets(SECURE, before=PLAIN)
    assert refusal(hooks, plain_request(xml()), "secure") == (400, "plaintext_refused")


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<xml><FromUserName>ann</FromUserName><Content>&b;</Content></xml>"
)
EXTERNAL = b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (plain_request(xml(), signature="0" * 40), 401, "bad_signature"),
        (plain_request(xml(), nonce="changed"), 401, "bad_signature"),
        (plain_request(xml(), signature=""), 400, "missing_parameter"),
        (Request("POST", "/", {}, {}, xml()), 400, "missing_parameter"),
        (plain_request(BOMB), 400, "xml_entities"),
        (plain_request(EXTERNAL), 400, "xml_entities"),
        (plain_request(b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>"), 400, "too_deep"),
        (plain_request(b'{"a":' * 5000 + b"1" + b"}" * 5000), 400, "too_deep"),
        (plain_request(b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"), 400, "too_deep"),
        (plain_request(b"\x00" * 64), 400, "bad_xml"),
        (plain_request(b""), 400, "bad_xml"),
        (secure_request(xml()), 400, "missing_parameter"),
        (plain_request(secure_request(xml()).body, encrypt_type="aes"), 400, "mode_mismatch"),
        (plain_request(secure_request(xml()).body), 400, "mode_mismatch"),
    ],
    ids=[
        "forged",
        "changed-nonce",
        "empty-signature",
        "unsigned",
        "entity-bomb",
        "external-entity",
        "deep-xml",
        "deep-json",
        "deep-json-lists",
        "nul-bytes",
        "empty",
        "signed-for-secure-mode",
        "encrypted-by-parameter",
        "encrypted-by-body",
    ],
)
def test_what_no_honest_sender_sends_to_a_plain_account_is_refused(
    hooks: Hooks, request_: Request, status: int, code: str
) -> None:
    assert refusal(hooks, request_) == (status, code)


def signed_ciphertext(ciphertext: str) -> Request:
    """A push whose signature is right, whatever its ciphertext is."""
    made = secure_request(xml())
    signature = sign("test_token", made.query["timestamp"], "nonce", ciphertext)
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
    return replace(made, query={**made.query, "msg_signature": signature}, body=body.encode())


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (secure_request(xml(), msg_signature="0" * 40), 401, "bad_signature"),
        (secure_request(xml(), nonce="changed"), 401, "bad_signature"),
        (plain_request(xml()), 400, "plaintext_refused"),
        (signed_ciphertext("%%%not base64%%%"), 400, "bad_ciphertext"),
        (signed_ciphertext(encrypt(xml())[:-24]), 400, "bad_ciphertext"),
        (signed_ciphertext(encrypt(xml())[:-4]), 400, "bad_ciphertext"),
        (signed_ciphertext(encrypt(xml(), key=OTHER_AES_KEY)), 400, "bad_ciphertext"),
        (signed_ciphertext(encrypt(xml(), app_id="wx_of_somebody_else")), 403, "wrong_account"),
        (replace(secure_request(xml()), body=secure_request(xml()).body[:80]), 400, "bad_xml"),
        (replace(secure_request(xml()), body="<xml><Encrypt>好</Encrypt></xml>".encode("gbk")), 400, "bad_charset"),
        (replace(secure_request(xml()), body=BOMB), 400, "xml_entities"),
        (replace(secure_request(xml()), body=b""), 400, "bad_xml"),
    ],
    ids=[
        "forged",
        "changed-nonce",
        "plaintext",
        "broken-base64",
        "truncated-to-blocks",
        "truncated-within-a-block",
        "another-key",
        "another-app",
        "truncated-document",
        "wrong-charset",
        "entity-bomb",
        "empty",
    ],
)
def test_what_no_honest_sender_sends_to_a_secure_account_is_refused(
    hooks: Hooks, request_: Request, status: int, code: str
) -> None:
    assert refusal(hooks, request_, "secure") == (status, code)


def test_a_push_to_the_wrong_account_is_refused(hooks: Hooks) -> None:
    hooks.accounts.cached["wechat", "plain"] = Secrets({**PLAIN, "original_id": "gh_2"})
    assert refusal(hooks, plain_request(xml())) == (403, "wrong_account")


def test_authentic_bytes_of_another_charset_are_kept_as_they_came(hooks: Hooks) -> None:
    body = "<xml><FromUserName>ann</FromUserName><Content>你好</Content></xml>".encode("gbk")
    hooks(plain_request(body))
    [event] = hooks.queue.events
    assert type(event.envelope).from_json(event.envelope.to_json()).body == body


def test_the_trace_of_the_caller_goes_on(hooks: Hooks) -> None:
    hooks(replace(plain_request(xml()), headers={"traceparent": TRACE}))
    assert hooks.queue.events[0].envelope.traceparent == TRACE
    assert json.loads(hooks.queue.events[0].envelope.to_json())["traceparent"] == TRACE


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "x",
        TRACE.upper(),
        TRACE + "0",
        "a" * 52 + "---",
        "call me on +49 170 1234567 - tonight - ok - yes " + "x" * 7,
        TRACE.replace("-", "_"),
        TRACE[:-2] + "é1",
    ],
)
def test_what_is_no_trace_is_replaced_by_a_new_one(given: str | None) -> None:
    made = traceparent(given)
    assert made != given
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", made)
