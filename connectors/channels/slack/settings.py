"""What the secret of a Slack account holds, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard
from urllib.parse import urlsplit

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports.accounts import Account

API_BASE = "https://slack.com"
_METHODS = "/api"
_STAYS, _ROTATES = "xoxb-", "xoxe."
_REFRESH = "xoxe-"


def setting(account: Account, name: str) -> str:
    """A setting that must be there. Raises ConfigurationError."""
    value = account.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"the Slack account has no {name}")
    return value


def rotates(account: Account) -> bool:
    """Whether the bot token is renewed with a refresh token, and the one in the settings is not used."""
    return bool(account.get("refresh_token"))


def api_base(account: Account) -> str:
    """Where the methods are: below ``/api`` of the account's ``api_base``, whether or not that says so itself."""
    return str(account.get("api_base") or API_BASE).rstrip("/").removesuffix(_METHODS) + _METHODS


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [*_missing(account), *_token_problems(account)]
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


def _missing(account: Account) -> list[str]:
    names = ["signing_secret"]
    names += ["client_id", "client_secret"] if rotates(account) else ["bot_token"]
    values = {name: account.get(name) for name in names}
    return [f"{name} is missing." for name, value in values.items() if not isinstance(value, str) or not value.strip()]


def _token_problems(account: Account) -> list[str]:
    refresh, token = account.get("refresh_token"), account.get("bot_token")
    found = []
    if refresh and not (_is_token(refresh) and refresh.startswith(_REFRESH)):
        found.append("refresh_token must be a refresh token: it starts with xoxe-.")
    if not token:
        return found
    if not (_is_token(token) and token.startswith((_STAYS, _ROTATES))):
        found.append("bot_token must be a bot token: it starts with xoxb- (or xoxe., with token rotation).")
    elif token.startswith(_ROTATES) and not refresh:
        found.append("bot_token ends after twelve hours: store refresh_token, client_id and client_secret too.")
    return found


def _is_token(token: object) -> TypeGuard[str]:
    return isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
