"""Given a customer of several channels, when they write from another one, then the conversation says so and replies
follow; what they did not write, and what is only delivered again, moves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import InfrastructureError
from shared.model.inbound import Sender
from tests.support.channels import WINDOW_SECONDS, text_message, webhook
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    BY_AGENT,
    STORED,
    close,
    code_for,
    customer_of,
    last_of,
    log_of,
    merge,
    named,
    texts_of,
)

ANN, HERE, POST = named("ann"), named("ann", "lounge"), named("ann", "post")


@pytest.fixture
def desk() -> Desk:
    """Ann wrote a letter last, and is known in the lounge and by post as well."""
    desk = Desk()
    desk.write("ann", "first")
    for channel in ("lounge", "post"):
        desk.write("ann", channel=channel, wants_answer=False)
        close(desk, "ann", channel)
        merge(desk, customer_of(desk, "ann", channel), customer_of(desk, "ann"))
    return desk


@pytest.fixture
def conversation(desk: Desk) -> str:
    return desk.conversation("ann").conversation_id


def new_in(desk: Desk, conversation: str, after: int) -> list[str]:
    return log_of(desk, conversation)[after:]


class TestTheEntry:
    def test_it_comes_before_the_message_and_says_from_where_to_where(self, desk: Desk, conversation: str) -> None:
        before = desk.conversation("ann").sequence

        assert desk.write("ann", "here now", channel="lounge") == STORED

        assert new_in(desk, conversation, before) == ["conversation.channel_switched", "message.received"]
        entry = last_of(desk, conversation, "conversation.channel_switched")
        assert entry.data == {
            "conversation": {"id": conversation},
            "from": {"identity_id": ANN, "channel": "letters", "account": "main"},
            "to": {"identity_id": HERE, "channel": "lounge", "account": "main"},
            "reason": "message",
        }
        assert (entry.channel, entry.account, entry.tasks) == ("lounge", "main", ("push",))

    def test_whoever_goes_on_where_they_were_switches_nothing(self, desk: Desk, conversation: str) -> None:
        before = desk.conversation("ann").sequence
        for _ in range(2):
            desk.write("ann")
        assert new_in(desk, conversation, before) == ["message.received", "message.received"]

    def test_there_and_back_are_two(self, desk: Desk, conversation: str) -> None:
        for channel in ("lounge", "letters"):
            desk.write("ann", channel=channel)
        assert log_of(desk, conversation).count("conversation.channel_switched") == 2
        assert desk.conversation("ann").active_identity == ANN

    def test_the_first_to_write_in_a_conversation_comes_from_nowhere(self, desk: Desk) -> None:
        close(desk, "ann")
        desk.write("ann", channel="lounge")
        assert log_of(desk, desk.conversation("ann", "lounge").conversation_id) == [
            "conversation.opened",
            "message.received",
        ]

    @pytest.mark.parametrize(
        "more",
        [{"origin": "echo"}, {"wants_answer": False}, {"wants_answer": False, "opens": "follow"}],
        ids=["echo", "out of office", "follow"],
    )
    def test_what_nobody_wrote_and_waits_for_moves_nothing(
        self, desk: Desk, conversation: str, more: dict[str, Any]
    ) -> None:
        order = list(desk.conversation("ann").routes)
        desk.write("ann", channel="lounge", **more)
        head = desk.conversation("ann")
        assert "conversation.channel_switched" not in log_of(desk, conversation)
        assert (head.active_identity, list(head.routes)) == (ANN, order)


class TestRepliesFollow:
    def test_a_reply_goes_to_where_the_customer_wrote_last(self, desk: Desk, conversation: str) -> None:
        for channel, identity in (("lounge", HERE), ("post", POST), ("letters", ANN)):
            desk.write("ann", channel=channel)
            assert desk.answer(conversation)["route"]["identity_id"] == identity

    def test_a_reply_that_names_a_route_goes_there(self, desk: Desk, conversation: str) -> None:
        desk.write("ann", channel="lounge")
        assert desk.answer(conversation, route=POST)["route"]["identity_id"] == POST
        assert desk.conversation("ann").active_identity == HERE

    def test_routes_are_in_the_order_of_the_last_message(self, desk: Desk) -> None:
        for channel in ("lounge", "post", "lounge"):
            desk.write("ann", channel=channel)
        assert list(desk.conversation("ann").routes) == [ANN, POST, HERE]

    def test_a_code_of_ones_own_is_a_switch_as_well(self, desk: Desk, conversation: str) -> None:
        code = code_for(desk, customer_of(desk, "ann"))
        desk.write("ann", channel="post", link_code=code, link_only=True)
        assert desk.answer(conversation)["route"]["identity_id"] == POST
        assert texts_of(desk, conversation) == ["first", "answer"]

    def test_since_when_they_wait_does_not_change_with_the_channel(self, desk: Desk) -> None:
        waits = desk.conversation("ann").waiting_since
        desk.clock.advance(60)
        desk.write("ann", channel="lounge")
        assert desk.conversation("ann").waiting_since == waits is not None
        desk.answer(desk.conversation("ann").conversation_id)
        assert desk.conversation("ann").waiting_since is None
        desk.clock.advance(60)
        desk.write("ann", channel="post")
        assert desk.conversation("ann").waiting_since == desk.clock()


class TestAgainAndAgain:
    def test_a_message_that_is_delivered_again_does_not_fetch_the_customer_back(
        self, desk: Desk, conversation: str
    ) -> None:
        desk.write("ann", channel="lounge", provider_id="1")
        desk.write("ann", channel="post")
        before = desk.conversation("ann")
        assert desk.write("ann", channel="lounge", provider_id="1") == {"received": 1, "duplicate": 1}
        assert desk.conversation("ann") == before

    def test_a_crash_between_the_switch_and_the_message_is_mended_by_the_next_delivery(
        self, desk: Desk, conversation: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before, append = desk.conversation("ann").sequence, desk.store.append
        calls: list[str] = []

        def crash_at_the_second(head: Any, entry: Any, **more: Any) -> Any:
            calls.append(entry.type)
            if len(calls) == 2:
                raise InfrastructureError("the power went out")
            return append(head, entry, **more)

        with monkeypatch.context() as broken:
            broken.setattr(desk.store, "append", crash_at_the_second)
            with pytest.raises(InfrastructureError):
                desk.write("ann", "once", channel="lounge", provider_id="1")
        assert desk.write("ann", "once", channel="lounge", provider_id="1") == STORED
        assert new_in(desk, conversation, before) == ["conversation.channel_switched", "message.received"]

    @pytest.mark.parametrize("races", [1, 2, 3])
    def test_a_lost_race_switches_once(self, desk: Desk, conversation: str, races: int) -> None:
        before = desk.conversation("ann").sequence
        desk.store.races = races
        assert desk.write("ann", channel="lounge") == STORED
        assert new_in(desk, conversation, before) == ["conversation.channel_switched", "message.received"]

    def test_two_messages_of_two_channels_in_one_batch_are_two_switches(self, desk: Desk, conversation: str) -> None:
        before = desk.conversation("ann").sequence
        desk.ingest.start_batch()
        for number, channel in enumerate(("lounge", "post")):
            desk.ingest(webhook(text_message("ann", f"batch-{number}"), channel))
        assert new_in(desk, conversation, before) == ["conversation.channel_switched", "message.received"] * 2


class TestFromOneConversationToTheNext:
    def test_a_new_one_can_be_answered_on_all_routes_with_what_is_left_of_their_windows(self, desk: Desk) -> None:
        desk.write("ann", channel="lounge")
        desk.answer(desk.conversation("ann").conversation_id)
        windows = desk.conversation("ann").routes[HERE].windows
        close(desk, "ann")

        desk.write("ann")

        head = desk.conversation("ann")
        assert set(head.routes) == {ANN, HERE, POST}
        assert head.routes[HERE].windows == windows
        answer = desk.answer(head.conversation_id, route=HERE)
        assert answer["route"]["can_reply"] is False
        desk.clock.advance(WINDOW_SECONDS)
        assert desk.conversation("ann").active_identity == ANN

    def test_what_was_hidden_in_the_last_one_does_not_hide_anything_of_the_next(self, desk: Desk) -> None:
        assert desk.conversation("ann").routes[HERE].shows_from > 0
        assert BY_AGENT.shows_all is False
        close(desk, "ann")
        desk.write("ann")
        assert {route.shows_from for route in desk.conversation("ann").routes.values()} == {0}

    def test_who_waited_in_the_last_one_does_not_wait_in_the_next(self, desk: Desk) -> None:
        close(desk, "ann")
        desk.clock.advance(60)
        desk.write("ann", channel="post")
        assert desk.conversation("ann", "post").waiting_since == desk.clock()


def test_a_switch_that_proves_something_new_is_one_all_the_same(desk: Desk, conversation: str) -> None:
    message = text_message("ann", "1")
    message.sender = Sender(external_id="ann", scope="main", aliases={"email": "ann@home.example"})
    desk.ingest.start_batch()
    assert desk.ingest(webhook(message, "lounge")) == STORED
    assert log_of(desk, conversation)[-2:] == ["conversation.channel_switched", "message.received"]
