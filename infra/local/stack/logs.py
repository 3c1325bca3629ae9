"""What the functions have logged, from the local CloudWatch Logs."""

from __future__ import annotations

import time
from typing import Any

from infra.local.stack.lifecycle import LocalStack, StackError
from infra.local.stack.ministack import Aws
from infra.local.stack.settings import STACK_NAME, Settings
from infra.packaging.bundle import FUNCTIONS

POLL_SECONDS = 0.5


def print_logs(settings: Settings, function: str | None, *, follow: bool) -> None:
    """Prints lines in order of time, the newest last. Raises StackError when the stack is not running."""
    running = LocalStack(settings).description()["aws"]["endpoint_url"]
    if running != settings.aws_url:
        raise StackError(f"the stack that runs here is at {running}: set ONETHREAD_AWS_PORT as for its start")
    logs = Aws(settings).logs
    functions = [function] if function else FUNCTIONS
    printed: set[tuple[str, int, str]] = set()
    while True:
        for name, event in _events(logs, functions):
            line = (name, event["timestamp"], event["message"].rstrip())
            if line not in printed:
                printed.add(line)
                print(f"{name:<8} {line[2]}", flush=True)
        if not follow:
            return
        time.sleep(POLL_SECONDS)


def _events(logs: Any, functions: tuple[str, ...] | list[str]) -> list[tuple[str, dict[str, Any]]]:
    found = [
        (name, event)
        for name in functions
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{STACK_NAME}-{name}")
        for event in page["events"]
    ]
    return sorted(found, key=lambda each: each[1]["timestamp"])
