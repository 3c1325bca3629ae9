"""Given people who were linked, when the link is taken back, then everybody is where they were before it, and what was
said in the meantime stays where it was said."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from msgspec import structs

from shared.core.changes import TRIES
from shared.core.conversations import ConversationChange
from shared.core.linking.unlinking import check_undoable
from shared.errors import Conflict, NotFound, WriteConflict
from shared.model.conversation import Link
from shared.model.inbound import Sender
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    AGENT,
    OPEN_OR_NOT,
    ann_and_bob,
    brings,
    code_for,
    customer_of,
    everybody,
    given_open,
    identities_of,
    last_of,
    log_of,
    merge,
    named,
    proves,
    texts_of,
    unlink,
    writes_as,
)

ANN, BOB = named("ann"), named("bob", "lounge")


@pytest.fixture
def desk() -> Desk:
    return ann_and_bob()


class TestEverythingIsAsItWas:
    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    @pytest.mark.parametrize("answered", [(), ("ann",), ("bob",), ("ann", "bob")], ids="-".join)
    def test_a_merge_that_is_taken_back_at_once_leaves_no_trace_but_in_the_logs(
        self, desk: Desk, source_open: bool, target_open: bool, answered: tuple[str, ...]
    ) -> None:
        for sender in answered:
            desk.answer(desk.conversation(sender, "lounge" if sender == "bob" else "letters").conversation_id)
        bob, ann = given_open(desk, source_open, target_open)
        before = everybody(desk)

        merge(desk, bob, ann)
        unlink(desk, ann, BOB)

        assert everybody(desk) == before

    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    def test_a_code_that_is_taken_back_at_once_leaves_no_trace_either(
        self, desk: Desk, source_open: bool, target_open: bool
    ) -> None:
        _, ann = given_open(desk, source_open, target_open)
        before = everybody(desk)

        brings(desk, "bob", code_for(desk, ann), opens=None)
        unlink(desk, ann, BOB)

        assert everybody(desk) == before

    def test_chains_are_taken_back_link_by_link_the_last_first(self, desk: Desk) -> None:
        desk.write("cid", "from cid", channel="post")
        ann, bob, cid = customer_of(desk, "ann"), customer_of(desk, "bob", "lounge"), customer_of(desk, "cid", "post")
        first = everybody(desk)
        merge(desk, ann, bob)
        second = everybody(desk)
        merge(desk, bob, cid)

        undone = unlink(desk, cid, ANN)
        assert set(undone.link.identity_ids) == {ANN, BOB}
        assert everybody(desk) == second
        unlink(desk, bob, ANN)
        assert everybody(desk) == first

    def test_a_merge_can_be_done_again_and_taken_back_again(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        before = everybody(desk)
        for _ in range(3):
            merge(desk, bob, ann)
            unlink(desk, ann, BOB)
        assert everybody(desk) == before


class TestWhoWasNewWhenTheyCame:
    def test_they_become_a_customer_of_their_own(self, desk: Desk) -> None:
        ann = customer_of(desk, "ann")
        brings(desk, "dan", code_for(desk, ann))
        dan = named("dan", "lounge")
        anns = desk.conversation("ann").conversation_id
        assert identities_of(desk, ann) == {ANN, dan}

        outcome = unlink(desk, ann, dan)

        alone = customer_of(desk, "dan", "lounge")
        assert identities_of(desk, ann) == {ANN}
        assert identities_of(desk, alone) == {dan}
        identity = desk.store.identities[dan].identity
        assert (identity.verification, identity.link_id) == ("provider", None)
        head = desk.conversation("dan", "lounge")
        assert (head.conversation_id, head.customer_id) == (outcome.conversation_id, alone)
        assert (head.status, list(head.routes), log_of(desk, head.conversation_id)) == (
            "pending",
            [dan],
            ["conversation.opened"],
        )
        assert desk.entry(head.conversation_id, 1).data["reason"] == "unlinked"
        assert list(desk.store.heads[anns].routes) == [ANN]

    def test_they_can_still_be_answered_as_far_as_their_window_goes(self, desk: Desk) -> None:
        ann = customer_of(desk, "ann")
        brings(desk, "dan", code_for(desk, ann))
        desk.answer(desk.conversation("ann").conversation_id)
        unlink(desk, ann, named("dan", "lounge"))
        answer = desk.answer(desk.conversation("dan", "lounge").conversation_id, route={"channel": "lounge"})
        assert answer["route"]["can_reply"] is False

    def test_what_they_prove_does_not_bring_them_back(self, desk: Desk) -> None:
        proves(desk, "eva", email="eva@home.example")
        proves(desk, "eva", channel="post", email="eva@home.example")
        eva = customer_of(desk, "eva")
        unlink(desk, eva, named("eva", "post"))
        proves(desk, "eva", channel="post", email="eva@home.example")
        assert identities_of(desk, eva) == {named("eva")}


class TestTheRecord:
    def test_the_log_says_who_went_and_who_undid_it(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        linked = merge(desk, bob, ann).link
        desk.clock.advance(60)
        undone = unlink(desk, ann, BOB).link
        entry = last_of(desk, desk.conversation("ann").conversation_id, "identity.unlinked")
        assert entry.data["customer"] == {"id": ann}
        assert msgspec.convert(entry.data["link"], Link) == undone
        assert entry.tasks == ("push",)
        assert undone == structs.replace(linked, undone_at="2027-01-15T08:01:20.000Z", undone_by=AGENT)
        assert desk.links.links[ann, undone.id].link == undone

    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    def test_a_dry_run_writes_nothing_and_says_what_the_real_thing_does(
        self, desk: Desk, source_open: bool, target_open: bool
    ) -> None:
        bob, ann = given_open(desk, source_open, target_open)
        merge(desk, bob, ann)
        before, entries = everybody(desk), {name: list(log) for name, log in desk.store.logs.items()}
        tried = unlink(desk, ann, BOB, dry_run=True)
        assert (everybody(desk), desk.store.logs) == (before, entries)
        assert unlink(desk, ann, BOB) == tried


class TestRefusals:
    def test_there_is_no_link_to_take_back_of_who_was_there_first(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        merge(desk, bob, ann)
        before = everybody(desk)
        with pytest.raises(Conflict) as refused:
            unlink(desk, ann, ANN)
        assert refused.value.code == "not_linked"
        assert everybody(desk) == before

    @pytest.mark.parametrize("identity", [BOB, "idn_nobody"])
    def test_only_an_identity_of_the_customer_is_unlinked_from_them(self, desk: Desk, identity: str) -> None:
        with pytest.raises(NotFound) as refused:
            unlink(desk, customer_of(desk, "ann"), identity)
        assert refused.value.code == "unknown_identity"
        with pytest.raises(NotFound) as refused:
            unlink(desk, "cus_nobody", identity)
        assert refused.value.code == "unknown_customer"

    def test_a_link_that_was_taken_back_is_not_there_to_be_taken_back_again(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        merge(desk, bob, ann)
        unlink(desk, ann, BOB)
        with pytest.raises(NotFound):
            unlink(desk, ann, BOB)
        with pytest.raises(Conflict) as refused:
            unlink(desk, bob, BOB)
        assert refused.value.code == "not_linked"

    @pytest.mark.parametrize("how", ["undone", "moved on", "one moved on"])
    def test_what_a_later_link_has_moved_is_not_taken_back_past_it(self, desk: Desk, how: str) -> None:
        desk.write("bea", channel="post")
        merge(desk, customer_of(desk, "bea", "post"), customer_of(desk, "bob", "lounge"))
        bob, ann = given_open(desk, True, True)
        link = merge(desk, bob, ann).link
        stored = desk.links.links[ann, link.id]
        target, source = desk.linking.linker.party(ann), desk.linking.linker.party(bob)
        check_undoable(stored, target, source)
        if how == "undone":
            stored = replace(stored, link=structs.replace(link, undone_at="2027-01-15T08:00:00.000Z"))
        elif how == "moved on":
            source = replace(source, state=replace(source.state, merged_into="cus_another"))
        else:
            staying = tuple(each for each in target.state.identities if each.identity.id != named("bea", "post"))
            target = replace(target, state=replace(target.state, identities=staying))
        with pytest.raises(Conflict) as refused:
            check_undoable(stored, target, source)
        assert refused.value.code == "link_superseded"


class TestRaces:
    def test_a_lost_race_is_planned_anew_a_few_times(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        merge(desk, bob, ann)
        desk.links.races = TRIES
        with pytest.raises(WriteConflict):
            unlink(desk, ann, BOB)
        desk.links.races = TRIES - 1
        unlink(desk, ann, BOB)
        assert identities_of(desk, ann) == {ANN}

    def test_what_comes_in_between_is_not_lost(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        merge(desk, bob, ann)
        anns = desk.conversation("ann").conversation_id
        desk.links.meanwhile.append(lambda: desk.write("bob", "in between", channel="lounge"))
        unlink(desk, ann, BOB)
        assert texts_of(desk, anns) == ["from ann", "in between"]
        assert log_of(desk, anns)[-1] == "identity.unlinked"

    def test_of_two_who_take_back_one_link_one_does(self, desk: Desk) -> None:
        bob, ann = given_open(desk, True, True)
        merge(desk, bob, ann)
        desk.links.meanwhile.append(lambda: unlink(desk, ann, BOB))
        with pytest.raises(NotFound):
            unlink(desk, ann, BOB)
        assert log_of(desk, desk.conversation("ann").conversation_id).count("identity.unlinked") == 1


def test_a_conversation_that_is_opened_again_by_hand_stays_with_whose_it_is(desk: Desk) -> None:
    """An agent cannot bring two open conversations about by opening one that a merge has closed."""
    bob, ann = given_open(desk, True, True)
    bobs = desk.conversation("bob", "lounge").conversation_id
    merge(desk, bob, ann)
    with pytest.raises(Conflict) as refused:
        desk.change(bobs, ConversationChange(status="open"))
    assert refused.value.code == "another_conversation_open"
    writes_as(desk, Sender(external_id="bob", scope="main"), "lounge")
    assert desk.conversation("bob", "lounge") == desk.conversation("ann")
