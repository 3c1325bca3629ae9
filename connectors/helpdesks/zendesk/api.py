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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from connectors.helpdesks.zendesk.settings import api_base, setting
from shared.errors import DeliveryError
from shared.helpdesk import calling
from shared.helpdesk.calling import TIMEOUT, TIMEOUT_WITH_FILES, Content, json_content, nowhere, read_answer
from shared.helpdesk.settings import optional
from shared.http.answers import garbled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.helpdesk.seam import HelpdeskContext
    from shared.ports.accounts import Account
    from shared.ports.http import HttpResponse

MAXIMUM_ANSWER = 8 << 20
"""A page of 100 audits with long comments."""

PROVIDER = "Zendesk"


@dataclass(frozen=True, slots=True)
class Answer(calling.Answer):
    """What Zendesk said; it will not with 400, 422 or 413."""

    provider: ClassVar[str] = PROVIDER

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

    def record(self, name: str) -> dict[str, Any]:
        """The object of that name. Raises DeliveryError."""
        found = self.success().get(name)
        if not isinstance(found, dict):
            raise garbled(PROVIDER)
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
    headers = {} if idempotency_key is None else {"idempotency-key": idempotency_key}
    return _read(_request(method, path, context, json_content(content), headers))


def send_file(path: str, query: Mapping[str, str], body: bytes, mime_type: str, context: HelpdeskContext) -> Answer:
    content = Content(body, mime_type, TIMEOUT_WITH_FILES)
    return _read(_request("POST", f"{path}?{urlencode(query)}", context, content))


def authorization(account: Account) -> str:
    token = optional(account, "access_token")
    if token is not None:
        return f"Bearer {token}"
    pair = f"{setting(account, 'email')}/token:{setting(account, 'api_token')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def whole(value: object) -> str:
    """An id in an answer. Raises DeliveryError(unknown) when it is none."""
    return calling.whole(value, PROVIDER)


def _request(
    method: str,
    path: str,
    context: HelpdeskContext,
    content: Content | None = None,
    more: Mapping[str, str] | None = None,
) -> HttpResponse:
    headers = {"authorization": authorization(context.account), "accept": "application/json", **(more or {})}
    if content is not None:
        headers["content-type"] = content.type
    return context.http.request(
        method,
        f"{api_base(context.account)}/api/v2{path}",
        headers=headers,
        body=None if content is None else content.body,
        timeout=TIMEOUT if content is None else content.timeout,
        maximum_bytes=MAXIMUM_ANSWER,
    )


def _read(response: HttpResponse) -> Answer:
    status, given = response.status, read_answer(response, PROVIDER)
    content = given if isinstance(given, dict) else {}
    if status == 401:
        raise DeliveryError("account", "invalid_token", "Zendesk does not take the token for this account")
    if status == 403:
        raise DeliveryError("account", "not_authorized", "The token's agent may not do this")
    if status == 404 and not content.get("error"):
        raise nowhere(PROVIDER)
    if status == 409:
        raise DeliveryError("retry", "conflict", "Another change of the same record was under way")
    return Answer(status, content)
