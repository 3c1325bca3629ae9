"""What a visitor's browser gets to see of a message, and the frames that carry it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import BadRequest
from shared.model import chat_frames
from shared.model.chat_view import NATIVE_PARTS, browser_parts, customer_view
from shared.model.media import Media
from shared.model.message import Author, Channel, Degradation, MessageError, ReplyTo
from shared.model.parts import (
    PART_TYPES,
    Action,
    CardPart,
    CarouselPart,
    ChoicesPart,
    EventPart,
    ForwardedPart,
    ImagePart,
    LinkPart,
    MiniProgramPart,
    Option,
    OrderPart,
    Part,
    ProductPart,
    StoryPart,
    TemplatePart,
    TextPart,
    UnsupportedPart,
    decode_part,
    part_type,
)
from tests.unit.chat.fakes import a_message

EXAMPLES: dict[str, dict[str, Any]] = {
    "text": {"text": "hello"},
    "image": {"media": {"url": "https://files.example/a.png"}},
    "audio": {"media": {"media_id": "med_1"}},
    "voice": {"media": {"media_id": "med_1"}},
    "video": {"media": {"media_id": "med_1"}},
    "file": {"media": {"media_id": "med_1"}},
    "sticker": {"emoji": "👍"},
    "location": {"latitude": 1.0, "longitude": 2.0},
    "contact": {"name": "Ann"},
    "link": {"url": "https://shop.example/"},
    "choices": {"text": "Which?", "options": [{"id": "a", "title": "A"}]},
    "choice": {"id": "a"},
    "card": {"title": "Hat", "actions": [{"title": "Buy", "url": "https://shop.example/buy"}]},
    "carousel": {"cards": [{"type": "card", "title": "Hat"}]},
    "template": {"name": "shipped", "parameters": {"order": "17"}},
    "product": {"id": "p1", "title": "Hat", "price": "9 EUR"},
    "order": {"id": "o1", "total": "9 EUR", "products": [{"type": "product", "id": "p1"}]},
    "mini_program": {"title": "Our shop"},
    "story": {"url": "https://social.example/story"},
    "forwarded": {"items": ["Ann: hello"]},
    "event": {"name": "follow"},
    "unsupported": {"provider_type": "poll", "reason": "unknown", "raw": "secret raw payload"},
}


def test_every_part_type_has_an_example() -> None:
    assert EXAMPLES.keys() == PART_TYPES.keys()


@pytest.mark.parametrize("kind", NATIVE_PARTS)
def test_native_parts_are_shown_as_they_are(kind: str) -> None:
    part = decode_part({"type": kind, **EXAMPLES[kind]})
    assert browser_parts([part]) == ([part], [])


@pytest.mark.parametrize("kind", sorted(set(PART_TYPES) - set(NATIVE_PARTS)))
def test_every_other_part_becomes_something_shown_and_the_loss_is_recorded(kind: str) -> None:
    [shown], [degradation] = browser_parts([decode_part({"type": kind, **EXAMPLES[kind]})])
    assert part_type(shown) in NATIVE_PARTS
    assert (degradation.part, degradation.source, degradation.target) == (0, kind, part_type(shown))
    assert degradation.lost


def only(part: Part) -> Part:
    [shown], _ = browser_parts([part])
    return shown


def test_parts_of_other_channels_keep_their_words() -> None:
    order = OrderPart(
        id="o1", title="Your order", total="9 EUR", products=[ProductPart(id="p1", title="Hat", price="9 EUR")]
    )
    assert only(order) == TextPart(text="Your order\nHat 9 EUR\n9 EUR")
    assert only(TemplatePart(name="shipped", parameters={"order": 17})) == TextPart(text="order: 17")
    assert only(MiniProgramPart()) == TextPart(text="[mini_program]")
    assert only(ForwardedPart(items=["Ann: hi"])) == TextPart(text="Ann: hi")
    assert only(ProductPart(id="p1", price="9 EUR")) == CardPart(title="p1", description="9 EUR")
    assert only(StoryPart(url="https://social.example/1")) == LinkPart(url="https://social.example/1")
    assert only(EventPart(name="follow", data={"key": "internal"})) == TextPart(text="[follow]")
    assert only(UnsupportedPart(provider_type="poll", reason="?", raw="internal")) == TextPart(text="[poll]")


def test_html_becomes_plain_text_because_agents_paste_what_others_wrote() -> None:
    html = "<p>Hello <b>Ann</b></p><script>alert(1)</script>"
    [shown], [degradation] = browser_parts([TextPart(text=html, format="html")])
    assert shown == TextPart(text="Hello Ann")
    assert degradation == Degradation(part=0, source="text", target="text", lost=["formatting"])


def test_long_texts_become_several_parts_and_lose_nothing() -> None:
    text = "A sentence of words. " * 1_000
    shown, degradations = browser_parts([TextPart(text=text, format="markdown")])
    texts = [part.text for part in shown if isinstance(part, TextPart)]
    assert len(texts) == len(shown) == 3
    assert all(len(piece) <= 8_000 for piece in texts)
    assert " ".join(texts).split() == text.split()
    assert {part.format for part in shown if isinstance(part, TextPart)} == {"markdown"}
    assert degradations == []


HOSTILE = [
    "javascript:alert(1)",
    " JavaScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example",
    "\x01javascript:x",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_addresses_that_a_page_must_not_open_are_cut_out(url: str) -> None:
    parts: list[Part] = [
        LinkPart(url=url, title="Click"),
        LinkPart(url="https://shop.example/", image_url=url),
        CardPart(title="Hat", url=url, image_url=url, image=Media(url=url), actions=[Action(title="Buy", url=url)]),
        CarouselPart(cards=[CardPart(title="Hat", url=url)]),
        ProductPart(id="p1", url=url),
        StoryPart(url=url),
        ImagePart(media=Media(url=url)),
    ]
    shown, degradations = browser_parts(parts)
    assert [degradation.part for degradation in degradations] == list(range(len(parts)))
    view = customer_view(a_message(parts=shown, text=""))
    addresses = [value for value in _addresses(view) if value is not None]
    assert addresses == ["https://shop.example/"]


@pytest.mark.parametrize(
    "url", ["https://shop.example/", "HTTP://SHOP.EXAMPLE", "mailto:ann@shop.example", "tel:+15550100"]
)
def test_ordinary_addresses_stay(url: str) -> None:
    part = LinkPart(url=url)
    assert browser_parts([part]) == ([part], [])


def _addresses(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _addresses(item)]
    if not isinstance(value, dict):
        return []
    own = [item for name, item in value.items() if name in ("url", "image_url")]
    return own + [found for item in value.values() for found in _addresses(item)]


def test_the_visitor_sees_what_is_theirs_to_see_and_no_more() -> None:
    message = a_message(
        7,
        author=Author(type="agent", name="Ann", id="agent-7", customer_id="cus_1"),
        channel=Channel(type="webchat", account="main", thread_id="internal"),
        external_ids=["provider-1"],
        reply_to=ReplyTo(message_id="msg_6", external_id="provider-0"),
        status="failed",
        error=MessageError(code="gone", title="The visitor is gone", retryable=True),
        degradations=[Degradation(part=0, source="text", target="text", lost=["formatting"])],
        email={"headers": {"X-Internal": "1"}},
        metadata={"ticket": "internal"},
    )
    assert customer_view(message) == {
        "id": "msg_7",
        "conversation_id": "conv_1",
        "sequence": 7,
        "direction": "outbound",
        "origin": "agent",
        "author": {"type": "agent", "name": "Ann"},
        "channel": {"type": "webchat", "account": "main"},
        "identity_id": "idn_visitor",
        "parts": [{"type": "text", "text": "answer 7"}],
        "text": "answer 7",
        "occurred_at": "2027-01-15T08:00:00.000Z",
        "received_at": "2027-01-15T08:00:00.000Z",
        "reply_to": {"message_id": "msg_6"},
        "status": "failed",
        "error": {"code": "gone", "title": "The visitor is gone"},
    }


def test_a_visitors_own_message_carries_the_name_the_visitor_gave_it() -> None:
    own = a_message(direction="inbound", origin="customer", status=None, metadata={"client_id": "c1"})
    assert customer_view(own)["client_id"] == "c1"
    assert "client_id" not in customer_view(a_message(metadata={"client_id": "c1"}))


def test_frames_are_json_with_their_type() -> None:
    frames = [
        chat_frames.accepted_frame("c1"),
        chat_frames.typing_frame(False),
        chat_frames.resumed_frame(7, "conv_1", more=False),
        chat_frames.resumed_frame(7, None, more=True),
        chat_frames.conversation_frame("conv_2"),
        chat_frames.channel_switched_frame(9, "webchat", "wechat"),
        chat_frames.pong_frame(),
        chat_frames.error_frame(BadRequest("bad_json", "not JSON")),
    ]
    assert [json.loads(frame) for frame in frames] == [
        {"type": "accepted", "client_id": "c1"},
        {"type": "typing", "active": False},
        {"type": "resumed", "sequence": 7, "conversation_id": "conv_1"},
        {"type": "resumed", "sequence": 7, "more": True},
        {"type": "conversation", "conversation_id": "conv_2"},
        {"type": "channel_switched", "from": {"channel": "webchat"}, "to": {"channel": "wechat"}, "sequence": 9},
        {"type": "pong"},
        {"type": "error", "code": "bad_json", "detail": "not JSON"},
    ]


def test_a_message_too_large_for_the_socket_goes_as_an_excerpt() -> None:
    parts: list[Part] = [TextPart(text="界" * 8_000) for _ in range(10)]
    frame = chat_frames.message_frame(a_message(parts=parts))
    assert len(frame) <= chat_frames.MAXIMUM_BYTES
    message = json.loads(frame)["message"]
    assert message["truncated"] is True
    assert message["parts"] == []
    assert message["text"] == "界" * 4_000
    assert message["sequence"] == 1


def test_options_reach_the_browser_whole() -> None:
    options = [Option(id=str(number), title="x") for number in range(20)]
    view = customer_view(a_message(parts=[ChoicesPart(text="Which?", options=options)]))
    assert view["parts"][0]["options"][19] == {"id": "19", "title": "x"}
