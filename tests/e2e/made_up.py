"""What tests send: texts that no other test sends, a picture, and a recording."""

from __future__ import annotations

import struct
import uuid
import zlib


def text(words: str, **fields: str) -> dict[str, str]:
    return {"type": "text", "text": words, **fields}


def some(words: str) -> str:
    return f"{words} {uuid.uuid4().hex[:8]}"


def png() -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\x80\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav() -> bytes:
    """A tenth of a second of silence."""
    samples = bytes(1600)
    about = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(samples))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + about
        + (b"data" + struct.pack("<I", len(samples)) + samples)
    )
