"""Files that agents send: what a webhook says of them, and where their bytes are.

The address of a file is the account's own (``/attachments/token/...``). Zendesk answers it with a redirect to its
domain for users' content; where private attachments are on, it asks for the token first. The token goes to the
account's own host alone, and no other domain than these is ever asked. Source:
developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments ("take care not to inadvertently send
Zendesk authentication credentials").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

from connectors.helpdesks.zendesk.api import authorization
from connectors.helpdesks.zendesk.settings import api_base
from shared.errors import DeliveryError, Redirected
from shared.http.answers import before_sending, check_status
from shared.ports.connector import FetchedMedia

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext
    from shared.ports.accounts import Account
    from shared.ports.http import HttpResponse

MAXIMUM_BYTES = 52_428_800
TIMEOUT = 30.0
CONTENT_DOMAIN = ".zdusercontent.com"
HOPS = 3

_LONGEST = 4000


def read_files(value: object) -> list[dict[str, str]]:
    """The references of a comment's files."""
    files: list[dict[str, str]] = []
    for each in value if isinstance(value, list) else []:
        address = each.get("url") if isinstance(each, dict) else None
        if isinstance(address, str) and 0 < len(address) <= _LONGEST:
            given = each.get("name")
            files.append({"url": address, "filename": given if isinstance(given, str) and given else _named(address)})
    return files


def fetch(reference: Mapping[str, str], context: HelpdeskContext) -> FetchedMedia:
    """Raises DeliveryError: ``media_expired`` (permanent) when the file is not there any more, ``address_refused``."""
    response = _response(reference.get("url", ""), context)
    if response.status in (403, 404, 410):
        raise DeliveryError("permanent", "media_expired", "Zendesk does not have the file any more")
    check_status(response, "Zendesk")
    declared = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchedMedia(response.body, declared or None, reference.get("filename", "")[:255] or None)


def _response(address: str, context: HelpdeskContext) -> HttpResponse:
    if not _is_accounts_own(address, context.account):
        raise DeliveryError("permanent", "address_refused", "The file is not at an address of the account's")
    for _ in range(HOPS):
        headers = {}
        if _is_accounts_own(address, context.account):
            headers["authorization"] = authorization(context.account)
        elif not _is_zendesks(address):
            raise DeliveryError("permanent", "address_refused", "The file is not at an address of Zendesk's")
        try:
            with before_sending():
                return context.http.request(
                    "GET", address, headers=headers, timeout=TIMEOUT, maximum_bytes=MAXIMUM_BYTES
                )
        except Redirected as elsewhere:
            address = urljoin(address, elsewhere.location)
    raise DeliveryError("permanent", "address_refused", "The file's address leads from one place to the next")


def _is_accounts_own(address: str, account: Account) -> bool:
    try:
        asked, own = urlsplit(address), urlsplit(api_base(account))
        return (asked.scheme, asked.netloc.lower()) == (own.scheme, own.netloc.lower())
    except ValueError:
        return False


def _is_zendesks(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.netloc.lower().endswith(CONTENT_DOMAIN)
    except ValueError:
        return False


def _named(address: str) -> str:
    try:
        return parse_qs(urlsplit(address).query).get("name", [""])[0]
    except ValueError:
        return ""
