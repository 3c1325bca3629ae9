"""Files in a message, as parts, and where their bytes are.

Source: docs.slack.dev, "File object".
"""

from __future__ import annotations

import json
from typing import Any

from connectors.channels.slack.payloads import MAXIMUM_RAW, identifier, member, objects, text_of
from shared.model.inbound import MediaSource
from shared.model.media import Media
from shared.model.parts import (
    AudioPart,
    FilePart,
    ImagePart,
    LinkPart,
    Part,
    UnsupportedPart,
    VideoPart,
    VoicePart,
)

_LARGEST = 2**53


def read_files(value: Any, sources: list[MediaSource]) -> list[Part]:
    """A part for each file; where the file of a part is comes to the end of ``sources``."""
    parts: list[Part] = []
    for file in objects(value):
        url = text_of(file, "url_private_download") or text_of(file, "url_private")
        if text_of(file, "mode") == "external" or file.get("is_external") is True:
            parts.append(_elsewhere(file, url))
            continue
        reference = _reference(file, url)
        if reference is None:
            parts.append(_gone(file))
            continue
        sources.append(MediaSource(index=len(sources), reference=reference))
        parts.append(_part(file))
    return parts


def _part(file: dict[str, Any]) -> Part:
    declared = text_of(file, "mimetype")
    media = Media(
        declared_mime_type=declared[:200] or None,
        filename=text_of(file, "name")[:500] or text_of(file, "title")[:500] or None,
        size=_number(file, "size"),
        width=_number(file, "original_w"),
        height=_number(file, "original_h"),
        duration_ms=_number(file, "duration_ms"),
    )
    if text_of(file, "subtype") == "slack_audio":
        said = text_of(member(member(file, "transcription"), "preview"), "content")
        return VoicePart(media=media, transcript=said or None)
    match declared.partition("/")[0]:
        case "image" if declared != "image/svg+xml":
            return ImagePart(media=media, caption=text_of(file, "alt_txt") or None)
        case "audio":
            return AudioPart(media=media)
        case "video":
            return VideoPart(media=media)
        case _:
            return FilePart(media=media)


def _reference(file: dict[str, Any], url: str) -> dict[str, str] | None:
    """The address and Slack's id. A file out of a shared channel may come as an id alone: it has to be asked for."""
    file_id = identifier(file.get("id"))
    if text_of(file, "mode") in ("tombstone", "hidden_by_limit"):
        return None
    if text_of(file, "file_access") in ("access_denied", "file_not_found"):
        return None
    if text_of(file, "file_access") == "check_file_info":
        url = ""
    reference = {name: value for name, value in (("url", url), ("id", file_id)) if value}
    if reference and text_of(file, "mimetype").lower().startswith("text/html"):
        # A page is only believed to be the file when the file was said to be one.
        reference["declared"] = "text/html"
    return reference or None


def _elsewhere(file: dict[str, Any], url: str) -> Part:
    """A file that lies with somebody else (Google Drive, for instance) is a link to there."""
    if url:
        return LinkPart(url=url, title=text_of(file, "title") or text_of(file, "name") or None)
    return _gone(file)


def _gone(file: dict[str, Any]) -> UnsupportedPart:
    return UnsupportedPart(provider_type="file", reason="the file cannot be had", raw=json.dumps(file)[:MAXIMUM_RAW])


def _number(file: dict[str, Any], name: str) -> int | None:
    value = file.get(name)
    return value if type(value) is int and 0 <= value < _LARGEST else None
