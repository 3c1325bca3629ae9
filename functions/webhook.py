"""Providers' webhooks: GET and POST /hooks/{channel}/{account}.

It stands in front of every message, so it imports the standard library and little of ours, and writes its log line by
hand.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from functions import bootstrap
from shared.errors import InfrastructureError, RequestError
from shared.http.request import Request
from shared.http.response import Response


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One webhook in, the provider's acknowledgement out: only after the event is durable."""
    started = time.perf_counter()
    names = event.get("pathParameters") or {}
    channel, account = names.get("channel", ""), names.get("account", "")
    outcome = "received"
    try:
        request = Request.from_http_api(event)
        response = bootstrap.receive_webhook()(channel, account, request)
    except RequestError as error:
        outcome = error.code
        response = Response.problem(error)
    except InfrastructureError as error:
        outcome = type(error).__name__
        response = Response.problem_of(503, "unavailable", "Service unavailable", "nothing was stored; send it again")
    _log(channel, outcome, response.status, started)
    return response.to_http_api()


def _log(channel: str, outcome: str, status: int, started: float) -> None:
    """One line, and the metric in it (CloudWatch embedded metric format). No identifiers of people, no content."""
    metric = "received" if outcome == "received" else "rejected"
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "onethread",
                    "Dimensions": [["channel"]],
                    "Metrics": [{"Name": metric, "Unit": "Count"}],
                }
            ],
        },
        "level": "INFO" if status < 500 else "ERROR",
        "service": "webhook",
        # The channel is what a stranger wrote into the path until a connector by that name has answered.
        "channel": channel if outcome not in ("unknown_channel", "body_encoding") else "unknown",
        "outcome": outcome,
        "status": status,
        "milliseconds": round((time.perf_counter() - started) * 1000, 2),
        metric: 1,
    }
    print(json.dumps(line, separators=(",", ":")), file=sys.stderr)
