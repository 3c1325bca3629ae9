"""What the secret of a Chatwoot account holds, and what can be wrong with it.

``account_id`` and ``inbox_id`` are the numbers in the dashboard's addresses (``/app/accounts/1/inbox/2``), and
``access_token`` is that of an agent's profile. Chatwoot 4.13.0 and later signs the webhooks of API inboxes with the
inbox's own secret (chatwoot/chatwoot#13892): that is ``webhook_secret``. An older one does not, and the address that it
is given carries ``webhook_token``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.helpdesk.settings import is_address, is_number, language_problems, required, text_in

if TYPE_CHECKING:
    from shared.ports.accounts import Account

API_BASE = "https://app.chatwoot.com"

TOKEN_CHARACTERS = 22
"""That many characters of a token made at random, with 64 different ones, are 128 bits."""


def setting(account: Account, name: str) -> str:
    """A setting that must be there; numbers are taken too. Raises ConfigurationError."""
    return required(account, name, "Chatwoot")


def api_base(account: Account) -> str:
    """Where the installation is; its API is below ``/api/v1``."""
    return str(account.get("api_base") or API_BASE).rstrip("/")


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [f"{name} is missing." for name in ("account_id", "inbox_id", "access_token") if not text_in(account, name)]
    for name in ("account_id", "inbox_id"):
        value = text_in(account, name)
        if value and not is_number(value):
            found.append(f"{name} must be a number, as in the addresses of the dashboard.")
    if not text_in(account, "webhook_secret") and not text_in(account, "webhook_token"):
        found.append(
            "webhook_secret (Chatwoot 4.13 or later: the inbox's own) or webhook_token (older: made by you) is needed."
        )
    token = text_in(account, "webhook_token")
    if token and not _is_strong(token):
        found.append(f"webhook_token must be at least {TOKEN_CHARACTERS} random letters, digits, - or _.")
    found += language_problems(account)
    if not is_address(api_base(account)):
        found.append("api_base must be the http or https address of the installation.")
    return found


def _is_strong(token: str) -> bool:
    plain = token.replace("-", "").replace("_", "")
    return len(token) >= TOKEN_CHARACTERS and plain.isascii() and plain.isalnum() and len(set(token)) > 8
