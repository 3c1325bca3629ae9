"""Given somebody who acts between any two calls of another, when both are done, then customers and conversations are as
they must be; and without the line of code that sees to it, there is a moment at which they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.actions import Action, Close, Merge, Who, Write
from tests.support.engines import Engine
from tests.support.guards import Guard, remove
from tests.support.races import Prelude, Race, Writer

ADA, BOB = Who("ada", "letters"), Who("bob", "lounge")
APART: tuple[Action, ...] = (Write(ADA), Write(BOB))
LINKED = (*APART, Merge(BOB, ADA))
MOST_CALLS = 14
"""More than any of the acts makes when nobody comes in between."""


@dataclass(frozen=True)
class Case:
    """``between`` happens as a whole, between two calls of ``act``."""

    story: tuple[Action, ...]
    act: Callable[[Race], Writer]
    between: Callable[[Race], Writer]
    guard: Guard


CASES = {
    "who writes is taken back": Case(
        LINKED,
        lambda race: race.writes(BOB),
        lambda race: race.unlinks(BOB),
        Guard("shared.core.placing", "if identity.id in head.routes:", "if True:"),
    ),
    "who writes after the end is taken back": Case(
        (*LINKED, Close(ADA)),
        lambda race: race.writes(ADA),
        lambda race: race.unlinks(BOB),
        Guard("shared.core.placing", "head, entry, last=last)", "head, entry)"),
    ),
    "who brings a code is taken back": Case(
        LINKED,
        lambda race: race.redeems(BOB),
        lambda race: race.unlinks(BOB),
        Guard(
            "shared.core.linking.redeeming", "if known is None and not self._belongs(identity_id, head):", "if False:"
        ),
    ),
    "a closed conversation is opened again": Case(
        (*APART, Close(BOB)),
        lambda race: race.merges(BOB, ADA),
        lambda race: race.changes(BOB, "open"),
        Guard("shared.aws.rearranging", "yield check_unchanged(table, head)", "yield from ()"),
    ),
}


def breaks(engine: Engine, case: Case) -> int | None:
    """The number of calls after which it must not come in between; None when it always may."""
    prelude = Prelude.told(engine, case.story, code_for=ADA)
    for calls in range(MOST_CALLS):
        with prelude.race() as race:
            try:
                race.run([0] * calls + [1] * 100, case.act(race), case.between(race))
            except AssertionError:
                return calls
    return None


@pytest.mark.parametrize("name", CASES)
def test_whoever_comes_between_two_calls_finds_and_leaves_everything_as_it_must_be(
    dynamodb_local: Engine, name: str
) -> None:
    assert breaks(dynamodb_local, CASES[name]) is None


@pytest.mark.parametrize("name", CASES)
def test_without_what_guards_against_it_there_is_a_moment_when_it_is_not(
    dynamodb_local: Engine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove([CASES[name].guard], monkeypatch)
    assert breaks(dynamodb_local, CASES[name]) is not None
