"""Given two customers, when one is merged into the other, then all identities are of one, one conversation goes on, and
everything is explained; or nothing happens, and it is said why."""

from __future__ import annotations

import pytest
from msgspec import convert

from shared.core.linking.joining import Evidence
from shared.model.conversation import Link
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    AGENT,
    OPEN_OR_NOT,
    ann_and_bob,
    customer_of,
    given_open,
    identities_of,
    last_of,
    log_of,
    merge,
    named,
    texts_of,
)

ANN, BOB = named("ann"), named("bob", "lounge")


@pytest.fixture
def desk() -> Desk:
    return ann_and_bob()


def given(desk: Desk, source_open: bool, target_open: bool) -> tuple[str, str]:
    """The conversations of Bob, who comes, and of Ann, open or closed."""
    given_open(desk, source_open, target_open)
    return desk.conversation("bob", "lounge").conversation_id, desk.conversation("ann").conversation_id


class TestWhoIsWho:
    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    def test_all_identities_are_of_the_one_they_came_to(self, desk: Desk, source_open: bool, target_open: bool) -> None:
        given(desk, source_open, target_open)
        bob, ann = customer_of(desk, "bob", "lounge"), customer_of(desk, "ann")

        outcome = merge(desk, bob, ann)

        assert identities_of(desk, ann) == {ANN, BOB}
        assert identities_of(desk, bob) == set()
        assert desk.store.customers[bob][0].merged_into == ann
        assert desk.store.customers[ann][0].merged_into is None
        moved = desk.store.identities[BOB].identity
        assert (moved.verification, moved.link_id) == ("agent", outcome.link.id)
        assert desk.store.identities[ANN].identity.link_id is None

    def test_the_link_says_who_did_it_when_and_by_what_evidence(self, desk: Desk) -> None:
        bob, ann = customer_of(desk, "bob", "lounge"), customer_of(desk, "ann")
        link = merge(desk, bob, ann).link
        assert (link.evidence, link.verification, link.by, link.at) == (
            "agent",
            "agent",
            AGENT,
            "2027-01-15T08:00:20.000Z",
        )
        assert (link.customer_id, link.from_customer_id, link.identity_ids) == (ann, bob, [BOB])
        assert desk.links.links[ann, link.id].link == link

    def test_what_a_provider_has_proven_stays_proven_that_way(self, desk: Desk) -> None:
        proof = Evidence("email", "provider", {"type": "system"}, shows_all=True)
        desk.linking.linker.merge(customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"), proof)
        assert desk.store.identities[BOB].identity.verification == "provider"


class TestConversations:
    def test_of_two_open_ones_that_of_the_one_come_to_goes_on_and_the_other_is_closed(self, desk: Desk) -> None:
        bobs, anns = given(desk, True, True)
        bob, ann = customer_of(desk, "bob", "lounge"), customer_of(desk, "ann")

        outcome = merge(desk, bob, ann)

        assert (outcome.conversation_id, outcome.closed, outcome.moved) == (anns, bobs, None)
        assert desk.store.heads[bobs].status == "closed"
        closing = last_of(desk, bobs, "conversation.closed")
        assert closing.data["reason"] == "merged"
        assert closing.data["changes"] == {"status": "closed"}
        assert closing.data["merged_into"] == {"customer_id": ann, "conversation_id": anns}
        assert log_of(desk, anns)[-1] == "identity.linked"
        assert desk.store.identities[BOB].conversation_id == anns

    def test_the_only_open_one_goes_on_when_it_is_that_of_the_one_who_comes(self, desk: Desk) -> None:
        bobs, anns = given(desk, True, False)
        ann = customer_of(desk, "ann")
        before = log_of(desk, anns)

        outcome = merge(desk, customer_of(desk, "bob", "lounge"), ann)

        assert (outcome.conversation_id, outcome.closed, outcome.moved) == (bobs, None, bobs)
        assert (desk.store.heads[bobs].customer_id, desk.store.heads[bobs].status) == (ann, "open")
        assert desk.store.open_conversation(ann) == bobs
        assert log_of(desk, anns) == before
        desk.write("ann")
        assert desk.conversation("ann").conversation_id == bobs

    def test_the_only_open_one_goes_on_when_it_is_that_of_the_one_come_to(self, desk: Desk) -> None:
        bobs, anns = given(desk, False, True)
        before = log_of(desk, bobs)

        outcome = merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))

        assert (outcome.conversation_id, outcome.closed, outcome.moved) == (anns, None, None)
        assert log_of(desk, bobs) == before
        desk.write("bob", channel="lounge")
        assert desk.conversation("bob", "lounge").conversation_id == anns

    def test_with_none_open_the_next_message_of_either_opens_one_for_both(self, desk: Desk) -> None:
        bobs, anns = given(desk, False, False)
        ann = customer_of(desk, "ann")
        assert merge(desk, customer_of(desk, "bob", "lounge"), ann).conversation_id == anns
        assert desk.store.heads[anns].status == "closed"

        desk.write("bob", channel="lounge")
        desk.write("ann")

        head = desk.conversation("ann")
        assert head.conversation_id not in (anns, bobs)
        assert head == desk.conversation("bob", "lounge")
        assert set(head.routes) == {ANN, BOB}

    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    def test_nothing_that_was_said_goes_from_one_log_to_another(
        self, desk: Desk, source_open: bool, target_open: bool
    ) -> None:
        bobs, anns = given(desk, source_open, target_open)
        merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
        assert (texts_of(desk, bobs), texts_of(desk, anns)) == (["from bob"], ["from ann"])

    def test_the_entry_of_the_link_names_who_came_and_is_pushed_to_open_chats(self, desk: Desk) -> None:
        ann = customer_of(desk, "ann")
        link = merge(desk, customer_of(desk, "bob", "lounge"), ann).link
        entry = last_of(desk, desk.conversation("ann").conversation_id, "identity.linked")
        assert entry.data["customer"] == {"id": ann}
        assert convert(entry.data["link"], Link) == link
        assert entry.data["identities"] == [
            {"id": BOB, "channel": "lounge", "account": "main", "verification": "provider"}
        ]
        assert entry.tasks == ("push",)


