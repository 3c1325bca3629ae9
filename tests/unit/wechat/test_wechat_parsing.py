"""Pushes in our words, where the fixtures leave something to say."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.wechat.connector import CONNECTOR
from shared.model.envelope import Envelope
from shared.model.inbound import InboundMessage
from shared.model.parts import TextPart, UnsupportedPart
from tests.unit.wechat.pushes import OPENID, xml

RECEIVED = 1_700_000_009.5


def parsed(body: bytes, **query: str) -> InboundMessage:
    [event] = CONNECTOR.parse(Envelope("wechat", "main", RECEIVED, body, query))
    assert isinstance(event, InboundMessage)
    return event


def event(name: str, **fields: str) -> InboundMessage:
    return parsed(xml("event", Event=name, **fields))


def test_the_message_id_alone_does_not_name_a_message() -> None:
    assert parsed(xml(Content="x", MsgId="1")).provider_id == f"{OPENID}:1"


def test_events_in_the_same_second_are_told_apart_by_what_they_are_about() -> None:
    ids = {event("CLICK", EventKey=key).provider_id for key in ("A", "B")} | {event("VIEW", EventKey="A").provider_id}
    assert len(ids) == 3


def test_event_names_are_read_in_any_case() -> None:
    names = [msgspec.to_builtins(event(name).parts[0])["name"] for name in ("SUBSCRIBE", "subscribe", "Subscribe")]
    assert names == ["follow"] * 3


@pytest.mark.parametrize(("name", "prefix"), [("SCAN", ""), ("subscribe", "qrscene_")])
@pytest.mark.parametrize(
    ("scene", "code"),
    [
        ("link_K7QM2XPD", "K7QM2XPD"),
        ("link_k7qm-2xpd", "K7QM2XPD"),
        ("link_K7QM2XP", None),
        ("link_K7QM2XPDD", None),
        ("link_K7QM0XPI", None),
        ("link_KKQMWXPD", None),
        ("link_spring-sale", None),
        ("link_", None),
        ("link", None),
        ("K7QM2XPD", None),
        ("LINK_K7QM2XPD", None),
        ("shop_link_K7QM2XPD", None),
        ("qrscene_link_K7QM2XPD", None),
    ],
)
def test_a_scene_of_ours_is_a_link_code_and_any_other_stays_the_companys(
    name: str, prefix: str, scene: str, code: str | None
) -> None:
    message = event(name, EventKey=prefix + scene)
    assert (message.link_code, message.link_only) == (code, code is not None)
    assert msgspec.to_builtins(message.parts[0])["data"]["scene"] == scene


@pytest.mark.parametrize(("name", "key"), [("CLICK", "link_K7QM2XPD"), ("subscribe", "link_K7QM2XPD"), ("SCAN", "")])
def test_what_is_no_scene_is_no_link_code(name: str, key: str) -> None:
    message = event(name, EventKey=key)
    assert (message.link_code, message.link_only) == (None, False)
    assert "scene" not in msgspec.to_builtins(message.parts[0])["data"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc", "Cn"])))
def test_text_is_kept_exactly(content: str) -> None:
    if "]]>" not in content:
        assert parsed(xml(Content=content, MsgId="1")).parts == [TextPart(text=content)]


def test_a_time_that_cannot_be_is_replaced_by_ours() -> None:
    for created in ("", "soon", "-5", "9" * 12, "1e5", "١٢"):
        assert parsed(xml(Content="x", MsgId="1", CreateTime=created)).occurred_at == RECEIVED


def test_a_provider_id_stays_short_enough_for_a_key() -> None:
    provider_id = event("CLICK", EventKey="k" * 5000).provider_id
    assert provider_id.startswith(f"{OPENID}:")
    assert len(provider_id) < 100
    assert provider_id != event("CLICK", EventKey="k" * 5001).provider_id


def test_a_sender_name_that_cannot_be_one_is_not_taken() -> None:
    message = parsed(xml(Content="x", MsgId="1", FromUserName="o" * 200), openid="o-query")
    assert (message.sender.external_id, message.sender.verification) == ("o-query", "none")
    assert message.sender.unproven
    assert isinstance(message.parts[0], UnsupportedPart)


def test_what_nobody_is_named_for_still_has_a_sender_and_an_id_that_stay_the_same() -> None:
    first, again = parsed(b"?"), parsed(b"?")
    assert first == again
    assert first.sender.external_id == f"unknown:{first.provider_id}"
    assert first.sender.unproven


def test_a_broken_push_with_a_whole_head_keeps_its_sender() -> None:
    message = parsed(xml(Content="x")[:-20])
    assert (message.sender.external_id, message.sender.unproven) == (OPENID, False)
    assert isinstance(message.parts[0], UnsupportedPart)


def test_bytes_that_are_no_text_are_kept_as_base64() -> None:
    part = parsed(b"\xff\x00").parts[0]
    assert isinstance(part, UnsupportedPart)
    assert part.raw == "base64:/wA="


@pytest.mark.parametrize(
    "kind", ["text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"]
)
def test_a_known_type_with_nothing_in_it_is_kept_with_the_reason(kind: str) -> None:
    part = parsed(xml(kind, MsgId="1")).parts[0]
    assert isinstance(part, UnsupportedPart)
    assert part.provider_type == kind
    assert part.reason.startswith("there is no ")


@given(
    st.dictionaries(
        st.sampled_from(
            ["MsgType", "FromUserName", "CreateTime", "Event", "EventKey", "Content", "MediaId", "MsgId", "Location_X"]
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=20)
            | st.sampled_from(["event", "text", "image", "location", "subscribe"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=6,
        ),
    )
)
def test_any_json_is_parsed_to_one_event_that_can_be_stored(push: dict[str, Any]) -> None:
    [found] = CONNECTOR.parse(Envelope("wechat", "main", RECEIVED, json.dumps(push).encode()))
    assert msgspec.json.encode(found)
