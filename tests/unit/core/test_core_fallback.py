"""A reply with routes to fall back on: which it takes when it is accepted, and which when one of them fails."""

from __future__ import annotations

from itertools import permutations
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.messages import read_message
from shared.core.records import Reference, RouteName
from shared.core.sending import PATIENCE, TRIES, TryLater
from shared.errors import ConfigurationError, DeliveryError, ErrorClass, InfrastructureError, RequestError
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundReceipt
from shared.model.message import Author, Degradation, Message, MessageError
from shared.ports import Recipient, Rendering, SendResult
from tests.support.channels import LONGEST, WINDOW_SECONDS, WINDOW_SENDS, AfterAccepting, Provider, webhook
from tests.support.stores import START
from tests.unit.core.desk import Desk

Receipt = Literal["sent", "delivered", "read", "failed"]
TEXT = [{"type": "text", "text": "answer"}]
CHOICES = [{"type": "choices", "text": "Which?", "options": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]}]
ROUTES = ("letters", "post", "booth")
IDENTITY = {channel: identity_id(channel, "main", "ann") for channel in ROUTES}
CERTAIN: tuple[ErrorClass, ...] = ("permanent", "window", "blocked", "account", "token")


class Ladder:
    """Ann has written by letter last; she can also be reached by post, and in the booth twice within an hour."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.desk.write("ann")
        self.conversation_id = self.desk.conversation("ann").conversation_id
        for channel in ("booth", "post"):
            self.desk.join(self.conversation_id, "ann", channel)
        self.desk.write("ann")
        self.sequence = 0

    def provider(self, channel: str) -> Provider:
        return self.desk.channels[channel].provider

    def reply(self, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.desk.answer(
            self.conversation_id, **{"fallback": ["post", "booth"], "route": IDENTITY["letters"], **more}
        )
        self.sequence = answer["sequence"]
        return answer

    def refused(self, **more: Any) -> RequestError:
        with pytest.raises(RequestError) as refusal:
            self.reply(**more)
        return refusal.value

    def deliver(self) -> str:
        return self.desk.deliver(self.conversation_id, self.sequence)

    def deliver_what_is_wanted(self) -> None:
        """As the stream has it: whoever asks that a message goes on has it delivered again."""
        state = self.desk.store.state(self.conversation_id, self.sequence)
        if state is not None and state.wanted > state.route:
            self.deliver()

    def receipt(self, channel: str, status: Receipt, external_id: str = "provider-1", **more: Any) -> None:
        error = MessageError(code="bounced", title="Nobody is there") if status == "failed" else None
        event = InboundReceipt(
            status=status, occurred_at=self.desk.clock(), external_id=external_id, error=error, **more
        )
        self.desk.ingest(webhook(event, channel))

    def unread(self, route: int = 0) -> bool:
        """The message's time is over."""
        message = self.message()
        return self.desk.store.want_next(self.conversation_id, self.sequence, message.id, route, "unread")

    def message(self) -> Message:
        return read_message(self.desk.store.entries(self.conversation_id, self.sequence - 1, 1)[0])

    def story(self) -> list[tuple[str, str, str | None]]:
        """The attempts, as (channel, status, reason)."""
        return [(each.channel, each.status, each.reason) for each in self.message().attempts]

    def got(self) -> dict[str, list[str]]:
        """What Ann was sent, by channel."""
        accepted = {channel: self.provider(channel).accepted for channel in ROUTES}
        return {channel: [text[0] for _, text in texts] for channel, texts in accepted.items() if texts}

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [entry.data for entry in self.desk.store.logs[self.conversation_id] if entry.type == kind]

    def reservations(self) -> list[dict[str, Any]]:
        return [data for data in self.entries("conversation.updated") if "message_id" in data]

    def shut_the_booth(self) -> None:
        self.desk.clock.advance(WINDOW_SECONDS)


@pytest.fixture
def ladder() -> Ladder:
    return Ladder()


