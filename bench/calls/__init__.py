"""P4 to P6: the AWS calls, DynamoDB units and dollars of a message, counted while the real handlers run."""

from __future__ import annotations

from collections.abc import Callable

from bench.calls.bill import Delivery, Hop, InboxMove, Part, total
from bench.calls.journeys import Journeys
from bench.calls.stage import said, staged
from bench.costs import price_list
from bench.report import Report, Table, Target

SHORT, LONG = 10, 10_000
TEN = [f"oBench-many-{index}" for index in range(10)]
GOALS = {
    "inbound, WeChat, one at a time": 9.0,
    "inbound, WeChat, ten at a time": 9.0,
    "reply, WeChat, one at a time": 12.0,
    "reply, WeChat, ten at a time": 12.0,
    "reply + read, web chat, one at a time": 12.0,
}
"""Dollars per million."""


def measure(report_progress: Callable[[str], None]) -> Report:
    """``report_progress`` hears of the beginning; what follows is said past the redirected streams."""
    report_progress("P4-P6: starting AWS's DynamoDB engine")
    with staged() as stage:
        journeys = Journeys(stage)
        said("P4: messages and replies, counted")
        hops = _inbound(journeys) | _outbound(journeys) | _web_chat(journeys)
        said(f"P5: conversations of {SHORT} and of {LONG:,} messages")
        growth = {count: _of_length(journeys, count) for count in (SHORT, LONG)}
    report = Report("calls")
    _calls_table(report, hops)
    _units_table(report, growth)
    _dollars_table(report, hops)
    return report


def _inbound(journeys: Journeys) -> dict[str, Hop]:
    journeys.conversation("oBench-0", SHORT)
    for openid in TEN:
        journeys.conversation(openid, SHORT)
    hops = [
        journeys.webhook(),
        journeys.ingest("ingest", ["oBench-0"]),
        journeys.ingest("ingest, 10 of one", ["oBench-0"] * 10),
        journeys.ingest("ingest, 10 of 10", TEN),
        journeys.publish("publish", ["oBench-0"]),
        journeys.publish("publish, 10 of one", ["oBench-0"] * 10),
        journeys.publish("publish, 10 of 10", TEN),
        journeys.fetch("oBench-0"),
    ]
    return {hop.name: hop for hop in hops}


def _outbound(journeys: Journeys) -> dict[str, Hop]:
    one = journeys.conversation("oBench-reply", SHORT)
    ten = [journeys.conversation(openid, SHORT) for openid in TEN]
    hops = [
        journeys.reply(one),
        journeys.publish_replies("publish (reply)", [one]),
        journeys.publish_replies("publish (reply), 10", ten),
        journeys.deliver("deliver", [one]),
        journeys.deliver("deliver, 10", ten),
        journeys.publish_statuses("publish (sent)", [one]),
        journeys.publish_statuses("publish (sent), 10", ten),
        journeys.read_messages(one),
    ]
    return {hop.name: hop for hop in hops}


def _web_chat(journeys: Journeys) -> dict[str, Hop]:
    hops = [
        journeys.open_chat(),
        journeys.connect(),
        journeys.frame(),
        journeys.chat_message(),
        journeys.ingest_frame(),
        journeys.push_frame(),
    ]
    hops += journeys.read_receipt(journeys.chat_conversation())
    return {hop.name: hop for hop in hops}


def _of_length(journeys: Journeys, messages: int) -> dict[str, Hop]:
    openid = f"oBench-{messages}"
    conversation_id = journeys.conversation(openid, messages)
    hops = [
        journeys.ingest("ingest", [openid]),
        journeys.ingest_in_a_new_minute(openid, conversation_id),
        journeys.ingest("ingest, 10 of one", [openid] * 10),
        journeys.reply(conversation_id),
        journeys.deliver("deliver", [conversation_id]),
        journeys.read_messages(conversation_id),
    ]
    return {hop.name: hop for hop in hops}


