"""The parts a visitor may send. Each is rebuilt from the fields a visitor has a say in; everything else of it is
dropped."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from shared.core.chat.uploads import clean_filename, is_allowed_type
from shared.errors import RequestError, Unprocessable
from shared.model.media import Media
from shared.model.parts import (
    PART_TYPES,
    AudioPart,
    ChoicePart,
    ContactPart,
    FilePart,
    ImagePart,
    LocationPart,
    Part,
    TextPart,
    VideoPart,
    VoicePart,
)
from shared.model.uploads import MEDIA_ID

PART_NAMES = ("text", "image", "audio", "voice", "video", "file", "location", "contact", "choice")
MAXIMUM_PARTS = 10
MAXIMUM_TEXT = 8_000
"""Characters."""

_MAXIMUM_CAPTION = 1_000
_MAXIMUM_LINE = 200
_MAXIMUM_ENTRIES = 10


def read_parts(value: Any) -> list[Part]:
    """Raises Unprocessable: ``bad_parts`` (not a list, or empty), ``too_many_parts``, ``unknown_part``, ``bad_part``,
    ``empty_text``, ``text_too_long``, ``bad_media_id``."""
    if not isinstance(value, list) or not value:
        raise Unprocessable("bad_parts", "parts is a list of at least one part")
    if len(value) > MAXIMUM_PARTS:
        raise Unprocessable("too_many_parts", f"at most {MAXIMUM_PARTS} parts")
    return [_read_part(part, index) for index, part in enumerate(value)]


def _read_part(value: Any, index: int) -> Part:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise _refused("bad_part", "a part is an object with a type", index)
    if kind not in PART_NAMES:
        raise _refused("unknown_part", "visitors cannot send parts of this type", index)
    try:
        return _rebuilt(msgspec.convert(value, PART_TYPES[kind]))
    except msgspec.ValidationError as error:
        raise _refused("bad_part", str(error), index) from None
    except RequestError as error:
        error.members["part"] = index
        raise


def _rebuilt(part: Part) -> Part:
    match part:
        case TextPart():
            return TextPart(text=_text(part.text))
        case ImagePart():
            return ImagePart(media=_media(part.media), caption=_line(part.caption, _MAXIMUM_CAPTION))
        case AudioPart():
            return AudioPart(media=_media(part.media))
        case VoicePart():
            return VoicePart(media=_media(part.media))
        case VideoPart():
            return VideoPart(media=_media(part.media))
        case FilePart():
            return FilePart(media=_media(part.media))
        case LocationPart():
            return _location(part)
        case ContactPart():
            return _contact(part)
        case ChoicePart():
            return ChoicePart(id=_required(part.id), title=_line(part.title, _MAXIMUM_LINE))
        case _:
            raise Unprocessable("unknown_part", "visitors cannot send parts of this type")


def _text(text: str) -> str:
    if not text.strip():
        raise Unprocessable("empty_text", "the text is empty")
    if len(text) > MAXIMUM_TEXT:
        raise Unprocessable("text_too_long", f"at most {MAXIMUM_TEXT} characters")
    return text


def _media(media: Media) -> Media:
    """Only the name of an upload, and what the visitor says it is: state, size and address are ours to say."""
    if media.media_id is None or not MEDIA_ID.fullmatch(media.media_id):
        raise Unprocessable("bad_media_id", "media.media_id names a file that was uploaded before")
    # The type arrives as mime_type, the field's name in the upload request; from a visitor it is only a claim.
    declared = media.declared_mime_type or media.mime_type
    return Media(
        media_id=media.media_id,
        declared_mime_type=declared if declared and is_allowed_type(declared) else None,
        filename=clean_filename(media.filename) if media.filename else None,
    )


def _location(part: LocationPart) -> LocationPart:
    inside = math.isfinite(part.latitude) and abs(part.latitude) <= 90 and abs(part.longitude) <= 180
    if not inside:
        raise Unprocessable("bad_part", "latitude is from -90 to 90, longitude from -180 to 180")
    return LocationPart(
        latitude=part.latitude,
        longitude=part.longitude,
        name=_line(part.name, _MAXIMUM_LINE),
        address=_line(part.address, _MAXIMUM_LINE),
    )


def _contact(part: ContactPart) -> ContactPart:
    if len(part.phones) > _MAXIMUM_ENTRIES or len(part.emails) > _MAXIMUM_ENTRIES:
        raise Unprocessable("bad_part", f"a contact has at most {_MAXIMUM_ENTRIES} phones and emails")
    phones = [_required(phone) for phone in part.phones]
    return ContactPart(name=_required(part.name), phones=phones, emails=[_required(email) for email in part.emails])


def _required(text: str) -> str:
    line = _line(text, _MAXIMUM_LINE)
    if line is None:
        raise Unprocessable("bad_part", "a required text is empty")
    return line


def _line(text: str | None, maximum: int) -> str | None:
    if text is None or not text.strip():
        return None
    if len(text) > maximum:
        raise Unprocessable("text_too_long", f"at most {maximum} characters here")
    return text


def _refused(code: str, detail: str, index: int) -> Unprocessable:
    return Unprocessable(code, detail, part=index)
