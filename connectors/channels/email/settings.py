"""The settings of a mail account: ``{address, reply_domain, from_name?, api_base?}``, and those of a mail server in
place of SES (:mod:`connectors.channels.email.smtp.settings`)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.channels.email.addresses import mail_address, mail_domain
from connectors.channels.email.smtp.settings import relay_problems
from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports.accounts import Account

_LONGEST_NAME = 200


def own_address(account: Account) -> str:
    """The address that mail is sent from. Raises ConfigurationError."""
    address = mail_address(str(account.get("address") or ""))
    if address is None:
        raise ConfigurationError("the mail account has no usable address")
    return address


def reply_domain(account: Account) -> str:
    """The domain of signed reply addresses. Raises ConfigurationError."""
    domain = mail_domain(str(account.get("reply_domain") or ""))
    if domain is None:
        raise ConfigurationError("the mail account has no usable reply_domain")
    return domain


def from_name(account: Account) -> str:
    """The name beside the address; empty when there is none."""
    return str(account.get("from_name") or "").strip()


def api_base(account: Account) -> str | None:
    """The account's own address of the mail provider; None for SES in the region of the stack."""
    base = account.get("api_base")
    return str(base).rstrip("/") if base else None


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each."""
    found = []
    if not account.get("address"):
        found.append("address is missing.")
    elif mail_address(str(account["address"])) is None:
        found.append("address must be an email address such as help@example.com, with ASCII letters before the @.")
    if not account.get("reply_domain"):
        found.append("reply_domain is missing.")
    elif mail_domain(str(account["reply_domain"])) is None:
        found.append("reply_domain must be a domain such as reply.example.com.")
    name = account.get("from_name")
    if name is not None and (not isinstance(name, str) or len(name) > _LONGEST_NAME or not _is_one_line(name)):
        found.append(f"from_name must be one line of at most {_LONGEST_NAME} characters.")
    base = urlsplit(api_base(account) or "https://ses")
    if base.scheme not in ("http", "https") or not base.netloc:
        found.append("api_base must be an http or https address.")
    return found + relay_problems(account)


def _is_one_line(text: str) -> bool:
    return not any(character < " " or character == "\x7f" for character in text)
