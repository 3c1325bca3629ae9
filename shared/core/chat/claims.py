"""Claims: what a visitor typed of themselves into a form before the chat. They prove nothing: they are shown to agents
and may become a suggestion, and no identity is ever linked by them."""

from __future__ import annotations

import re
from typing import Any

from shared.core.chat.identity_tokens import display_name, is_email
from shared.errors import Unprocessable

NAMES = ("name", "email", "phone")

_MAXIMUM_EMAIL = 254
"""Bytes: RFC 5321 section 4.5.3.1, less the angle brackets of a path. With it a session token stays within its
limit."""

_MAXIMUM_TYPED = 200
"""Characters of a name or a phone number as it was typed."""

_PHONE = re.compile(r"\+?[0-9]{5,15}")
"""The longest number has 15 digits (ITU-T E.164 section 6.2.1)."""
_BETWEEN_DIGITS = re.compile(r"[\s().\-/\u2010-\u2015]")


def read_claims(value: Any) -> dict[str, str]:
    """``{name?, email?, phone?}``: a name fit to show, an address, a phone number as digits with or without ``+``.

    What is null or blank was not filled in, and is left out; so is every other member. Raises
    Unprocessable(``bad_claims``).
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad("claims is an object with name, email and phone")
    typed = {name: _text(value.get(name), name) for name in NAMES}
    claims = {
        "name": display_name(typed["name"]),
        "email": _email(typed["email"]),
        "phone": _phone(typed["phone"]),
    }
    return {name: text for name, text in claims.items() if text}


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _bad(f"{name} is a text")
    text = value.strip()
    if len(text) > (_MAXIMUM_EMAIL if name == "email" else _MAXIMUM_TYPED):
        raise _bad(f"{name} is too long")
    return text


def _email(text: str) -> str:
    if text and (len(text.encode()) > _MAXIMUM_EMAIL or not text.isprintable() or not is_email(text)):
        raise _bad("email is no mail address")
    return text


def _phone(text: str) -> str:
    number = _BETWEEN_DIGITS.sub("", text)
    if text and not _PHONE.fullmatch(number):
        raise _bad("phone is 5 to 15 digits, with or without a + before them")
    return number


def _bad(detail: str) -> Unprocessable:
    return Unprocessable("bad_claims", detail)
