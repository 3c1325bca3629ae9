"""Whatever providers do, a reply with routes to fall back on takes one, or says why not."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.later import TryLater
from tests.support.channels import AfterAccepting
from tests.unit.core.falling_back import CERTAIN, ROUTES, Ladder, refusal

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