def refusal(error_class: ErrorClass, retry_after: float | None = None) -> DeliveryError:
    return DeliveryError(error_class, f"code_of_{error_class}", "what happened", retry_after)


# --- when it is accepted ---------------------------------------------------------------------------------------------


def test_the_routes_that_are_left_are_kept_with_the_entry_in_their_order(ladder: Ladder) -> None:
    answer = ladder.reply()
    entry = ladder.desk.entry(ladder.conversation_id, answer["sequence"])
    assert entry.fallback == tuple(RouteName(IDENTITY[channel], channel, "main") for channel in ("post", "booth"))
    assert entry.tasks == ("send", "fallback")
    assert "attempts" not in answer
    assert ladder.message().attempts == []


@pytest.mark.parametrize("fallback", [None, "none", [], ["pigeon"]])
def test_without_a_route_to_fall_back_on_nothing_is_kept(ladder: Ladder, fallback: Any) -> None:
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(fallback=fallback)["sequence"])
    assert (entry.fallback, entry.tasks) == ((), ("send",))


def test_a_channel_that_is_named_twice_is_tried_once(ladder: Ladder) -> None:
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(fallback=["post", "post"])["sequence"])
    assert [each.channel for each in entry.fallback] == ["post"]


def test_routes_that_are_refused_on_the_way_are_told_with_the_reason(ladder: Ladder) -> None:
    ladder.desk.write("ann", channel="post", sender_status="blocked")
    ladder.shut_the_booth()
    answer = ladder.reply(route=IDENTITY["booth"], fallback=["post", "letters"])
    assert answer["route"]["channel"] == "letters"
    assert [(each["channel"], each["status"], each.get("reason")) for each in answer["attempts"]] == [
        ("booth", "failed", "window_closed"),
        ("post", "failed", "blocked"),
        ("letters", "queued", None),
    ]
    assert ladder.story() == [
        ("booth", "failed", "window_closed"),
        ("post", "failed", "blocked"),
        ("letters", "queued", None),
    ]


def test_a_route_that_is_closed_now_is_not_kept_for_later(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply()["sequence"])
    assert [each.channel for each in entry.fallback] == ["post"]


def test_a_message_too_long_for_a_window_says_so_in_its_attempts(ladder: Ladder) -> None:
    answer = ladder.reply(route=IDENTITY["booth"], fallback=["letters"], text="x" * (LONGEST * WINDOW_SENDS + 1))
    assert answer["attempts"][0]["reason"] == "window_exceeded"


def test_a_route_that_would_lose_something_is_passed_over_when_that_is_refused(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    parts = [{"type": "location", "latitude": 1, "longitude": 2}]
    assert ladder.refused(parts=parts, degrade="refuse").code == "would_degrade"
    assert ladder.refused(parts=parts, degrade="refuse", route=IDENTITY["booth"], fallback="auto").code == (
        "window_closed"
    )
    assert [each["reason"] for each in ladder.reply(route=IDENTITY["booth"], fallback="auto")["attempts"][:-1]] == [
        "window_closed"
    ]


@pytest.mark.parametrize("seconds", [60, 3600, 86_400])
def test_an_unread_message_is_to_take_the_next_route_after_a_time(ladder: Ladder, seconds: int) -> None:
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(unread_after=seconds)["sequence"])
    assert entry.tasks == ("send", "fallback", "timer")
    assert entry.unread_after == seconds


@pytest.mark.parametrize(
    "request_",
    [
        {"unread_after": 59},
        {"unread_after": 86_401},
        {"unread_after": 60, "fallback": None},
        {"unread_after": 60, "fallback": "none"},
        {"unread_after": 60, "fallback": []},
    ],
)
def test_a_time_out_of_range_or_with_nothing_to_go_on_to_is_refused(ladder: Ladder, request_: dict[str, Any]) -> None:
    refused = ladder.refused(**request_)
    assert (refused.status, refused.code) == (422, "bad_unread_after")


