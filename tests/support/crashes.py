"""Work that dies at any of its calls, or loses any of its answers, and comes again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.aws.client import AwsClient
from tests.support.clients import CREDENTIALS, REGION, Killed, LossyConnections, MortalClient
from tests.support.engines import Engine
from tests.support.legal import check
from tests.support.snapshots import Beginning, snapshot
from tests.support.stores import Clock, Store, store_on

READS = frozenset(("GetItem", "BatchGetItem", "Query"))


@dataclass(frozen=True)
class Story:
    """What went before, and the work that dies and comes again: done by a worker, on a conversation if there is one."""

    before: Callable[[Store], object]
    work: Callable[[Store, str], object]


@dataclass(frozen=True)
class Undisturbed:
    """How a story goes when nothing happens: where it begins, how it ends, how many calls the work makes, and which of
    them (from 1) write."""

    beginning: Beginning
    conversation_id: str
    end: list[str]
    calls: int
    writes: tuple[int, ...]

    @classmethod
    def of(cls, engine: Engine, story: Story) -> Undisturbed:
        with store_on(engine, Clock()) as store:
            story.before(store)
            items = store.items()
            heads = [item["PK"]["S"][2:] for item in items if item["SK"]["S"] == "HEAD"]
            replies = [item["PK"]["S"][2:] for item in items if item.get("type", {}).get("S") == "message.sent"]
            conversation_id = max(replies or heads, default="")
            beginning = Beginning.of(store)
        with beginning.again(engine) as store:
            worker = MortalClient(engine.endpoint, 0, carried_out=False)
            made: list[str] = []
            worker.on_call = lambda record: made.append(record.operation)
            story.work(store.on(worker), conversation_id)
            writes = tuple(place for place, operation in enumerate(made, 1) if operation not in READS)
            return cls(beginning, conversation_id, snapshot(store), worker.calls, writes)


def assert_survives_death(engine: Engine, story: Story) -> None:
    """Work that dies before or after any of its calls, and comes again, ends as if it had not died. Raises
    AssertionError.

    A read leaves everything as it was, so before it and after it are one moment, which is tried once.
    """
    expected = Undisturbed.of(engine, story)
    check(expected.calls > 1, "the work makes no calls between which it could die")
    for at in range(1, expected.calls + 1):
        _die(engine, story, expected, at, carried_out=False)
    for at in expected.writes:
        _die(engine, story, expected, at, carried_out=True)


def assert_survives_lost_answers(engine: Engine, story: Story) -> None:
    """Work that loses the answer to any of its writes, and makes that call again, ends as if it had not. Raises
    AssertionError. A read that is made again leaves no trace in the table; one of them stands for all.
    """
    expected = Undisturbed.of(engine, story)
    check(bool(expected.writes), "the work writes nothing")
    reads = [at for at in range(1, expected.calls + 1) if at not in expected.writes]
    for at in (*expected.writes, *reads[:1]):
        _lose_answer(engine, story, expected, at)


def assert_survives_between_writes(engine: Engine, story: Story) -> None:
    """The same two, for work that does nothing but read and write the table: between two writes all moments are one.
    Raises AssertionError."""
    expected = Undisturbed.of(engine, story)
    check(bool(expected.writes), "the work writes nothing")
    for at in expected.writes:
        _die(engine, story, expected, at, carried_out=True)
        _lose_answer(engine, story, expected, at)


def _die(engine: Engine, story: Story, expected: Undisturbed, at: int, *, carried_out: bool) -> None:
    with expected.beginning.again(engine) as store:
        dying = store.on(MortalClient(engine.endpoint, at, carried_out=carried_out))
        with pytest.raises(Killed):
            story.work(dying, expected.conversation_id)

        story.work(store.another(), expected.conversation_id)

        died = f"died {'after' if carried_out else 'before'} call {at} of {expected.calls}"
        check(snapshot(store) == expected.end, died)


def _lose_answer(engine: Engine, story: Story, expected: Undisturbed, at: int) -> None:
    with expected.beginning.again(engine) as store:
        lossy = LossyConnections(at)

        worker = store.on(AwsClient(REGION, CREDENTIALS, engine.endpoint, connections=lossy))
        story.work(worker, expected.conversation_id)

        check(lossy.requests > expected.calls, "no answer was lost")
        check(snapshot(store) == expected.end, f"lost the answer to call {at} of {expected.calls}")
