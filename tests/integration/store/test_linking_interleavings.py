"""Given people who are linked, parted and written to at the same moment, when the calls of all of it are interleaved in
any way, then customers and conversations are as they must be, nothing is lost, and nobody has two open conversations.

On DynamoDB Local only: moto is not atomic across threads, so a race on it proves nothing either way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.messages import is_message
from tests.support.actions import Action, Close, Merge, Wait, Who, Write
from tests.support.channels import WINDOW_SENDS
from tests.support.engines import Engine
from tests.support.races import Prelude, Race

ADA, BOB, CYD = Who("ada", "letters"), Who("bob", "lounge"), Who("cyd", "letters")
NEW, NEWER = Who("new", "letters"), Who("newer", "lounge")
APART: tuple[Action, ...] = (Write(ADA), Write(BOB), Write(CYD))
LINKED = (*APART, Merge(BOB, ADA), Write(BOB))
ADDRESS = "ada@mail.example"

TURNS = st.lists(st.integers(0, 2), min_size=4, max_size=40)
interleaved = settings(max_examples=3 * int(os.environ.get("ONETHREAD_TEST_SCALE", "1")), deadline=None)

Begun = Callable[..., Prelude]


@pytest.fixture(scope="module")
def begun(dynamodb_local: Engine) -> Begun:
    """The table after a story: told once, and copied for every race."""

    @cache
    def told(*story: Action, code_for: Who | None = None) -> Prelude:
        return Prelude.told(dynamodb_local, story, code_for)

    return told


def sent_to(race: Race, who: Who) -> int:
    """How many replies went to somebody, over all logs."""
    entries = [entry for log in race.facts().logs.values() for entry in log if is_message(entry)]
    return sum(entry.type == "message.sent" and entry.data["message"]["identity_id"] == who.id for entry in entries)


@interleaved
@given(turns=TURNS)
@pytest.mark.parametrize("closed", [(), (ADA,), (BOB,), (ADA, BOB)], ids=["both open", "ada's", "bob's", "none open"])
@pytest.mark.parametrize("writer", [BOB, ADA], ids=["source", "target"])
def test_a_merge_while_somebody_writes(begun: Begun, closed: tuple[Who, ...], writer: Who, turns: list[int]) -> None:
    with begun(*APART, *map(Close, closed)).race() as race:
        race.run(turns, race.merges(BOB, ADA), race.writes(writer))

        assert race.customer(BOB) == race.customer(ADA)


@interleaved
@given(turns=TURNS)
def test_two_customers_are_merged_into_each_other(begun: Begun, turns: list[int]) -> None:
    with begun(*APART).race() as race:
        race.run(turns, race.merges(BOB, ADA), race.merges(ADA, BOB), race.writes(BOB))

        assert race.customer(BOB) == race.customer(ADA)


@interleaved
@given(turns=TURNS)
def test_one_customer_is_merged_into_two(begun: Begun, turns: list[int]) -> None:
    with begun(*APART, Close(ADA)).race() as race:
        race.run(turns, race.merges(ADA, BOB), race.merges(ADA, CYD), race.merges(BOB, CYD))

        assert race.customer(BOB) == race.customer(CYD)
        assert race.customer(ADA) == race.customer(BOB)


@interleaved
@given(turns=TURNS)
@pytest.mark.parametrize("writer", [BOB, ADA], ids=["who goes", "who stays"])
@pytest.mark.parametrize(
    "story",
    [LINKED, (*LINKED, Close(ADA)), (*APART, Close(ADA), Merge(BOB, ADA))],
    ids=["open", "closed", "brought"],
)
def test_a_link_is_taken_back_while_somebody_writes(
    begun: Begun, story: tuple[Action, ...], writer: Who, turns: list[int]
) -> None:
    with begun(*story).race() as race:
        race.run(turns, race.unlinks(BOB), race.writes(writer), race.answers(BOB))

        assert race.customer(BOB) != race.customer(ADA)


@interleaved
@given(turns=TURNS)
@pytest.mark.parametrize("rivals", [(NEW, NEWER), (NEW, CYD), (BOB, CYD)], ids=["new", "new and known", "known"])
def test_two_senders_have_one_code(begun: Begun, rivals: tuple[Who, Who], turns: list[int]) -> None:
    with begun(*APART, code_for=ADA).race() as race:
        race.run(turns, *map(race.redeems, rivals))

        came = [who for who in rivals if race.customer(who) == race.customer(ADA)]
        assert len(came) == 1
        assert sorted(race.outcomes.values()) == sorted(["linked", *["stored"] * 4])


@interleaved
@given(turns=TURNS)
@pytest.mark.parametrize("sender", [NEW, BOB], ids=["new", "known"])
def test_a_code_is_redeemed_while_its_customer_is_merged(begun: Begun, sender: Who, turns: list[int]) -> None:
    with begun(*APART, code_for=ADA).race() as race:
        race.run(turns, race.redeems(sender), race.merges(ADA, CYD), race.writes(ADA))

        assert race.customer(sender) == race.customer(ADA) == race.customer(CYD)


@interleaved
@given(turns=TURNS)
def test_a_code_is_redeemed_by_somebody_who_is_merged(begun: Begun, turns: list[int]) -> None:
    with begun(*APART, code_for=ADA).race() as race:
        race.run(turns, race.redeems(BOB), race.merges(BOB, CYD))

        assert race.customer(BOB) in (race.customer(ADA), race.customer(CYD))


@interleaved
@given(turns=TURNS)
def test_what_is_sent_while_a_code_is_redeemed_counts(begun: Begun, turns: list[int]) -> None:
    with begun(*APART, Wait(10), code_for=ADA).race() as race:
        race.run(turns, race.redeems(BOB, opens=False), race.answers(BOB, named=True))
        for _ in range(2):
            race.answers(BOB, named=True)(race.store)

        race.assert_legal()
        assert sent_to(race, BOB) == WINDOW_SENDS


@interleaved
@given(turns=TURNS)
def test_two_new_senders_prove_one_address(begun: Begun, turns: list[int]) -> None:
    with begun(*APART).race() as race:
        race.run(turns, race.writes(NEW, proves=ADDRESS), race.writes(NEWER, proves=ADDRESS))

        assert race.customer(NEW) == race.customer(NEWER)


@interleaved
@given(turns=TURNS)
def test_two_known_senders_prove_one_address(begun: Begun, turns: list[int]) -> None:
    with begun(*APART).race() as race:
        race.run(turns, race.writes(ADA, proves=ADDRESS), race.writes(BOB, proves=ADDRESS), race.writes(BOB))
        race.run([], race.writes(ADA, proves=ADDRESS), race.writes(BOB, proves=ADDRESS))

        assert race.customer(ADA) == race.customer(BOB)


@interleaved
@given(turns=TURNS)
def test_a_conversation_is_opened_again_while_its_customer_is_merged(begun: Begun, turns: list[int]) -> None:
    with begun(*APART, Close(BOB)).race() as race:
        race.run(turns, race.merges(BOB, ADA), race.changes(BOB, "open"), race.writes(BOB))

        assert race.customer(BOB) == race.customer(ADA)


@interleaved
@given(turns=TURNS)
def test_a_conversation_is_closed_while_its_customer_is_merged_and_parted(begun: Begun, turns: list[int]) -> None:
    with begun(*LINKED).race() as race:
        race.run(turns, race.unlinks(BOB), race.changes(BOB, "closed"), race.writes(BOB))

        assert race.customer(BOB) != race.customer(ADA)
