"""Files that agents send: what a webhook says of them, and where their bytes are.

The address of a file leads to Active Storage, which answers with a redirect to where the bytes really are (another
host, or a disk). The same signed id under ``/blobs/proxy/`` gives the bytes themselves, and only the installation's own
origin is ever asked. Sources: ``push_event_data`` in app/models/attachment.rb of github.com/chatwoot/chatwoot; "Proxy
mode" in Rails' guide to Active Storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from connectors.helpdesks.chatwoot.settings import api_base
from shared.errors import DeliveryError
from shared.http.answers import before_sending, check_status
from shared.ports.connector import FetchedMedia

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext

MAXIMUM_BYTES = 26_214_400
TIMEOUT = 30.0

_BLOBS = "/rails/active_storage/blobs/"
_WAYS = ("redirect/", "proxy/")
_LONGEST_PATH = 4000


def read_attachments(value: object) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The parts for attachments that are no files (a place, a link), and the references of those that are."""
    parts: list[dict[str, Any]] = []
    files: list[dict[str, str]] = []
    for each in value if isinstance(value, list) else []:
        if not isinstance(each, dict):
            continue
        address = each.get("data_url")
        path = _stored_path(address) if isinstance(address, str) else None
        if each.get("file_type") == "location":
            parts += _place(each)
        elif path is not None:
            files.append({"path": path, "filename": _filename(path)})
        elif isinstance(address, str) and address.startswith(("https://", "http://")) and _BLOBS not in address:
            title = each.get("fallback_title")
            link = {"type": "link", "url": address}
            parts.append({**link, "title": title} if isinstance(title, str) and title else link)
    return parts, files


def fetch(reference: Mapping[str, str], context: HelpdeskContext) -> FetchedMedia:
    """Raises DeliveryError: ``media_expired`` (permanent) when the file is not there any more."""
    path = reference.get("path", "")
    if not path.startswith(_BLOBS):
        raise DeliveryError("permanent", "address_refused", "The file is not at an address of Chatwoot's")
    with before_sending():
        response = context.http.request(
            "GET", api_base(context.account) + path, timeout=TIMEOUT, maximum_bytes=MAXIMUM_BYTES
        )
    if response.status in (404, 410):
        raise DeliveryError("permanent", "media_expired", "Chatwoot does not have the file any more")
    check_status(response, "Chatwoot")
    declared = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchedMedia(response.body, declared or None, reference.get("filename") or None)


def _stored_path(address: str) -> str | None:
    """The path under which Active Storage hands the bytes out itself; None for an address that is not its own."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    at = path.find(_BLOBS)
    if at < 0 or len(path) > _LONGEST_PATH or ".." in path:
        return None
    rest = path[at + len(_BLOBS) :]
    for way in _WAYS:
        rest = rest.removeprefix(way)
    return f"{_BLOBS}proxy/{rest}" if rest.count("/") == 1 else None


def _filename(path: str) -> str:
    return unquote(path.rpartition("/")[2], errors="replace")[:255]


def _place(attachment: dict[str, Any]) -> list[dict[str, Any]]:
    latitude, longitude = attachment.get("coordinates_lat"), attachment.get("coordinates_long")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return []
    place = {"type": "location", "latitude": float(latitude), "longitude": float(longitude)}
    title = attachment.get("fallback_title")
    return [{**place, "name": title} if isinstance(title, str) and title else place]
