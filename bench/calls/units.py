"""P4 and P5: calls and DynamoDB units per message."""

from __future__ import annotations

from bench.calls.bill import Hop
from bench.report import Report, Table, Target

CALL_GOALS = {"webhook": 1.0, "ingest": 2.0, "ingest, 10 of one": 1.2, "publish, 10 of 10": 0.2}


def add_calls(report: Report, hops: dict[str, Hop]) -> None:
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
        "A warm function; a sender that its worker has not seen before costs ingest one GetItem more, an account's "
        "secret one GetSecretValue in 300 s, an API key one GetItem in 60 s. CPU and billed ms are of the invocation, "
        "the rest per message: CPU is this machine's, stretched to the share of a core that 512 MB buy, and waits as "
        "assumed in prices.json. $/M: everything of this hop, what hands it its events included."
    )
    columns = ["function", "calls/msg", "calls of the invocation", "CPU ms", "billed ms", "log bytes", "$/M"]
    report.tables.append(Table("P4  AWS calls per message", columns, rows, note))
    for name, goal in CALL_GOALS.items():
        measured = hops[name].calls_per_message
        report.targets.append(Target("P4", f"calls per message: {name}", measured, goal, "", at_most=True))


def _operations(hop: Hop) -> dict[str, int]:
    found: dict[str, int] = {}
    for call in hop.calls:
        found[call.operation] = found.get(call.operation, 0) + 1
    return found


def add_units(report: Report, growth: dict[int, dict[str, Hop]]) -> None:
    rows = [
        [
            name,
            f"{length:,}",
            *(f"{value / hop.messages:.1f}" for value in (hop.reported.write, hop.computed.write)),
            *(f"{value / hop.messages:.1f}" for value in (hop.reported.indexed, hop.computed.indexed)),
            *(f"{value / hop.messages:.1f}" for value in (hop.reported.read, hop.computed.read)),
        ]
        for name in growth[min(growth)]
        for length, hop in ((length, hops[name]) for length, hops in growth.items())
    ]
    note = (
        "Units per message: as DynamoDB Local reports them, and = as computed from the items' sizes. For a transaction "
        "it reports one item of several; so its figure is for each write alone, doubled on the table. "
        "inbox: the index moves with the first change of a minute in a conversation (ingest, new minute), then no more."
    )
    columns = ["function", "conversation", "writes", "=", "inbox", "=", "reads", "="]
    report.tables.append(Table("P5  DynamoDB units per message", columns, rows, note))
    same, first = (max(_writes(hops[name]) for hops in growth.values()) for name in ("ingest", "ingest, new minute"))
    reads = max(hops["ingest"].reported.read for hops in growth.values())
    short, long = (sum(growth[length]["ingest"].reported) for length in (min(growth), max(growth)))
    report.targets += [
        Target("P5", "write units of an inbound message", same, 6, "", at_most=True),
        Target("P5", "write units, first message of a minute", first, 6, "", at_most=True),
        Target("P5", "read units of an inbound message", reads, 1, "", at_most=True),
        Target("P5", f"units more at {max(growth):,} messages", long - short, 0, "", at_most=True),
    ]


def _writes(hop: Hop) -> float:
    return hop.reported.write + hop.reported.indexed
