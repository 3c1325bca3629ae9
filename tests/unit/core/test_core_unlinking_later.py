"""Given people who were linked, when the link is taken back after more was said, then what was said stays where it was
said, and everybody goes on where they were."""

from __future__ import annotations

import pytest

from shared.model.inbound import Continues
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    ann_and_bob,
    brings,
    close,
    code_for,
    customer_of,
    given_open,
    last_of,
    log_of,
    merge,
    named,
    texts_of,
    unlink,
)

ANN, BOB = named("ann"), named("bob", "lounge")


@pytest.fixture
def desk() -> Desk:
    return ann_and_bob()


def test_what_was_said_stays_where_it_was_said_and_the_other_log_names_the_place(desk: Desk) -> None:
    bob, ann = given_open(desk, True, True)
    bobs, anns = desk.conversation("bob", "lounge").conversation_id, desk.conversation("ann").conversation_id
    merge(desk, bob, ann)
    desk.write("bob", "said by bob", channel="lounge")
    desk.write("ann", "said by ann")

    outcome = unlink(desk, ann, BOB)

    assert (outcome.conversation_id, outcome.reopened, outcome.moved) == (bobs, bobs, None)
    assert texts_of(desk, anns) == ["from ann", "said by bob", "said by ann"]
    assert texts_of(desk, bobs) == ["from bob"]
    opened = last_of(desk, bobs, "conversation.updated")
    assert (opened.data["reason"], opened.data["changes"]) == ("unlinked", {"status": "open"})
    assert opened.data["while_linked"] == {"conversation_id": anns, "from_sequence": 3, "to_sequence": 7}
    assert [desk.entry(anns, place).type for place in (3, 4, 5, 6, 7)] == [
        "identity.linked",
        "conversation.channel_switched",
        "message.received",
        "conversation.channel_switched",
        "message.received",
    ]
    assert log_of(desk, anns)[7:] == ["identity.unlinked"]


def test_the_conversation_forgets_the_routes_of_those_who_go(desk: Desk) -> None:
    bob, ann = given_open(desk, True, True)
    merge(desk, bob, ann)
    desk.write("bob", channel="lounge")
    assert desk.conversation("ann").active_identity == BOB

    unlink(desk, ann, BOB)

    head = desk.conversation("ann")
    assert (list(head.routes), head.active_identity) == ([ANN], ANN)
    assert desk.answer(head.conversation_id)["route"]["identity_id"] == ANN


def test_sends_that_were_used_in_between_stay_used(desk: Desk) -> None:
    bob, ann = given_open(desk, True, True)
    merge(desk, bob, ann)
    desk.answer(desk.conversation("ann").conversation_id, route=BOB)
    unlink(desk, ann, BOB)
    assert desk.conversation("bob", "lounge").routes[BOB].windows["message"].used == 1


def test_who_has_written_since_and_stays_still_waits(desk: Desk) -> None:
    bob, ann = given_open(desk, True, True)
    merge(desk, bob, ann)
    desk.answer(desk.conversation("ann").conversation_id)
    desk.clock.advance(5)
    desk.write("ann", "and now?")
    unlink(desk, ann, BOB)
    assert desk.conversation("ann").waiting_since == desk.clock()


def test_who_was_answered_in_between_does_not_wait_since_before(desk: Desk) -> None:
    bob, ann = given_open(desk, True, True)
    merge(desk, bob, ann)
    desk.answer(desk.conversation("ann").conversation_id)
    unlinked_at = desk.clock()
    desk.clock.advance(5)
    desk.write("bob", "bob asks again", channel="lounge")
    unlink(desk, ann, BOB)
    assert desk.conversation("ann").waiting_since == unlinked_at + 5


def test_who_has_written_while_the_other_waited_waits_since_the_link(desk: Desk) -> None:
    desk.answer(desk.conversation("ann").conversation_id)
    bob, ann = given_open(desk, True, True)
    merge(desk, bob, ann)
    linked_at = desk.clock()
    desk.clock.advance(5)
    desk.write("ann", "and now?")
    unlink(desk, ann, BOB)
    assert desk.conversation("ann").waiting_since == linked_at


