"""What a stack costs in a month in which nothing happens: counted in the templates, at list price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.costs import MILLION, dollars_per_million, gb_seconds, lambda_milliseconds, price_list
from bench.report import Report, Table, Target
from infra.local.stack.template import read_template
from infra.packaging.libraries import ROOT

MINUTES = 30 * 24 * 60
ACCOUNTS = 1
GOAL = 5.0


def measure(report_progress: Callable[[str], None]) -> Report:
    report_progress("idle: counting secrets, alarms and queues")
    lines = idle_lines(resources("template.yaml"), resources("infra/alarms.yaml"))
    total = sum(dollars for _, dollars in lines)
    rows = [[what, f"{dollars:.2f}"] for what, dollars in [*lines, ("total", total)]]
    note = "US dollars a month of 30 days, without a free tier. What is paid by use is left out."
    report = Report("idle")
    report.tables.append(Table("Idle", ["what", "$/month"], rows, note))
    report.targets.append(Target("P6", "$/month: idle, all alarms, one account", total, GOAL, "", at_most=True))
    return report


def resources(path: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read_template(ROOT / path)["Resources"]
    return found


def idle_lines(stack: dict[str, dict[str, Any]], alarms: dict[str, dict[str, Any]]) -> list[tuple[str, float]]:
    """What is paid for, and dollars a month."""
    prices, polls = price_list()["idle"], price_list()["assumptions"]["empty_receives_per_minute"]
    secrets = len(_of_type(stack, "AWS::SecretsManager::Secret")) + ACCOUNTS
    watched = sum(_metrics(each) for each in _of_type(alarms, "AWS::CloudWatch::Alarm"))
    queues = [stack[name]["Properties"] for name in _polled(stack)]
    fifo = sum(1 for each in queues if each.get("FifoQueue"))
    asked = {"sqs_fifo_request": fifo, "sqs_standard_request": len(queues) - fifo}
    month = {name: count * polls * MINUTES for name, count in asked.items()}
    return [
        (f"{secrets} secrets, of which {ACCOUNTS} of a channel account", secrets * prices["secret"]),
        (f"alarms, which watch {watched} metrics", watched * prices["alarm_metric"]),
        (f"Lambda asking {len(queues)} empty queues, {fifo} of them FIFO", _dollars(month)),
        ("watch, every 5 minutes", _watch(stack)),
    ]


def _watch(stack: dict[str, dict[str, Any]]) -> float:
    """The schedule: three hours of the index, all subscriptions, and each queue of what was set aside."""
    variables = stack["WatchFunction"]["Properties"]["Environment"]["Variables"]
    asides = len(variables["DEAD_LETTER_QUEUES"]["Fn::Join"][1])
    reads = 4.0
    duration = lambda_milliseconds("watch", 5.0, {"dynamodb read": reads, "sqs": asides})
    each = {
        "lambda_request": 1.0,
        "lambda_gb_second": gb_seconds("watch", duration),
        "dynamodb_read_unit": reads,
        "sqs_standard_request": asides,
    }
    return _dollars({name: count * MINUTES / 5 for name, count in each.items()})


def _dollars(counts: dict[str, float]) -> float:
    return sum(dollars_per_million(counts, MILLION).values())


def _of_type(found: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in found.values() if each["Type"] == kind]


def _metrics(alarm: dict[str, Any]) -> int:
    """An alarm is paid for by the metrics that it watches."""
    return sum("MetricStat" in each for each in alarm.get("Metrics", ())) or 1


def _polled(stack: dict[str, dict[str, Any]]) -> list[str]:
    """The queues that Lambda asks for messages all the time."""
    return [
        event["Properties"]["Queue"]["Fn::GetAtt"][0]
        for each in _of_type(stack, "AWS::Serverless::Function")
        for event in each.get("Events", {}).values()
        if event["Type"] == "SQS"
    ]
