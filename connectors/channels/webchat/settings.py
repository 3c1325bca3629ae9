"""The settings of a chat account: ``{identity_secret?, allowed_origins[], page_url?}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.webchat.page import origin_of, page_of
from shared.http.origins import is_allowed, is_origin_pattern, origin_patterns
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.ports.accounts import Account

_MINIMUM_SECRET = 32
"""RFC 7518 section 3.2: a key for HS256 has at least 256 bits."""


def validate(account: Account) -> list[str]:
    """What is wrong, one sentence each."""
    problems = []
    secret = account.get("identity_secret")
    if secret is not None and (not isinstance(secret, str) or len(secret.encode()) < _MINIMUM_SECRET):
        problems.append(f"identity_secret must be a text of at least {_MINIMUM_SECRET} bytes.")
    origins = account.get("allowed_origins")
    if origins is not None and not isinstance(origins, str | list):
        problems.append("allowed_origins must be a list of origins.")
    wrong = [pattern for pattern in origin_patterns(account) if not is_origin_pattern(pattern)]
    problems.extend(f"allowed_origins: {pattern} is no origin such as https://shop.example." for pattern in wrong)
    if account.get("page_url") is not None and page_of(account) is None:
        problems.append("page_url must be the https address of the page with the chat, without a fragment (#).")
    return problems


def check(account: Account) -> list[Finding]:
    """What a deployer should know of an account; there is no provider to ask."""
    findings = [Finding(False, "settings", problem) for problem in validate(account)]
    origins = origin_patterns(account)
    if not origins:
        findings.append(Finding(False, "allowed_origins", "empty: no web page may open a session"))
    elif "*" in origins:
        findings.append(Finding(True, "allowed_origins", "any web page may open a session"))
    else:
        findings.append(Finding(True, "allowed_origins", ", ".join(origins)))
    signed = bool(account.get("identity_secret"))
    detail = "visitors who are logged in can be recognised" if signed else "not set: every visitor is anonymous"
    return [*findings, Finding(True, "identity_secret", detail), *_check_page(account, origins)]


def _check_page(account: Account, origins: list[str]) -> list[Finding]:
    page = page_of(account)
    if page is None:
        return []
    if not is_allowed(origin_of(page), origins):
        return [Finding(False, "page_url", "its origin is not in allowed_origins: it could open no session")]
    return [Finding(True, "page_url", "customers of other channels can be sent to this page")]
