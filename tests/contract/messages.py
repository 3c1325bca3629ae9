"""Messages to be rendered, and one sample of every part type."""

from __future__ import annotations

from shared.model.media import Media
from shared.model.message import Author, Channel, Message
from shared.model.parts import (
    PART_TYPES,
    Action,
    AudioPart,
    CardPart,
    CarouselPart,
    ChoicePart,
    ChoicesPart,
    ContactPart,
    EventPart,
    FilePart,
    ForwardedPart,
    ImagePart,
    LinkPart,
    LocationPart,
    MiniProgramPart,
    Option,
    OrderPart,
    Part,
    ProductPart,
    StickerPart,
    StoryPart,
    TemplatePart,
    TextPart,
    UnsupportedPart,
    VideoPart,
    VoicePart,
    part_type,
)
from shared.model.text import flatten
from shared.ports.connector import Recipient

RECIPIENT = Recipient("idn_contract", "contract-recipient")


def message_of(parts: list[Part], channel: str, author: str = "agent") -> Message:
    return Message(
        id="msg_01890000-0000-7000-8000-000000000001",
        conversation_id="conv_01890000-0000-7000-8000-000000000002",
        sequence=7,
        direction="outbound",
        origin="bot" if author == "bot" else "agent",
        author=Author(type="bot" if author == "bot" else "agent"),
        channel=Channel(type=channel, account="main"),
        identity_id=RECIPIENT.identity_id,
        parts=parts,
        text=flatten(parts),
        occurred_at="2026-01-02T03:04:05.678Z",
        received_at="2026-01-02T03:04:05.678Z",
        status="queued",
    )


def _file(name: str, mime_type: str) -> Media:
    return Media(
        media_id=f"med_{name}",
        state="stored",
        mime_type=mime_type,
        size=1000,
        filename=name,
        duration_ms=2000,
        url=f"https://files.example.com/{name}",
    )


_CARD = CardPart(
    title="Blue shirt",
    description="Cotton",
    image_url="https://shop.example.com/shirt.jpg",
    url="https://shop.example.com/shirt",
    actions=[Action(title="Buy", url="https://shop.example.com/buy")],
)

SAMPLES: dict[str, Part] = {
    part_type(part): part
    for part in (
        TextPart(text="Hello"),
        ImagePart(media=_file("photo.png", "image/png")),
        AudioPart(media=_file("song.mp3", "audio/mpeg"), title="Song"),
        VoicePart(media=_file("voice.amr", "audio/amr")),
        VideoPart(media=_file("film.mp4", "video/mp4")),
        FilePart(media=_file("contract.pdf", "application/pdf")),
        StickerPart(emoji="🎉", media=_file("party.webp", "image/webp")),
        LocationPart(latitude=31.23, longitude=121.47, name="Shop", address="1 Bund"),
        ContactPart(name="Li Lei", phones=["+8613800000000"], emails=["li@example.com"]),
        LinkPart(url="https://example.com/", title="Example"),
        ChoicesPart(text="Which?", options=[Option(id="a", title="This"), Option(id="b", title="That")]),
        ChoicePart(id="a", title="This"),
        _CARD,
        CarouselPart(cards=[_CARD, _CARD]),
        TemplatePart(name="shipped", language="en", parameters={"order": "42"}),
        ProductPart(id="p1", title="Blue shirt", price="99 CNY", url="https://shop.example.com/shirt"),
        OrderPart(id="o1", title="Order 42", total="99 CNY", state="paid"),
        MiniProgramPart(app_id="wx1", page_path="pages/index", title="Shop"),
        StoryPart(id="s1", url="https://example.com/story"),
        ForwardedPart(title="Chat history", items=["A: hi", "B: hello"]),
        EventPart(name="follow"),
        UnsupportedPart(provider_type="hologram", reason="unknown"),
    )
}
"""One of each type, with what a channel that supports the type would need."""

if set(SAMPLES) != set(PART_TYPES):
    raise AssertionError(f"samples are missing for {set(PART_TYPES) - set(SAMPLES)}")
