"""Temporary media: what may be uploaded, and what it turns out to be.

Source: developers.weixin.qq.com, "uploadTempMedia": image 10 MB png/jpg/gif, voice 2 MB and 60 s AMR/MP3, video 10 MB
MP4, thumb 64 KB JPG; valid for three days.
"""

from __future__ import annotations

import secrets
from pathlib import PurePath

import msgspec

from infra.local.providers.state_file import FileFolder
from infra.local.providers.wechat.errors import ApiError
from infra.local.providers.wechat.state import MediaItem, WeChatState

VALID_SECONDS = 3 * 86400
MAXIMUM_VOICE_SECONDS = 60


class Kind(msgspec.Struct, kw_only=True, frozen=True):
    """``size_code`` is the error for a file over ``maximum_bytes``."""

    maximum_bytes: int
    mime_types: tuple[str, ...]
    size_code: int


KINDS: dict[str, Kind] = {
    "image": Kind(maximum_bytes=10 << 20, mime_types=("image/png", "image/jpeg", "image/gif"), size_code=40009),
    "voice": Kind(maximum_bytes=2 << 20, mime_types=("audio/amr", "audio/mpeg"), size_code=40010),
    "video": Kind(maximum_bytes=10 << 20, mime_types=("video/mp4",), size_code=40011),
    "thumb": Kind(maximum_bytes=64 << 10, mime_types=("image/jpeg",), size_code=40012),
}
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "audio/amr": (".amr",),
    "audio/mpeg": (".mp3",),
    "video/mp4": (".mp4",),
}
DECLARED: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("image/jpeg", "image/jpg"),
    "audio/mpeg": ("audio/mpeg", "audio/mp3"),
    "audio/amr": ("audio/amr", "audio/x-amr"),
}
AMR_FRAME_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
"""AMR-NB frame sizes with their header byte, by frame type (RFC 4867); a frame lasts 20 ms."""
MP3_KILOBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
"""MPEG-1 layer III."""


def sniff(data: bytes) -> str | None:
    """The MIME type the bytes show, among those WeChat takes."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"#!AMR\n"):
        return "audio/amr"
    if data.startswith(b"ID3") or (len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return None


def seconds_of_voice(data: bytes) -> float:
    """How long a recording plays: exact for AMR-NB; for MP3 an estimate from the first frame's bit rate."""
    if data.startswith(b"#!AMR\n"):
        position, frames = 6, 0
        while position < len(data):
            position += AMR_FRAME_BYTES[data[position] >> 3 & 0x0F]
            frames += 1
        return frames * 0.02
    start = data.find(b"\xff", 10 if data.startswith(b"ID3") else 0)
    kilobits = MP3_KILOBITS[data[start + 2] >> 4] if 0 <= start < len(data) - 2 else 0
    return len(data) * 8 / (kilobits * 1000) if kilobits else 0.0


def check_upload(kind: str, filename: str | None, declared: str | None, data: bytes) -> str:
    """The MIME type of an acceptable upload. Raises 40004, 41005, 40006, 40005, 40009 to 40012 or 45007."""
    if kind not in KINDS:
        raise ApiError(40004)
    if not filename:
        raise ApiError(41005, "no filename")
    if not data:
        raise ApiError(40006)
    rules = KINDS[kind]
    if len(data) > rules.maximum_bytes:
        raise ApiError(rules.size_code)
    mime_type = sniff(data)
    if mime_type is None or mime_type not in rules.mime_types:
        raise ApiError(40005)
    if PurePath(filename).suffix.lower() not in EXTENSIONS[mime_type]:
        raise ApiError(40005, "extension")
    if (declared or "").lower() not in DECLARED.get(mime_type, (mime_type,)):
        raise ApiError(40005, "content type")
    if kind == "voice" and seconds_of_voice(data) > MAXIMUM_VOICE_SECONDS:
        raise ApiError(45007)
    return mime_type


def keep(
    state: WeChatState,
    folder: FileFolder,
    data: bytes,
    *,
    account: str,
    kind: str,
    filename: str,
    mime_type: str,
    now: float,
) -> MediaItem:
    """Store a media and give it an id."""
    item = MediaItem(
        media_id=secrets.token_urlsafe(48),
        account=account,
        kind=kind,
        filename=filename,
        mime_type=mime_type,
        size=len(data),
        created_at=now,
    )
    folder.write(item.media_id, data)
    state.media[item.media_id] = item
    return item


def find(state: WeChatState, account: str, media_id: str, kinds: tuple[str, ...], now: float) -> MediaItem:
    """A media of this account that is still there. Raises 40007."""
    item = state.media.get(media_id)
    if item is None or item.account != account or item.kind not in kinds or now - item.created_at >= VALID_SECONDS:
        raise ApiError(40007)
    return item
