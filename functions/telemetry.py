"""Structured logs and metrics of the functions behind the queues and the API: Powertools, set up once."""

from __future__ import annotations

import sys
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


def count(service: str, outcomes: dict[str, int]) -> None:
    """Writes counts as metrics. Few names: each is paid for."""
    if not outcomes:
        return
    written = metrics(service)
    for name, value in outcomes.items():
        written.add_metric(name=name, unit=MetricUnit.Count, value=value)
    written.flush_metrics()
