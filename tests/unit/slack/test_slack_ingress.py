"""What gets in, what decides the order, and what is learned of a request without parsing it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from connectors.channels.slack.ingress import INGRESS
from connectors.channels.slack.signature import signed_time
from shared.errors import ConfigurationError, Forbidden, MethodNotAllowed, RequestError, Unauthorized
from shared.http.request import Request
from shared.model.value import replace
from tests.fuzz.targets.slack import one
from tests.unit.slack.slack_events import ACCOUNT, NOW, ROOT, SECRET, TS, callback, compact, direct, form, request

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.sampled_from(
    [
        "type",
        "subtype",
        "channel",
        "channel_type",
        "user",
        "text",
        "ts",
        "event_ts",
        "thread_ts",
        "parent_user_id",
        "bot_id",
        "team",
        "user_team",
        "user_profile",
        "files",
        "attachments",
        "blocks",
        "edited",
        "deleted_ts",
        "reaction",
        "item",
        "item_user",
        "root",
        "message",
        "previous_message",
        "actions",
        "container",
        "view",
        "trigger_id",
    ]
)
WORDS = st.sampled_from(
    [
        "message",
        "app_mention",
        "reaction_added",
        "block_actions",
        "view_submission",
        "message_changed",
        "message_deleted",
        "file_share",
        "D1",
        "C1",
        "U1",
        "UBOT",
        "T1",
        "T2",
        "im",
        "channel",
        "1700000000.000100",
        "rich_text",
    ]
)
EVENTS = st.dictionaries(
    MEMBERS,
    WORDS | JSON | st.dictionaries(MEMBERS, WORDS | JSON) | st.lists(st.dictionaries(MEMBERS, JSON), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(
    secret=st.text(min_size=1, max_size=150).filter(str.strip),
    body=st.text(max_size=300),
    timestamp=st.integers(0, 10**10),
)
def test_the_signature_is_that_of_slacks_own_library(secret: str, body: str, timestamp: int) -> None:
    theirs = SignatureVerifier(secret).generate_signature(timestamp=str(timestamp), body=body)
    signed = {"x-slack-request-timestamp": str(timestamp), "x-slack-signature": theirs or ""}
    assert signed_time(Request("POST", "/", {}, signed, body.encode()), {"signing_secret": secret}) == timestamp


def test_the_published_example_of_slack_holds() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    published = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    signed = request(body, "1531420618", **{"x-slack-signature": published})
    assert signed_time(signed, {"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"}) == 1_531_420_618


@pytest.mark.parametrize("given_signature", ["v0=é" + "0" * 63, "\ud800", "v0=" + "0" * 64])
def test_a_signature_with_strange_characters_is_only_wrong(given_signature: str) -> None:
    with pytest.raises(Unauthorized) as refusal:
        INGRESS.verify(request(b"{}", **{"x-slack-signature": given_signature}), ACCOUNT, NOW)
    assert refusal.value.code == "bad_signature"


@pytest.mark.parametrize(("late", "accepted"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_a_request_is_taken_within_five_minutes_of_its_timestamp(late: int, accepted: bool) -> None:
    message = request(compact(callback(direct())))
    if accepted:
        assert INGRESS.verify(message, ACCOUNT, NOW + late)
        return
    with pytest.raises(Unauthorized) as refusal:
        INGRESS.verify(message, ACCOUNT, NOW + late)
    assert refusal.value.code == "stale_timestamp"


def test_only_posts_are_taken_and_only_by_an_account_with_a_secret() -> None:
    message = request(compact(callback(direct())))
    with pytest.raises(MethodNotAllowed):
        INGRESS.verify(replace(message, method="GET"), ACCOUNT, NOW)
    with pytest.raises(ConfigurationError):
        INGRESS.verify(message, {}, NOW)


def test_a_repeated_event_has_the_same_key_and_says_which_delivery_it_is() -> None:
    body = compact(callback(direct()))
    first = INGRESS.verify(request(body), ACCOUNT, NOW)[0]
    again = INGRESS.verify(
        request(body, "1700000060", **{"x-slack-retry-num": "2", "x-slack-retry-reason": "http_timeout"}),
        ACCOUNT,
        NOW + 60,
    )[0]
    assert first.dedupe_key == again.dedupe_key == "Ev1"
    assert (first.sender_key, again.sender_key) == ("D1", "D1")
    assert dict(first.headers) == {}
    assert dict(again.headers) == {"x-slack-retry-num": "2", "x-slack-retry-reason": "http_timeout"}


def test_a_message_its_edit_its_deletion_its_reaction_and_its_replies_are_handled_in_order() -> None:
    message = {"type": "message", "user": "U1", "ts": TS, "text": "hi"}
    change = {"type": "message", "channel": "C1", "ts": "1700000009.1", "previous_message": message}
    events = [
        direct(channel="C1", channel_type="channel"),
        direct(channel="C1", channel_type="channel", user="U7", thread_ts=TS, parent_user_id="U1"),
        {**change, "subtype": "message_changed", "message": {**message, "text": "new"}},
        {**change, "subtype": "message_deleted", "deleted_ts": TS},
        {
            "type": "reaction_added",
            "user": "U7",
            "reaction": "eyes",
            "item": {"type": "message", "channel": "C1", "ts": TS},
        },
        direct(channel="C1", attachments=[{"is_share": True, "channel": "C9", "text": "shared"}]),
    ]
    clicked = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "actions": [],
        "team": {"id": "T1"},
    }
    bodies = [*(compact(callback(event)) for event in events), form(clicked)]
    assert {INGRESS.verify(request(body), ACCOUNT, NOW)[0].sender_key for body in bodies} == {"C1"}


def test_what_a_customer_writes_cannot_pass_for_members_of_the_event() -> None:
    text = '","channel":"C666","event_id":"Ev666","team_id":"T666","x":"'
    found = INGRESS.verify(request(compact(callback(direct(text=text)))), ACCOUNT, NOW)[0]
    assert (found.sender_key, found.dedupe_key) == ("D1", "Ev1")


@settings(max_examples=400, deadline=None)
@given(event=EVENTS, nested=EVENTS, member=MEMBERS, at_the_end=st.booleans())
def test_what_is_found_without_parsing_is_what_parsing_finds(
    event: dict[str, Any], nested: dict[str, Any], member: str, at_the_end: bool
) -> None:
    whole = {**event, member: nested, "channel": "C1"} if at_the_end else {"channel": "C1", **event, member: nested}
    value = callback({"type": "message", **whole})
    for account in (ACCOUNT, {**ACCOUNT, "team_id": ""}):
        scanned = INGRESS.verify(request(compact(value)), account, NOW)[0]
        parsed = INGRESS.verify(request(json.dumps(value, indent=1).encode()), account, NOW)[0]
        assert (scanned.sender_key, scanned.dedupe_key) == (parsed.sender_key, parsed.dedupe_key)


@pytest.mark.parametrize(
    "order",
    [
        ["team_id", "event", "type", "event_id", "authorizations"],
        ["team_id", "event", "type", "authorizations", "event_id"],
        ["type", "team_id", "event", "event_id", "authorizations"],
        ["authorizations", "event_id", "event", "type", "team_id"],
    ],
)
def test_the_order_of_the_members_of_a_request_does_not_matter(order: list[str]) -> None:
    value = callback({"metadata": {"event_id": "Ev666", "team_id": "T666"}, **direct()})
    found = INGRESS.verify(request(compact({name: value[name] for name in order})), ACCOUNT, NOW)[0]
    assert (found.sender_key, found.dedupe_key) == ("D1", "Ev1")


def test_a_team_inside_the_event_does_not_say_whose_the_request_is() -> None:
    body = compact(callback({"message": {"team_id": "T1"}, **direct()}, authorizations=[], team_id="T9"))
    with pytest.raises(Forbidden):
        INGRESS.verify(request(body), ACCOUNT, NOW)


def test_a_body_with_white_space_is_read_as_well() -> None:
    body = json.dumps(callback(direct()), indent=1).encode()
    found = INGRESS.verify(request(body), ACCOUNT, NOW)[0]
    assert (found.sender_key, found.dedupe_key) == ("D1", "Ev1")


@pytest.mark.parametrize("members", [{"team_id": "T9"}, {"team_id": "T9", "enterprise_id": "E9"}])
def test_another_workspace_is_refused_and_so_is_one_that_names_ours_in_its_text(members: dict[str, Any]) -> None:
    body = compact(callback(direct(text='"team_id":"T1"', team="T1"), authorizations=[], **members))
    with pytest.raises(Forbidden) as refusal:
        INGRESS.verify(request(body), ACCOUNT, NOW)
    assert refusal.value.code == "wrong_account"


def test_an_organisation_may_be_named_instead_of_a_workspace() -> None:
    body = compact(callback(direct(), enterprise_id="E1", team_id="T5"))
    assert INGRESS.verify(request(body), {**ACCOUNT, "team_id": "E1"}, NOW)


def test_what_is_authentic_is_kept_however_odd() -> None:
    for body in (b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"event":' * 50_000, b"payload=%ff"):
        found = INGRESS.verify(request(body), ACCOUNT, NOW)[0]
        assert (found.sender_key, found.body) == ("account", body)


def test_a_text_that_is_the_word_of_the_handshake_is_a_message() -> None:
    message = request(compact(callback(direct(text="url_verification", thread_ts=ROOT))))
    assert INGRESS.handshake(message, ACCOUNT) is None
    assert INGRESS.verify(message, ACCOUNT, NOW)


@pytest.mark.parametrize("timestamp", ["", "now", "-1700000000", "1700000000.5", "１７００００００００", "1" * 13])
def test_a_timestamp_that_is_no_time_is_refused_whatever_it_is_signed_with(timestamp: str) -> None:
    with pytest.raises(RequestError):
        INGRESS.verify(request(b"{}", timestamp), ACCOUNT, NOW)


def test_two_deliveries_are_equal_when_all_they_say_is() -> None:
    message = request(compact(callback(direct())))
    first, second = INGRESS.verify(message, ACCOUNT, NOW), INGRESS.verify(message, ACCOUNT, NOW + 1)
    assert first == second
    assert first != INGRESS.verify(request(compact(callback(direct(text="other")))), ACCOUNT, NOW)


def test_the_answer_to_an_event_is_empty() -> None:
    answer = INGRESS.acknowledge()
    assert (answer.status, answer.body) == (200, b"")


@settings(max_examples=400, deadline=None)
@given(event=EVENTS, more=st.dictionaries(MEMBERS, JSON, max_size=3))
def test_any_event_that_slack_could_sign_is_parsed_or_refused(event: dict[str, Any], more: dict[str, Any]) -> None:
    one(json.dumps(callback(event, **more)).encode())


@settings(max_examples=300, deadline=None)
@given(payload=EVENTS, user=JSON)
def test_any_interaction_that_slack_could_sign_is_parsed_or_refused(payload: dict[str, Any], user: object) -> None:
    one(form({**payload, "user": user}))
    one(form({**payload, "user": {"id": "U1"}, "type": "block_actions"}))


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_that_slack_could_sign_are_parsed_or_refused(data: bytes) -> None:
    one(data)
    one(b"payload=" + data)


@given(body=st.binary(max_size=200), given_signature=st.text(max_size=80), timestamp=st.text(max_size=15))
def test_nothing_unsigned_gets_in(body: bytes, given_signature: str, timestamp: str) -> None:
    headers = {"x-slack-signature": given_signature, "x-slack-request-timestamp": timestamp}
    with pytest.raises(RequestError):
        INGRESS.verify(replace(request(body), headers=headers), ACCOUNT, NOW)


def test_the_secret_of_the_tests_is_in_no_refusal() -> None:
    with pytest.raises(Unauthorized) as refusal:
        INGRESS.verify(request(b"{}", **{"x-slack-signature": "v0=wrong"}), ACCOUNT, NOW)
    assert SECRET not in str(refusal.value)
