"""Given a conversation and those who answer in it, when one of them offers, takes, passes on or gives up control, then
one party has it at most, and the log says who."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.core.changes import TRIES
from shared.core.control.service import LONGEST_NAME, LONGEST_NOTE
from shared.core.conversations import ConversationChange, conversation_view
from shared.core.records import AlreadyAnswered
from shared.core.reply import ReplyRequest
from shared.errors import Conflict, NotFound, Unprocessable, WriteConflict
from shared.model.message import Author
from tests.support.channels import CHANNELS
from tests.support.stores import START
from tests.unit.core.controlling import TIMEOUT, Controlling
from tests.unit.core.people import customer_of, merge


@pytest.fixture
def desk() -> Controlling:
    return Controlling()


def nobody(desk: Controlling) -> None:
    """As it is at first."""


def another_bot(desk: Controlling) -> None:
    desk.does("bot-2", "take")


def another_desk(desk: Controlling) -> None:
    desk.does("desk-2", "take")


def expired(desk: Controlling) -> None:
    desk.does("desk-2", "take")
    desk.clock.advance(TIMEOUT)
    desk.end_lease(desk.conversation_id)


def released(desk: Controlling) -> None:
    desk.does("desk-2", "take")
    desk.does("desk-2", "release")


def mine_as_bot(desk: Controlling) -> None:
    desk.does("bot-1", "take")


def mine_as_desk(desk: Controlling) -> None:
    desk.does("desk-1", "take")


def offered_to_bots(desk: Controlling) -> None:
    desk.does("desk-2", "take")
    desk.does("desk-2", "offer", to="bot")


def offered_to_desks(desk: Controlling) -> None:
    desk.does("desk-2", "take")
    desk.does("desk-2", "offer", to="desk")


def offered_to_the_bot(desk: Controlling) -> None:
    desk.does("desk-2", "take")
    desk.does("desk-2", "offer", to={"type": "bot", "id": "bot-1"})


def offered_to_somebody_else(desk: Controlling) -> None:
    desk.does("desk-2", "take")
    desk.does("desk-2", "offer", to={"type": "desk", "id": "desk-3"})


State = Callable[[Controlling], None]
WHO_MAY_TAKE: list[tuple[State, str | None, str | None]] = [
    # state, why bot-1 may not take, why desk-1 may not
    (nobody, None, None),
    (released, None, None),
    (expired, None, None),
    (another_bot, "controlled_by_another", None),
    (another_desk, "controlled_by_another", "controlled_by_another"),
    (mine_as_bot, None, None),
    (mine_as_desk, "controlled_by_another", None),
    (offered_to_bots, None, "controlled_by_another"),
    (offered_to_desks, "controlled_by_another", None),
    (offered_to_the_bot, None, "controlled_by_another"),
    (offered_to_somebody_else, "controlled_by_another", "controlled_by_another"),
]


@pytest.mark.parametrize(
    ("state", "party", "refusal"),
    [
        (state, party, refusal)
        for state, *refusals in WHO_MAY_TAKE
        for party, refusal in zip(("bot-1", "desk-1"), refusals, strict=True)
    ],
)
def test_who_may_take_control(desk: Controlling, state: State, party: str, refusal: str | None) -> None:
    state(desk)
    if refusal is None:
        desk.does(party, "take")
        assert (desk.holder, desk.head.offered_to) == (party, None)
    else:
        with desk.refused(refusal):
            desk.does(party, "take")


HELD_BY_OTHERS = (another_bot, another_desk, offered_to_desks, offered_to_the_bot, offered_to_somebody_else)
HELD_BY_NOBODY = (nobody, released, expired)


@pytest.mark.parametrize(
    "move", [{"action": "offer", "to": "bot"}, {"action": "pass", "to": "bot"}, {"action": "release"}]
)
@pytest.mark.parametrize("state", HELD_BY_OTHERS)
def test_only_the_controller_offers_passes_on_and_gives_up(
    desk: Controlling, state: State, move: dict[str, Any]
) -> None:
    state(desk)
    with desk.refused("not_controller"):
        desk.does("desk-1", **move)


@pytest.mark.parametrize("state", [*HELD_BY_OTHERS, *HELD_BY_NOBODY])
def test_only_the_controller_extends(desk: Controlling, state: State) -> None:
    state(desk)
    with desk.refused("not_controller"):
        desk.does("desk-1", "extend")


@pytest.mark.parametrize("state", HELD_BY_NOBODY)
def test_while_nobody_controls_everybody_may_offer_it_and_pass_it_on(desk: Controlling, state: State) -> None:
    state(desk)
    desk.does("bot-1", "offer", to="desk")
    assert (desk.holder, desk.head.offered_to and desk.head.offered_to.type) == (None, "desk")
    desk.does("bot-1", "pass", to={"type": "desk", "id": "desk-2"})
    assert desk.holder == "desk-2"


def test_who_offers_keeps_control_until_somebody_takes_it(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.does("bot-1", "offer", to="desk")
    assert desk.holder == "bot-1"
    desk.says("bot-1")
    desk.does("desk-1", "take")
    assert desk.holder == "desk-1"
    with desk.refused("not_controller"):
        desk.says("bot-1")


def test_what_is_passed_to_a_party_is_theirs_at_once(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    head = desk.does("bot-1", "pass", to={"type": "desk", "id": "desk-1"}, timeout_seconds=60).head
    assert head.controller is not None
    assert (desk.holder, head.controller.timeout, head.offered_to) == ("desk-1", 60, None)


def test_what_is_passed_to_a_type_is_nobodys_until_it_is_taken(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.does("bot-1", "pass", to="desk")
    assert (desk.holder, desk.head.offered_to and desk.head.offered_to.type) == (None, "desk")
    desk.does("desk-1", "take")
    assert desk.holder == "desk-1"


def test_to_release_leaves_nobody_and_no_offer(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.does("bot-1", "offer", to="desk")
    desk.does("bot-1", "release")
    assert (desk.holder, desk.head.offered_to) == (None, None)


def test_to_release_what_nobody_has_changes_nothing(desk: Controlling) -> None:
    before = desk.head
    assert desk.does("bot-1", "release").head == before


def test_to_take_again_extends_and_ends_an_offer(desk: Controlling) -> None:
    desk.does("bot-1", "take", name="Berta", timeout_seconds=60)
    desk.does("bot-1", "offer", to="desk")
    desk.clock.advance(30)
    controller = desk.does("bot-1", "take").head.controller
    assert controller is not None
    assert (controller.since, controller.seen_at, controller.timeout, controller.name) == (
        START,
        START + 30,
        60,
        "Berta",
    )
    assert desk.head.offered_to is None


def test_bot_and_desk_of_one_key_are_two_parties(desk: Controlling) -> None:
    desk.does("key-1", "take", **{"as": "bot"})
    with desk.refused("not_controller"):
        desk.says("key-1", "agent")
    desk.says("key-1", "bot")


class TestEntries:
    def test_a_take_says_who_and_where_the_history_is(self, desk: Controlling) -> None:
        before = desk.head.sequence
        done = desk.does("bot-1", "take", name="Berta", note="hello")
        (entry,) = desk.told()
        assert entry.sequence == done.head.sequence == before + 1
        assert entry.data == {
            "conversation": {"id": desk.conversation_id},
            "action": "take",
            "controller": {
                "type": "bot",
                "id": "bot-1",
                "name": "Berta",
                "since": "2027-01-15T08:00:00.000Z",
                "timeout": TIMEOUT,
                "expires_at": "2027-01-15T08:15:00.000Z",
            },
            "note": "hello",
            "by": {"type": "bot", "id": "bot-1"},
            "history": {"after": 0, "sequence": before},
        }

    def test_a_note_goes_along_with_an_offer_and_comes_with_the_take(self, desk: Controlling) -> None:
        desk.does("bot-1", "take")
        taken = desk.head.sequence
        desk.says("bot-1")
        desk.does("bot-1", "offer", to="desk", note="wants a refund")
        done = desk.does("desk-1", "take")
        assert (done.handover.note, done.handover.after, done.handover.sequence) == (
            "wants a refund",
            taken,
            desk.head.sequence - 1,
        )
        last = desk.told()[-1].data
        assert (last["note"], last["reason"], last["previous"]["id"]) == ("wants a refund", "offered", "bot-1")

    def test_a_note_that_was_passed_along_can_be_asked_for_again(self, desk: Controlling) -> None:
        desk.does("bot-1", "take")
        desk.does("bot-1", "pass", to={"type": "desk", "id": "desk-1"}, note="wants a refund")
        assert [desk.does("desk-1", "take").handover.note for _ in range(2)] == ["wants a refund"] * 2

    def test_a_bot_hears_that_a_desk_has_taken_over(self, desk: Controlling) -> None:
        desk.does("bot-1", "take")
        desk.does("desk-1", "take")
        last = desk.told()[-1].data
        assert (last["reason"], last["previous"]["id"], last["controller"]["id"]) == ("outranked", "bot-1", "desk-1")

    def test_a_timeout_is_said_before_what_comes_of_it(self, desk: Controlling) -> None:
        desk.does("bot-1", "take")
        desk.clock.advance(TIMEOUT)
        desk.does("bot-2", "take")
        assert [(each.data["action"], each.data.get("reason")) for each in desk.told()[1:]] == [
            ("release", "timeout"),
            ("take", None),
        ]
        assert desk.told()[1].data["previous"]["id"] == "bot-1"

    def test_closing_gives_up_control_and_says_so(self, desk: Controlling) -> None:
        desk.does("bot-1", "take")
        desk.does("bot-1", "offer", to="desk")
        desk.change(desk.conversation_id, ConversationChange(status="closed"))
        assert desk.log[-1].data["changes"] == {"status": "closed", "controller": None, "offered_to": None}
        assert (desk.holder, desk.head.offered_to) == (None, None)


class TestReplies:
    @pytest.mark.parametrize(
        ("party", "author", "accepted"),
        [
            ("bot-1", "bot", True),
            ("bot-1", "system", True),
            ("bot-1", "agent", False),
            ("bot-2", "bot", False),
            ("bot-2", "system", False),
            ("desk-1", "agent", False),
        ],
    )
    def test_while_a_bot_controls_only_its_own_replies_are_accepted(
        self, desk: Controlling, party: str, author: str, accepted: bool
    ) -> None:
        desk.does("bot-1", "take")
        if accepted:
            assert desk.says(party, author)["status"] == "queued"
        else:
            with desk.refused("not_controller"):
                desk.says(party, author)

    @pytest.mark.parametrize("author", ["bot", "agent", "system"])
    def test_while_nobody_controls_every_reply_is(self, desk: Controlling, author: str) -> None:
        assert desk.says("key-9", author)["status"] == "queued"

    def test_a_bots_message_says_that_it_is_one(self, desk: Controlling) -> None:
        desk.says("bot-1")
        message = desk.log[-1].data["message"]
        assert (message["origin"], message["author"], desk.log[-1].origin) == ("bot", {"type": "bot"}, "bot")

    def test_a_reply_that_was_accepted_before_control_was_lost_is_answered_as_then(self, desk: Controlling) -> None:
        request = ReplyRequest(parts=[{"type": "text", "text": "hello"}], author=Author(type="bot"))
        first = desk.reply(desk.conversation_id, request, "bot-1", "k")
        desk.does("desk-1", "take")
        assert isinstance(desk.store.answered("bot-1", "k"), AlreadyAnswered)
        assert desk.reply(desk.conversation_id, request, "bot-1", "k") == first

    def test_who_loses_the_race_for_a_timeout_tries_again(self, desk: Controlling) -> None:
        desk.does("bot-1", "take")
        desk.clock.advance(TIMEOUT)
        desk.store.races = 2
        desk.says("desk-1")
        assert [entry.type for entry in desk.log[-2:]] == ["conversation.control_changed", "message.sent"]


class TestRefusals:
    @pytest.mark.parametrize(
        "request_",
        [
            {"action": "offer"},
            {"action": "pass"},
            {"action": "take", "timeout_seconds": 29},
            {"action": "take", "timeout_seconds": 86_401},
            {"action": "take", "note": "x" * (LONGEST_NOTE + 1)},
            {"action": "take", "name": "x" * (LONGEST_NAME + 1)},
        ],
    )
    def test_what_cannot_be(self, desk: Controlling, request_: dict[str, Any]) -> None:
        with pytest.raises(Unprocessable) as refused:
            desk.does("desk-1", **request_)
        assert refused.value.code == "bad_control"

    @pytest.mark.parametrize("key_id", ["nobody", "reader", "gone"])
    def test_control_goes_only_to_who_can_give_it_back(self, desk: Controlling, key_id: str) -> None:
        with pytest.raises(Unprocessable) as refused:
            desk.does("desk-1", "pass", to={"type": "bot", "id": key_id})
        assert refused.value.code == "unknown_party"

    def test_a_closed_conversation_is_controlled_by_nobody(self, desk: Controlling) -> None:
        desk.change(desk.conversation_id, ConversationChange(status="closed"))
        with pytest.raises(Conflict) as refused:
            desk.does("desk-1", "take")
        assert refused.value.code == "conversation_closed"

    def test_an_unknown_conversation_is_not_found(self, desk: Controlling) -> None:
        desk.conversation_id = "conv_nowhere"
        with pytest.raises(NotFound):
            desk.does("desk-1", "take")

    def test_a_lost_race_is_tried_again_a_few_times(self, desk: Controlling) -> None:
        desk.store.races = TRIES - 1
        assert desk.does("desk-1", "take").head.controller is not None
        desk.store.races = TRIES
        with pytest.raises(WriteConflict):
            desk.does("desk-1", "extend")


def test_a_conversation_that_is_closed_by_a_merge_is_controlled_by_nobody(desk: Controlling) -> None:
    # given Ann, whom a bot answers, and Bob
    desk.does("bot-1", "take")
    desk.write("bob")
    # when Ann turns out to be Bob
    merge(desk, customer_of(desk, "ann"), customer_of(desk, "bob"))
    # then
    assert (desk.head.status, desk.head.controller) == ("closed", None)


def test_the_view_shows_the_controller_as_long_as_it_is_one(desk: Controlling) -> None:
    desk.does("bot-1", "take", name="Berta")
    desk.does("bot-1", "offer", to="desk")

    def shown(head: Any, later: float) -> Any:
        return conversation_view(head, CHANNELS.__getitem__, desk.clock() + later)

    live = shown(desk.head, 0)
    assert (live.controller.id, live.controller.name, live.offered_to.type) == ("bot-1", "Berta", "desk")
    assert live.controller.expires_at == "2027-01-15T08:15:00.000Z"
    assert shown(desk.head, TIMEOUT).controller is None
    assert shown(replace(desk.head, waiting_since=None), 9 * TIMEOUT).controller.expires_at is None
