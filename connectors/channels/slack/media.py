"""Files of customers.

Slack hands a file to whoever shows a token that may see it, and to everybody else its log-in page, with status 200.
Source: docs.slack.dev, "Working with files", "files.info".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.channels.slack.api import ask, authorization, is_of_the_api, is_slack
from connectors.channels.slack.settings import rotates
from connectors.channels.slack.tokens import TokenUse
from shared.errors import DeliveryError
from shared.http.answers import before_sending, check_status
from shared.ports.connector import FetchedMedia

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext
    from shared.ports.http import HttpResponse

MAXIMUM_BYTES = 41_943_040
"""As much as is kept of any file; on Slack one may have a gigabyte."""

_TIMEOUT = 30.0


def fetch(reference: Mapping[str, str], context: ChannelContext) -> FetchedMedia:
    """A customer's file by its address; by its id where Slack gave no more.

    Raises DeliveryError: ``media_expired`` (permanent) when Slack no longer has it, ``missing_scope`` (account) when
    the app may not read files.
    """
    tokens = TokenUse(context)
    url, declared, filename = reference.get("url", ""), reference.get("declared"), None
    if not url:
        file = _asked(reference.get("id", ""), tokens)
        url, declared, filename = _address(file), _text(file, "mimetype"), _text(file, "name")
    response = tokens.call(lambda token: _get(url, token, context))
    if rotates(context.account) and _is_log_in_page(response, declared):
        # Also what a token is shown that somebody has renewed meanwhile; a method says it in words.
        ask("auth.test", {}, tokens)
        response = tokens.call(lambda token: _get(url, token, context))
    if response.status in (404, 410):
        raise DeliveryError("permanent", "media_expired", "Slack does not have the file any more")
    if response.status in (401, 403):
        raise _not_allowed()
    check_status(response, "Slack")
    if _is_log_in_page(response, declared):
        raise _not_allowed()
    return FetchedMedia(response.body, _content_type(response) or None, filename)


def _is_log_in_page(response: HttpResponse, declared: str | None) -> bool:
    """Whether a page has come in place of a file that is said to be something else."""
    page = response.status == 200 and _content_type(response) == "text/html"
    return page and not (declared or "").lower().startswith("text/html")


def _content_type(response: HttpResponse) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _asked(file_id: str, tokens: TokenUse) -> dict[str, Any]:
    if not file_id:
        raise DeliveryError("permanent", "media_expired", "The message names no file")
    with before_sending():
        file = ask("files.info", {"file": file_id}, tokens).get("file")
    return file if isinstance(file, dict) else {}


def _address(file: dict[str, Any]) -> str:
    url = _text(file, "url_private_download") or _text(file, "url_private")
    if not url:
        raise DeliveryError("permanent", "media_expired", "Slack gives no address for the file")
    return url


def _get(url: str, token: str, context: ChannelContext) -> HttpResponse:
    """The token goes to Slack and to the deployer's own address of it, nowhere else."""
    configured = is_of_the_api(url, context)
    if not configured and not is_slack(url):
        raise DeliveryError("permanent", "address_refused", "The file is not at an address of Slack's")
    client = context.http if configured else context.web
    with before_sending():
        return client.request("GET", url, headers=authorization(token), timeout=_TIMEOUT, maximum_bytes=MAXIMUM_BYTES)


def _not_allowed() -> DeliveryError:
    return DeliveryError("account", "missing_scope", "Slack asks for a log-in: the app may not read files (files:read)")


def _text(file: dict[str, Any], name: str) -> str | None:
    found = file.get(name)
    return found if isinstance(found, str) and found else None
