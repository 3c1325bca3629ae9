"""The log line of functions that people wait for: written by hand, because a logging library costs more than their
work.

One line per invocation, structured, with its metrics inside (CloudWatch embedded metric format). Ids of people,
addresses and content never go into it.
"""

from __future__ import annotations

import json
import sys
import time

NAMESPACE = "onethread"


def write_line(service: str, outcome: str, status: int, started: float, **fields: str) -> None:
    """``outcome`` is ``ok`` or the stable code of a refusal; ``started`` is of time.perf_counter; ``fields`` are
    words."""
    metric = "received" if outcome == "ok" else "rejected"
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["service"]],
                    "Metrics": [{"Name": metric, "Unit": "Count"}],
                }
            ],
        },
        "level": "INFO" if status < 500 else "ERROR",
        "service": service,
        "outcome": outcome,
        "status": status,
        "milliseconds": round((time.perf_counter() - started) * 1000, 2),
        metric: 1,
        **fields,
    }
    print(json.dumps(line, separators=(",", ":")), file=sys.stderr)
