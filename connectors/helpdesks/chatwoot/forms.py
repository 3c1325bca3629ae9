"""Forms with files, as RFC 7578 has them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.helpdesk.copying import File


def form_with_files(fields: Iterable[tuple[str, str]], name: str, files: Iterable[File]) -> tuple[bytes, str]:
    """The body, and its content type. Every file goes under the same ``name``."""
    boundary = f"onethread-{secrets.token_hex(16)}"
    pieces: list[bytes] = []
    for field, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'
        pieces += [head.encode(), value.encode("utf-8", "replace"), b"\r\n"]
    for file in files:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{_quoted(file.filename)}"\r\n'
            f"Content-Type: {file.mime_type}\r\n\r\n"
        )
        pieces += [head.encode("utf-8", "replace"), file.body, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces), f"multipart/form-data; boundary={boundary}"


def _quoted(filename: str) -> str:
    """Section 4.2 of RFC 7578 and browsers: a quote and line ends are percent-encoded, all else goes as UTF-8."""
    return filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
