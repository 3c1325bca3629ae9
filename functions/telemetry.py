"""Structured logs and metrics of the functions behind the queues and the API: Powertools, set up once."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "onethread"


@cache
def logger(service: str) -> Logger:
    """A logger of ids, sizes and outcomes. Message text and personal data never go into it."""
    return Logger(service=service, stream=sys.stderr, log_uncaught_exceptions=False)


@cache
def metrics(service: str) -> Metrics:
    return Metrics(namespace=NAMESPACE, service=service)


def conclude(service: str, outcomes: dict[str, int], **details: int | str | None) -> None:
    """The one line of an invocation: counts as metrics (few names, each is paid for), and details beside them."""
    if not outcomes:
        logger(service).info("done", extra=details)
        return
    written = metrics(service)
    for name, value in details.items():
        written.add_metadata(key=name, value=value)
    for name, count in outcomes.items():
        written.add_metric(name=name, unit=MetricUnit.Count, value=count)
    with redirect_stdout(sys.stderr):  # where the logs go too
        written.flush_metrics()
