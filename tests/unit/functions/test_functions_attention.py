"""Given what was set aside, and subscribers that are told nothing any more, when somebody looks round, then a line of
the log says so, which an alarm counts; and says nothing when all is well."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.attention import look_round
from functions.bootstrap import environment, relay
from shared.core.relay.records import Subscription
from shared.errors import InfrastructureError

ACTIVE = Subscription(id="sub_1", created_at=1, url="https://desk.example")


class Queues:
    """``counts`` are by the end of the address; an error is raised."""

    def __init__(self, counts: dict[str, int | Exception]) -> None:
        self._counts = counts

    def waiting(self, url: str) -> int:
        count = self._counts[url.rpartition("/")[2]]
        if isinstance(count, Exception):
            raise count
        return count


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, printed: Callable[[], str]) -> Callable[..., list[dict[str, Any]]]:
    """Looks round in a stack like this; what was logged of it."""

    class Subscriptions:
        def __init__(self, found: list[Subscription]) -> None:
            self._found = found

        def all(self) -> list[Subscription]:
            return self._found

    def looked(counts: dict[str, int | Exception], *subscriptions: Subscription) -> list[dict[str, Any]]:
        monkeypatch.setattr(environment, "queues", lambda: Queues(counts))
        monkeypatch.setattr(relay, "subscriptions", lambda: Subscriptions(list(subscriptions)))
        look_round("watch", [f"https://sqs/1/{name}" for name in counts])
        return [json.loads(line) for line in printed().splitlines() if line.startswith("{")]

    return looked


def test_when_nothing_was_set_aside_and_everybody_is_told_nothing_is_said(
    look: Callable[..., list[dict[str, Any]]],
) -> None:
    assert look({"a-dlq": 0, "b-dlq": 0}, ACTIVE) == []


def test_what_was_set_aside_is_counted_over_all_queues_and_they_are_named(
    look: Callable[..., list[dict[str, Any]]],
) -> None:
    (line,) = look({"a-dlq": 2, "b-dlq": 0, "c-dlq": 1})

    assert (line["level"], line["dead_letters"]) == ("ERROR", 3)
    assert line["queues"] == {"a-dlq": 2, "c-dlq": 1}


def test_a_queue_that_cannot_be_asked_does_not_hide_the_others(look: Callable[..., list[dict[str, Any]]]) -> None:
    lines = look({"a-dlq": InfrastructureError("away"), "b-dlq": 1})

    assert [line["level"] for line in lines] == ["WARNING", "ERROR"]
    assert lines[1]["queues"] == {"b-dlq": 1}


def test_a_subscriber_that_the_relay_itself_has_given_up_is_named_and_one_that_somebody_paused_is_not(
    look: Callable[..., list[dict[str, Any]]],
) -> None:
    gone = Subscription(id="sub_2", created_at=1, url="https://a.example", status="disabled", reason="gone")
    failing = Subscription(id="sub_3", created_at=1, url="https://b.example", status="paused", reason="failing")
    paused = Subscription(id="sub_4", created_at=1, url="https://c.example", status="paused")

    (line,) = look({}, ACTIVE, gone, failing, paused)

    assert (line["level"], line["subscriptions_silent"]) == ("ERROR", 2)
    assert line["subscriptions"] == ["sub_2", "sub_3"]
    assert "example" not in json.dumps(line)