def test_who_waits_no_longer_with_the_one_who_goes_does_not_wait(desk: Desk) -> None:
    desk.answer(desk.conversation("ann").conversation_id)
    _, ann = given_open(desk, True, True)
    brings(desk, "bob", code_for(desk, ann))
    assert desk.conversation("ann").waiting_since is not None
    unlink(desk, ann, BOB)
    assert desk.conversation("ann").waiting_since is None


def test_a_conversation_that_was_brought_along_is_taken_away_again(desk: Desk) -> None:
    bob, ann = given_open(desk, True, False)
    bobs, anns = desk.conversation("bob", "lounge").conversation_id, desk.conversation("ann").conversation_id
    merge(desk, bob, ann)
    desk.write("ann", "in bob's")
    assert desk.conversation("ann").conversation_id == bobs

    outcome = unlink(desk, ann, BOB)

    assert (outcome.conversation_id, outcome.moved, outcome.reopened) == (bobs, bobs, None)
    assert (desk.store.heads[bobs].customer_id, list(desk.store.heads[bobs].routes)) == (bob, [BOB])
    assert desk.store.open_conversation(ann) == anns
    assert desk.store.identities[ANN].conversation_id == anns
    desk.write("ann", "on my own")
    assert desk.conversation("ann").conversation_id not in (anns, bobs)
    assert list(desk.conversation("ann").routes) == [ANN]


def test_what_they_brought_goes_with_them_even_when_the_other_has_gone_on_since(desk: Desk) -> None:
    # given a conversation that Bob brought to Ann, that was closed there, and after which Ann has another one
    bob, ann = given_open(desk, True, False)
    bobs = desk.conversation("bob", "lounge").conversation_id
    merge(desk, bob, ann)
    close(desk, "bob", "lounge")
    desk.write("ann", "later")
    anns = desk.conversation("ann").conversation_id
    desk.answer(anns, route=BOB)
    # when
    outcome = unlink(desk, ann, BOB)
    # then
    assert (outcome.moved, outcome.conversation_id) == (bobs, bobs)
    head = desk.store.heads[bobs]
    assert (head.customer_id, head.status, list(head.routes)) == (bob, "closed", [BOB])
    assert head.routes[BOB].windows["message"].used == 1
    assert list(desk.store.heads[anns].routes) == [ANN]
    desk.write("bob", "again", channel="lounge", continues=Continues(conversation_id=bobs))
    assert desk.conversation("bob", "lounge").conversation_id == bobs
    assert desk.store.heads[bobs].status == "open"


def test_of_two_who_brought_a_conversation_each_takes_their_own(desk: Desk) -> None:
    # given Ann, whose own conversation is closed, and to whom Bob and then Cid brought theirs
    desk.write("cid", "from cid", channel="post")
    bob, ann = given_open(desk, True, False)
    cid, cids = customer_of(desk, "cid", "post"), desk.conversation("cid", "post").conversation_id
    bobs = desk.conversation("bob", "lounge").conversation_id
    merge(desk, bob, ann)
    close(desk, "bob", "lounge")
    merge(desk, cid, ann)
    # when they go in the order in which they came
    unlink(desk, ann, BOB)
    unlink(desk, ann, named("cid", "post"))
    # then
    assert (desk.store.open_conversation(bob), desk.store.open_conversation(cid)) == (bobs, cids)
    desk.write("bob", channel="lounge", continues=Continues(conversation_id=bobs))
    desk.write("ann", "alone")
    desk.write("cid", channel="post")
    for sender, channel in (("ann", "letters"), ("bob", "lounge"), ("cid", "post")):
        head = desk.conversation(sender, channel)
        assert (head.customer_id, list(head.routes)) == (customer_of(desk, sender, channel), [named(sender, channel)])
