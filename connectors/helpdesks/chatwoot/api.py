"""Calls of Chatwoot's application API, and what its answers mean.

Every path is below ``/api/v1/accounts/<account>``; the agent's token goes into ``api_access_token``. Errors are
``{"error": text}`` (401, 404, 422) or, of a record that is not valid (422), ``{"message": text, "attributes": names}``.
Limits: 3000 calls in a minute from one address, 100 searches for contacts, 200 messages in a conversation (20 in older
versions; 422, "Too many messages"). Sources: developers.chatwoot.com/api-reference, "Application API";
app/controllers/concerns/request_exception_handler.rb, config/initializers/rack_attack.rb and lib/limits.rb of
github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from connectors.helpdesks.chatwoot.settings import api_base, setting
from shared.errors import DeliveryError
from shared.http.answers import check_status, garbled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.helpdesk import HelpdeskContext
    from shared.ports import HttpResponse

TIMEOUT = 10.0
TIMEOUT_WITH_FILES = 20.0
MINUTE = 60.0
"""How long to wait when a conversation has had too many messages: Chatwoot counts those of the last minute."""

NO_SUCH_ADDRESS = "no_such_address"

_FORBIDDEN = "not authorized to do this"
_CROWDED = "too many messages"


class Content(NamedTuple):
    """What a call brings, and how long it may take."""

    body: bytes
    type: str
    timeout: float = TIMEOUT


class Answer(NamedTuple):
    """What Chatwoot said: success, that there is no such thing (404), or that it will not (any other 4xx)."""

    status: int
    content: dict[str, Any]

    @property
    def missing(self) -> bool:
        return self.status == 404

    @property
    def wrong(self) -> frozenset[str]:
        """The names of the attributes that a record was refused for."""
        names = self.content.get("attributes")
        return (
            frozenset(names)
            if isinstance(names, list) and all(isinstance(name, str) for name in names)
            else frozenset()
        )

    def success(self) -> dict[str, Any]:
        """The content. Raises DeliveryError when it was not a success."""
        if self.status >= 300:
            code = "not_found" if self.missing else "provider_refused"
            raise DeliveryError("permanent", code, f"Chatwoot answered HTTP {self.status}")
        return self.content


def get(path: str, context: HelpdeskContext, query: Mapping[str, str] | None = None) -> Answer:
    return _read(_request("GET", f"{path}?{urlencode(query)}" if query else path, context))


def send(method: str, path: str, content: Mapping[str, Any], context: HelpdeskContext) -> Answer:
    """A call with JSON. Raises DeliveryError: ``retry``, ``account``, ``unknown``."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return _read(_request(method, path, context, Content(body, "application/json; charset=utf-8")))


def send_form(path: str, body: bytes, content_type: str, context: HelpdeskContext) -> Answer:
    return _read(_request("POST", path, context, Content(body, content_type, TIMEOUT_WITH_FILES)))


def whole(value: object) -> str:
    """An id in an answer. Raises DeliveryError(unknown) when it is none."""
    if type(value) is not int:
        raise garbled("Chatwoot")
    return str(value)


def _request(method: str, path: str, context: HelpdeskContext, content: Content | None = None) -> HttpResponse:
    headers = {"api_access_token": setting(context.account, "access_token"), "accept": "application/json"}
    url = f"{api_base(context.account)}/api/v1/accounts/{setting(context.account, 'account_id')}{path}"
    if content is None:
        return context.http.request(method, url, headers=headers, timeout=TIMEOUT)
    headers["content-type"] = content.type
    return context.http.request(method, url, headers=headers, body=content.body, timeout=content.timeout)


def _read(response: HttpResponse) -> Answer:
    status = response.status
    if status == 429 or status >= 500:
        check_status(response, "Chatwoot")
    try:
        content = json.loads(response.body or b"{}")
    except (ValueError, RecursionError) as error:
        if status < 300:
            raise garbled("Chatwoot") from error
        content = {}
    if not isinstance(content, dict):
        content = {"payload": content}
    said = f"{content.get('error', '')} {content.get('message', '')}".lower()
    if status == 404 and not said.strip():
        # Not Chatwoot's own word for what it does not have: a proxy's page, or an address of another version.
        raise DeliveryError("retry", NO_SUCH_ADDRESS, "Chatwoot is not at this address")
    if status in (401, 402, 403):
        raise _refused(said)
    if status == 422 and _CROWDED in said:
        raise DeliveryError("retry", "conversation_full", "Too many messages within a minute", MINUTE)
    return Answer(status, content)


def _refused(said: str) -> DeliveryError:
    if _FORBIDDEN in said:
        return DeliveryError("account", "not_authorized", "The token's agent may not do this")
    return DeliveryError("account", "invalid_token", "Chatwoot does not take the access token for this account")
