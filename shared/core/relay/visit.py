"""One wake-up that is being worked off.

The order of writes keeps what is owed from being forgotten: before a lane is written down as waiting for a time, a
wake-up for that time is in the queue. What was told is written down after SAVED_AFTER events, after SAVED_WITHIN
seconds, with a failure, and at the end: so much comes again, under the ids that it had, when a worker dies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from shared.core.relay.health import given_up, has_failed, is_open, may_probe
from shared.core.relay.itinerary import Step
from shared.core.relay.lane import after_failure, after_success, failing_at, left_out, owing, passed_over, restarted
from shared.core.relay.records import Attempt, Lane, Outcome, WakeUp
from shared.core.relay.schedule import asked_for, is_due, next_try
from shared.core.relay.starting import last_sequence, sequence_before
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.relay.circuit import Circuit
    from shared.core.relay.itinerary import Itinerary
    from shared.core.relay.records import Notification, Subscription
    from shared.core.relay.schedule import Uniform
    from shared.core.relay.standing import Standing
    from shared.core.relay.storage import Attempts, Endpoint, Lanes, RelayQueue, Situation, Skips
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock

Ended = Literal["level", "failed", "waiting", "held", "handed_on", "paused", "disabled", "unknown"]
"""Why there is no more to do: all is told; an attempt failed; the time of the next attempt has not come; the endpoint
is left alone; the rest is for another call; the subscription is ``paused``, ``disabled``, or not there."""

MARGIN: Final = 25.0
"""Seconds that have to remain before a further event is told: an endpoint may take 20, and then the result is written
down."""

SAVED_AFTER: Final = 10
"""Events that are told with one write of the lane."""

SAVED_WITHIN: Final = 5.0
"""Seconds after which a lane is written down before the next event is told: with an endpoint that takes its time, a
write costs little beside the waiting."""

UNRENDERABLE: Final = "unrenderable"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a visit works with."""

    lanes: Lanes
    attempts: Attempts
    skips: Skips
    queue: RelayQueue
    log: ConversationLog
    endpoint_of: Callable[[Subscription], Endpoint]
    clock: Clock
    uniform: Uniform
    circuit: Circuit
    standing: Standing
    itinerary: Itinerary


