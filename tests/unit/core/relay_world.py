"""A stack with subscribers, in memory and in virtual time: its log, its queue with groups and workers, and endpoints
that answer as a test wants."""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from shared.core.delivery_state import DeliveryState
from shared.core.publishing import entry_event, media_event, publication, status_event
from shared.core.records import Entry, Head, Located
from shared.core.relay.forwarding import Forward
from shared.core.relay.records import Notification, Outcome, Subscription, Sweep, WakeUp
from shared.core.relay.requests import Checks
from shared.core.relay.storage import Endpoint
from shared.core.relay.subscribing import Subscribing
from shared.core.relay.sweeping import SweepSubscription
from shared.core.relay.waking import wake_ups
from shared.http.addresses import guarded_target
from shared.model.event import Event
from shared.model.message import STATUS_RANK
from tests.unit.core.memory import MemoryStore
from tests.unit.core.memory_relay import MemoryActivity, MemoryRelay
from tests.unit.core.virtual_time import VirtualTime

SOURCE = "urn:onethread:test"
BUCKETS = 16
TRIES = 5
PAUSE = 2.0

OK = Outcome("delivered", 5, 200)
BROKEN = Outcome("retry", 5, 500, "http_500")

Answers = Callable[[float, Event], Outcome]


class Died(BaseException):
    """The worker is gone in the middle of its work, as when the machine is switched off."""


@dataclass
class SimulatedEndpoint:
    """``calls`` are (time, event) of all attempts, ``taken`` of those that were delivered. ``seconds`` is how long a
    call takes."""

    time: VirtualTime
    answer: Answers = lambda now, event: OK
    seconds: float = 0.0
    calls: list[tuple[float, Event]] = field(default_factory=list)
    taken: list[tuple[float, Event]] = field(default_factory=list)

    def deliver(self, subscription: Subscription, notification: Notification) -> Outcome:
        event = notification.event
        self.calls.append((self.time(), event))
        outcome = self.answer(self.time(), event)
        self.time.sleep(self.seconds)
        if outcome.verdict == "delivered":
            self.taken.append((self.time(), event))
        return outcome

    def sequences(self, conversation_id: str) -> list[int]:
        """Of the log entries that were taken, in the order in which they were."""
        return [event.sequence for _, event in self.taken if event.subject == conversation_id and event.sequence]

    def states(self, conversation_id: str) -> list[str]:
        """Of the states that were taken, their ids without the conversation's."""
        own = (event for _, event in self.taken if event.subject == conversation_id and not event.sequence)
        return [event.id.removeprefix(conversation_id + ":") for event in own]

    def repeated(self) -> list[str]:
        """Ids that were taken more than once."""
        return [name for name, count in Counter(event.id for _, event in self.taken).items() if count > 1]


class SimulatedQueue:
    """Implements RelayQueue: groups in order, one item of each at a time, by so many workers. What fails comes back
    after a pause, and is set aside after five times. ``refusals`` is how often it will take nothing."""

    def __init__(self, time: VirtualTime, workers: int) -> None:
        self.time = time
        self.work: Callable[[WakeUp | Sweep], None] = lambda item: None
        self.aside: list[WakeUp | Sweep] = []
        self.handled = 0
        self.refusals = 0
        self._groups: dict[str, deque[tuple[WakeUp | Sweep, int]]] = defaultdict(deque)
        self._busy: set[str] = set()
        self._ready: deque[str] = deque()
        self._free = workers

    def put(self, items: Sequence[WakeUp | Sweep]) -> set[int]:
        if self.refusals > 0:
            self.refusals -= 1
            return set(range(len(items)))
        self._put(items)
        return set()

    def _put(self, items: Sequence[WakeUp | Sweep]) -> None:
        for item in items:
            group = _group_of(item)
            self._groups[group].append((item, 1))
            self._offer(group)
        self.time.after(0, self._dispatch)

    def put_later(self, item: WakeUp | Sweep, due_at: float) -> None:
        self.time.at(due_at, lambda: self._put([item]))

    def _offer(self, group: str) -> None:
        if group not in self._busy and self._groups[group]:
            self._busy.add(group)
            self._ready.append(group)

    def _dispatch(self) -> None:
        while self._ready and self._free:
            self._free -= 1
            group = self._ready.popleft()
            self.time.start(partial(self._work_off, group))

    def _work_off(self, group: str) -> None:
        item, tries = self._groups[group].popleft()
        pause = 0.0
        self.handled += 1
        try:
            self.work(item)
        except (Exception, Died) as error:
            if tries >= TRIES and isinstance(error, Exception):
                self.aside.append(item)
            else:
                self._groups[group].appendleft((item, tries + 1))
                pause = PAUSE
        self._free += 1
        self.time.after(pause, lambda: self._release(group))

    def _release(self, group: str) -> None:
        self._busy.discard(group)
        self._offer(group)
        self._dispatch()