def _calls_table(report: Report, hops: dict[str, Hop]) -> None:
    rows = [
        [
            hop.name,
            f"{hop.calls_per_message:.2f}",
            ", ".join(f"{count}x {name}" if count > 1 else name for name, count in _operations(hop).items()),
            f"{hop.cpu:.1f}",
            f"{hop.duration:.0f}",
            f"{hop.logged / hop.messages:.0f}",
            f"{sum(hop.dollars().values()):.2f}",
        ]
        for hop in hops.values()
    ]
    note = (
        "A warm function; a sender that its worker has not seen before costs ingest one GetItem more, an account's secret "
        "one GetSecretValue in 300 s, an API key one GetItem in 60 s. CPU and billed ms are of the invocation, the rest "
        "per message: CPU is this machine's, stretched to the share of a core that 512 MB buy, and waits as assumed in "
        "prices.json. $/M: everything of this hop, what hands it its events included."
    )
    columns = ["function", "calls/msg", "calls of the invocation", "CPU ms", "billed ms", "log bytes", "$/M"]
    report.tables.append(Table("P4  AWS calls per message", columns, rows, note))
    for name, goal in (("webhook", 1.0), ("ingest", 2.0), ("ingest, 10 of one", 1.2), ("publish, 10 of 10", 0.2)):
        measured = hops[name].calls_per_message
        report.targets.append(Target("P4", f"calls per message: {name}", measured, goal, "", at_most=True))


def _operations(hop: Hop) -> dict[str, int]:
    found: dict[str, int] = {}
    for call in hop.calls:
        found[call.operation] = found.get(call.operation, 0) + 1
    return found


def _units_table(report: Report, growth: dict[int, dict[str, Hop]]) -> None:
    rows = [
        [
            name,
            f"{length:,}",
            *(f"{value / hop.messages:.1f}" for value in (hop.reported.write, hop.computed.write)),
            *(f"{value / hop.messages:.1f}" for value in (hop.reported.indexed, hop.computed.indexed)),
            *(f"{value / hop.messages:.1f}" for value in (hop.reported.read, hop.computed.read)),
        ]
        for name in growth[SHORT]
        for length, hop in ((length, hops[name]) for length, hops in growth.items())
    ]
    note = (
        "Units per message: as DynamoDB Local reports them, and = as computed from the items' sizes. For a transaction it "
        "reports one item of several; so its figure is for each write alone, doubled on the table. "
        "inbox: the index moves with the first change of a minute in a conversation (ingest, new minute), and then no more."
    )
    columns = ["function", "conversation", "writes", "=", "inbox", "=", "reads", "="]
    report.tables.append(Table("P5  DynamoDB units per message", columns, rows, note))
    same, first = (max(_writes(hops[name]) for hops in growth.values()) for name in ("ingest", "ingest, new minute"))
    reads = max(hops["ingest"].reported.read for hops in growth.values())
    short, long = (sum(growth[length]["ingest"].reported) for length in (SHORT, LONG))
    report.targets += [
        Target("P5", "write units of an inbound message", same, 6, "", at_most=True),
        Target("P5", "write units, first message of a minute", first, 6, "", at_most=True),
        Target("P5", "read units of an inbound message", reads, 1, "", at_most=True),
        Target("P5", f"units more at {LONG:,} messages", long - short, 0, "", at_most=True),
    ]


def _writes(hop: Hop) -> float:
    return hop.reported.write + hop.reported.indexed


def _dollars_table(report: Report, hops: dict[str, Hop]) -> None:
    paths = _paths(hops)
    sums = {name: total(parts) for name, parts in paths.items()}
    groups = {
        "DynamoDB": ("dynamodb_",),
        "SQS": ("sqs_",),
        "SNS": ("sns_",),
        "Lambda": ("lambda_",),
        "gateway": ("http_api", "websocket"),
        "logs": ("log_",),
        "other": ("s3_", "secret_"),
    }
    rows = [
        [name, *(f"{_sum(found, prefixes):.2f}" for prefixes in groups.values()), f"{sum(found.values()):.2f}"]
        for name, found in sums.items()
    ]
    moves = price_list()["assumptions"]["inbox_moves_per_message"]
    note = (
        "Dollars per million at list price (prices.json). One at a time: every function and the helpdesk's own consumer "
        "take one message per invocation. Ten at a time: they take ten, of ten conversations. The helpdesk is one queue "
        f"subscribed to the topic, its consumer's compute not included. The inbox index moves with {moves:.0%} of the changes. "
        "WeChat sends no receipts: its reply ends with `sent`. Web chat's ends with the visitor's `read`."
    )
    report.tables.append(Table("P6  Dollars per million", ["path", *groups, "total"], rows, note))
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