class Visit:
    """``told`` counts the events that were taken. The lane in hand is ahead of the one that is written down by what was
    told since."""

    def __init__(
        self,
        surroundings: Surroundings,
        subscription: Subscription,
        situation: Situation,
        wake: WakeUp,
        remaining: Callable[[], float],
    ) -> None:
        self.told = 0
        self._on = surroundings
        self._subscription = subscription
        self._health = situation.health
        self._wake = wake
        self._remaining = remaining
        self._saved = situation.lane
        self._saved_at = surroundings.clock()
        self._unsaved = 0
        self._lane = self._placed(situation.lane)
        self._admitted = False
        self._step: Step | None = None

    def __call__(self) -> Ended:
        self._pass_over()
        ended = self._refused()
        if ended is None:
            try:
                ended = self._tell_all()
            except InfrastructureError:
                self._save_told()
                raise
            except Exception:
                self._note_poison()
                raise
        return self._end(ended)

    def _placed(self, lane: Lane | None) -> Lane:
        """The lane, new if there is none, and put back if the wake-up says so."""
        wake = self._wake
        if lane is None:
            up_to = wake.first or last_sequence(self._on.log, wake.conversation_id)
            cursor = sequence_before(self._on.log, wake.conversation_id, self._subscription.begins_at, up_to)
            lane = Lane(wake.subscription_id, wake.conversation_id, cursor)
        if wake.restart is not None:
            lane = restarted(lane, wake.restart)
        return owing(lane, wake.owed)

    def _pass_over(self) -> None:
        """Leaves out what somebody decided not to tell, unless it was told, or replayed, in the meantime."""
        skip, lane = self._wake.skip, self._lane
        if skip is None or failing_at(lane) != skip.sequence:
            return
        # Written down first: nothing is left out that nobody can see.
        self._on.skips.keep(lane.subscription_id, left_out(lane, skip))
        self._lane = passed_over(lane)

    def _refused(self) -> Ended | None:
        """Why nothing is tried now, if so."""
        if self._subscription.status != "active":
            return self._subscription.status
        now = self._on.clock()
        if not self._wake.urgent and not is_due(self._lane.next_at, now):
            return "waiting"
        if is_open(self._health) and not may_probe(self._health, now):
            return "held"
        return None

    def _tell_all(self) -> Ended:
        for step in self._on.itinerary(self._subscription, self._wake, lambda: self._lane):
            self._step = step
            ended = None if step.notification is None else self._tell(step, step.notification())
            if ended is not None:
                return ended
            if step.notification is None:
                self._lane = step.advance(self._lane)
        return "level"

    def _tell(self, step: Step, notification: Notification) -> Ended | None:
        """Tells one event. None when it was taken; otherwise why it goes no further."""
        if self.told and self._remaining() < MARGIN:
            return "handed_on"
        if not self._admit():
            return "held"
        if self._unsaved >= SAVED_AFTER or self._on.clock() - self._saved_at >= SAVED_WITHIN:
            self._save_told()
        outcome = self._on.endpoint_of(self._subscription).deliver(self._subscription, notification)
        if outcome.verdict == "delivered":
            self._taken(step, outcome)
            return None
        if outcome.verdict == "gone":
            self._note_failure(step, outcome, None)
            self._on.standing.gone(self._subscription)
            return "disabled"
        return self._failed(step, outcome)

    def _admit(self) -> bool:
        """While the circuit is open, whoever has something to tell takes the probe for the whole visit."""
        if not self._admitted:
            health = self._on.circuit.admit(self._subscription.id, self._health)
            self._admitted = health is not None
            self._health = health or self._health
        return self._admitted

    def _taken(self, step: Step, outcome: Outcome) -> None:
        now, before = self._on.clock(), self._lane
        self.told += 1
        self._unsaved += 1
        self._lane = step.advance(after_success(before, step.event_id, outcome, now))
        if before.failures or has_failed(self._health):
            self._save_told()
            self._record(step, outcome, before.failures + 1, None)
            self._health = self._on.circuit.succeeded(self._subscription.id, self._health)

    def _failed(self, step: Step, outcome: Outcome) -> Ended:
        next_at = self._next_try(outcome)
        self._note_failure(step, outcome, next_at)
        self._health = self._on.circuit.failed(self._subscription.id, step.event_id, outcome, self._lane.failures)
        if given_up(self._health, self._on.clock()):
            self._on.standing.given_up(self._subscription)
        return "failed"

    def _next_try(self, outcome: Outcome) -> float | None:
        """When the event is tried again, with a wake-up for that time. A probe that fails says nothing of the event:
        its time stays what it was, and whoever finds the endpoint back wakes it."""
        known, now = self._lane.next_at, self._on.clock()
        if is_open(self._health) and asked_for(outcome.retry_after) is None:
            return None if known is None or known <= now else known
        next_at = next_try(now, self._lane.failures + 1, outcome.retry_after, self._on.uniform)
        self._on.queue.put_later(WakeUp(self._wake.subscription_id, self._wake.conversation_id), next_at)
        return next_at

    def _note_failure(self, step: Step, outcome: Outcome, next_at: float | None) -> None:
        self._lane = after_failure(self._with_states_owed(), step.event_id, outcome, self._on.clock(), next_at)
        self._save()
        self._record(step, outcome, self._lane.failures, next_at)

    def _note_poison(self) -> None:
        """Our own code failed over an event. It is tried again whenever the lane is woken, and nothing overtakes it."""
        sequence = self._lane.owed[0] if self._lane.owed else self._lane.cursor + 1
        step = self._step
        if step is None or step.sequence != sequence:
            step = Step("", f"{self._wake.conversation_id}:{sequence}", sequence, lambda lane: lane)
        self._note_failure(step, Outcome("retry", 0, code=UNRENDERABLE), None)

    def _record(self, step: Step, outcome: Outcome, number: int, next_at: float | None) -> None:
        attempt = Attempt(
            at=self._on.clock(),
            event_id=step.event_id,
            event_type=step.type,
            outcome=outcome,
            conversation_id=self._wake.conversation_id,
            sequence=step.sequence,
            number=number,
            next_at=next_at,
        )
        self._on.attempts.record(self._subscription.id, attempt)

    def _end(self, ended: Ended) -> Ended:
        if ended == "level":
            self._lane = replace(self._lane, pending=False)
        else:
            self._lane = replace(self._with_states_owed(), pending=True)
        self._save()
        if ended == "handed_on":
            rest = WakeUp(self._wake.subscription_id, self._wake.conversation_id)
            if self._on.queue.put([rest]):
                raise InfrastructureError("the rest of a conversation was not handed on")
        return ended

    def _with_states_owed(self) -> Lane:
        """With the states that the wake-up brought and that were not told: they are told as they are by then."""
        told = set(self._lane.told)
        names = [str(state["id"]).removeprefix(self._wake.conversation_id + ":") for state in self._wake.states]
        return owing(self._lane, (int(name.partition(":")[0]) for name in names if name not in told))

    def _save_told(self) -> None:
        """Writes the lane down if anything was told since."""
        if self._unsaved:
            self._save()

    def _save(self) -> None:
        if self._lane != self._saved:
            self._on.lanes.save(self._lane)
            self._saved = self._lane
        self._unsaved, self._saved_at = 0, self._on.clock()
