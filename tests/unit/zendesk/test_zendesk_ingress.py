"""Given requests to the webhook's address, then only the account's own get in, and of those only what asks for
something."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.helpdesks.zendesk.ingress import INGRESS
from shared.errors import BadRequest, ConfigurationError, MethodNotAllowed, RequestError
from shared.http.request import Request
from shared.model.value import replace
from tests.unit.zendesk.zendesk_webhooks import ACCOUNT, NOW, payload, signed


def test_the_secret_counts_as_it_is_shown_and_the_time_comes_first() -> None:
    """The secret is the static one of developer.zendesk.com/documentation/webhooks/verifying; the signature was made
    with ``openssl dgst -sha256 -hmac``."""
    headers = {
        "x-zendesk-webhook-signature": "3Dp9KK9LvfPrhatuwmmHUmy5+jSw8NkLNND6f1Gq6tY=",
        "x-zendesk-webhook-signature-timestamp": "2026-07-23T18:02:20Z",
    }
    account = {**ACCOUNT, "webhook_secret": "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="}
    body = b'{"ticket":"35","status":"open","by":"ada@example.com"}'
    (event,) = INGRESS.verify(Request("POST", "/helpdesks/zendesk/main", {}, headers, body), account, NOW)
    assert event.sender_key == "35"


def test_a_signed_answer_is_one_event_ordered_by_its_ticket() -> None:
    request = signed(payload("agent_reply"))
    (event,) = INGRESS.verify(request, ACCOUNT, NOW)
    assert (event.sender_key, event.dedupe_key, event.body) == ("35", "comment:7001", request.body)


def test_a_comment_without_an_id_is_known_by_what_it_says() -> None:
    bare = payload("agent_reply")
    bare["comment"]["id"] = ""
    other = {**bare, "comment": {**bare["comment"], "text": "something else"}}
    keys = [INGRESS.verify(signed(each), ACCOUNT, NOW)[0].dedupe_key for each in (bare, bare, other)]
    assert keys[0] == keys[1] != keys[2]


def test_a_status_is_known_by_its_invocation() -> None:
    requests = [signed(payload("solved_alone"), invocation=each) for each in ("1", "1", "2")]
    requests += [signed(payload("solved_alone"), at=NOW + seconds) for seconds in (0, 0, 60)]
    keys = [INGRESS.verify(each, ACCOUNT, NOW)[0].dedupe_key for each in requests]
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == keys[4] != keys[5]


@pytest.mark.parametrize("name", ["our_own_copy", "our_own_change", "customer_message"])
def test_what_we_did_ourselves_is_let_go(name: str) -> None:
    assert INGRESS.verify(signed(payload(name)), ACCOUNT, NOW) == []


def test_without_a_signature_nothing_gets_in() -> None:
    request = signed(payload("agent_reply"))
    for name in request.headers:
        with pytest.raises(BadRequest):
            INGRESS.verify(
                replace(request, headers={key: value for key, value in request.headers.items() if key != name}),
                ACCOUNT,
                NOW,
            )
    with pytest.raises(ConfigurationError):
        INGRESS.verify(request, {**ACCOUNT, "webhook_secret": ""}, NOW)


def test_only_posts_are_webhooks() -> None:
    with pytest.raises(MethodNotAllowed):
        INGRESS.verify(replace(signed(payload("agent_reply")), method="GET"), ACCOUNT, NOW)


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b"1", b"{}", b"[" * 5000]))
def test_signed_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        INGRESS.verify(signed(body), ACCOUNT, NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["ticket", "requester", "by", "comment", "status"]), JSON)
def test_a_strange_value_anywhere_breaks_nothing(name: str, value: object) -> None:
    try:
        events = INGRESS.verify(signed({**payload("agent_reply"), name: value}), ACCOUNT, NOW)
    except RequestError:
        return
    assert [json.loads(each.body)[name] for each in events] in ([], [value])
