"""What a provider's HTTP answer means before its own words are read; the words themselves are the connectors'.

``provider`` is the provider's name, as people know it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.ports.http import HttpResponse


def json_object(response: HttpResponse, provider: str) -> dict[str, Any]:
    """The JSON object of an answer with status 200. Raises DeliveryError, classed, for anything else."""
    check_status(response, provider)
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise garbled(provider) from error
    if not isinstance(answer, dict):
        raise garbled(provider)
    return answer


def check_status(response: HttpResponse, provider: str) -> None:
    """Raises DeliveryError when the HTTP status is not 200."""
    if response.status == 429:
        raise DeliveryError("retry", "rate_limited", "Too many calls", retry_after(response))
    title = f"{provider} answered HTTP {response.status}"
    if response.status >= 500:
        raise DeliveryError("retry", "provider_error", title, retry_after(response))
    if response.status != 200:
        raise DeliveryError("permanent", "provider_refused", title)


def garbled(provider: str) -> DeliveryError:
    """The error for an answer that says neither that the call was carried out nor that it was not."""
    return DeliveryError("unknown", "provider_garbled", f"{provider}'s answer could not be read")


def retry_after(response: HttpResponse) -> float | None:
    """Seconds until the provider wants to be called again, if it says: RFC 9110, section 10.2.3."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return float(value)
    if not value:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


@contextmanager
def before_sending() -> Iterator[None]:
    """For calls that show the customer nothing: an unknown outcome does no harm, and the call can be made again."""
    try:
        yield
    except DeliveryError as error:
        if error.error_class == "unknown":
            raise DeliveryError("retry", error.code, error.title, error.retry_after) from error
        raise
