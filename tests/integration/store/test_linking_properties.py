"""Given any story of customers who write, are linked and are parted, then the table is as it must be; and a merge that
is taken back at once leaves it as it was."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.core.linking.joining import Evidence
from tests.support.actions import PEOPLE, STORIES, Action, Who
from tests.support.engines import Engine
from tests.support.stores import Clock, Store, store_on
from tests.support.stories import AGENT, Teller, stage_on

SCALE = int(os.environ.get("ONETHREAD_TEST_SCALE", "1"))
CHANGES_WITH_EVERY_ENTRY = ("sequence", "updated_at", "revision", "GSI1SK", "due", "GSI2PK", "GSI2SK")
KNOWN = PEOPLE[:-1]


def state(store: Store) -> list[str]:
    """What is stored of everybody, but for the logs, the links, and what changes with every entry."""
    apart = ("E#", "L#")
    kept = [item for item in store.items() if not item["SK"]["S"].startswith(apart)]
    return sorted(json.dumps(_lasting(item), sort_keys=True) for item in kept)


def _lasting(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in CHANGES_WITH_EVERY_ENTRY}


@settings(max_examples=8 * SCALE)
@given(story=STORIES)
def test_every_story_leaves_the_table_as_it_must_be(dynamodb_local: Engine, story: list[Action]) -> None:
    clock = Clock()
    with store_on(dynamodb_local, clock) as store:
        store.sleep = lambda seconds: None
        teller = Teller(stage_on(store, clock))

        teller.tell(story)
        teller.assert_legal()
        teller.use_windows_up()

        teller.assert_legal()


@settings(max_examples=8 * SCALE)
@given(story=STORIES, source=st.sampled_from(KNOWN), target=st.sampled_from(KNOWN))
def test_a_merge_that_is_taken_back_at_once_leaves_everything_as_it_was(
    dynamodb_local: Engine, story: list[Action], source: Who, target: Who
) -> None:
    clock = Clock()
    with store_on(dynamodb_local, clock) as store:
        # given
        teller = Teller(stage_on(store, clock))
        teller.tell(story)
        names = teller.customer(source) or "", teller.customer(target) or ""
        assume(names[0] != names[1])
        before, links = state(store), store.linking.linker
        if names[0] == names[1]:
            return
        # when
        link = links.merge(*names, Evidence("agent", "agent", AGENT, shows_all=False)).link
        links.unlink(names[1], link.identity_ids[0], AGENT)
        # then
        assert state(store) == before
        teller.assert_legal()
