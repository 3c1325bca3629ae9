"""Settings of a helpdesk account, as adapters read them. Small, for the ingress needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports.accounts import Account

LANGUAGES = ("en", "zh-CN")
"""In which of them the agents' notes are written: ``language``."""


def text_in(account: Account, name: str) -> str:
    """A setting's text, without spaces around it; numbers are taken too. Empty when it is not there."""
    value = account.get(name)
    if type(value) is int:
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def required(account: Account, name: str, helpdesk: str) -> str:
    """A setting that must be there. ``helpdesk`` is its name, as people know it. Raises ConfigurationError."""
    value = text_in(account, name)
    if not value:
        raise ConfigurationError(f"the {helpdesk} account has no {name}")
    return value


def optional(account: Account, name: str) -> str | None:
    return text_in(account, name) or None


def language(account: Account) -> str:
    return text_in(account, "language") or LANGUAGES[0]


def language_problems(account: Account) -> list[str]:
    return [] if language(account) in LANGUAGES else [f"language must be one of {', '.join(LANGUAGES)}."]


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def is_address(address: str) -> bool:
    """Whether it is an http or https address that a path can be put behind."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        return False
