"""Given any story of customers who write, are linked and are parted, then their conversations are as they must be.

In memory, where stories are cheap to tell; tests/integration/store tells some of them to the real store.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.core.ingest import Ingest
from shared.core.linking.joining import Evidence
from tests.support.actions import (
    BEGINNING,
    PEOPLE,
    STORIES,
    Action,
    Answer,
    Close,
    IssueCode,
    Merge,
    Redeem,
    Reopen,
    Unlink,
    Who,
    Write,
)
from tests.support.legal import CustomerFacts, Facts
from tests.support.stories import AGENT, Stage, Teller
from tests.unit.core.desk import Desk

EXAMPLES = 60 * int(os.environ.get("ONETHREAD_TEST_SCALE", "1"))
KNOWN = PEOPLE[:-1]
ADA, LOUNGER, BOB, NEW = PEOPLE
TWICE: list[Action] = [Answer(LOUNGER, named=True)] * 2
WENT_WRONG: dict[str, list[Action]] = {
    "sent while linked, closed before": [Close(LOUNGER), Merge(LOUNGER, ADA), *TWICE, Unlink(0)],
    "sent in what was brought": [Close(LOUNGER), Merge(BOB, LOUNGER), *TWICE, Unlink(0)],
    "known from an earlier conversation": [
        *(Merge(LOUNGER, ADA), Close(ADA), Write(ADA), *TWICE),
        *(IssueCode(BOB), Redeem(LOUNGER, opens=False), Answer(LOUNGER, named=True)),
    ],
    "gone on since it was brought": [Close(ADA), Merge(BOB, ADA), Close(ADA), Write(ADA), Unlink(0), Write(BOB)],
    "came to what was brought": [Close(ADA), Merge(BOB, ADA), IssueCode(ADA), Redeem(NEW), Unlink(0), Reopen(ADA)],
    "parted in the order they came": [
        *(Merge(LOUNGER, ADA), Close(ADA), Merge(BOB, ADA), Unlink(0), Unlink(0)),
        *(Write(ADA), Write(LOUNGER)),
    ],
    "nothing left to go back to": [
        *(Close(LOUNGER), Merge(ADA, LOUNGER), Close(ADA), Merge(BOB, LOUNGER), Unlink(0), Unlink(0)),
        *(IssueCode(LOUNGER), Redeem(NEW), Write(LOUNGER)),
    ],
    "a code from who is there already": [
        *(Write(LOUNGER, late=30), IssueCode(LOUNGER), Redeem(LOUNGER), *TWICE, Write(LOUNGER, late=30)),
    ],
}
"""Stories that once left something as it must not be."""


@pytest.mark.parametrize("name", WENT_WRONG)
def test_what_went_wrong_once_goes_well(name: str) -> None:
    teller = Teller(stage_at(Desk()))
    for action in [*BEGINNING, *WENT_WRONG[name]]:
        teller.tell([action])
        teller.assert_legal()
    teller.use_windows_up()
    teller.assert_legal()


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


@settings(max_examples=EXAMPLES)
@given(story=STORIES, source=st.sampled_from(KNOWN), target=st.sampled_from(KNOWN))
def test_after_every_story_a_merge_that_is_taken_back_at_once_leaves_everything_as_it_was(
    story: list[Action], source: Who, target: Who
) -> None:
    # given
    desk = Desk()
    teller = Teller(stage_at(desk))
    teller.tell(story)
    names = teller.customer(source) or "", teller.customer(target) or ""
    assume(names[0] != names[1])
    before = lasting(desk)
    # when
    link = desk.linking.linker.merge(*names, Evidence("agent", "agent", AGENT, shows_all=False)).link
    desk.linking.linker.unlink(names[1], link.identity_ids[0], AGENT)
    # then
    assert lasting(desk) == before
    teller.assert_legal()


def lasting(desk: Desk) -> object:
    """Everybody and their conversations, but for what changes with every entry."""
    facts = facts_at(desk)
    heads = {name: replace(head, sequence=0, updated_at=0, due_at=None) for name, head in facts.heads.items()}
    return heads, {name: list(head.routes) for name, head in heads.items()}, dict(facts.identities), facts.customers
