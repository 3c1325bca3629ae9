"""The settings of a mail server: ``{smtp_host, smtp_port?, smtp_security?, smtp_username?, smtp_password?, smtp_ca?}``.

Mail and passwords travel under TLS alone, and the server has to prove its name; there is no setting against that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports.accounts import Account

Security = Literal["starttls", "tls"]
"""``starttls``: TLS is begun on a plain connection, before anything is said (RFC 3207). ``tls``: the connection begins
with it (RFC 8314)."""

_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465}
_NAMES = ("smtp_port", "smtp_security", "smtp_username", "smtp_password", "smtp_ca")
_HOST = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server that takes mail of ours. ``authority`` is the certificate, in PEM, of who vouches for the server's
    name; None for those that the system trusts."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    authority: str | None = None


def relay_of(account: Account) -> Relay | None:
    """The mail server that an account sends through; None for SES. Raises ConfigurationError when what is stored for
    one is not usable."""
    if not account.get("smtp_host"):
        return None
    if relay_problems(account):
        raise ConfigurationError("the mail account's smtp settings are not usable")
    security = _security(account)
    return Relay(
        host=str(account["smtp_host"]).strip(),
        port=_port(account.get("smtp_port"), _PORTS[security]) or 0,
        security=security,
        username=str(account.get("smtp_username") or ""),
        password=str(account.get("smtp_password") or ""),
        authority=account.get("smtp_ca") or None,
    )


def relay_problems(account: Account) -> list[str]:
    """What is wrong with them, one sentence each; no setting's value is shown."""
    host = account.get("smtp_host")
    given = [name for name in _NAMES if account.get(name)]
    if not host:
        return [f"smtp_host is missing, and {given[0]} is there."] if given else []
    found = []
    if not isinstance(host, str) or not _HOST.fullmatch(host.strip()):
        found.append("smtp_host must be the name of a mail server, such as smtp.example.com.")
    if account.get("smtp_security") not in (None, "", *_PORTS):
        found.append("smtp_security must be starttls or tls.")
    if _port(account.get("smtp_port"), 1) is None:
        found.append("smtp_port must be a number from 1 to 65535.")
    if bool(account.get("smtp_username")) != bool(account.get("smtp_password")):
        found.append("smtp_username and smtp_password belong together.")
    if not all(_is_word(account.get(name)) for name in ("smtp_username", "smtp_password")):
        found.append("smtp_username and smtp_password must be ASCII characters in one line.")
    authority = account.get("smtp_ca")
    if authority and not (isinstance(authority, str) and authority.isascii() and _CERTIFICATE in authority):
        found.append("smtp_ca must be a certificate in PEM.")
    if account.get("api_base"):
        found.append("api_base is for SES and smtp_host for a mail server: leave one of them out.")
    return found


def _security(account: Account) -> Security:
    return cast("Security", account.get("smtp_security") or "starttls")


def _port(value: Any, otherwise: int) -> int | None:
    """A port, also as text; None for what is none."""
    if value in (None, ""):
        return otherwise
    text = str(value)
    usable = not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if usable and 1 <= int(text) <= 65_535 else None


def _is_word(value: Any) -> bool:
    return not value or (isinstance(value, str) and value.isascii() and value.isprintable())
