"""Helpdesks' webhooks: POST /helpdesks/{helpdesk}/{account}.

It stands beside functions/webhook.py and imports as little: the standard library and little of ours.
"""

from __future__ import annotations

import time
from typing import Any

from functions.bootstrap import receiving
from functions.lines import write_line
from shared.errors import ConfigurationError, InfrastructureError, RequestError
from shared.http.request import Request
from shared.http.response import Response

STRANGERS_WORDS = frozenset({"unknown_helpdesk", "body_encoding"})
"""Refusals that come before a helpdesk by that name is known to exist: until then the name is only what a stranger
sent."""

RETRY_AFTER = "5"
"""In seconds. Zendesk sends a webhook again only when it is told when, and in less than a minute."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One webhook in, the acknowledgement out: only after it is durable."""
    started = time.perf_counter()
    outcome, helpdesk = "ok", "unknown"
    try:
        names = event.get("pathParameters") or {}
        helpdesk = names.get("helpdesk") or ""
        request = Request.from_http_api(event)
        response = receiving.receive_desk_webhook()(helpdesk, names.get("account") or "", request)
    except RequestError as error:
        outcome = error.code
        response = Response.problem(error)
    except (InfrastructureError, ConfigurationError) as error:
        outcome = type(error).__name__
        refusal = Response.problem_of(503, "unavailable", "Service unavailable", "nothing was stored; send it again")
        response = refusal._replace(headers={**refusal.headers, "retry-after": RETRY_AFTER})
    except Exception as error:  # whatever a stranger sends is answered; the class alone says nothing of it
        outcome, helpdesk = type(error).__name__, "unknown"
        response = Response.problem_of(500, "internal_error", "Internal server error", "nothing was stored")
    named = "unknown" if outcome in STRANGERS_WORDS else helpdesk
    write_line("helpdesk", outcome, response.status, started, channel=named)
    return response.to_http_api()
