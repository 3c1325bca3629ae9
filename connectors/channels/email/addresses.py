"""Addresses of people and names of domains, in the one form in which they are compared and sent."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LONGEST_LOCAL_PART = 64
_LONGEST_ADDRESS = 254
"""RFC 5321 section 4.5.3.1, less the angle brackets of a path."""


def mail_domain(text: str) -> str | None:
    """A domain with at least one dot, in lower case and in the ASCII form of IDNA; None when it is none."""
    domain = text.strip().rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = domain.lower().split(".")
    return ".".join(labels) if len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) else None


def mail_address(text: str) -> str | None:
    """An address whose local part is ASCII, as SES asks (it has no SMTPUTF8), with its domain as :func:`mail_domain`
    writes it; None when it is none. The local part keeps its capital letters."""
    local_part, at, domain_text = text.strip().rpartition("@")
    domain = mail_domain(domain_text) if at else None
    if domain is None or len(local_part) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local_part):
        return None
    address = f"{local_part}@{domain}"
    return address if len(address) <= _LONGEST_ADDRESS else None


def spelled(address: str) -> str:
    """An address as headers and mail servers take it: a local part that is no dot-atom (``a..b``, which some providers
    give to people) is in quotation marks."""
    local_part, at, domain = address.rpartition("@")
    if not at or _LOCAL_PART.fullmatch(local_part) or local_part.startswith('"'):
        return address
    escaped = local_part.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{domain}'
