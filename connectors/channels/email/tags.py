"""The name of an account as a tag of SES, which comes back with every report.

Values of tags are made of A-Z, a-z, 0-9, ``_`` and ``-`` (SES API v2, "MessageTag"); names of accounts may hold more.
Standard library only: the intake imports it.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_-]{0,255}")


def account_tag(account: str) -> str:
    return account if _PLAIN.fullmatch(account) else "_" + account.encode().hex()


def tagged_account(tag: str) -> str:
    """The inverse of :func:`account_tag`. Raises ValueError for what it never made."""
    return bytes.fromhex(tag[1:]).decode() if tag.startswith("_") else tag
