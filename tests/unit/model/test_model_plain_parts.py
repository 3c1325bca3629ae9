"""What a part says in plain words, whichever channel says it."""

from __future__ import annotations

import pytest

from shared.model.media import Media
from shared.model.parts import (
    Action,
    CardPart,
    CarouselPart,
    ChoicesPart,
    FilePart,
    LocationPart,
    MiniProgramPart,
    Option,
    OrderPart,
    Part,
    ProductPart,
    StickerPart,
    StoryPart,
    UnsupportedPart,
    VideoPart,
)
from shared.model.plain_parts import file_and_words, is_web_address, product_card, worded

BUND = LocationPart(latitude=31.23, longitude=121.47, name="店 1", address="1 Bund")
OPERA = LocationPart(latitude=-33.86, longitude=151.21)
HAT = CardPart(
    title="Hat",
    url="shop://hat",
    image=Media(media_id="med_1"),
    actions=[Action(title="Buy", url="https://a.example/buy"), Action(title="Ask", id="ask")],
)
ALL_OF_HAT = "layout link image buttons"


@pytest.mark.parametrize(
    ("part", "text", "lost"),
    [
        (FilePart(media=Media(url="https://a.example/x", filename="a.pdf")), "a.pdf: https://a.example/x", "preview"),
        (FilePart(media=Media(url="https://a.example/x")), "https://a.example/x", "preview"),
        (FilePart(media=Media(url="file:///etc/passwd", filename="a.pdf")), "[a.pdf]", "content"),
        (VideoPart(media=Media(media_id="med_1"), title="A", description="B"), "A\nB\n[video]", "content"),
        (StickerPart(emoji="😀", media=Media(url="https://a.example/x")), "😀", "sticker"),
        (StickerPart(), "[sticker]", "content"),
        (BUND, "店 1\n1 Bund\nhttps://uri.amap.com/marker?position=121.47,31.23&name=%E5%BA%97%201", "map"),
        (OPERA, "https://www.openstreetmap.org/?mlat=-33.86&mlon=151.21", "map"),
        (
            ChoicesPart(text="Size?", options=[Option(id="s", title="S")], footer="Or ask"),
            "Size?\n1. S\nOr ask",
            "buttons",
        ),
        (
            OrderPart(id="7", state="paid", total="¥20", products=[ProductPart(id="tea", title="Tea", price="¥20")]),
            "7\npaid\nTea ¥20\n¥20",
            "order",
        ),
        (UnsupportedPart(provider_type="poll", reason="unknown"), "", "content"),
        (CardPart(title="Hat", description="Wool"), "Hat\nWool", "layout"),
        (HAT, "Hat\nshop://hat\nBuy: https://a.example/buy\nAsk", "layout link image buttons"),
        (CarouselPart(cards=[HAT, CardPart(title="Cap")]), f"{worded(HAT)[0]}\n\nCap", f"{ALL_OF_HAT} grouping"),
        (ProductPart(id="7", image_url="https://a.example/i"), "7", "product image"),
        (MiniProgramPart(title="Shop", thumbnail_url="https://a.example/i"), "Shop", "page image"),
        (StoryPart(media=Media(media_id="med_1", filename="s.jpg")), "[s.jpg]", "story content"),
        (StoryPart(media=Media(url="https://a.example/s")), "https://a.example/s", "story"),
        (StoryPart(id="1"), "", "story"),
    ],
)
def test_a_part_is_said_in_lines_and_what_is_lost_is_named(part: Part, text: str, lost: str) -> None:
    assert worded(part) == (text, lost.split())


def test_a_product_as_a_card_costs_what_it_costs() -> None:
    product = ProductPart(id="7", title="Tea", price="¥20", url="https://a.example/7", image_url="https://a.example/i")
    card = CardPart(title="Tea", description="¥20", url="https://a.example/7", image_url="https://a.example/i")
    assert product_card(product) == card
    assert product_card(ProductPart(id="7")) == CardPart(title="7")


def test_a_sticker_with_an_emoji_needs_no_file() -> None:
    media = Media(media_id="med_1")
    assert file_and_words(StickerPart(emoji="😀", media=media)) is None
    assert file_and_words(StickerPart(media=media)) == (media, "")


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://a.example/x", True),
        ("HTTP://a.example", True),
        ("https://a.example/a b", False),
        ("https://a.example/\nSet-Cookie: x", False),
        ("javascript:alert(1)", False),
        ("ftp://a.example", False),
        ("", False),
        (None, False),
    ],
)
def test_links_lead_to_web_addresses_alone(address: str | None, leads: bool) -> None:
    assert is_web_address(address) is leads
