"""Given any story of customers who write, are linked and are parted, then their conversations are as they must be.

In memory, where stories are cheap to tell; tests/integration/store tells some of them to the real store.
"""

from __future__ import annotations

import os

from hypothesis import given, settings

from shared.core.ingest import Ingest
from tests.support.actions import STORIES, Action
from tests.support.legal import CustomerFacts, Facts
from tests.support.stories import Stage, Teller
from tests.unit.core.desk import Desk

EXAMPLES = 150 * int(os.environ.get("ONETHREAD_TEST_SCALE", "1"))


def facts_at(desk: Desk) -> Facts:
    store = desk.store
    members: dict[str, set[str]] = {name: set() for name in store.customers}
    for name, stored in store.identities.items():
        members[stored.identity.customer_id].add(name)
    customers = {
        name: CustomerFacts(conversation_id, customer.merged_into, frozenset(members[name]))
        for name, (customer, conversation_id) in store.customers.items()
    }
    return Facts(store.heads, store.logs, store.identities, customers)


def stage_at(desk: Desk) -> Stage:
    other = Ingest(
        linking=desk.linking,
        originals=desk.originals,
        log=desk.store,
        people=desk.store,
        deliveries=desk.store,
        notices=desk.store,
        connector_of=desk.channels.__getitem__,
        clock=desk.clock,
        sleep=desk.pauses.append,
    )
    return Stage(
        workers=(desk.ingest, other),
        reply=desk.reply,
        change=desk.change,
        linking=desk.linking,
        codes=desk.links,
        people=desk.store,
        now=desk.clock,
        wait=desk.clock.advance,
        facts=lambda: facts_at(desk),
    )


@settings(max_examples=EXAMPLES)
@given(story=STORIES)
def test_every_step_of_every_story_leaves_customers_and_conversations_as_they_must_be(story: list[Action]) -> None:
    teller = Teller(stage_at(Desk()))

    for action in story:
        teller.tell([action])
        teller.assert_legal()


@settings(max_examples=EXAMPLES)
@given(story=STORIES)
def test_no_story_lets_more_be_sent_in_a_window_than_its_rule_allows(story: list[Action]) -> None:
    teller = Teller(stage_at(Desk()))

    teller.tell(story)
    teller.use_windows_up()

    teller.assert_legal()
