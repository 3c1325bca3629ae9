"""What a file is by its bytes.

The table is our own, and short: it holds what customers send on the channels we know, some of which (SILK, AMR, HEIC)
general libraries lack or name differently, and which nobody else's update can change. The signatures are those of the
formats' specifications; text and HTML follow https://mimesniff.spec.whatwg.org.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final

HTML: Final = "text/html"
XHTML: Final = "application/xhtml+xml"
SVG: Final = "image/svg+xml"

_PREFIXES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"#!AMR-WB\n", "audio/amr-wb"),  # RFC 4867
    (b"#!AMR\n", "audio/amr"),
    (b"#!SILK_V3", "audio/silk"),
    (b"\x02#!SILK_V3", "audio/silk"),  # as Tencent's applications write it
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),  # shared with Java classes, which run as well
    (b"\x00asm", "application/wasm"),
    (b"dex\n", "application/vnd.android.dex"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"#!/", "text/x-shellscript"),
    (b"#! /", "text/x-shellscript"),
)

_BRANDS: Final = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic-sequence",
    b"mif1": "image/heif",
    b"msf1": "image/heif-sequence",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"F4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
"""Major brands of ISO media files, https://mp4ra.org/registered-types/brands; ``3g..`` is 3GPP, any other is taken
for MP4."""

_OFFICE: Final = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)

_HTML_START: Final = re.compile(
    rb"<(?:!doctype html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|meta|form|link)[\s>/]",
    re.I,
)
_ROOT: Final = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_NOT_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MSI_CLASS: Final = bytes.fromhex("84100c0000000000c000000000000046")
_BITMAP_HEADERS: Final = frozenset(struct.pack("<I", size) for size in (12, 40, 52, 56, 64, 108, 124))
_MAXIMUM_MEMBERS: Final = 2_000


def sniff(data: bytes) -> str | None:
    """The MIME type by the bytes, or None when nothing is recognised. Looks at the start, and into the directory of a
    zip."""
    for prefix, mime_type in _PREFIXES:
        if data.startswith(prefix):
            return mime_type
    return _sniff_container(data) or _sniff_frames(data) or _sniff_markup(data) or _sniff_text(data)


def _sniff_container(data: bytes) -> str | None:
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    if data[:4] == b"OggS":
        return "video/ogg" if b"\x80theora" in data[:512] else "audio/ogg"  # RFC 5334: Opus, Vorbis and Speex alike
    if data[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in data[:64] else "video/x-matroska"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _sniff_zip(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "application/x-msi" if _MSI_CLASS in data else "application/x-ole-storage"
    return None


def _sniff_iso_media(data: bytes) -> str:
    brand = data[8:12]
    if brand in (b"mif1", b"msf1"):  # the general brand: the codec is among the compatible ones
        compatible = data[16 : max(16, min(int.from_bytes(data[:4], "big"), 256))]
        if b"avif" in compatible or b"avis" in compatible:
            return "image/avif"
        if b"heic" in compatible or b"heix" in compatible:
            return "image/heic"
    if brand[:2] == b"3g":
        return "video/3gpp"
    return _BRANDS.get(brand, "video/mp4")


def _sniff_frames(data: bytes) -> str | None:
    """Formats whose start is only a few bits, so that the fields after them have to make sense as well."""
    if data[:2] == b"BM" and len(data) >= 26 and data[6:10] == bytes(4) and data[14:18] in _BITMAP_HEADERS:
        return "image/bmp"
    if data[:2] == b"MZ" and (len(data) < 64 or _NOT_TEXT.search(data[:64])):
        return "application/vnd.microsoft.portable-executable"
    if len(data) >= 4 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        if data[1] & 0xF6 == 0xF0:
            return "audio/aac"
        version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
        rate, frequency = data[2] >> 4, data[2] >> 2 & 3
        if version != 1 and layer == 1 and 0 < rate < 15 and frequency != 3:
            return "audio/mpeg"
    return None


def _sniff_markup(data: bytes) -> str | None:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip(b"\t\n\f\r ")
    while start.startswith(b"<!--"):
        start = start.partition(b"-->")[2].lstrip(b"\t\n\f\r ")
    if _HTML_START.match(start):
        return HTML
    if not start.startswith((b"<?xml", b"<svg", b"<!DOCTYPE svg")):
        return None
    root = _ROOT.search(re.sub(rb"<!--.*?-->", b"", start, flags=re.S))
    name = root[1].lower() if root else b""
    return {b"svg": SVG, b"html": XHTML}.get(name, "application/xml")


def _sniff_text(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain"
    start = data[:4096]
    if not start or _NOT_TEXT.search(start):
        return None
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and len(data) > len(start)
        return "text/plain" if cut else None
    return "text/plain"


def _sniff_zip(data: bytes) -> str:
    if data[30:38] == b"mimetype":  # OpenDocument and EPUB put their type first, uncompressed
        size = int.from_bytes(data[18:22], "little")
        stated = data[38 : 38 + min(size, 100)].decode("ascii", "replace").strip()
        if stated.startswith(("application/vnd.oasis.opendocument.", "application/epub+zip")):
            return stated
    names = set(_member_names(data))
    if b"AndroidManifest.xml" in names:
        return "application/vnd.android.package-archive"
    if b"[Content_Types].xml" in names:
        for folder, mime_type in _OFFICE:
            if any(name.startswith(folder) for name in names):
                return mime_type
    if b"META-INF/MANIFEST.MF" in names:
        return "application/java-archive"
    return "application/zip"


def _member_names(data: bytes) -> Iterator[bytes]:
    """Names out of the central directory, without unpacking anything (APPNOTE.TXT 4.3.12 and 4.3.16); none when it is
    broken."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 20:
        return
    at = int.from_bytes(data[end + 16 : end + 20], "little")
    for _ in range(_MAXIMUM_MEMBERS):
        if data[at : at + 4] != b"PK\x01\x02" or len(data) < at + 46:
            return
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        yield data[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment
