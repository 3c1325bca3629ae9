"""Providers' webhooks: GET and POST /hooks/{channel}/{account}.

It stands in front of every message, so it imports the standard library and little of ours.
"""

from __future__ import annotations

import time
from typing import Any

from functions.bootstrap import receiving
from functions.lines import write_line
from shared.errors import ConfigurationError, InfrastructureError, RequestError
from shared.http.request import Request
from shared.http.response import Response

STRANGERS_WORDS = frozenset({"unknown_channel", "body_encoding"})
"""Refusals that come before a channel by that name is known to exist: until then the name is only what a stranger
sent."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One webhook in, the provider's acknowledgement out: only after the event is durable."""
    started = time.perf_counter()
    outcome, channel = "ok", "unknown"
    try:
        channel, account = _names(event)
        response = receiving.receive_webhook()(channel, account, Request.from_http_api(event))
    except RequestError as error:
        outcome = error.code
        response = Response.problem(error)
    except (InfrastructureError, ConfigurationError) as error:
        outcome = type(error).__name__
        response = Response.problem_of(503, "unavailable", "Service unavailable", "nothing was stored; send it again")
    except Exception as error:  # whatever a stranger sends is answered; the class alone says nothing of it
        outcome, channel = type(error).__name__, "unknown"
        response = Response.problem_of(500, "internal_error", "Internal server error", "nothing was stored")
    named = "unknown" if outcome in STRANGERS_WORDS else channel
    write_line("webhook", outcome, response.status, started, channel=named)
    return response.to_http_api()


def _names(event: dict[str, Any]) -> tuple[str, str]:
    """The channel and the account in the path."""
    names = event.get("pathParameters") or {}
    return names.get("channel") or "", names.get("account") or ""
