"""An address that takes signed webhooks, and what its answers mean."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from shared.core.publishing import publication
from shared.core.relay.records import Outcome
from shared.core.relay.signing import signed_headers
from shared.errors import DeliveryError, InfrastructureError
from shared.http.answers import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.relay.records import Notification, Subscription
    from shared.ports.clock import Clock
    from shared.ports.context import Seals
    from shared.ports.http import HttpClient, HttpResponse

DEADLINE: Final = 20.0
"""Seconds that an endpoint has for one call, from looking up its name to the last byte of its answer."""

LARGEST_ANSWER: Final = 1_048_576
"""Bytes. Nothing of an answer's body is used, but its status is only known once the answer is complete."""

GONE: Final = 410


class WebhookEndpoint:
    """Implements shared.core.relay.storage.Endpoint for subscriptions with a ``url``."""

    def __init__(
        self, http: HttpClient, seals: Seals, clock: Clock, stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        """``http`` is the guarded client: addresses of subscriptions are a stranger's word."""
        self._http = http
        self._seals = seals
        self._clock = clock
        self._stopwatch = stopwatch

    def deliver(self, subscription: Subscription, notification: Notification) -> Outcome:
        """Posts one event. 2xx is delivered, 410 gone; everything else is tried again."""
        if subscription.url is None:
            raise InfrastructureError("the subscription has no address")
        event = notification.event
        # The same bytes as on the topic: an event that is too large for it goes without its data here, too.
        body = publication(event, channel=None, origin=None, tasks=()).body.encode()
        headers = {
            "Content-Type": "application/json",
            **signed_headers(self._seals, subscription, event.id, body, self._clock()),
        }
        started = self._stopwatch()
        try:
            answer = self._http.request(
                "POST",
                subscription.url,
                headers=headers,
                body=body,
                timeout=DEADLINE,
                maximum_bytes=LARGEST_ANSWER,
            )
        except DeliveryError as error:
            code = error.code.removeprefix("provider_")
            return Outcome("retry", self._since(started), code=code, retry_after=error.retry_after)
        return _meaning(answer, self._since(started))

    def _since(self, started: float) -> int:
        return round((self._stopwatch() - started) * 1000)


def _meaning(answer: HttpResponse, milliseconds: int) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome("delivered", milliseconds, answer.status)
    code = f"http_{answer.status}"
    if answer.status == GONE:
        return Outcome("gone", milliseconds, answer.status, code)
    return Outcome("retry", milliseconds, answer.status, code, retry_after(answer))
