"""What the secret of a Zendesk account holds, and what can be wrong with it.

``api_base`` is ``https://<subdomain>.zendesk.com``. ``email`` is that of the agent whom onethread acts as: the API
token goes with it, and webhooks about what this agent did are known by it. ``webhook_secret`` is the webhook's signing
secret. Source: developer.zendesk.com/api-reference/introduction/security-and-auth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.helpdesk.settings import is_address, is_number, language_problems, required, text_in

if TYPE_CHECKING:
    from shared.ports.accounts import Account

NUMBERS = ("brand_id", "group_id")


def setting(account: Account, name: str) -> str:
    """A setting that must be there. Raises ConfigurationError."""
    return required(account, name, "Zendesk")


def api_base(account: Account) -> str:
    """Where the account is; its API is below ``/api/v2``."""
    return setting(account, "api_base").rstrip("/")


def is_our_agent(email: object, account: Account) -> bool:
    """Whether an address is that of the agent whom onethread acts as."""
    return isinstance(email, str) and email.strip().casefold() == setting(account, "email").casefold()


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [f"{name} is missing." for name in ("api_base", "email", "webhook_secret") if not text_in(account, name)]
    if bool(text_in(account, "api_token")) == bool(text_in(account, "access_token")):
        found.append("either api_token or access_token (OAuth) is needed, and not both.")
    if text_in(account, "email") and "@" not in text_in(account, "email"):
        found.append("email must be the address of the agent whom the token is of.")
    found += [
        f"{name} must be a number."
        for name in NUMBERS
        if text_in(account, name) and not is_number(text_in(account, name))
    ]
    found += language_problems(account)
    if text_in(account, "api_base") and not is_address(text_in(account, "api_base")):
        found.append("api_base must be the address of the account, such as https://example.zendesk.com.")
    return found
