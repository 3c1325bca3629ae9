"""Given requests to the webhook's address, then only the inbox's own get in, and of those only what asks for
something."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.helpdesks.chatwoot.ingress import INGRESS
from shared.errors import BadRequest, ConfigurationError, Forbidden, MethodNotAllowed, RequestError, Unauthorized
from shared.model.value import replace
from tests.unit.chatwoot.chatwoot_webhooks import ACCOUNT, NOW, TOKEN, UNSIGNED, payload, signed, unsigned


def test_a_signed_answer_is_one_event_ordered_by_its_conversation() -> None:
    request = signed(payload("agent_reply"))
    (event,) = INGRESS.verify(request, ACCOUNT, NOW)
    assert (event.sender_key, event.dedupe_key, event.body) == ("10", "message:118", request.body)


def test_a_status_that_is_told_again_is_known_and_another_one_is_not() -> None:
    keys = [INGRESS.verify(signed(payload(name)), ACCOUNT, NOW)[0] for name in ("resolved", "resolved", "reopened")]
    assert [each.sender_key for each in keys] == ["10", "10", "10"]
    assert keys[0].dedupe_key == keys[1].dedupe_key != keys[2].dedupe_key


@pytest.mark.parametrize("name", ["private_note", "customer_message", "our_own_copy", "assigned", "typing", "updated"])
def test_what_asks_for_nothing_is_let_go(name: str) -> None:
    assert INGRESS.verify(signed(payload(name)), ACCOUNT, NOW) == []


def test_without_a_signature_nothing_gets_in_where_there_is_a_secret() -> None:
    with pytest.raises(BadRequest):
        INGRESS.verify(unsigned(payload("agent_reply"), token=TOKEN), ACCOUNT, NOW)


def test_where_nothing_is_signed_the_token_in_the_address_decides() -> None:
    assert INGRESS.verify(unsigned(payload("agent_reply"), token=TOKEN), UNSIGNED, NOW)
    for wrong in ({}, {"token": ""}, {"token": TOKEN[:-1]}, {"token": "é" * 22}):
        with pytest.raises(Unauthorized) as refused:
            INGRESS.verify(unsigned(payload("agent_reply"), **wrong), UNSIGNED, NOW)
        assert refused.value.code == "bad_token"


def test_an_account_with_both_asks_for_both() -> None:
    both = {**ACCOUNT, "webhook_token": TOKEN}
    assert INGRESS.verify(signed(payload("agent_reply"), token=TOKEN), both, NOW)
    with pytest.raises(Unauthorized):
        INGRESS.verify(signed(payload("agent_reply")), both, NOW)
    with pytest.raises(BadRequest):
        INGRESS.verify(unsigned(payload("agent_reply"), token=TOKEN), both, NOW)


def test_an_account_without_a_proof_lets_nothing_in() -> None:
    with pytest.raises(ConfigurationError):
        INGRESS.verify(unsigned(payload("agent_reply")), {"account_id": 3, "inbox_id": 7}, NOW)


def test_another_inbox_is_none_of_our_business_and_another_account_is_refused() -> None:
    assert INGRESS.verify(signed({**payload("agent_reply"), "inbox": {"id": 8}}), ACCOUNT, NOW) == []
    assert INGRESS.verify(signed({**payload("resolved"), "inbox_id": 8}), ACCOUNT, NOW) == []
    with pytest.raises(Forbidden):
        INGRESS.verify(signed({**payload("agent_reply"), "account": {"id": 4}}), ACCOUNT, NOW)


def test_only_posts_are_webhooks() -> None:
    with pytest.raises(MethodNotAllowed):
        INGRESS.verify(replace(signed(payload("agent_reply")), method="GET"), ACCOUNT, NOW)


@given(st.binary(max_size=60).filter(lambda body: body.strip() != b"{}") | st.sampled_from([b"[]", b"1", b"[" * 5000]))
def test_signed_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        INGRESS.verify(signed(body), ACCOUNT, NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["account", "inbox", "conversation", "id", "source_id", "private", "message_type"]), JSON)
def test_a_strange_value_anywhere_breaks_nothing(name: str, value: object) -> None:
    try:
        events = INGRESS.verify(signed({**payload("agent_reply"), name: value}), ACCOUNT, NOW)
    except RequestError:
        return
    assert [json.loads(each.body)[name] for each in events] in ([], [value])
