"""Whether a file may pass for what its sender said, and what it is handed out as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.core.sniffing import HTML, SVG, XHTML

HTML_TYPES: Final = frozenset({HTML, XHTML})
OCTETS: Final = "application/octet-stream"

EXECUTABLES: Final = frozenset(
    {
        "application/x-executable",
        "application/x-elf",
        "application/x-mach-binary",
        "application/x-msdownload",
        "application/x-dosexec",
        "application/x-msdos-program",
        "application/vnd.microsoft.portable-executable",
        "application/x-msi",
        "application/x-ms-shortcut",
        "application/wasm",
        "application/vnd.android.dex",
        "application/vnd.android.package-archive",
        "application/java-archive",
        "application/x-java-archive",
        "application/hta",
        "application/x-bat",
        "application/x-sh",
        "application/x-shellscript",
        "text/x-shellscript",
        "text/x-msdos-batch",
    }
)
"""Types that run when opened, as sniffed here or as senders declare them."""

_ACTIVE: Final = frozenset({HTML, XHTML, SVG, "application/xml", "text/xml"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file is kept; ``reason`` is a stable word when it is not."""

    accepted: bool
    reason: str | None = None


def verdict(declared: str | None, sniffed: str | None) -> Verdict:
    """Judges a file by what its sender declared and what its bytes are; either may be unknown.

    Refused: ``executable``; ``html`` that was not declared as such (a provider's log-in or error page, sent with
    status 200); ``not_media``: text where a picture, a sound or a film was declared.
    """
    claim = bare_type(declared)
    if sniffed in EXECUTABLES or claim in EXECUTABLES:
        return Verdict(False, "executable")
    if sniffed in HTML_TYPES and claim not in HTML_TYPES:
        return Verdict(False, "html")
    textual = sniffed is not None and (sniffed.startswith("text/") or sniffed == "application/xml")
    if textual and claim.startswith(("image/", "audio/", "video/")):
        return Verdict(False, "not_media")
    return Verdict(True)


def bare_type(declared: str | None) -> str:
    """A declared type without its parameters, in lower case; empty when nothing was declared."""
    return (declared or "").partition(";")[0].strip().lower()


def served_as(sniffed: str | None) -> str:
    """The Content-Type to store a file under: what can carry scripts is never handed to a browser as itself."""
    return OCTETS if sniffed is None or sniffed in _ACTIVE else sniffed
