"""Given link codes, handles and claims, when they are kept, then each is there once, says no more than it has to, and
goes when its time has come."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from shared.aws.link_codes import KEPT_SECONDS
from shared.core.linking.records import Claim, IdentityBefore, LinkCode, Rearrangement, StoredLink
from shared.model.conversation import Link
from shared.model.identifiers import identity_id
from shared.model.inbound import Sender
from tests.support.channels import text_message, webhook
from tests.support.stores import START, Clock, Store

ANN, BOB = (identity_id("letters", "main", name) for name in ("ann", "bob"))


def write(store: Store, sender: str, **aliases: str) -> str:
    """A message of a sender; the customer whom they are."""
    store.ingest.start_batch()
    message = text_message(sender, f"{sender}-{len(store.items())}")
    message.sender = Sender(external_id=sender, scope="main", aliases=aliases)
    store.ingest(webhook(message))
    found = store.people.identity(identity_id("letters", "main", sender))
    assert found is not None
    return found.identity.customer_id


def a_code(customer_id: str, code: str = "K7QM2XPD", **more: Any) -> LinkCode:
    values: dict[str, Any] = {"expires_at": START + 900, "by": {"type": "agent", "id": "key-1"}, **more}
    return LinkCode(code=code, customer_id=customer_id, **values)


def test_a_link_reads_back_as_it_was_written(store: Store) -> None:
    link = Link(
        id="lnk_1",
        evidence="code",
        verification="code",
        by={"type": "customer", "id": BOB},
        at="2027-01-15T08:00:00.000Z",
        customer_id="cus_1",
        identity_ids=[BOB],
        from_customer_id="cus_2",
    )
    stored = StoredLink(
        link=link,
        conversation_id="conv_1",
        sequence=3,
        source_conversation="conv_1",
        source_status="open",
        moved=True,
        target_conversation="conv_2",
        waiting_since=START + 0.25,
        before={BOB: IdentityBefore("conv_1", "provider", "lnk_0")},
    )
    plan = Rearrangement(link=stored)
    assert store.links.rearrange(plan) is True
    assert store.links.link("cus_1", "lnk_1") == stored
    assert store.links.link("cus_2", "lnk_1") is None
    assert store.links.link("cus_1", "lnk_2") is None
    assert store.links.state("cus_1") is None


class TestHandles:
    def test_somebody_is_found_by_what_they_proved_first(self, store: Store) -> None:
        write(store, "ann", email="ann@home.example")
        assert store.links.holder("email", "ann@home.example") == ANN
        assert store.links.holder("email", "bob@home.example") is None
        assert store.links.holder("phone", "ann@home.example") is None

    def test_what_is_proven_later_is_written_with_the_person_and_found(self, store: Store) -> None:
        write(store, "ann")
        store.links.prove(ANN, {"email": "ann@home.example", "phone": "+4915112345678"}, held=["phone"])
        found = store.people.identity(ANN)
        assert found is not None
        assert found.identity.aliases == {"email": "ann@home.example", "phone": "+4915112345678"}
        assert store.links.holder("email", "ann@home.example") == ANN
        assert store.links.holder("phone", "+4915112345678") is None

    def test_what_somebody_else_has_proven_first_is_theirs_and_nothing_is_written(self, store: Store) -> None:
        write(store, "ann", email="ann@home.example")
        write(store, "bob")
        before = store.items()
        store.links.prove(BOB, {"email": "ann@home.example", "phone": "+4915112345678"}, held=[])
        assert store.items() == before

    def test_what_is_proven_by_a_message_is_added_to_what_was_proven_before(self, store: Store) -> None:
        write(store, "ann", email="ann@home.example")
        write(store, "ann", email="ann@home.example", phone="+4915112345678")
        assert store.links.holder("phone", "+4915112345678") == ANN
        assert write(store, "bob", phone="+4915112345678") == write(store, "ann")

    def test_an_address_that_another_took_the_place_of_finds_nobody_any_more(self, store: Store) -> None:
        ann = write(store, "ann", email="ann@home.example")
        write(store, "ann", email="ann@work.example")
        assert store.links.holder("email", "ann@home.example") is None
        assert store.links.holder("email", "ann@work.example") == ANN
        assert write(store, "bob", email="ann@home.example") != ann
        assert store.links.holder("email", "ann@home.example") == BOB

    def test_an_address_that_another_identity_of_theirs_proves_as_well_finds_them_by_that_one(
        self, store: Store
    ) -> None:
        ann = write(store, "ann", email="ann@home.example")
        assert write(store, "bob", email="ann@home.example") == ann
        write(store, "ann", email="ann@work.example")
        assert store.links.holder("email", "ann@home.example") == BOB

    def test_what_was_given_up_meanwhile_and_is_somebody_elses_by_now_stays_theirs(self, store: Store) -> None:
        write(store, "ann", email="ann@work.example")
        write(store, "bob", email="ann@home.example")
        before = store.items()
        given_up = {("email", "ann@home.example"): None}
        store.links.prove(ANN, {"email": "ann@third.example"}, held=[], given_up=given_up)
        assert store.items() == before

    def test_an_address_stands_nowhere_but_with_the_person(self, store: Store) -> None:
        write(store, "ann", email="ann@home.example")
        store.links.note(write(store, "bob"), [Claim("email", "ann@home.example", BOB, START)])
        holders = {
            (item["SK"]["S"].partition("#")[0], name)
            for item in store.items()
            for name in item
            if "ann@home.example" in json.dumps(item[name])
        }
        assert holders == {("ID", "person"), ("S", "claim")}

    def test_nobody_is_written_down_of_whom_nothing_is_known(self, store: Store) -> None:
        store.links.prove("idn_nobody", {"email": "ann@home.example"}, held=[])
        assert store.items() == []


def test_what_was_said_is_kept_once_with_who_said_it_first(store: Store) -> None:
    first = Claim("email", "ann@home.example", BOB, START, proven=True)
    store.links.note("cus_1", [first, Claim("phone", "+4915112345678", BOB, START + 1)])
    store.links.note("cus_1", [Claim("email", "ann@home.example", ANN, START + 2)])
    assert sorted(store.links.claims("cus_1"), key=lambda each: each.at) == [
        first,
        Claim("phone", "+4915112345678", BOB, START + 1),
    ]
    assert store.links.claims("cus_2") == []


class TestCodes:
    def test_a_code_is_kept_as_it_was_made_and_once(self, store: Store) -> None:
        code = a_code("cus_1", channel="letters", account="main")
        assert store.codes.issue(code) is True
        assert store.codes.issue(replace(code, customer_id="cus_2")) is False
        assert store.codes.find(code.code) == code
        assert store.codes.find("K7QM2XPE") is None

    def test_the_code_itself_is_stored_nowhere_and_goes_by_itself(self, store: Store) -> None:
        store.codes.issue(a_code("cus_1"))
        [item] = store.items()
        assert "K7QM" not in json.dumps(item)
        assert item["ttl"]["N"] == str(int(START) + 900 + KEPT_SECONDS)

    def test_a_code_is_used_once(self, store: Store) -> None:
        store.codes.issue(code := a_code("cus_1"))
        assert [store.codes.use(code, name) for name in ("idn_1", "idn_2", "idn_1")] == [True, False, False]
        found = store.codes.find(code.code)
        assert found is not None
        assert found.used_by == "idn_1"

    def test_a_code_is_not_used_after_its_time_and_is_still_known(self, store: Store, clock: Clock) -> None:
        store.codes.issue(code := a_code("cus_1"))
        clock.advance(900)
        assert store.codes.use(code, "idn_1") is False
        assert store.codes.find(code.code) == code

    def test_a_code_that_was_never_made_is_not_used(self, store: Store) -> None:
        assert store.codes.use(a_code("cus_1"), "idn_1") is False
        assert store.items() == []

    def test_so_many_codes_may_be_asked_for_in_a_while(self, store: Store, clock: Clock) -> None:
        for _ in range(3):
            assert store.codes.count_issued("cus_1", 3, 900) is None
        clock.advance(300)
        assert store.codes.count_issued("cus_1", 3, 900) == 600
        assert store.codes.count_issued("cus_2", 3, 900) is None
        clock.advance(599.5)
        assert store.codes.count_issued("cus_1", 3, 900) == 1
        clock.advance(0.5)
        assert store.codes.count_issued("cus_1", 3, 900) is None

    def test_wrong_codes_are_counted_for_a_while(self, store: Store, clock: Clock) -> None:
        assert store.codes.wrong("idn_1", 900) == 0
        for expected in range(1, 8):
            store.codes.count_wrong("idn_1", 900)
            assert store.codes.wrong("idn_1", 900) == expected
        assert store.codes.wrong("idn_2", 900) == 0
        clock.advance(900)
        assert store.codes.wrong("idn_1", 900) == 0
        store.codes.count_wrong("idn_1", 900)
        assert store.codes.wrong("idn_1", 900) == 1
        [item] = store.items()
        assert item["ttl"]["N"] == str(int(START) + 900 + 900 + 60)
