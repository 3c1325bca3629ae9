"""What files are by their bytes, and which of them are refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.images import image_size
from shared.core.screening import served_as, verdict
from shared.core.sniffing import sniff
from tests.unit.media.samples import (
    archive,
    bitmap,
    gif,
    iso_media,
    jpeg,
    ogg,
    open_document,
    png,
    portable_executable,
    webp,
)

OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (gif(), "image/gif"),
        (webp(b"VP8 "), "image/webp"),
        (bitmap(), "image/bmp"),
        (b"II*\x00rest", "image/tiff"),
        (iso_media(b"heic"), "image/heic"),
        (iso_media(b"mif1", b"mif1", b"heic"), "image/heic"),
        (iso_media(b"mif1", b"avif"), "image/avif"),
        (iso_media(b"mif1", b"miaf"), "image/heif"),
        (iso_media(b"avif"), "image/avif"),
        (b"#!AMR\n\x3c\x00", "audio/amr"),
        (b"#!AMR-WB\n\x3c\x00", "audio/amr-wb"),
        (b"#!SILK_V3\x00", "audio/silk"),
        (b"\x02#!SILK_V3\x00", "audio/silk"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf3\x40\xc0", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (ogg(b"OpusHead"), "audio/ogg"),
        (ogg(b"Speex   "), "audio/ogg"),
        (ogg(b"\x01vorbis"), "audio/ogg"),
        (ogg(b"\x80theora"), "video/ogg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"fLaC\x00", "audio/flac"),
        (iso_media(b"M4A "), "audio/mp4"),
        (iso_media(b"isom"), "video/mp4"),
        (iso_media(b"mp42"), "video/mp4"),
        (iso_media(b"qt  "), "video/quicktime"),
        (iso_media(b"3gp4"), "video/3gpp"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "video/x-matroska"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "video/x-msvideo"),
        (b"%PDF-1.7\n", "application/pdf"),
        (archive("a.txt"), "application/zip"),
        (archive(), "application/zip"),
        (b"PK\x03\x04 and nothing more", "application/zip"),
        (archive("[Content_Types].xml", "word/document.xml"), OFFICE + "wordprocessingml.document"),
        (archive("docs/x", "xl/workbook.xml", "[Content_Types].xml"), OFFICE + "spreadsheetml.sheet"),
        (archive("[Content_Types].xml", "ppt/a.xml", comment=b"hello"), OFFICE + "presentationml.presentation"),
        (archive("word/notes.txt"), "application/zip"),
        (open_document("application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (open_document("application/epub+zip"), "application/epub+zip"),
        (open_document("text/html"), "application/zip"),
        (archive("META-INF/MANIFEST.MF", "A.class"), "application/java-archive"),
        (archive("AndroidManifest.xml", "META-INF/MANIFEST.MF"), "application/vnd.android.package-archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x-ole-storage"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + bytes.fromhex("84100c0000000000c000000000000046"),
            "application/x-msi",
        ),
        (b"\x1f\x8b\x08\x00", "application/gzip"),
        (b"Rar!\x1a\x07\x01\x00", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c\x00", "application/x-7z-compressed"),
        (b"{\\rtf1", "application/rtf"),
        (portable_executable(), "application/vnd.microsoft.portable-executable"),
        (b"MZ", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02\x01\x01", "application/x-executable"),
        (b"\xcf\xfa\xed\xfe\x0c", "application/x-mach-binary"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x41", "application/x-mach-binary"),
        (b"\x00asm\x01\x00\x00\x00", "application/wasm"),
        (b"#!/bin/sh\nrm -rf x", "text/x-shellscript"),
        (b"#! /usr/bin/env python\n", "text/x-shellscript"),
        (b"<!DOCTYPE html><html>", "text/html"),
        (b"<!doctype HTML>", "text/html"),
        (b"\xef\xbb\xbf \r\n\t<HTML lang=en>", "text/html"),
        (b"<!-- a --> <!-- b -->\n<body>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"<p>Log in</p>", "text/html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "application/xhtml+xml"),
        (b'<?xml version="1.0"?><!-- x --><svg width="1"/>', "image/svg+xml"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (b'<?xml version="1.0"?><order/>', "application/xml"),
        (b'{"errcode":40007,"errmsg":"invalid media_id"}', "text/plain"),
        ("你好，世界".encode(), "text/plain"),
        (("a" + "界" * 3000).encode(), "text/plain"),
        ("\ufeffhi".encode("utf-16-be"), "text/plain"),
        (b"MZ is how this sentence begins, and it goes on for more than sixty-four characters.", "text/plain"),
        (b"", None),
        (b"\x00\x01\x02\x03", None),
        (b"caf\xe9 au lait", None),
        (b"\xff\xff\xff\xff", None),
        (b"BM this is no picture at all, only letters", "text/plain"),
        (b"RIFF\x00\x00\x00\x00????", None),
    ],
)
def test_a_file_is_known_by_its_bytes(data: bytes, mime_type: str | None) -> None:
    assert sniff(data) == mime_type


@given(st.binary(max_size=200))
def test_no_bytes_break_the_sniffer(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"RIFF", b"\xff\xd8", b"<?xml ", b"<!--", b"MZ", b"\x89PNG\r\n\x1a\n", b"GIF89a"):
        sniff(start + data)
        image_size(start + data)


def test_hostile_files_are_read_in_no_time() -> None:
    # Given a zip with a directory of half a million empty entries, and pictures of nothing but padding and empty
    # segments
    entry = b"PK\x01\x02" + bytes(42)
    many = b"PK\x03\x04" + entry * 500_000 + b"PK\x05\x06" + bytes(12) + b"\x04\x00\x00\x00" + bytes(2)
    started = time.process_time()
    assert sniff(many) == "application/zip"
    assert sniff(b"PK\x03\x04PK\x05\x06" + b"\xff" * 18) == "application/zip"
    assert sniff(b"<!--" * 1_000_000) is not None
    assert image_size(b"\xff\xd8" + b"\xff" * 20_000_000) is None
    assert image_size(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5_000_000) is None
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("declared", "sniffed", "reason"),
    [
        ("image/png", "image/png", None),
        ("image/png", "image/jpeg", None),
        ("image/png", None, None),
        (None, None, None),
        (None, "image/png", None),
        (None, "text/plain", None),
        ("application/json", "text/plain", None),
        ("text/html", "text/html", None),
        ("Text/HTML; charset=utf-8", "text/html", None),
        ("image/svg+xml", "image/svg+xml", None),
        ("image/png", "text/html", "html"),
        ("application/pdf", "text/html", "html"),
        ("text/plain", "text/html", "html"),
        (None, "text/html", "html"),
        ("", "application/xhtml+xml", "html"),
        ("image/jpeg", "text/plain", "not_media"),
        ("audio/amr", "text/plain", "not_media"),
        ("Video/MP4 ; codecs=x", "application/xml", "not_media"),
        ("image/png", "application/vnd.microsoft.portable-executable", "executable"),
        ("application/octet-stream", "application/x-executable", "executable"),
        ("text/html", "text/x-shellscript", "executable"),
        (None, "application/java-archive", "executable"),
        ("application/x-msdownload", None, "executable"),
        ("application/hta", "text/html", "executable"),
    ],
)
def test_a_file_is_judged_by_its_bytes_and_its_claim(
    declared: str | None, sniffed: str | None, reason: str | None
) -> None:
    judged = verdict(declared, sniffed)
    assert (judged.accepted, judged.reason) == (reason is None, reason)


def test_what_can_carry_scripts_is_not_served_as_itself() -> None:
    dangerous = ["text/html", "application/xhtml+xml", "image/svg+xml", "application/xml", None]
    assert [served_as(mime_type) for mime_type in dangerous] == ["application/octet-stream"] * 5
    assert served_as("image/png") == "image/png"


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), (640, 480)),
        (gif(640, 480), (640, 480)),
        (jpeg(640, 480), (640, 480)),
        (jpeg(640, 480, marker=0xC2), (640, 480)),
        (webp(b"VP8 ", 640, 480), (640, 480)),
        (webp(b"VP8L", 640, 480), (640, 480)),
        (webp(b"VP8X", 16_384, 480), (16_384, 480)),
        (png()[:20], None),
        (gif()[:8], None),
        (jpeg()[:25], None),
        (b"\xff\xd8\xff\xe0\x00\x00" * 3, None),
        (b"\xff\xd8" + b"\xff" * 100, None),
        (webp(b"VP8X")[:25], None),
        (webp(b"????"), None),
        (png(0, 5), None),
        (b"", None),
        (b"%PDF-1.7", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_start(data: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(data) == size
