"""The page that has the chat on it: the address that customers of other channels are sent to, with a link code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from shared.model.link_codes import shown
from shared.ports.connector import DeepLink

if TYPE_CHECKING:
    from shared.ports.accounts import Account

LINK_NAME = "onethread"
"""Stands before the code in the fragment of the address. Browsers keep fragments to themselves, so no server on the
way sees the code."""

_MAXIMUM_LENGTH = 1_000
_ADDRESS = re.compile(r"[!$-;=?-\[\]_a-z~]+")
"""The characters of RFC 3986, less ``#``: a fragment is ours to add."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_USUAL_PORTS = {"https": 443, "http": 80}


def page_of(account: Account) -> SplitResult | None:
    """The account's ``page_url``, when a browser may be sent there with a code: encrypted, or on this machine, without
    a user's name in it. None for any other, and without one."""
    text = account.get("page_url")
    if not isinstance(text, str) or len(text) > _MAXIMUM_LENGTH or not _ADDRESS.fullmatch(text):
        return None
    try:
        page = urlsplit(text)
        complete = bool(page.hostname) and page.port != 0 and "@" not in page.netloc
    except ValueError:
        return None
    encrypted = page.scheme == "https" or (page.scheme == "http" and page.hostname in _LOOPBACK)
    return page if complete and encrypted else None


def origin_of(page: SplitResult) -> str:
    """The page's origin as browsers send it: without the usual port."""
    host = f"[{page.hostname}]" if ":" in (page.hostname or "") else page.hostname
    port = "" if page.port in (None, _USUAL_PORTS[page.scheme]) else f":{page.port}"
    return f"{page.scheme}://{host}{port}"


def deep_link(code: str, account: Account) -> DeepLink | None:
    """The page's address with the code in its fragment; None without a ``page_url``."""
    page = page_of(account)
    return None if page is None else DeepLink(f"{account['page_url']}#{LINK_NAME}={shown(code)}")
