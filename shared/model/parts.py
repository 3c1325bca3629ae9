"""The parts a message is made of. ``Part`` is the union of all; its JSON form carries ``type``.

Unknown fields are accepted. A part of an unknown type is read by :func:`decode_part` as ``unsupported``, with the
whole part kept in ``raw``: programs written for an older schema go on working when a newer one adds types.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.model.media import Media


class PartStruct(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type"):
    """What all parts share. ``group_id`` ties the parts of one album together when the provider sends them one by
    one."""

    group_id: str | None = None


class TextPart(PartStruct, tag="text"):
    text: str
    format: Literal["plain", "markdown", "html"] = "plain"


class ImagePart(PartStruct, tag="image"):
    media: Media
    caption: str | None = None


class AudioPart(PartStruct, tag="audio"):
    media: Media
    title: str | None = None


class VoicePart(PartStruct, tag="voice"):
    """A recording of somebody speaking. ``transcript`` is the provider's, when it recognises speech."""

    media: Media
    transcript: str | None = None


class VideoPart(PartStruct, tag="video"):
    media: Media
    thumbnail: Media | None = None
    title: str | None = None
    description: str | None = None


class FilePart(PartStruct, tag="file"):
    media: Media


class StickerPart(PartStruct, tag="sticker"):
    media: Media | None = None
    emoji: str | None = None


class LocationPart(PartStruct, tag="location"):
    """Degrees, WGS 84 as far as the provider says."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class ContactPart(PartStruct, tag="contact"):
    name: str
    phones: list[str] = []
    emails: list[str] = []


class LinkPart(PartStruct, tag="link"):
    url: str
    title: str | None = None
    description: str | None = None
    image_url: str | None = None


class Option(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str
    title: str


class ChoicesPart(PartStruct, tag="choices"):
    """A question with options, as sent by us. ``footer`` follows the options where the channel can show it."""

    text: str
    options: list[Option]
    footer: str | None = None


class ChoicePart(PartStruct, tag="choice"):
    """The option that the customer chose."""

    id: str
    title: str | None = None


class Action(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A button of a card: it opens ``url``, or comes back as a choice with ``id``."""

    title: str
    url: str | None = None
    id: str | None = None


class CardPart(PartStruct, tag="card"):
    title: str
    description: str | None = None
    image: Media | None = None
    image_url: str | None = None
    url: str | None = None
    actions: list[Action] = []


class CarouselPart(PartStruct, tag="carousel"):
    cards: list[CardPart]


class TemplatePart(PartStruct, tag="template"):
    """A message form approved by the provider. ``parameters`` are by name."""

    name: str
    language: str | None = None
    parameters: dict[str, Any] = {}


class ProductPart(PartStruct, tag="product"):
    id: str
    title: str | None = None
    price: str | None = None
    url: str | None = None
    image_url: str | None = None


class OrderPart(PartStruct, tag="order"):
    id: str
    title: str | None = None
    total: str | None = None
    state: str | None = None
    products: list[ProductPart] = []


class MiniProgramPart(PartStruct, tag="mini_program"):
    """A page of a WeChat Mini Program."""

    app_id: str | None = None
    page_path: str | None = None
    title: str | None = None
    thumbnail: Media | None = None
    thumbnail_url: str | None = None


class StoryPart(PartStruct, tag="story"):
    """A mention of, or a reply to, a story."""

    id: str | None = None
    url: str | None = None
    media: Media | None = None


class ForwardedPart(PartStruct, tag="forwarded"):
    title: str | None = None
    text: str | None = None
    items: list[str] = []


class EventPart(PartStruct, tag="event"):
    """Something the customer did other than writing: followed, scanned, tapped a menu. ``data`` holds the provider's
    fields."""

    name: str
    data: dict[str, Any] = {}


class UnsupportedPart(PartStruct, tag="unsupported"):
    """What we could not understand. ``raw`` is the provider's payload as text, kept so that nothing is lost."""

    provider_type: str
    reason: str
    raw: str | None = None


Part = (
    TextPart
    | ImagePart
    | AudioPart
    | VoicePart
    | VideoPart
    | FilePart
    | StickerPart
    | LocationPart
    | ContactPart
    | LinkPart
    | ChoicesPart
    | ChoicePart
    | CardPart
    | CarouselPart
    | TemplatePart
    | ProductPart
    | OrderPart
    | MiniProgramPart
    | StoryPart
    | ForwardedPart
    | EventPart
    | UnsupportedPart
)

PART_TYPES: dict[str, type[Part]] = {str(kind.__struct_config__.tag): kind for kind in Part.__args__}
"""Every part type by its name in JSON, in the order of the schema."""


def part_type(part: Part) -> str:
    """The name of the part's type, as in JSON."""
    return str(part.__struct_config__.tag)


def decode_part(value: Any) -> Part:
    """A part from its JSON form (a dict). An unknown type becomes ``unsupported``; a malformed part raises
    ValidationError."""
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind not in PART_TYPES:
        raw = msgspec.json.encode(value).decode()
        return UnsupportedPart(provider_type=kind, reason="unknown part type", raw=raw)
    part: Part = msgspec.convert(value, Part)
    return part


def media_of(part: Part) -> list[Media]:
    """The media inside a part, in the order of its fields; nested cards count too."""
    found: list[Media] = []
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, Media):
            found.append(value)
        elif name == "cards":
            found.extend(media for card in value for media in media_of(card))
    return found