class TestRoutes:
    def test_the_other_side_can_be_written_to_at_once_and_replies_go_where_they_went(self, desk: Desk) -> None:
        merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
        head = desk.conversation("ann")
        assert (list(head.routes), head.active_identity) == ([BOB, ANN], ANN)
        assert desk.answer(head.conversation_id)["route"]["identity_id"] == ANN
        assert desk.answer(head.conversation_id, route={"channel": "lounge"})["route"]["identity_id"] == BOB

    @pytest.mark.parametrize(("source_open", "target_open"), OPEN_OR_NOT)
    def test_send_windows_go_along_with_what_was_used_of_them(
        self, desk: Desk, source_open: bool, target_open: bool
    ) -> None:
        desk.answer(desk.conversation("bob", "lounge").conversation_id)
        given(desk, source_open, target_open)
        before = desk.conversation("bob", "lounge").routes[BOB].windows
        assert before["message"].used == 1

        outcome = merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))

        assert desk.store.heads[outcome.conversation_id or ""].routes[BOB].windows == before

    def test_whoever_waited_longest_is_since_when_the_customer_waits(self, desk: Desk) -> None:
        waits = desk.conversation("ann").waiting_since
        assert waits == desk.clock() - 20
        merge(desk, customer_of(desk, "ann"), customer_of(desk, "bob", "lounge"))
        assert desk.conversation("bob", "lounge").waiting_since == waits

    def test_who_was_answered_does_not_hide_that_the_other_waits(self, desk: Desk) -> None:
        desk.answer(desk.conversation("ann").conversation_id)
        waits = desk.conversation("bob", "lounge").waiting_since
        merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
        assert desk.conversation("ann").waiting_since == waits == desk.clock() - 10

    @pytest.mark.parametrize(("shows_all", "shown_from"), [(True, 0), (False, 3)])
    def test_who_comes_sees_what_was_said_before_only_by_evidence_that_allows_it(
        self, desk: Desk, shows_all: bool, shown_from: int
    ) -> None:
        evidence = Evidence("agent", "agent", AGENT, shows_all=shows_all)
        desk.linking.linker.merge(customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"), evidence)
        head = desk.conversation("ann")
        assert (head.routes[BOB].shows_from, head.routes[ANN].shows_from) == (shown_from, 0)
        assert desk.entry(head.conversation_id, 3).type == "identity.linked"

    def test_those_who_were_there_do_not_see_what_the_one_who_comes_has_said_elsewhere(self, desk: Desk) -> None:
        given(desk, True, False)
        merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
        head = desk.conversation("bob", "lounge")
        assert (head.routes[ANN].shows_from, head.routes[BOB].shows_from) == (3, 0)


class TestChains:
    def test_who_is_merged_into_one_who_is_merged_is_found_with_the_last(self, desk: Desk) -> None:
        desk.write("cid", channel="post")
        ann, bob, cid = customer_of(desk, "ann"), customer_of(desk, "bob", "lounge"), customer_of(desk, "cid", "post")
        merge(desk, ann, bob)
        merge(desk, bob, cid)
        assert identities_of(desk, cid) == {ANN, BOB, named("cid", "post")}
        assert desk.linking.linker.current(ann) == desk.linking.linker.current(bob) == cid
        assert desk.linking.linker.current("cus_nobody") is None
        assert [head.customer_id for head in desk.store.heads.values() if head.status != "closed"] == [cid]
