"""The frames of web chat's socket are what the contract says of them, in both directions."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, ValidationError

from shared.core.chat.frames import read_frame
from shared.errors import BadRequest
from shared.model import chat_frames
from shared.model.chat_contract import FROM_BROWSER, TO_BROWSER, VisitorMessage
from shared.model.chat_view import customer_view
from shared.model.media import Media
from shared.model.message import Author, Channel, Message, MessageError, ReplyTo
from shared.model.parts import ImagePart, TextPart
from tests.support.event_contract import closed

MESSAGE = Message(
    id="msg_1",
    conversation_id="conv_1",
    sequence=2,
    direction="outbound",
    origin="agent",
    author=Author(type="agent", name="Kim", id="key"),
    channel=Channel(type="webchat", account="main", thread_id="t"),
    identity_id="idn_1",
    parts=[TextPart(text="hello")],
    text="hello",
    occurred_at="2026-01-01T00:00:00.000Z",
    received_at="2026-01-01T00:00:00.000Z",
    reply_to=ReplyTo(message_id="msg_0"),
    status="failed",
    error=MessageError(code="c", title="t"),
    metadata={"secret": 1},
)
LONG = msgspec.structs.replace(MESSAGE, parts=[TextPart(text="a" * 7_999)] * 20, text="a" * 160_000)

SENT = [
    chat_frames.accepted_frame("c1"),
    chat_frames.message_frame(MESSAGE),
    chat_frames.message_frame(LONG),
    chat_frames.typing_frame(True),
    chat_frames.resumed_frame(3, "conv_1", more=True),
    chat_frames.resumed_frame(0, None, more=False),
    chat_frames.conversation_frame("conv_1"),
    chat_frames.channel_switched_frame(4, "webchat", "wechat"),
    chat_frames.pong_frame(),
    chat_frames.error_frame(BadRequest("bad_frame", "not a frame", client_id="c1")),
]
RECEIVED: list[dict[str, Any]] = [
    {"type": "message", "client_id": "c1", "parts": [{"type": "text", "text": "hello"}]},
    {"type": "link", "client_id": "c1", "code": "K7QM-2XPD"},
    {"type": "resume", "after": 3},
    {"type": "resume"},
    {"type": "typing", "active": False},
    {"type": "typing"},
    {"type": "read", "sequence": 3},
    {"type": "ping"},
]


@cache
def validators(kinds: tuple[Any, ...]) -> dict[str, Draft202012Validator]:
    """By the type of the frame."""
    found, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    document = closed({"$defs": json.loads(json.dumps(definitions))})
    return {
        kind.__struct_config__.tag: Draft202012Validator({**document, **schema})
        for kind, schema in zip(kinds, found, strict=True)
    }


@pytest.mark.parametrize("frame", SENT, ids=lambda frame: str(json.loads(frame)["type"]))
def test_every_frame_to_the_browser_is_as_declared(frame: bytes) -> None:
    shown = json.loads(frame)
    validators(TO_BROWSER)[shown["type"]].validate(shown)


def test_every_declared_frame_to_the_browser_is_one_that_is_sent() -> None:
    assert {json.loads(frame)["type"] for frame in SENT} == set(validators(TO_BROWSER))


@pytest.mark.parametrize("frame", RECEIVED, ids=lambda frame: str(frame["type"]))
def test_every_declared_frame_of_the_browser_is_read(frame: dict[str, Any]) -> None:
    validators(FROM_BROWSER)[frame["type"]].validate(frame)
    assert read_frame(json.dumps(frame).encode())


def test_every_frame_that_the_browser_may_send_is_declared() -> None:
    assert {frame["type"] for frame in RECEIVED} == set(validators(FROM_BROWSER))


def test_a_frame_with_more_than_is_declared_is_noticed() -> None:
    with pytest.raises(ValidationError):
        validators(TO_BROWSER)["pong"].validate({"type": "pong", "more": 1})


def test_what_a_visitor_sees_of_a_message_is_what_is_declared() -> None:
    declared = {field.encode_name for field in msgspec.structs.fields(VisitorMessage)}
    theirs = msgspec.structs.replace(MESSAGE, direction="inbound", metadata={"client_id": "c1"})
    file = msgspec.structs.replace(MESSAGE, parts=[ImagePart(media=Media(media_id="med_1"))])
    shown = {name for message in (MESSAGE, theirs, file) for name in customer_view(message)}
    assert declared - shown == {"truncated"}
    assert shown <= declared
