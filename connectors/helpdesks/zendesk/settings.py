"""What the secret of a Zendesk account holds, and what can be wrong with it.

``api_base`` is ``https://<subdomain>.zendesk.com``. ``email`` is that of the agent whom onethread acts as: the API
token goes with it, and webhooks about what this agent did are known by it. ``webhook_secret`` is the webhook's signing
secret. Source: developer.zendesk.com/api-reference/introduction/security-and-auth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports import Account

LANGUAGES = ("en", "zh-CN")
"""In which of them the agents' notes are written: ``language``."""

NUMBERS = ("brand_id", "group_id")


def setting(account: Account, name: str) -> str:
    """A setting that must be there. Raises ConfigurationError."""
    value = _text(account, name)
    if not value:
        raise ConfigurationError(f"the Zendesk account has no {name}")
    return value


def optional(account: Account, name: str) -> str | None:
    return _text(account, name) or None


def api_base(account: Account) -> str:
    """Where the account is; its API is below ``/api/v2``."""
    return setting(account, "api_base").rstrip("/")


def language(account: Account) -> str:
    return _text(account, "language") or LANGUAGES[0]


def is_our_agent(email: object, account: Account) -> bool:
    """Whether an address is that of the agent whom onethread acts as."""
    return isinstance(email, str) and email.strip().casefold() == setting(account, "email").casefold()


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [f"{name} is missing." for name in ("api_base", "email", "webhook_secret") if not _text(account, name)]
    if bool(_text(account, "api_token")) == bool(_text(account, "access_token")):
        found.append("either api_token or access_token (OAuth) is needed, and not both.")
    if _text(account, "email") and "@" not in _text(account, "email"):
        found.append("email must be the address of the agent whom the token is of.")
    found += [
        f"{name} must be a number."
        for name in NUMBERS
        if _text(account, name) and not (_text(account, name).isascii() and _text(account, name).isdigit())
    ]
    if language(account) not in LANGUAGES:
        found.append(f"language must be one of {', '.join(LANGUAGES)}.")
    if _text(account, "api_base") and not _is_address(_text(account, "api_base")):
        found.append("api_base must be the address of the account, such as https://example.zendesk.com.")
    return found


def _text(account: Account, name: str) -> str:
    value = account.get(name)
    if type(value) is int:
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        return False
