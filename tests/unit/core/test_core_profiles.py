"""Given somebody new on a channel whose provider can be asked who they are, when it is asked, then what it says is
written down and what it proves is followed; a provider that says nothing holds up nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from msgspec import structs

from shared.core.later import TryLater
from shared.core.profiles import TRIES, LearnProfile
from shared.core.records import Entry
from shared.errors import DeliveryError, ErrorClass, UnknownAccount
from shared.model.inbound import Sender
from shared.ports.connector import Profile
from shared.ports.context import ChannelContext
from tests.support.channels import CHANNELS
from tests.support.providers import channel_context
from tests.support.stores import Surroundings
from tests.unit.core.desk import Desk
from tests.unit.core.people import customer_of, identities_of, log_of, named, proves, writes_as

ANN, ANNS_POST = named("ann"), named("ann", "post")
HOME = "ann@home.example"


def context(channel: str, account: str) -> ChannelContext:
    return channel_context({}, http=Surroundings(), name=account)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The provider of ``post`` can be asked who somebody is."""
    monkeypatch.setitem(CHANNELS, "post", structs.replace(CHANNELS["post"], profiles=True))
    return Desk()


@pytest.fixture
def learn(desk: Desk) -> LearnProfile:
    return LearnProfile(desk.store, desk.linking.prove, connector_of=desk.channels.__getitem__, context_of=context)


def first_entry(desk: Desk, channel: str = "post") -> Entry:
    return desk.entry(desk.conversation("ann", channel).conversation_id, 1)


def test_only_somebody_new_is_asked_about_and_only_where_that_is_possible(desk: Desk) -> None:
    for _ in range(2):
        desk.write("ann", channel="post")
    desk.write("ann", channel="letters")
    asked = [entry for log in desk.store.logs.values() for entry in log if "profile" in entry.tasks]
    assert asked == [first_entry(desk)]
    assert asked[0].data["identity"] == {"id": ANNS_POST, "channel": "post", "account": "main"}


def test_a_sender_whom_anybody_could_be_is_not_asked_about(desk: Desk) -> None:
    writes_as(desk, Sender(external_id="ann", scope="main", unproven=True), "post")
    assert first_entry(desk).tasks == ()


def test_name_and_language_are_written_down_with_the_person(desk: Desk, learn: LearnProfile) -> None:
    desk.write("ann", channel="post")
    desk.channels["post"].profiles["ann"] = Profile(name="Ann", language="de")
    assert learn(first_entry(desk), 1) == "profile"
    identity = desk.store.identities[ANNS_POST].identity
    assert (identity.name, identity.language) == ("Ann", "de")


@pytest.mark.parametrize("said", [HOME, "Ann@HOME.example"])
def test_what_the_provider_proves_brings_them_to_who_they_are(desk: Desk, learn: LearnProfile, said: str) -> None:
    proves(desk, "ann", email=HOME)
    desk.write("ann", channel="post")
    posted = desk.conversation("ann", "post").conversation_id
    desk.channels["post"].profiles["ann"] = Profile(aliases={"email": said})
    assert learn(desk.entry(posted, 1), 1) == "profile"
    assert identities_of(desk, customer_of(desk, "ann")) == {ANN, ANNS_POST}
    assert log_of(desk, posted)[-1] == "conversation.closed"


@pytest.mark.parametrize("said", [HOME, "Ann@HOME.example"])
def test_what_the_provider_proves_is_what_others_find_them_by(desk: Desk, learn: LearnProfile, said: str) -> None:
    desk.write("ann", channel="post")
    desk.channels["post"].profiles["ann"] = Profile(aliases={"email": said})
    for _ in range(2):
        assert learn(first_entry(desk), 1) == "profile"
    proves(desk, "ann", email=HOME)
    assert identities_of(desk, customer_of(desk, "ann", "post")) == {ANN, ANNS_POST}


def test_a_provider_that_knows_nobody_is_no_failure(desk: Desk, learn: LearnProfile) -> None:
    desk.write("ann", channel="post")
    before = desk.store.identities[ANNS_POST]
    assert learn(first_entry(desk), 1) == "profile_unknown"
    assert desk.store.identities[ANNS_POST] == before


@pytest.mark.parametrize(
    ("error_class", "attempt", "later"),
    [
        ("retry", 1, True),
        ("retry", TRIES - 1, True),
        ("retry", TRIES, False),
        ("permanent", 1, False),
        ("token", 1, False),
    ],
)
def test_a_provider_that_is_not_there_is_asked_a_few_times_and_then_left(
    desk: Desk,
    learn: LearnProfile,
    monkeypatch: pytest.MonkeyPatch,
    error_class: str,
    attempt: int,
    later: bool,
) -> None:
    def refuse(*_: object) -> Profile:
        raise DeliveryError(cast(ErrorClass, error_class), "provider_unreachable", "nobody is there")

    desk.write("ann", channel="post")
    monkeypatch.setattr(desk.channels["post"], "profile", refuse)
    if later:
        with pytest.raises(TryLater):
            learn(first_entry(desk), attempt)
    else:
        assert learn(first_entry(desk), attempt) == "profile_unknown"


def test_an_account_that_was_taken_down_and_somebody_who_is_gone_are_passed_over(desk: Desk) -> None:
    def gone(channel: str, account: str) -> ChannelContext:
        raise UnknownAccount(account)

    desk.write("ann", channel="post")
    learn = LearnProfile(desk.store, desk.linking.prove, connector_of=desk.channels.__getitem__, context_of=gone)
    entry = first_entry(desk)
    assert learn(entry, 1) == "profile_unknown"
    assert learn(replace(entry, data={}), 1) == "profile_unknown"
    del desk.store.identities[ANNS_POST]
    assert learn(entry, 1) == "profile_unknown"
