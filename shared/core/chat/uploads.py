"""What a visitor may upload: the browser posts the file straight to our bucket, with a form that fixes key, type and
size.

The types are those a browser shows or an office uses; nothing that a browser would run (HTML, SVG, scripts) is among
them. What a file really is gets sniffed from its bytes when the message arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.errors import PayloadTooLarge, Unprocessable

IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
AUDIO_TYPES = ("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/webm", "audio/wav", "audio/amr")
VIDEO_TYPES = ("video/mp4", "video/webm", "video/quicktime", "video/3gpp")
FILE_TYPES = (
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
)

IMAGE_BYTES = 10 * 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024

_ALLOWED = frozenset(IMAGE_TYPES + AUDIO_TYPES + VIDEO_TYPES + FILE_TYPES)
_MAXIMUM_FILENAME = 200


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A file that a visitor wants to upload. ``size`` is in bytes."""

    filename: str
    mime_type: str
    size: int


def read_upload(value: dict[str, Any]) -> UploadRequest:
    """From ``{filename, mime_type, size}``.

    Raises Unprocessable (``bad_upload``, ``type_not_allowed``) and PayloadTooLarge(``file_too_large``).
    """
    filename, mime_type, size = value.get("filename"), value.get("mime_type"), value.get("size")
    if not isinstance(filename, str) or not isinstance(mime_type, str):
        raise Unprocessable("bad_upload", "filename and mime_type are texts")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise Unprocessable("bad_upload", "size is the number of bytes, at least 1")
    bare_type = essence(mime_type)
    if bare_type not in _ALLOWED:
        raise Unprocessable("type_not_allowed", "files of this type are not taken", allowed=sorted(_ALLOWED))
    maximum = maximum_bytes(bare_type)
    if size > maximum:
        raise PayloadTooLarge("file_too_large", f"at most {maximum} bytes", maximum_bytes=maximum)
    return UploadRequest(clean_filename(filename), bare_type, size)


def maximum_bytes(mime_type: str) -> int:
    """The largest file of a type, in bytes."""
    return IMAGE_BYTES if mime_type in IMAGE_TYPES else FILE_BYTES


def is_allowed_type(mime_type: str) -> bool:
    return essence(mime_type) in _ALLOWED


def essence(mime_type: str) -> str:
    """The type without its parameters: browsers record voice as ``audio/webm;codecs=opus``."""
    return mime_type.partition(";")[0].strip().lower()


def clean_filename(filename: str) -> str:
    """The last element of the path, printable, at most 200 characters; ``file`` when nothing is left."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in name if letter.isprintable()).strip(" .")
    return printable[-_MAXIMUM_FILENAME:] or "file"
