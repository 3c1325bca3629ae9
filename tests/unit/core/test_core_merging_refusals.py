"""Given a merge that makes no sense, that is only tried, or that others get in the way of, then nothing is written that
is not whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from shared.core.changes import TRIES
from shared.core.linking.records import MOST_IDENTITIES
from shared.core.records import StoredIdentity
from shared.errors import Conflict, NotFound, RequestError, Unprocessable, WriteConflict
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    OPEN_OR_NOT,
    ann_and_bob,
    customer_of,
    everybody,
    given_open,
    identities_of,
    log_of,
    merge,
    named,
    texts_of,
)

ANN, BOB = named("ann"), named("bob", "lounge")


@pytest.fixture
def desk() -> Desk:
    return ann_and_bob()


class TestRefusals:
    @pytest.mark.parametrize(
        ("source", "target", "error", "code"),
        [
            ("nobody", "ann", NotFound, "unknown_customer"),
            ("ann", "nobody", NotFound, "unknown_customer"),
            ("ann", "ann", Unprocessable, "same_customer"),
            ("bob", "ann", Conflict, "customer_merged"),
            ("ann", "bob", Conflict, "customer_merged"),
        ],
    )
    @pytest.mark.parametrize("dry_run", [True, False])
    def test_a_merge_that_makes_no_sense_is_refused_and_changes_nothing(
        self, desk: Desk, source: str, target: str, error: type[RequestError], code: str, dry_run: bool
    ) -> None:
        desk.write("cid", channel="post")
        names = {"ann": customer_of(desk, "ann"), "bob": customer_of(desk, "bob", "lounge"), "nobody": "cus_nobody"}
        merge(desk, names["bob"], customer_of(desk, "cid", "post"))
        before = everybody(desk)
        with pytest.raises(error) as refused:
            merge(desk, names[source], names[target], dry_run=dry_run)
        assert refused.value.code == code
        assert everybody(desk) == before

    def test_a_refusal_names_the_customer_who_is_meant_now(self, desk: Desk) -> None:
        ann, bob = customer_of(desk, "ann"), customer_of(desk, "bob", "lounge")
        merge(desk, bob, ann)
        with pytest.raises(Conflict) as refused:
            merge(desk, bob, ann)
        assert refused.value.members == {"customer_id": bob, "merged_into": ann}

    @pytest.mark.parametrize(("extra", "fits"), [(MOST_IDENTITIES - 2, True), (MOST_IDENTITIES - 1, False)])
    def test_a_customer_has_so_many_identities_and_no_more(self, desk: Desk, extra: int, fits: bool) -> None:
        ann, bob = customer_of(desk, "ann"), customer_of(desk, "bob", "lounge")
        one = desk.store.identities[ANN]
        for number in range(extra):
            identity = structs.replace(one.identity, id=f"idn_{number}")
            desk.store.identities[identity.id] = StoredIdentity(identity, one.conversation_id)
        if fits:
            merge(desk, bob, ann)
            assert len(identities_of(desk, ann)) == MOST_IDENTITIES
        else:
            with pytest.raises(Conflict) as refused:
                merge(desk, bob, ann)
            assert refused.value.code == "too_many_identities"


class TestTrying:
    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    def test_a_dry_run_writes_nothing_and_says_what_the_real_thing_does(
        self, desk: Desk, source_open: bool, target_open: bool
    ) -> None:
        given_open(desk, source_open, target_open)
        bob, ann = customer_of(desk, "bob", "lounge"), customer_of(desk, "ann")
        before, entries = everybody(desk), {name: list(log) for name, log in desk.store.logs.items()}

        tried = merge(desk, bob, ann, dry_run=True)

        assert (everybody(desk), desk.store.logs) == (before, entries)
        done = merge(desk, bob, ann)
        assert replace(tried, link=structs.replace(tried.link, id=done.link.id)) == done

    def test_a_lost_race_is_planned_anew_a_few_times(self, desk: Desk) -> None:
        ann, bob, cid = customer_of(desk, "ann"), customer_of(desk, "bob", "lounge"), "cid"
        desk.write(cid, channel="post")
        desk.links.races = TRIES - 1
        merge(desk, bob, ann)
        desk.links.races = TRIES
        with pytest.raises(WriteConflict):
            merge(desk, customer_of(desk, cid, "post"), ann)

    def test_a_message_that_comes_in_between_is_not_lost(self, desk: Desk) -> None:
        # given a message of Bob that arrives after both were read, and before the merge is written
        bobs = desk.conversation("bob", "lounge").conversation_id
        desk.links.meanwhile.append(lambda: desk.write("bob", "in between", channel="lounge"))
        # when
        merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
        # then
        assert texts_of(desk, bobs) == ["from bob", "in between"]
        assert log_of(desk, bobs)[-1] == "conversation.closed"

    def test_a_merge_with_a_customer_who_was_merged_in_between_is_refused(self, desk: Desk) -> None:
        desk.write("cid", channel="post")
        ann, bob, cid = customer_of(desk, "ann"), customer_of(desk, "bob", "lounge"), customer_of(desk, "cid", "post")
        desk.links.meanwhile.append(lambda: merge(desk, ann, cid))
        with pytest.raises(Conflict) as refused:
            merge(desk, bob, ann)
        assert refused.value.code == "customer_merged"
        assert identities_of(desk, bob) == {BOB}
