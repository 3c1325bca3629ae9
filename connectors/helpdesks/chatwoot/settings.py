"""What the secret of a Chatwoot account holds, and what can be wrong with it.

``account_id`` and ``inbox_id`` are the numbers in the dashboard's addresses (``/app/accounts/1/inbox/2``), and
``access_token`` is that of an agent's profile. Chatwoot 4.13.0 and later signs the webhooks of API inboxes with the
inbox's own secret (chatwoot/chatwoot#13892): that is ``webhook_secret``. An older one does not, and the address that it
is given carries ``webhook_token``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports import Account

API_BASE = "https://app.chatwoot.com"

LANGUAGES = ("en", "zh-CN")
"""In which of them the agents' notes are written: ``language``."""

TOKEN_CHARACTERS = 22
"""That many characters of a token made at random, with 64 different ones, are 128 bits."""


def setting(account: Account, name: str) -> str:
    """A setting that must be there; numbers are taken too. Raises ConfigurationError."""
    value = _text(account, name)
    if not value:
        raise ConfigurationError(f"the Chatwoot account has no {name}")
    return value


def optional(account: Account, name: str) -> str | None:
    return _text(account, name) or None


def api_base(account: Account) -> str:
    """Where the installation is; its API is below ``/api/v1``."""
    return str(account.get("api_base") or API_BASE).rstrip("/")


def language(account: Account) -> str:
    return _text(account, "language") or LANGUAGES[0]


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [f"{name} is missing." for name in ("account_id", "inbox_id", "access_token") if not _text(account, name)]
    for name in ("account_id", "inbox_id"):
        value = _text(account, name)
        if value and not (value.isascii() and value.isdigit()):
            found.append(f"{name} must be a number, as in the addresses of the dashboard.")
    if not _text(account, "webhook_secret") and not _text(account, "webhook_token"):
        found.append(
            "webhook_secret (Chatwoot 4.13 or later: the inbox's own) or webhook_token (older: made by you) is needed."
        )
    token = _text(account, "webhook_token")
    if token and not _is_strong(token):
        found.append(f"webhook_token must be at least {TOKEN_CHARACTERS} random letters, digits, - or _.")
    if language(account) not in LANGUAGES:
        found.append(f"language must be one of {', '.join(LANGUAGES)}.")
    if not _is_address(api_base(account)):
        found.append("api_base must be the http or https address of the installation.")
    return found


def _text(account: Account, name: str) -> str:
    value = account.get(name)
    if type(value) is int:
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _is_strong(token: str) -> bool:
    plain = token.replace("-", "").replace("_", "")
    return len(token) >= TOKEN_CHARACTERS and plain.isascii() and plain.isalnum() and len(set(token)) > 8


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        return False
