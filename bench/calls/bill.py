"""One invocation of a function: what it called, what it cost, and what brought it about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bench.calls.metering import Call, Message
from bench.capacity import Units
from bench.costs import GB, dollars_per_million, gb_seconds, lambda_milliseconds, price_list

CHUNK = 65_536

# What AWS charges for handing an event to a function; the stream's reads are free for Lambda.
SOURCES = {
    "http": {"http_api_request": 1.0},
    "socket": {"websocket_message": 1.0},
    "fifo": {"sqs_fifo_request": 2.0},
    "standard": {"sqs_standard_request": 2.0},
    "stream": {},
}


@dataclass(frozen=True)
class Hop:
    """An invocation for ``messages`` messages. ``cpu`` is in milliseconds, ``logged`` in bytes."""

    name: str
    source: str
    messages: int
    calls: list[Call]
    sent: list[Message]
    cpu: float
    logged: int
    provider_calls: int = 0

    @property
    def calls_per_message(self) -> float:
        return len(self.calls) / self.messages

    @property
    def reported(self) -> Units:
        return sum((call.reported for call in self.calls), Units())

    @property
    def computed(self) -> Units:
        return sum((call.computed for call in self.calls), Units())

    @property
    def duration(self) -> float:
        """The billed milliseconds of the invocation."""
        waits = Counter(_wait(call) for call in self.calls)
        waits["provider"] += self.provider_calls
        return lambda_milliseconds(self.name, self.cpu, waits)

    def dollars(self) -> dict[str, float]:
        """Per million messages, by price."""
        counts: dict[str, float] = {"lambda_request": 1.0, "lambda_gb_second": gb_seconds(self.name, self.duration)}
        access_log = float(price_list()["assumptions"]["access_log_bytes"]) if self.source == "http" else 0.0
        counts["log_gb"] = (self.logged + access_log) / GB
        for name, count in (*SOURCES[self.source].items(), *(each for call in self.calls for each in _priced(call))):
            counts[name] = counts.get(name, 0.0) + count
        return dollars_per_million({name: count for name, count in counts.items() if count}, self.messages)


@dataclass(frozen=True)
class Delivery:
    """The topic hands a message to a subscribed queue, and somebody takes it from there ``batch`` at a time."""

    message: Message
    batch: int
    consumed_by_us: bool = False

    def dollars(self) -> dict[str, float]:
        """Per million messages. What our own functions take from a queue is in their hops."""
        size = len(self.message.body.encode())
        requests = 1.0 + (0.0 if self.consumed_by_us else 2.0 / self.batch)
        counts = {
            "sns_fifo_delivery": 1.0,
            "sns_fifo_delivery_gb": size / GB,
            "sqs_fifo_request": requests * -(-size // CHUNK),
        }
        return dollars_per_million(counts, 1)


class InboxMove:
    """The place in the inbox index that a conversation gets with the first change of a minute: out and in again."""

    def dollars(self) -> dict[str, float]:
        moves = float(price_list()["assumptions"]["inbox_moves_per_message"])
        return dollars_per_million({"dynamodb_write_unit": 2 * moves}, 1)


Part = Hop | Delivery | InboxMove


def total(parts: Iterable[Part]) -> dict[str, float]:
    """Dollars per million messages, by price, over several hops."""
    found: dict[str, float] = {}
    for part in parts:
        for name, dollars in part.dollars().items():
            found[name] = found.get(name, 0.0) + dollars
    return found


def _wait(call: Call) -> str:
    if call.service != "dynamodb":
        return call.service
    if call.operation == "TransactWriteItems":
        return "dynamodb transaction"
    return "dynamodb read" if call.operation in ("GetItem", "Query", "BatchGetItem") else "dynamodb write"


def _priced(call: Call) -> list[tuple[str, float]]:
    match call.service:
        case "dynamodb":
            units = call.reported
            return [("dynamodb_write_unit", units.write + units.indexed), ("dynamodb_read_unit", units.read)]
        case "sqs":
            return [("sqs_fifo_request", -(-call.size // CHUNK))]
        case "sns":
            return [("sns_fifo_publish", -(-call.size // CHUNK)), ("sns_fifo_publish_gb", call.size / GB)]
        case "execute-api":
            return [("websocket_message", 1.0)]
        case "secretsmanager":
            return [("secret_call", 1.0)]
        case "s3":
            return [("s3_put" if call.operation == "PutObject" else "s3_get", 1.0)]
    raise KeyError(call.service)
