"""What a browser may send over the socket, and what each refusal says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.chat.frames import (
    LinkFrame,
    MessageFrame,
    PingFrame,
    ReadFrame,
    ResumeFrame,
    TypingFrame,
    read_frame,
    read_posted,
)
from shared.core.chat.parts import PART_NAMES
from shared.errors import RequestError
from shared.model.media import Media
from shared.model.parts import PART_TYPES, ContactPart, ImagePart, LocationPart, Part, TextPart

MEDIA_ID = "med_01890a5d-ac96-774b-bcce-b302099a8057"


def message(*parts: object, **fields: object) -> dict[str, Any]:
    return {"type": "message", "client_id": "c1", "parts": list(parts), **fields}


def link(code: object, **fields: object) -> dict[str, Any]:
    return {"type": "link", "client_id": "c1", "code": code, **fields}


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def read(frame: object) -> Any:
    return read_frame(json.dumps(frame, ensure_ascii=False).encode())


def refused(frame: object) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read_frame(frame if isinstance(frame, bytes) else json.dumps(frame).encode())
    return caught.value


def only_part(part: dict[str, Any]) -> Part:
    frame = read(message(part))
    assert isinstance(frame, MessageFrame)
    return frame.parts[0]


def test_every_frame_type_is_read() -> None:
    assert read(message(text("hello"))) == MessageFrame("c1", [TextPart(text="hello")])
    assert read(link("abcd-2345")) == LinkFrame("c1", "ABCD2345")
    assert read({"type": "resume", "after": 7}) == ResumeFrame(7)
    assert read({"type": "resume"}) == ResumeFrame(0)
    assert read({"type": "typing"}) == TypingFrame(True)
    assert read({"type": "typing", "active": False}) == TypingFrame(False)
    assert read({"type": "read", "sequence": 7}) == ReadFrame(7)
    assert read({"type": "ping"}) == PingFrame()


def test_unknown_members_are_ignored() -> None:
    assert read({"type": "ping", "extra": {"a": [1]}}) == PingFrame()
    assert only_part({**text("hi"), "later": True}) == TextPart(text="hi")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b'{"type":NaN}', "bad_json"),
        (b'{"type":"\\ud800"}', "bad_json"),
        (b"[" * 30_000, "too_deep"),
        (b'{"type":"ping","a":' + b"[" * 32 + b"]" * 32 + b"}", "too_deep"),
        (b" " * 32_769, "frame_too_large"),
        ([], "bad_frame"),
        ("ping", "bad_frame"),
        ({}, "bad_frame"),
        ({"type": 1}, "bad_frame"),
        ({"type": "subscribe"}, "unknown_frame"),
        ({"type": "typing", "active": 1}, "bad_frame"),
        ({"type": "read"}, "bad_sequence"),
        ({"type": "read", "sequence": -1}, "bad_sequence"),
        ({"type": "read", "sequence": True}, "bad_sequence"),
        ({"type": "read", "sequence": 1.5}, "bad_sequence"),
        ({"type": "resume", "after": "7"}, "bad_sequence"),
        ({"type": "resume", "after": 10**12}, "bad_sequence"),
        ({"type": "message", "parts": [text("hi")]}, "bad_client_id"),
        (message(text("hi"), client_id=""), "bad_client_id"),
        (message(text("hi"), client_id="a b"), "bad_client_id"),
        (message(text("hi"), client_id="c" * 65), "bad_client_id"),
        (message(text("hi"), client_id="c\n"), "bad_client_id"),
        (link("ABCD-2345", client_id=""), "bad_client_id"),
        ({"type": "link", "code": "ABCD-2345"}, "bad_client_id"),
        ({"type": "link", "client_id": "c1"}, "bad_link_code"),
        (link(None), "bad_link_code"),
        (link(23456789), "bad_link_code"),
        (link("ABCD-234"), "bad_link_code"),
        (link("ABCD-ABCD"), "bad_link_code"),
        (link("ABCD-1234"), "bad_link_code"),
        (link("my code is ABCD-2345"), "bad_link_code"),
        (message(), "bad_parts"),
        ({"type": "message", "client_id": "c1"}, "bad_parts"),
        (message(*[text("hi")] * 11), "too_many_parts"),
        (message("hi"), "bad_part"),
        (message({}), "bad_part"),
        (message({"type": "text"}), "bad_part"),
        (message({"type": "text", "text": 1}), "bad_part"),
        (message({"type": "hologram"}), "unknown_part"),
        (message(text("")), "empty_text"),
        (message(text(" \n\t")), "empty_text"),
        (message(text("\x00")), "empty_text"),
        (message(text("x" * 8_001)), "text_too_long"),
        (message({"type": "image"}), "bad_part"),
        (message({"type": "image", "media": {}}), "bad_media_id"),
        (message({"type": "image", "media": {"media_id": "../../other"}}), "bad_media_id"),
        (message({"type": "image", "media": {"media_id": MEDIA_ID + "\n"}}), "bad_media_id"),
        (message({"type": "location", "latitude": 91, "longitude": 0}), "bad_part"),
        (message({"type": "location", "latitude": 0, "longitude": -181}), "bad_part"),
        (message({"type": "choice", "id": ""}), "bad_part"),
        (message({"type": "contact", "name": "x" * 201}), "text_too_long"),
        (message({"type": "contact", "name": "Ann", "phones": ["1"] * 11}), "bad_part"),
    ],
)
def test_a_refused_frame_says_why(frame: object, code: str) -> None:
    assert refused(frame).code == code


@pytest.mark.parametrize("kind", sorted(set(PART_TYPES) - set(PART_NAMES)))
def test_parts_that_only_we_or_other_channels_make_are_unknown_from_a_visitor(kind: str) -> None:
    assert (
        refused(message({"type": kind, "text": "x", "name": "x", "id": "x", "url": "x", "title": "x"})).code
        == "unknown_part"
    )


def test_a_refused_message_names_the_message_and_the_part() -> None:
    error = refused(message(text("fine"), {"type": "hologram"}))
    assert error.members["client_id"] == "c1"
    assert error.members["part"] == 1


def test_a_refused_link_code_names_its_frame() -> None:
    assert refused(link("nothing of ours")).members == {"client_id": "c1"}


def test_limits_are_inclusive() -> None:
    frame = read(message(*[text("x" * 3_000)] * 10, client_id="A-z_0.9:" * 8))
    assert len(frame.parts) == 10
    assert only_part(text("界" * 8_000)) == TextPart(text="界" * 8_000)


def test_text_is_kept_exactly_but_for_nul() -> None:
    words = "  مرحبا 👩‍👩‍👧 <b>&amp;\u202e\r\n"
    assert only_part(text(words + "\x00")) == TextPart(text=words)


def test_a_visitor_has_no_say_in_what_is_ours_to_say() -> None:
    media = {
        "media_id": MEDIA_ID,
        "state": "stored",
        "url": "https://evil.example/x.png",
        "size": 1,
        "sha256": "0" * 64,
    }
    part = only_part(
        {"type": "image", "media": {**media, "filename": "../../a.png", "mime_type": "image/PNG"}, "caption": "cat"}
    )
    kept = Media(media_id=MEDIA_ID, filename="a.png", declared_mime_type="image/PNG")
    assert part == ImagePart(media=kept, caption="cat")
    assert only_part({**text("<img onerror=1>"), "format": "html"}) == TextPart(text="<img onerror=1>")


def test_places_and_people_are_read() -> None:
    place = {"type": "location", "latitude": -90, "longitude": 180, "name": "South Pole"}
    assert only_part(place) == LocationPart(latitude=-90.0, longitude=180.0, name="South Pole")
    person = {"type": "contact", "name": "Ann", "phones": ["+1 555 0100"]}
    assert only_part(person) == ContactPart(name="Ann", phones=["+1 555 0100"])


def test_a_message_posted_over_http_needs_no_type() -> None:
    assert read_posted(b'{"client_id":"c1","parts":[{"type":"text","text":"hi"}]}').client_id == "c1"


def test_a_link_code_can_be_posted_too_and_nothing_else_can() -> None:
    assert read_posted(json.dumps(link("ABCD-2345")).encode()) == LinkFrame("c1", "ABCD2345")
    for body in (b'{"type":"ping"}', b'{"type":null,"client_id":"c1"}', b'{"type":"read","sequence":1}'):
        with pytest.raises(RequestError) as caught:
            read_posted(body)
        assert caught.value.code == "bad_frame"


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
NAMES = st.sampled_from(
    ["type", "client_id", "code", "parts", "media", "media_id", "text", "after", "sequence", "latitude"]
)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["message", "link", "read", "resume", "ABCD-2345", *PART_NAMES, MEDIA_ID]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


def outcome(raw: bytes) -> object:
    try:
        return read_frame(raw)
    except RequestError as error:
        return error


@given(VALUES)
def test_any_json_is_read_or_refused(frame: object) -> None:
    found = outcome(msgspec.json.encode(frame))
    assert isinstance(
        found, MessageFrame | LinkFrame | ResumeFrame | TypingFrame | ReadFrame | PingFrame | RequestError
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with pytest.raises(RequestError):
        read_frame(raw)


@given(st.lists(VALUES, min_size=1, max_size=3))
def test_whatever_parts_get_through_fit_the_limits(parts: list[object]) -> None:
    frame = outcome(msgspec.json.encode({"type": "message", "client_id": "c", "parts": parts}))
    if not isinstance(frame, MessageFrame):
        return
    encoded = msgspec.json.decode(msgspec.json.encode(frame))
    assert encoded["type"] == "message"
    for part in encoded["parts"]:
        assert part["type"] in PART_NAMES
        assert "\x00" not in json.dumps(part)
