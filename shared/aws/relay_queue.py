"""The ordered queue of the relay on SQS FIFO, and the queue of timers that holds what is not due yet."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from shared.aws.queues import QueueEntry, Queues
from shared.aws.record_fields import told
from shared.core.later import TryLater
from shared.core.relay.records import Skip, Sweep, WakeUp
from shared.model.identifiers import digest, uuid7

if TYPE_CHECKING:
    from shared.ports.clock import Clock

BUCKETS = 16
"""Groups of one subscription: so many workers a slow endpoint can hold, and so many conversations go on at once."""

LONGEST_DELAY = 900
"""Seconds that SQS holds a message back before anybody sees it ("DelaySeconds", Amazon SQS API reference)."""

LONGEST_HIDDEN = 39_600
"""Seconds, 11 hours: a queue hides a message for up to 12 hours from when it was received ("Amazon SQS visibility
timeout", docs.aws.amazon.com)."""

_KINDS: dict[str, type[WakeUp | Sweep]] = {"wake": WakeUp, "sweep": Sweep}


class SqsForwardQueue:
    """The part of it that works at once.

    SQS drops what it has seen within five minutes, by the deduplication id. That is a digest of the content and of
    the ``occasion``: the same wake-up on another occasion is a wake-up of its own. Who puts in the same again when it
    is told that something failed, and has no other reason to say it twice, gives one occasion for all.
    """

    def __init__(self, queues: Queues, queue_url: str, occasion: Callable[[], str] = uuid7) -> None:
        self._queues = queues
        self._queue_url = queue_url
        self._occasion = occasion

    def put(self, items: Sequence[WakeUp | Sweep]) -> set[int]:
        entries = [entry_of(to_json(item), self._occasion(), str(place)) for place, item in enumerate(items)]
        return {int(place) for place in self._queues.send_batch(self._queue_url, entries)} if entries else set()


class SqsRelayQueue(SqsForwardQueue):
    """Implements shared.core.relay.storage.RelayQueue."""

    def __init__(self, queues: Queues, queue_url: str, timers_url: str, clock: Clock) -> None:
        super().__init__(queues, queue_url)
        self._timers_url = timers_url
        self._clock = clock

    def put_later(self, item: WakeUp | Sweep, due_at: float) -> None:
        body = json.dumps({"relay": to_json(item), "due_at": due_at}, ensure_ascii=False, separators=(",", ":"))
        # Rounded up: what came out early would have to wait again.
        delay = max(0, min(LONGEST_DELAY, math.ceil(due_at - self._clock())))
        self._queues.send(self._timers_url, body, delay_seconds=delay)


class ReleaseDue:
    """What was put in for later goes into the ordered queue when its time has come. Call it with a message of the queue
    of timers."""

    def __init__(self, queues: Queues, queue_url: str, clock: Clock) -> None:
        self._queues = queues
        self._queue_url = queue_url
        self._clock = clock

    def __call__(self, message: dict[str, Any]) -> None:
        """Raises TryLater while it is not due, InfrastructureError."""
        due_at = message["due_at"]
        remaining = due_at - self._clock()
        if remaining > 0:
            raise TryLater(min(math.ceil(remaining), LONGEST_HIDDEN))
        # A message of a standard queue may come twice: that is one occasion.
        entry = entry_of(message["relay"], f"due {due_at}")
        self._queues.send(self._queue_url, entry.body, entry.group_id, entry.dedup_id)


def is_timed(message: dict[str, Any]) -> bool:
    """Whether a message of the queue of timers is the relay's."""
    return "relay" in message


def entry_of(item: dict[str, Any], occasion: str, place: str = "0") -> QueueEntry:
    """An item in JSON form as a message of the ordered queue."""
    body = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return QueueEntry(place, body, group_of(item), digest(body, occasion))


def group_of(item: dict[str, Any]) -> str:
    """The FIFO group: what concerns one conversation of a subscription is worked off one after the other."""
    if item["kind"] == "sweep":
        return f"{item['subscription_id']}#sweep"
    bucket = hashlib.sha256(item["conversation_id"].encode()).digest()[0] % BUCKETS
    return f"{item['subscription_id']}#{bucket}"


def to_json(item: WakeUp | Sweep) -> dict[str, Any]:
    """The item with its kind; what is as it is anyway is left out."""
    kind = next(kind for kind, record in _KINDS.items() if isinstance(item, record))
    values = told(item)
    if "skip" in values:
        values["skip"] = asdict(values["skip"])
    return {"kind": kind, **values}


def from_json(value: dict[str, Any]) -> WakeUp | Sweep:
    """Raises KeyError, TypeError for what is none."""
    fields = {name: each for name, each in value.items() if name != "kind"}
    for name in ("states", "owed"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if "skip" in fields:
        fields["skip"] = Skip(**fields["skip"])
    return _KINDS[value["kind"]](**fields)