def test_without_a_usable_route_there_is_nothing_to_wait_for(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(fallback=["booth"], unread_after=60)["sequence"])
    assert (entry.tasks, entry.unread_after) == (("send",), None)


def test_a_wrong_author_is_refused_although_the_first_route_is_closed(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    assert ladder.refused(route=IDENTITY["booth"], author=Author(type="customer")).code == "bad_author"


@pytest.mark.parametrize(("author", "waiting"), [("agent", None), ("bot", None), ("system", START)])
def test_an_answer_ends_the_customers_waiting_and_a_notice_does_not(
    ladder: Ladder, author: Any, waiting: float | None
) -> None:
    store = ladder.desk.store
    head = store.heads[ladder.conversation_id]
    store.heads[ladder.conversation_id] = type(head)(
        **{name: getattr(head, name) for name in head.__dataclass_fields__} | {"waiting_since": START}
    )
    ladder.reply(author=Author(type=author))
    assert store.heads[ladder.conversation_id].waiting_since == waiting


def test_a_question_with_choices_is_remembered_until_something_else_is_asked(ladder: Ladder) -> None:
    asked = ladder.reply(parts=CHOICES)["sequence"]
    ladder.reply()
    assert ladder.desk.store.heads[ladder.conversation_id].asked == asked


# --- when it is sent -------------------------------------------------------------------------------------------------


def test_a_message_that_is_taken_goes_nowhere_else(ladder: Ladder) -> None:
    ladder.reply()
    assert ladder.deliver() == "sent"
    assert ladder.deliver() == "done"
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.story() == []
    assert ladder.reservations() == []


@pytest.mark.parametrize("error_class", CERTAIN)
def test_a_certain_failure_sends_the_same_message_on_by_the_next_route(ladder: Ladder, error_class: ErrorClass) -> None:
    answer = ladder.reply()
    ladder.provider("letters").plan = [refusal(error_class)]
    assert ladder.deliver() == "sent"
    message = ladder.message()
    assert (message.id, message.sequence, message.status) == (answer["message_id"], answer["sequence"], "sent")
    assert (message.channel.type, message.identity_id, message.error) == ("post", IDENTITY["post"], None)
    assert ladder.got() == {"post": ["a"]}
    assert ladder.story() == [("letters", "failed", f"code_of_{error_class}"), ("post", "sent", None)]
    assert message.attempts[0].error == MessageError(
        code=f"code_of_{error_class}", title="what happened", retryable=error_class in ("account", "token")
    )


def test_an_account_that_is_gone_or_misconfigured_is_a_certain_failure_too(ladder: Ladder) -> None:
    ladder.desk.gone.add("letters")
    ladder.reply()
    ladder.provider("post").plan = [ConfigurationError("no token")]
    assert ladder.deliver() == "sent"
    assert ladder.story() == [
        ("letters", "failed", "unknown_account"),
        ("post", "failed", "account_misconfigured"),
        ("booth", "sent", None),
    ]


def test_what_the_failure_means_for_the_route_still_happens(ladder: Ladder) -> None:
    ladder.reply()
    ladder.provider("letters").plan = [refusal("blocked")]
    ladder.deliver()
    assert ladder.desk.store.identities[IDENTITY["letters"]].identity.status == "blocked"
    assert ladder.desk.store.heads[ladder.conversation_id].routes[IDENTITY["letters"]].blocked == "blocked"


def test_the_next_routes_window_is_counted_down_in_the_log_before_the_call(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ladder.reply(fallback=["booth"])
    ladder.provider("letters").plan = [refusal("permanent")]
    seen: list[int] = []
    take = ladder.provider("booth").take

    def looking(*call: str) -> SendResult:
        seen.append(len(ladder.reservations()))
        return take(*call)

    monkeypatch.setattr(ladder.provider("booth"), "take", looking)
    ladder.deliver()
    [reservation] = ladder.reservations()
    assert seen == [1]
    assert (reservation["message_id"], reservation["reason"]) == (answer["message_id"], "code_of_permanent")
    [route] = reservation["changes"]["routes"]
    assert (route["identity_id"], route["remaining"]) == (IDENTITY["booth"], WINDOW_SENDS - 1)
    window = ladder.desk.store.heads[ladder.conversation_id].routes[IDENTITY["booth"]].windows["message"]
    assert window.used == 1


def test_a_route_that_has_closed_since_is_passed_over_without_a_call(ladder: Ladder) -> None:
    ladder.reply(fallback=["booth", "post"])
    ladder.shut_the_booth()
    ladder.provider("letters").plan = [refusal("permanent")]
    ladder.deliver()
    assert ladder.story() == [
        ("letters", "failed", "code_of_permanent"),
        ("booth", "failed", "window_closed"),
        ("post", "sent", None),
    ]
    assert [each["changes"]["routes"][0]["channel"] for each in ladder.reservations()] == ["post"]


def test_an_identity_that_has_left_the_conversation_is_passed_over(ladder: Ladder) -> None:
    ladder.reply()
    head = ladder.desk.store.heads[ladder.conversation_id]
    del head.routes[IDENTITY["post"]]
    ladder.provider("letters").plan = [refusal("permanent")]
    ladder.deliver()
    assert ladder.story()[1:] == [("post", "failed", "unknown_route"), ("booth", "sent", None)]


def test_when_no_route_is_left_the_message_has_failed_with_the_last_error(ladder: Ladder) -> None:
    ladder.reply()
    failures: tuple[ErrorClass, ...] = ("permanent", "blocked", "account")
    for channel, error_class in zip(ROUTES, failures, strict=True):
        ladder.provider(channel).plan = [refusal(error_class)] * 2
    assert ladder.deliver() == "failed"
    assert ladder.deliver() == "failed"
    message = ladder.message()
    assert (message.status, message.error.code if message.error else None) == ("failed", "code_of_account")
    assert ladder.story() == [
        ("letters", "failed", "code_of_permanent"),
        ("post", "failed", "code_of_blocked"),
        ("booth", "failed", "code_of_account"),
    ]


def test_refusals_at_the_start_and_failures_later_are_one_story(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    ladder.reply(route=IDENTITY["booth"], fallback=["letters", "post"])
    ladder.provider("letters").plan = [refusal("permanent")]
    ladder.deliver()
    assert ladder.story() == [
        ("booth", "failed", "window_closed"),
        ("letters", "failed", "code_of_permanent"),
        ("post", "sent", None),
    ]


def test_after_an_unknown_outcome_no_other_route_is_taken(ladder: Ladder) -> None:
    ladder.reply()
    ladder.provider("letters").plan = [AfterAccepting(refusal("unknown"))]
    assert ladder.deliver() == "unknown"
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.message().status == "unknown"


def test_a_provider_that_takes_one_piece_and_refuses_the_next_has_failed(ladder: Ladder) -> None:
    ladder.reply(text="a" * LONGEST + "b", fallback=["post"])
    ladder.provider("letters").plan = ["sent", refusal("permanent")]
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"letters": ["a"], "post": ["a", "b"]}


def test_no_piece_follows_one_that_bounces_meanwhile_and_the_whole_goes_on(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder.reply(text="a" * LONGEST + "b", fallback=["post"])
    note = ladder.desk.store.progress

    def and_it_bounces(*call: Any) -> None:
        note(*call)
        monkeypatch.undo()
        ladder.receipt("letters", "failed")

    monkeypatch.setattr(ladder.desk.store, "progress", and_it_bounces)
    ladder.deliver()
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a"], "post": ["a", "b"]}
    assert ladder.story() == [("letters", "failed", "bounced"), ("post", "sent", None)]


def test_a_window_that_the_message_itself_has_used_up_is_still_its_own_after_a_crash(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder.reply(text="a" * LONGEST + "b", fallback=["booth", "post"])
    ladder.provider("letters").plan = [refusal("permanent")]
    with monkeypatch.context() as broken:
        broken.setattr(ladder.desk.store, "turn", _down)
        with pytest.raises(InfrastructureError):
            ladder.deliver()
    assert [each["changes"]["routes"][0]["can_reply"] for each in ladder.reservations()] == [False]
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"booth": ["a", "b"]}
    assert len(ladder.reservations()) == 1


def test_a_busy_provider_is_given_some_time_and_then_the_next_is_taken(ladder: Ladder) -> None:
    ladder.reply()
    ladder.provider("letters").plan = [refusal("retry", 20), refusal("retry", 20), refusal("retry", 20)]
    for _ in range(2):
        with pytest.raises(TryLater):
            ladder.deliver()
        ladder.desk.clock.advance(20)
    assert ladder.deliver() == "sent"
    assert ladder.story() == [("letters", "failed", "code_of_retry"), ("post", "sent", None)]


def test_a_provider_that_asks_for_a_longer_wait_than_we_have_is_left_at_once(ladder: Ladder) -> None:
    ladder.reply()
    ladder.provider("letters").plan = [refusal("retry", PATIENCE + 1)]
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"post": ["a"]}


def test_that_time_begins_anew_on_the_next_route(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.desk.clock.advance(1800)
    ladder.receipt("letters", "failed")
    ladder.provider("post").plan = [refusal("retry", 20)]
    with pytest.raises(TryLater):
        ladder.deliver()
    assert ladder.deliver() == "sent"
    assert ladder.story() == [("letters", "failed", "bounced"), ("post", "sent", None)]


def test_every_route_but_the_last_has_that_time_and_the_last_all_the_time_there_is(ladder: Ladder) -> None:
    ladder.reply(fallback=["post"])
    ladder.desk.clock.advance(3600)
    ladder.provider("letters").plan = [refusal("permanent")]
    ladder.provider("post").plan = [refusal("retry", 60)] * TRIES
    for _ in range(TRIES - 1):
        with pytest.raises(TryLater):
            ladder.deliver()
        ladder.desk.clock.advance(60)
    assert ladder.deliver() == "failed"
    assert ladder.story() == [("letters", "failed", "code_of_permanent"), ("post", "failed", "code_of_retry")]


def test_losses_are_those_of_the_route_that_was_taken_and_none_when_they_are_refused(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    render, loss = (
        ladder.desk.channels["post"].render,
        Degradation(part=0, source="text", target="text", lost=["charm"]),
    )

    def losing(message: Message, recipient: Recipient) -> Rendering:
        return Rendering(render(message, recipient).requests, [loss])

    for degrade in ("refuse", "allow"):
        ladder.reply(degrade=degrade)
        monkeypatch.setattr(ladder.desk.channels["post"], "render", losing)
        ladder.provider("letters").plan = [refusal("permanent")]
        ladder.deliver()
        monkeypatch.undo()
        if degrade == "refuse":
            assert ladder.story()[1:] == [("post", "failed", "would_degrade"), ("booth", "sent", None)]
            assert ladder.message().degradations == []
        else:
            assert ladder.story()[1:] == [("post", "sent", None)]
            assert ladder.message().degradations == [loss]


# --- when it fails, or stays unread, later ---------------------------------------------------------------------------


def test_a_message_that_bounces_after_all_goes_on_and_is_not_called_failed(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.receipt("letters", "failed")
    assert ladder.message().status == "sent"
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"letters": ["a"], "post": ["a"]}
    assert ladder.story() == [("letters", "failed", "bounced"), ("post", "sent", None)]
    assert ladder.message().external_ids == ["provider-1", "provider-1"]


def test_the_same_bounce_again_does_nothing(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    for _ in range(3):
        ladder.receipt("letters", "failed")
        ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a"], "post": ["a"]}
    assert len(ladder.reservations()) == 1


def test_a_bounce_that_is_faster_than_the_answer_is_heard(ladder: Ladder) -> None:
    error = {"code": "bounced", "title": "Nobody is there", "retryable": False}
    ladder.desk.store.set_aside(Reference("letters", "main", "provider-1"), "failed", START, error=error)
    ladder.reply()
    ladder.deliver()
    ladder.deliver_what_is_wanted()
    assert ladder.story() == [("letters", "failed", "bounced"), ("post", "sent", None)]


def test_a_bounce_of_a_message_that_was_delivered_is_ignored(ladder: Ladder) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.receipt("letters", "delivered")
    ladder.receipt("letters", "failed")
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.message().status == "delivered"


def test_a_message_that_turns_out_delivered_before_it_went_on_stays(ladder: Ladder) -> None:
    ladder.reply(unread_after=60)
    ladder.deliver()
    ladder.receipt("letters", "failed")
    ladder.receipt("letters", "delivered")
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.story() == []
    assert ladder.unread()
    ladder.deliver_what_is_wanted()
    assert ladder.story() == [("letters", "delivered", "unread"), ("post", "sent", None)]


def test_a_late_word_about_a_route_that_is_behind_counts_for_the_message_and_not_for_the_route(
    ladder: Ladder,
) -> None:
    ladder.reply()
    ladder.deliver()
    ladder.receipt("letters", "failed")
    ladder.provider("post").plan = [refusal("retry", 5)]
    with pytest.raises(TryLater):
        ladder.deliver()
    ladder.receipt("letters", "delivered")
    assert ladder.message().status == "delivered"
    assert ladder.story()[-1] == ("post", "queued", None)
    assert ladder.deliver() == "sent"
    assert ladder.message().status == "delivered"
    assert ladder.story()[-1] == ("post", "sent", None)


def test_two_addresses_on_the_same_account_are_told_apart(ladder: Ladder) -> None:
    bob = ladder.desk.join(ladder.conversation_id, "bob", "letters")
    ladder.reply(fallback=["letters", "post"])
    ladder.deliver()
    ladder.receipt("letters", "failed", "provider-1")
    ladder.deliver()
    assert ladder.message().identity_id == bob
    ladder.receipt("letters", "failed", "provider-1")
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a", "a"]}
    ladder.receipt("letters", "failed", "provider-2", blocks=True)
    ladder.deliver_what_is_wanted()
    assert ladder.got() == {"letters": ["a", "a"], "post": ["a"]}
    assert ladder.desk.store.identities[bob].identity.status == "blocked"
    assert ladder.desk.store.identities[IDENTITY["letters"]].identity.status == "active"


def test_a_bounce_on_the_last_route_ends_the_message(ladder: Ladder) -> None:
    ladder.reply(fallback=["post"])
    ladder.provider("letters").plan = [refusal("permanent")]
    ladder.deliver()
    ladder.receipt("post", "failed")
    ladder.deliver_what_is_wanted()
    message = ladder.message()
    assert (message.status, message.error.code if message.error else None) == ("failed", "bounced")
    assert ladder.story() == [("letters", "failed", "code_of_permanent"), ("post", "failed", "bounced")]


def test_a_message_that_stays_unread_also_goes_by_the_next_route(ladder: Ladder) -> None:
    ladder.reply(unread_after=60)
    ladder.deliver()
    assert ladder.unread()
    assert not ladder.unread()
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"], "post": ["a"]}
    assert ladder.story() == [("letters", "sent", "unread"), ("post", "sent", None)]


@pytest.mark.parametrize("reads_before_it_goes_on", [True, False])
def test_a_message_that_is_read_takes_no_further_route(ladder: Ladder, reads_before_it_goes_on: bool) -> None:
    ladder.reply(unread_after=60)
    ladder.deliver()
    if reads_before_it_goes_on:
        assert ladder.unread()
    ladder.receipt("letters", "read")
    if not reads_before_it_goes_on:
        assert not ladder.unread()
    ladder.deliver()
    assert ladder.got() == {"letters": ["a"]}
    assert ladder.message().status == "read"


def test_an_unread_message_that_nobody_else_takes_is_still_what_it_was(ladder: Ladder) -> None:
    ladder.reply(unread_after=60, fallback=["post"])
    ladder.deliver()
    ladder.unread()
    ladder.provider("post").plan = [refusal("permanent")]
    ladder.deliver()
    message = ladder.message()
    assert (message.status, message.error) == ("sent", None)
    assert ladder.story() == [("letters", "sent", "unread"), ("post", "failed", "code_of_permanent")]


@pytest.mark.parametrize("order", list(permutations(("sent", "delivered", "read", "failed"))), ids="-".join)
def test_receipts_in_every_order_leave_a_message_that_was_read_read(ladder: Ladder, order: tuple[Receipt, ...]) -> None:
    ladder.reply()
    ladder.deliver()
    ranks = []
    for status in (*order, *order):
        ladder.receipt("letters", status)
        ladder.deliver_what_is_wanted()
        ranks.append(ladder.desk.state(ladder.conversation_id, ladder.sequence).rank)
    assert ranks == sorted(ranks)
    assert ladder.message().status == "read"
    failed_first = order.index("failed") < min(order.index("delivered"), order.index("read"))
    assert ladder.got() == ({"letters": ["a"], "post": ["a"]} if failed_first else {"letters": ["a"]})


@pytest.mark.parametrize("failing", ["set_identity_status", "append", "turn"])
def test_a_failure_is_not_forgotten_when_what_follows_from_it_cannot_be_noted(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    ladder.reply()
    ladder.provider("letters").plan = [refusal("blocked")]
    with monkeypatch.context() as broken:
        broken.setattr(ladder.desk.store, failing, _down)
        with pytest.raises(InfrastructureError):
            ladder.deliver()
    assert ladder.deliver() == "sent"
    assert ladder.got() == {"post": ["a"]}
    assert ladder.desk.store.identities[IDENTITY["letters"]].identity.status == "blocked"
    assert len(ladder.reservations()) == 1


def _down(*_: Any, **__: Any) -> None:
    raise InfrastructureError("down")


# --- whatever providers do -------------------------------------------------------------------------------------------

OUTCOMES = st.sampled_from(["sent", "delivered", "retry", "unknown", "lost", *CERTAIN])


def planned(outcome: str) -> Any:
    if outcome in ("sent", "delivered"):
        return outcome
    if outcome == "lost":
        return AfterAccepting(refusal("unknown"))
    error_class: Any = outcome
    return refusal(error_class)


@settings(max_examples=200, deadline=None)
@given(plans=st.lists(st.lists(OUTCOMES, max_size=6), min_size=3, max_size=3), repeats=st.integers(1, 3))
def test_whatever_providers_do_exactly_one_takes_the_message_or_it_says_why_not(
    plans: list[list[str]], repeats: int
) -> None:
    ladder = Ladder()
    ladder.reply()
    for channel, plan in zip(ROUTES, plans, strict=True):
        ladder.provider(channel).accepted.clear()
        ladder.provider(channel).plan = [planned(outcome) for outcome in plan]

    for _ in range(60):
        try:
            ladder.deliver()
        except TryLater as later:
            ladder.desk.clock.advance(later.delay)
            continue
        break
    for _ in range(repeats):
        ladder.deliver()

    message, by = ladder.message(), list(ladder.got())
    assert all(texts == ["a"] for texts in ladder.got().values())
    match message.status:
        case "sent" | "delivered":
            assert by == [message.channel.type]
        case "unknown":
            assert by in ([message.channel.type], [])
        case "failed":
            assert by == []
            assert len(ladder.story()) == 3
        case other:
            raise AssertionError(other)
    story = ladder.story() or [(message.channel.type, message.status, None)]
    assert [channel for channel, _, _ in story] == list(ROUTES[: len(story)])
    assert {status for _, status, _ in story[:-1]} <= {"failed"}
    assert story[-1][:2] == (message.channel.type, message.status)
    assert all(reason for _, status, reason in story[:-1])
    assert len(ladder.reservations()) == len(story) - 1
