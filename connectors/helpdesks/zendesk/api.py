"""Calls of Zendesk's Ticketing API, and what its answers mean.

Every path is below ``/api/v2``; who calls is ``<email>/token:<API token>`` (basic) or an OAuth token (bearer). Errors
are ``{"error": name, "description": text, "details": {field: [{"description": text}]}}``; names: RecordNotFound (404),
RecordInvalid (422), IdempotentRequestError (400). A 409 is a conflict with another change and passes. Limits: by plan,
200 to 2500 calls in a minute; 100 updates of tickets in a minute, and 30 of one ticket by one agent in ten minutes;
429 and 503 say ``Retry-After``. Sources: developer.zendesk.com/api-reference/introduction/requests and
.../rate-limits; developer.zendesk.com/api-reference/ticketing/introduction (idempotency).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from connectors.helpdesks.zendesk.settings import api_base, optional, setting
from shared.errors import DeliveryError
from shared.http.answers import check_status, garbled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.helpdesk import HelpdeskContext
    from shared.ports import Account, HttpResponse

TIMEOUT = 10.0
TIMEOUT_WITH_FILES = 20.0
MAXIMUM_ANSWER = 8 << 20
"""A page of 100 audits with long comments."""

NO_SUCH_ADDRESS = "no_such_address"


class Content(NamedTuple):
    """What a call brings, and how long it may take."""

    body: bytes
    headers: Mapping[str, str]
    timeout: float = TIMEOUT


class Answer(NamedTuple):
    """What Zendesk said: success, that there is no such thing (404), or that it will not (400, 422, 413)."""

    status: int
    content: dict[str, Any]

    @property
    def missing(self) -> bool:
        return self.status == 404

    @property
    def refused(self) -> bool:
        """In Zendesk's own words, that is: an answer from a proxy on the way is none."""
        return self.status == 422 and self.content.get("error") == "RecordInvalid"

    def says(self, words: str) -> bool:
        """Whether a refusal has these words in its details."""
        return self.refused and words in json.dumps(self.content.get("details")).lower()

    @property
    def reason(self) -> str:
        """The first detail of a refusal, for agents to read."""
        details = self.content.get("details")
        lists = details.values() if isinstance(details, dict) else ()
        found = (each.get("description") for many in lists if isinstance(many, list) for each in many)
        return str(next(found, None) or self.content.get("description") or self.status)

    def success(self) -> dict[str, Any]:
        """The content. Raises DeliveryError when it was not a success."""
        if self.status >= 300:
            code = "not_found" if self.missing else "provider_refused"
            raise DeliveryError("permanent", code, f"Zendesk answered HTTP {self.status}")
        return self.content

    def record(self, name: str) -> dict[str, Any]:
        """The object of that name. Raises DeliveryError."""
        found = self.success().get(name)
        if not isinstance(found, dict):
            raise garbled("Zendesk")
        return found


def get(path: str, context: HelpdeskContext, query: Mapping[str, str] | None = None) -> Answer:
    return _read(_request("GET", f"{path}?{urlencode(query)}" if query else path, context))


def send(
    method: str,
    path: str,
    content: Mapping[str, Any],
    context: HelpdeskContext,
    idempotency_key: str | None = None,
) -> Answer:
    """A call with JSON. Raises DeliveryError: ``retry``, ``account``, ``unknown``."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    headers = {"content-type": "application/json"}
    if idempotency_key is not None:
        headers["idempotency-key"] = idempotency_key
    return _read(_request(method, path, context, Content(body, headers)))


def send_file(path: str, query: Mapping[str, str], body: bytes, mime_type: str, context: HelpdeskContext) -> Answer:
    content = Content(body, {"content-type": mime_type}, TIMEOUT_WITH_FILES)
    return _read(_request("POST", f"{path}?{urlencode(query)}", context, content))


def authorization(account: Account) -> str:
    token = optional(account, "access_token")
    if token is not None:
        return f"Bearer {token}"
    pair = f"{setting(account, 'email')}/token:{setting(account, 'api_token')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def whole(value: object) -> str:
    """An id in an answer. Raises DeliveryError(unknown) when it is none."""
    if type(value) is not int:
        raise garbled("Zendesk")
    return str(value)


def _request(method: str, path: str, context: HelpdeskContext, content: Content | None = None) -> HttpResponse:
    headers = {"authorization": authorization(context.account), "accept": "application/json"}
    return context.http.request(
        method,
        f"{api_base(context.account)}/api/v2{path}",
        headers=headers if content is None else {**headers, **content.headers},
        body=None if content is None else content.body,
        timeout=TIMEOUT if content is None else content.timeout,
        maximum_bytes=MAXIMUM_ANSWER,
    )


def _read(response: HttpResponse) -> Answer:
    status = response.status
    if status == 429 or status >= 500:
        check_status(response, "Zendesk")
    try:
        content = json.loads(response.body or b"{}")
    except (ValueError, RecursionError) as error:
        if status < 300:
            raise garbled("Zendesk") from error
        content = {}
    if not isinstance(content, dict):
        content = {}
    if status == 401:
        raise DeliveryError("account", "invalid_token", "Zendesk does not take the token for this account")
    if status == 403:
        raise DeliveryError("account", "not_authorized", "The token's agent may not do this")
    if status == 404 and not content.get("error"):
        # Not Zendesk's own word for what it does not have: a suspended account's page, or another address.
        raise DeliveryError("retry", NO_SUCH_ADDRESS, "Zendesk is not at this address")
    if status == 409:
        raise DeliveryError("retry", "conflict", "Another change of the same record was under way")
    return Answer(status, content)
