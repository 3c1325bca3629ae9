"""Requests, verified events and envelopes are values: what they say is all they are."""

from __future__ import annotations

import pytest

from shared.http.request import Request
from shared.model.envelope import Envelope, VerifiedEvent
from shared.model.value import replace

REQUEST = Request("POST", "/hooks/slack/main", {"a": "1"}, {"b": "2"}, b"body")
EVENT = VerifiedEvent("D1", "Ev1", b"body")
ENVELOPE = Envelope("slack", "main", 1.5, b"body", {"a": "1"}, {"b": "2"}, "00-trace", "mail/1")


@pytest.mark.parametrize(
    ("value", "name"),
    [(value, name) for value in (REQUEST, EVENT, ENVELOPE) for name in vars(value)],
)
def test_a_changed_value_differs_in_that_alone(value: Request | VerifiedEvent | Envelope, name: str) -> None:
    changed = replace(value, **{name: "another"})
    assert changed != value
    assert {**vars(changed), name: getattr(value, name)} == vars(value)
    assert replace(changed, **{name: getattr(value, name)}) == value


def test_values_of_two_kinds_are_never_equal() -> None:
    assert VerifiedEvent("a", "b", b"") != Request("a", "b", body=b"")


def test_a_value_cannot_be_changed_in_what_it_does_not_say() -> None:
    with pytest.raises(TypeError):
        replace(REQUEST, bodi=b"")


def test_a_value_is_shown_without_what_somebody_wrote_in_it() -> None:
    assert "body" not in repr(REQUEST) + repr(EVENT) + repr(ENVELOPE)
