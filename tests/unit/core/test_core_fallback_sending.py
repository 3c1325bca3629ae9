"""Which route a reply takes when one of them fails while it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.later import TryLater
from shared.core.sending import PATIENCE, TRIES
from shared.errors import ConfigurationError, ErrorClass, InfrastructureError
from shared.model.message import Degradation, Message, MessageError
from shared.ports.connector import Recipient, Rendering, SendResult
from tests.support.channels import LONGEST, WINDOW_SENDS, AfterAccepting
from tests.unit.core.falling_back import CERTAIN, IDENTITY, ROUTES, Ladder, down, refusal


@pytest.fixture
def ladder() -> Ladder:
    return Ladder()


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


def test_the_next_routes_window_is_counteddown_in_the_log_before_the_call(
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


def test_a_route_that_was_closed_when_the_reply_was_accepted_is_taken_when_it_has_opened_since(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    ladder.reply(fallback=["booth", "post"])
    ladder.deliver()
    ladder.desk.write("ann", channel="booth")
    ladder.receipt("letters", "failed")
    ladder.deliver_what_is_wanted()
    assert ladder.story() == [("letters", "failed", "bounced"), ("booth", "sent", None)]


def test_a_route_that_is_closed_shortens_nobodys_patience(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    ladder.reply(fallback=["booth"])
    ladder.provider("letters").plan = [refusal("retry", 60)] * (TRIES - 1)
    for _ in range(TRIES - 1):
        with pytest.raises(TryLater):
            ladder.deliver()
        ladder.desk.clock.advance(60)
    assert ladder.deliver() == "sent"
    assert ladder.story() == []


def test_a_route_that_opens_while_a_provider_is_busy_is_taken_in_its_place(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    ladder.reply(fallback=["booth"])
    ladder.provider("letters").plan = [refusal("retry", 60)] * 2
    with pytest.raises(TryLater):
        ladder.deliver()
    ladder.desk.write("ann", channel="booth")
    assert ladder.deliver() == "sent"
    assert ladder.story() == [("letters", "failed", "code_of_retry"), ("booth", "sent", None)]


def test_when_all_other_routes_are_still_closed_the_message_has_failed_and_says_so(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    ladder.reply(fallback=["booth"])
    ladder.provider("letters").plan = [refusal("permanent")]
    assert ladder.deliver() == "failed"
    assert ladder.story() == [("letters", "failed", "code_of_permanent"), ("booth", "failed", "window_closed")]
    error = ladder.message().error
    assert error is not None
    assert error.code == "code_of_permanent"


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
        broken.setattr(ladder.desk.store, "turn", down)
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
