"""P9: how many inbound messages one core stores per second, through the real ingest handler.

DynamoDB is the stub, in a process of its own: what is measured is everything on our side of the calls.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import Any, NamedTuple
from unittest.mock import patch

from bench import workload
from bench.calls.metering import CREDENTIALS
from bench.report import Report, Table, Target
from bench.stub import running_stub
from shared.model.envelope import Envelope
from shared.model.identifiers import digest

ROUNDS = 5
ROUND_SECONDS = 1.0


class Load(NamedTuple):
    """What one invocation carries: messages, and of how many customers."""

    name: str
    messages: int
    customers: int


class Rate(NamedTuple):
    """Messages per second: of our CPU time, and by the clock of one worker."""

    of_cpu: float
    by_the_clock: float


LOADS = (
    Load("10 messages, 10 conversations", 10, 10),
    Load("10 messages, one conversation", 10, 1),
    Load("one message", 1, 1),
)


def measure(report_progress: Callable[[str], None]) -> Report:
    report_progress("P9: sustained ingest over a loopback stub")
    rates = _rates()
    rows = [[load.name, f"{rate.of_cpu:,.0f}", f"{rate.by_the_clock:,.0f}"] for load, rate in rates.items()]
    note = (
        f"Messages per second, best of {ROUNDS} rounds of {ROUND_SECONDS:g} s in turn: the envelope of a WeChat "
        "message in, one read and one transaction out, logs and metrics written. Per core: of the CPU time of the "
        "handler's process. By the clock: one worker, waiting for the stub, beside whatever else this machine does."
    )
    table = Table("P9  Sustained ingest", ["an invocation carries", "per core", "by the clock"], rows, note)
    goals = [
        Target("P9", f"stored/s per core: {load.name}", rates[load].of_cpu, 600, "", at_most=False)
        for load in LOADS[:2]
    ]
    return Report("sustained", [table], goals)


def _rates() -> dict[Load, Rate]:
    from functions import ingest
    from functions.bootstrap import environment
    from shared.aws.client import AwsClient

    with ExitStack() as stack:
        stub = stack.enter_context(running_stub({}))
        settings = {
            "TABLE_NAME": "bench",
            "DESK_ORIGINS": "",
            "LINKED_HISTORY": "provider,signed_token,code",
            "INBOUND_QUEUE_URL": f"{stub.url}/123456789012/bench-inbound.fifo",
            "INBOUND_ASIDE_URL": f"{stub.url}/123456789012/bench-inbound-dlq.fifo",
            "MAIL_BUCKET": "bench-mail",
            "POWERTOOLS_METRICS_NAMESPACE": "onethread",
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        client = AwsClient("us-east-1", CREDENTIALS, stub.url)
        logs = io.StringIO()
        stack.enter_context(patch.dict(os.environ, settings))
        stack.enter_context(patch.object(environment, "client", lambda: client))
        stack.enter_context(redirect_stderr(logs))
        stack.enter_context(redirect_stdout(logs))
        best = dict.fromkeys(LOADS, Rate(0, 0))
        numbers = iter(range(1_000_000_000))
        for load in LOADS:
            _invoke(load, numbers, ingest.handler)
        for _ in range(ROUNDS):
            for load in LOADS:
                rate = _round(load, numbers, ingest.handler)
                best[load] = Rate(*(max(pair) for pair in zip(best[load], rate, strict=True)))
                logs.truncate(0)
    return best


def _round(load: Load, numbers: Any, handler: Callable[[Any, Any], Any]) -> Rate:
    stored, cpu, clock = 0, 0.0, 0.0
    while clock < ROUND_SECONDS:
        event = _event(load, numbers)
        cpu_began, began = time.process_time(), time.perf_counter()
        handler(event, None)
        cpu += time.process_time() - cpu_began
        clock += time.perf_counter() - began
        stored += load.messages
    return Rate(stored / cpu, stored / clock)


def _invoke(load: Load, numbers: Any, handler: Callable[[Any, Any], Any]) -> None:
    failures = handler(_event(load, numbers), None)["batchItemFailures"]
    if failures:
        raise RuntimeError(f"{len(failures)} messages were not stored: there is nothing to measure")


def _event(load: Load, numbers: Any) -> dict[str, Any]:
    openids = [f"oBench-{load.customers}-{index % load.customers}" for index in range(load.messages)]
    bodies = [
        Envelope("wechat", "main", time.time(), workload.push(openid, next(numbers))).to_json() for openid in openids
    ]
    return workload.queue_event(bodies, [digest("wechat", "main", openid) for openid in openids])
