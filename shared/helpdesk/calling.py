"""Answers of a helpdesk's JSON API, before its own words are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from shared.errors import DeliveryError
from shared.http.answers import check_status, garbled

if TYPE_CHECKING:
    from shared.ports.http import HttpResponse

TIMEOUT = 10.0
TIMEOUT_WITH_FILES = 20.0

NO_SUCH_ADDRESS = "no_such_address"


class Content(NamedTuple):
    """What a call brings, and how long it may take."""

    body: bytes
    type: str
    timeout: float = TIMEOUT


@dataclass(frozen=True, slots=True)
class Answer:
    """What the helpdesk said: success, that there is no such thing (404), or that it will not (any other 4xx)."""

    provider: ClassVar[str]

    status: int
    content: dict[str, Any]

    @property
    def missing(self) -> bool:
        return self.status == 404

    def success(self) -> dict[str, Any]:
        """The content. Raises DeliveryError when it was not a success."""
        if self.status >= 300:
            code = "not_found" if self.missing else "provider_refused"
            raise DeliveryError("permanent", code, f"{self.provider} answered HTTP {self.status}")
        return self.content


def json_content(content: Mapping[str, Any]) -> Content:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Content(body, "application/json; charset=utf-8")


def read_answer(response: HttpResponse, provider: str) -> Any:
    """The JSON value of an answer; an empty object for a refusal that says nothing in JSON. Raises DeliveryError:
    ``retry`` for 429 and 5xx, ``unknown`` for a success that cannot be read."""
    if response.status == 429 or response.status >= 500:
        check_status(response, provider)
    try:
        return json.loads(response.body or b"{}")
    except (ValueError, RecursionError) as error:
        if response.status < 300:
            raise garbled(provider) from error
        return {}


def nowhere(provider: str) -> DeliveryError:
    """The error for a 404 that is not the helpdesk's own word for what it does not have: a proxy's page, a suspended
    account's, or the address of something else. Nothing is given up for it."""
    return DeliveryError("retry", NO_SUCH_ADDRESS, f"{provider} is not at this address")


def whole(value: object, provider: str) -> str:
    """An id in an answer. Raises DeliveryError(unknown) when it is none."""
    if type(value) is not int:
        raise garbled(provider)
    return str(value)
