"""What the secret of a Slack account holds, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports.accounts import Account

API_BASE = "https://slack.com"
_METHODS = "/api"
_TOKEN_BEGINNINGS = ("xoxb-", "xoxe.")


def setting(account: Account, name: str) -> str:
    """A setting that must be there. Raises ConfigurationError."""
    value = account.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"the Slack account has no {name}")
    return value


def api_base(account: Account) -> str:
    """Where the methods are: below ``/api`` of the account's ``api_base``, whether or not that says so itself."""
    return str(account.get("api_base") or API_BASE).rstrip("/").removesuffix(_METHODS) + _METHODS


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [
        f"{name} is missing."
        for name in ("bot_token", "signing_secret")
        if not isinstance(account.get(name), str) or not account[name].strip()
    ]
    token = account.get("bot_token")
    if isinstance(token, str) and token and not _is_bot_token(token):
        found.append("bot_token must be a bot token: it starts with xoxb- (or xoxe., with token rotation).")
    team_id = account.get("team_id")
    if team_id and not (isinstance(team_id, str) and team_id.isalnum() and team_id[0] in "TE"):
        found.append("team_id must be the id of a workspace (T...) or of an organisation (E...).")
    app_id = account.get("app_id")
    if app_id and not (isinstance(app_id, str) and app_id.isascii() and app_id.isalnum() and app_id[0] == "A"):
        found.append("app_id must be the id of the app (A...).")
    base = urlsplit(api_base(account))
    if base.scheme not in ("http", "https") or not base.netloc:
        found.append("api_base must be an http or https address.")
    return found


def _is_bot_token(token: str) -> bool:
    return token.startswith(_TOKEN_BEGINNINGS) and token.isascii() and token.isprintable() and " " not in token
