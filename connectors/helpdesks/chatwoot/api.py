"""Calls of Chatwoot's application API, and what its answers mean.

Every path is below ``/api/v1/accounts/<account>``; the agent's token goes into ``api_access_token``. Errors are
``{"error": text}`` (401, 404, 422) or, of a record that is not valid (422), ``{"message": text, "attributes": names}``.
Limits: 3000 calls in a minute from one address, 100 searches for contacts, 200 messages in a conversation (20 in older
versions; 422, "Too many messages"). Sources: developers.chatwoot.com/api-reference, "Application API";
app/controllers/concerns/request_exception_handler.rb, config/initializers/rack_attack.rb and lib/limits.rb of
github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from connectors.helpdesks.chatwoot.settings import api_base, setting
from shared.errors import DeliveryError
from shared.helpdesk import calling
from shared.helpdesk.calling import TIMEOUT, TIMEOUT_WITH_FILES, Content, json_content, nowhere, read_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.helpdesk.seam import HelpdeskContext
    from shared.ports.http import HttpResponse

MINUTE = 60.0
"""How long to wait when a conversation has had too many messages: Chatwoot counts those of the last minute."""

PROVIDER = "Chatwoot"

_FORBIDDEN = "not authorized to do this"
_CROWDED = "too many messages"


@dataclass(frozen=True, slots=True)
class Answer(calling.Answer):
    """What Chatwoot said."""

    provider: ClassVar[str] = PROVIDER

    @property
    def wrong(self) -> frozenset[str]:
        """The names of the attributes that a record was refused for."""
        names = self.content.get("attributes")
        return (
            frozenset(names)
            if isinstance(names, list) and all(isinstance(name, str) for name in names)
            else frozenset()
        )


def get(path: str, context: HelpdeskContext, query: Mapping[str, str] | None = None) -> Answer:
    return _read(_request("GET", f"{path}?{urlencode(query)}" if query else path, context))


def send(method: str, path: str, content: Mapping[str, Any], context: HelpdeskContext) -> Answer:
    """A call with JSON. Raises DeliveryError: ``retry``, ``account``, ``unknown``."""
    return _read(_request(method, path, context, json_content(content)))


def send_form(path: str, body: bytes, content_type: str, context: HelpdeskContext) -> Answer:
    return _read(_request("POST", path, context, Content(body, content_type, TIMEOUT_WITH_FILES)))


def whole(value: object) -> str:
    """An id in an answer. Raises DeliveryError(unknown) when it is none."""
    return calling.whole(value, PROVIDER)


def _request(method: str, path: str, context: HelpdeskContext, content: Content | None = None) -> HttpResponse:
    headers = {"api_access_token": setting(context.account, "access_token"), "accept": "application/json"}
    url = f"{api_base(context.account)}/api/v1/accounts/{setting(context.account, 'account_id')}{path}"
    if content is None:
        return context.http.request(method, url, headers=headers, timeout=TIMEOUT)
    headers["content-type"] = content.type
    return context.http.request(method, url, headers=headers, body=content.body, timeout=content.timeout)


def _read(response: HttpResponse) -> Answer:
    status, given = response.status, read_answer(response, PROVIDER)
    content = given if isinstance(given, dict) else {"payload": given}
    said = f"{content.get('error', '')} {content.get('message', '')}".lower()
    if status == 404 and not said.strip():
        raise nowhere(PROVIDER)
    if status in (401, 402, 403):
        raise _refused(said)
    if status == 422 and _CROWDED in said:
        raise DeliveryError("retry", "conversation_full", "Too many messages within a minute", MINUTE)
    return Answer(status, content)


def _refused(said: str) -> DeliveryError:
    if _FORBIDDEN in said:
        return DeliveryError("account", "not_authorized", "The token's agent may not do this")
    return DeliveryError("account", "invalid_token", "Chatwoot does not take the access token for this account")