def _group_of(item: WakeUp | Sweep) -> str:
    if isinstance(item, Sweep):
        return f"{item.subscription_id}#sweep"
    bucket = hashlib.sha256(item.conversation_id.encode()).digest()[0] % BUCKETS
    return f"{item.subscription_id}#{bucket}"


@dataclass
class CountingStore(MemoryStore):
    """``pages_read`` counts the pages of entries."""

    pages_read: int = 0

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        self.pages_read += 1
        return super().entries(conversation_id, after, limit)


class World:
    """``mangle`` is what the way from the stream to the queue does to wake-ups. ``sleeping``: calls may take time."""

    def __init__(self, *, workers: int = 64, seed: int = 1, sleeping: bool = False) -> None:
        self.time = VirtualTime(sleeping=sleeping)
        self.random = random.Random(seed)
        self.store = CountingStore(now=self.time)
        self.relay = MemoryRelay()
        self.queue = SimulatedQueue(self.time, workers)
        self.endpoints: dict[str, SimulatedEndpoint] = {}
        self.mangle: Callable[[list[WakeUp]], list[WakeUp]] = list
        self.seconds_left = 600.0
        self.forward = self.make_forward()
        self.sweep = SweepSubscription(
            subscriptions=self.relay,
            lanes=self.relay,
            queue=self.queue,
            log=self.store,
            conversations=MemoryActivity(self.store),
            clock=self.time,
            uniform=self.random.uniform,
        )
        self.subscribing = Subscribing(
            subscriptions=self.relay,
            lanes=self.relay,
            attempts=self.relay,
            queue=self.queue,
            log=self.store,
            endpoint_of=self.endpoint_of,
            checks=Checks(lambda: ["wechat", "webchat"], guarded_target, lambda name: None),
            source=SOURCE,
            clock=self.time,
        )
        self.queue.work = self.work_off

    def make_forward(self, wrap: Callable[[Any], Any] = lambda each: each) -> Forward:
        """``wrap`` is put around everything that it calls."""
        return Forward(
            subscriptions=wrap(self.relay),
            lanes=wrap(self.relay),
            attempts=wrap(self.relay),
            skips=wrap(self.relay),
            queue=wrap(self.queue),
            log=wrap(self.store),
            addresses=wrap(self.store),
            endpoint_of=lambda subscription: wrap(self.endpoint_of(subscription)),
            source=SOURCE,
            clock=self.time,
            uniform=self.random.uniform,
        )

    def work_off(self, item: WakeUp | Sweep) -> None:
        if isinstance(item, Sweep):
            self.sweep(item)
        else:
            self.forward(item, lambda: self.seconds_left)

    def endpoint_of(self, subscription: Subscription) -> Endpoint:
        return self.endpoints[subscription.id]

    def subscribe(self, name: str = "sub_1", **fields: Any) -> SimulatedEndpoint:
        """A subscription, and its endpoint, which takes everything."""
        given = {"url": f"https://{name.replace('_', '-')}.example.com/", **fields}
        self.relay.create(Subscription(id=name, created_at=self.time(), **given))
        self.endpoints[name] = SimulatedEndpoint(self.time)
        return self.endpoints[name]

    def write(self, conversation_id: str, **fields: Any) -> Entry:
        """One more entry, and the wake-ups for it."""
        entry = self.write_silently(conversation_id, **fields)
        event = entry_event(entry, SOURCE)
        self.tell([publication(event, channel=entry.channel, origin=entry.origin, tasks=())])
        return entry

    def write_silently(self, conversation_id: str, **fields: Any) -> Entry:
        """One more entry, of which nobody is woken."""
        log = self.store.logs.setdefault(conversation_id, [])
        given: dict[str, Any] = {
            "type": "conversation.updated",
            "at": self.time(),
            "data": {"conversation": {"id": conversation_id}, "changes": {}},
            **fields,
        }
        entry = Entry(conversation_id=conversation_id, sequence=len(log) + 1, **given)
        log.append(entry)
        self.store.heads[conversation_id] = Head(
            conversation_id=conversation_id,
            customer_id="cus_1",
            status="open",
            sequence=entry.sequence,
            created_at=log[0].at,
            updated_at=self.time(),
        )
        return entry

    def send(self, conversation_id: str) -> Entry:
        """One more message to the customer."""
        number = len(self.store.logs.get(conversation_id, [])) + 1
        message_id = f"msg_{conversation_id}_{number}"
        return self.write(
            conversation_id,
            type="message.sent",
            channel="wechat",
            origin="agent",
            message_id=message_id,
            data={"message": _message(message_id)},
        )

    def reach(self, entry: Entry, status: str) -> None:
        """The message rises to a status, and whoever wants to hear of it is woken."""
        place = (entry.conversation_id, entry.sequence)
        before = self.store.state(*place)
        state = DeliveryState(status=status, rank=STATUS_RANK[status], at=self.time())
        if before is not None and before.rank >= state.rank:
            return
        self.store.states[place] = state
        told = status_event(Located(*place, entry.message_id), before, state, SOURCE)
        if told is not None:
            self.tell([publication(told[0], channel=None, origin=None, tasks=told[1])])

    def store_file(self, entry: Entry, media_id: str) -> None:
        """A file of the message is in our bucket from now on."""
        state = {"state": "stored", "mime_type": "image/png", "size": 3, "at": self.time(), "key": "files/1"}
        log = self.store.logs[entry.conversation_id]
        stored = log[entry.sequence - 1]
        log[entry.sequence - 1] = replace(stored, media={**stored.media, media_id: state})
        media = {name: value for name, value in state.items() if name not in ("at", "key")}
        event = media_event(
            conversation_id=entry.conversation_id,
            sequence=entry.sequence,
            media_id=media_id,
            media=media,
            at=self.time(),
            source=SOURCE,
        )
        self.tell([publication(event, channel=None, origin=None, tasks=())])

    def tell(self, publications: list[Any]) -> None:
        self.queue.put(self.mangle(wake_ups(publications, self.relay.all())))

    def hold(self) -> list[WakeUp]:
        """From now on, what comes from the stream goes no further than into this list."""
        held: list[WakeUp] = []

        def keep(wakes: list[WakeUp]) -> list[WakeUp]:
            held.extend(wakes)
            return []

        self.mangle = keep
        return held

    def owed(self, conversation_id: str) -> list[int]:
        return [
            each for lane in self.relay.lanes.values() if lane.conversation_id == conversation_id for each in lane.owed
        ]

    def last(self, conversation_id: str) -> int:
        return len(self.store.logs.get(conversation_id, []))

    def everything(self, conversation_id: str) -> list[int]:
        return list(range(1, self.last(conversation_id) + 1))


def _message(message_id: str) -> dict[str, Any]:
    return {
        "id": message_id,
        "direction": "outbound",
        "origin": "agent",
        "author": {"type": "agent"},
        "channel": {"type": "wechat", "account": "main"},
        "identity_id": "idn_1",
        "parts": [{"type": "text", "text": "Good morning"}],
        "occurred_at": "2026-01-02T03:04:05.678Z",
        "received_at": "2026-01-02T03:04:05.678Z",
    }
