"""P6: dollars per million messages, from what was counted."""

from __future__ import annotations

from bench.calls.bill import Delivery, Hop, InboxMove, Part, total
from bench.costs import price_list
from bench.report import Report, Table, Target

GOALS = {
    "inbound, WeChat, one at a time": 9.0,
    "inbound, WeChat, ten at a time": 9.0,
    "reply, WeChat, one at a time": 12.0,
    "reply, WeChat, ten at a time": 12.0,
    "reply + read, web chat, one at a time": 12.0,
}
"""Dollars per million."""

GROUPS = {
    "DynamoDB": ("dynamodb_",),
    "SQS": ("sqs_",),
    "SNS": ("sns_",),
    "Lambda": ("lambda_",),
    "gateway": ("http_api", "websocket"),
    "logs": ("log_",),
    "other": ("s3_", "secret_"),
}
"""The prices of a column, by how their names begin."""


def add_dollars(report: Report, hops: dict[str, Hop]) -> None:
    paths = _paths(hops)
    sums = {name: total(parts) for name, parts in paths.items()}
    rows = [
        [name, *(f"{_sum(found, prefixes):.2f}" for prefixes in GROUPS.values()), f"{sum(found.values()):.2f}"]
        for name, found in sums.items()
    ]
    moves = price_list()["assumptions"]["inbox_moves_per_message"]
    note = (
        "Dollars per million at list price (prices.json). One at a time: every function and the helpdesk's own "
        "consumer take one message per invocation. Ten at a time: they take ten, of ten conversations. The helpdesk "
        "is one queue subscribed to the topic, its consumer's compute not included; a subscriber is one address that "
        "takes signed webhooks, and nothing else is subscribed. The inbox index moves with "
        f"{moves:.0%} of the changes. "
        "WeChat sends no receipts: its reply ends with `sent`. Web chat's ends with the visitor's `read`."
    )
    report.tables.append(Table("P6  Dollars per million", ["path", *GROUPS, "total"], rows, note))
    for name, goal in GOALS.items():
        report.targets.append(Target("P6", f"$/M: {name}", sum(sums[name].values()), goal, "", at_most=True))


def _sum(found: dict[str, float], prefixes: tuple[str, ...]) -> float:
    return sum(dollars for name, dollars in found.items() if name.startswith(prefixes))


def _paths(hops: dict[str, Hop]) -> dict[str, list[Part]]:
    message = hops["publish"].sent[0]
    status = hops["publish (sent)"].sent[0]
    receipt = [hops[name] for name in ("socket (read)", "ingest (read)", "publish (read)")]
    return {
        "inbound, WeChat, one at a time": [
            hops["webhook"],
            hops["ingest"],
            InboxMove(),
            hops["publish"],
            Delivery(message, 1),
        ],
        "inbound, WeChat, ten at a time": [
            hops["webhook"],
            hops["ingest, 10 of 10"],
            InboxMove(),
            hops["publish, 10 of 10"],
            Delivery(message, 10),
        ],
        "inbound to a subscriber, one at a time": [
            hops["webhook"],
            hops["ingest"],
            InboxMove(),
            hops["publish (subscribed)"],
            hops["forward"],
        ],
        "inbound to a subscriber, ten of ten": [
            hops["webhook"],
            hops["ingest, 10 of 10"],
            InboxMove(),
            hops["publish (subscribed), 10 of 10"],
            hops["forward"],
        ],
        "inbound to a subscriber, ten of one": [
            hops["webhook"],
            hops["ingest, 10 of one"],
            InboxMove(),
            hops["publish (subscribed), 10 of one"],
            hops["forward, 10 of one"],
        ],
        "inbound, web chat, one at a time": [
            hops["socket (message)"],
            hops["ingest (web chat)"],
            InboxMove(),
            hops["publish"],
            Delivery(message, 1),
            Delivery(message, 1, consumed_by_us=True),
            hops["deliver (to the socket)"],
        ],
        "reply, WeChat, one at a time": _reply(hops, "deliver", "", 1),
        "reply, WeChat, ten at a time": _reply(hops, "deliver, 10", ", 10", 10),
        "reply + read, web chat, one at a time": [
            *_reply(hops, "deliver (to the socket)", "", 1),
            *receipt,
            Delivery(status, 1),
        ],
    }


def _reply(hops: dict[str, Hop], deliver: str, several: str, batch: int) -> list[Part]:
    """From the API to ``sent``; the helpdesk hears of both the reply and its status."""
    reply, status = hops["publish (reply)"].sent[0], hops["publish (sent)"].sent[0]
    return [
        hops["api (reply)"],
        InboxMove(),
        hops[f"publish (reply){several}"],
        Delivery(reply, batch),
        Delivery(reply, batch, consumed_by_us=True),
        hops[deliver],
        hops[f"publish (sent){several}"],
        Delivery(status, batch),
    ]
