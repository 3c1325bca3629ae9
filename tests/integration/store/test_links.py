"""Given people who are rearranged in one transaction, when anything is not as it was read, then nothing is written; given
link codes, handles and claims, then each is kept once and goes when its time has come."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from shared.aws import keys
from shared.aws.link_codes import KEPT_SECONDS
from shared.core.linking.merging import Evidence, Party, plan_admission, plan_merge
from shared.core.linking.records import Claim, IdentityMove, LinkCode, Rearrangement
from shared.core.linking.unlinking import plan_expulsion, plan_unlink
from shared.core.records import NewEntry, Reference
from shared.model.conversation import Identity
from shared.model.identifiers import identity_id
from shared.model.inbound import Sender
from tests.support.channels import text_message, webhook
from tests.support.stores import START, Clock, Store

AGENT = {"type": "agent", "id": "key-1"}
BY_AGENT = Evidence("agent", "agent", AGENT, shows_all=False)
AT = (START, "2027-01-15T08:00:00.000Z")
ANN, BOB, NEW = (identity_id("letters", "main", name) for name in ("ann", "bob", "new"))


def write(store: Store, sender: str, **aliases: str) -> str:
    """A message of a sender; the customer whom they are."""
    store.ingest.start_batch()
    message = text_message(sender, f"{sender}-{len(store.items())}")
    message.sender = Sender(external_id=sender, scope="main", aliases=aliases)
    store.ingest(webhook(message))
    found = store.people.identity(identity_id("letters", "main", sender))
    assert found is not None
    return found.identity.customer_id


def party(store: Store, customer_id: str) -> Party:
    return store.linking.linker.party(customer_id)


def a_code(customer_id: str, code: str = "K7QM2XPD", **more: Any) -> LinkCode:
    values: dict[str, Any] = {"expires_at": START + 900, "by": AGENT, **more}
    return LinkCode(code=code, customer_id=customer_id, **values)


def a_merge(store: Store) -> Rearrangement:
    """Bob is Ann, by a code that is brought in a message: planned, and not done."""
    ann, bob = write(store, "ann"), write(store, "bob")
    code = a_code(ann)
    store.codes.issue(code)
    plan, _ = plan_merge("lnk_1", party(store, bob), party(store, ann), BY_AGENT, at=AT)
    return replace(plan, code=code, used_by=BOB, reference=Reference("letters", "main", "the code"))


def an_admission(store: Store) -> Rearrangement:
    """Somebody new is Ann, and proves an address."""
    ann = write(store, "ann")
    identity = Identity(id=NEW, channel="letters", scope="main", external_id="new", customer_id="", account="main")
    plan, _ = plan_admission("lnk_1", identity, party(store, ann), BY_AGENT, at=AT, arrival=None)
    return replace(plan, handles={"email": "new@home.example"})


def an_unlink(store: Store) -> Rearrangement:
    """Bob was merged into Ann, and is not her."""
    ann, bob = write(store, "ann"), write(store, "bob")
    store.linking.linker.merge(bob, ann, BY_AGENT)
    store.linking.linker.unlink(ann, BOB, AGENT, dry_run=True)
    captured: list[Rearrangement] = []
    with pytest.MonkeyPatch.context() as capturing:
        capturing.setattr(store.links, "rearrange", lambda plan: captured.append(plan) or True)
        store.linking.linker.unlink(ann, BOB, AGENT)
    return captured[0]


def test_a_merge_is_written_whole(store: Store) -> None:
    plan = a_merge(store)
    source, target = (change.before for change in plan.customers)

    assert store.links.rearrange(plan) is True

    after, gone = store.links.state(target.id), store.links.state(source.id)
    assert after is not None
    assert gone is not None
    assert {each.identity.id for each in after.identities} == {ANN, BOB}
    assert (gone.identities, gone.merged_into) == ((), target.id)
    assert (after.revision, gone.revision) == (target.revision + 1, source.revision + 1)
    assert {each.conversation_id for each in after.identities} == {plan.link.conversation_id}
    for head, entry in plan.written:
        assert store.log.head(head.conversation_id) == head
        assert store.whole_log(head.conversation_id)[-1].type == entry.type
    assert store.links.link(target.id, "lnk_1") == plan.link
    assert plan.code is not None
    found = store.codes.find(plan.code.code)
    assert found is not None
    assert found.used_by == BOB
    located = store.log.find(Reference("letters", "main", "the code"))
    assert located is not None
    assert (located.conversation_id, located.sequence) == (plan.link.conversation_id, plan.link.sequence)


def touch(store: Store, conversation_id: str) -> None:
    """Somebody else writes an entry."""
    head = store.log.head(conversation_id)
    assert head is not None
    following = replace(head, sequence=head.sequence + 1)
    store.log.append(following, NewEntry(type="conversation.updated", at=START, data={}))


def change(store: Store, key: keys.Key, expression: str, **values: str) -> None:
    """Somebody else changes an item; ``expression`` names its values by ``:name``."""
    request: dict[str, Any] = {"TableName": store.table, "Key": key, "UpdateExpression": expression}
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": {"S": value} for name, value in values.items()}
    store.client.call("dynamodb", "UpdateItem", request)


def revise(store: Store, customer_id: str) -> None:
    request = {
        "TableName": store.table,
        "Key": keys.customer(customer_id),
        "UpdateExpression": "SET revision = :next",
        "ExpressionAttributeValues": {":next": {"N": "7"}},
    }
    store.client.call("dynamodb", "UpdateItem", request)


Meanwhile = Callable[[Store, Rearrangement], object]
MERGING: dict[str, Meanwhile] = {
    "the conversation that goes on has moved on": lambda s, p: touch(s, p.written[0][0].conversation_id),
    "the conversation that is closed has moved on": lambda s, p: touch(s, p.written[1][0].conversation_id),
    "who comes has got or lost an identity": lambda s, p: revise(s, p.customers[0].before.id),
    "whom they come to has got or lost an identity": lambda s, p: revise(s, p.customers[1].before.id),
    "who comes was merged": lambda s, p: change(
        s, keys.customer(p.customers[0].before.id), "SET merged_into = :other", other="cus_other"
    ),
    "whom they come to was merged": lambda s, p: change(
        s, keys.customer(p.customers[1].before.id), "SET merged_into = :other", other="cus_other"
    ),
    "who comes has another conversation": lambda s, p: change(
        s, keys.customer(p.customers[0].before.id), "SET conversation_id = :other", other="conv_other"
    ),
    "whom they come to has another conversation": lambda s, p: change(
        s, keys.customer(p.customers[1].before.id), "REMOVE conversation_id"
    ),
    "the identity is another customer's": lambda s, p: change(
        s, keys.identity(BOB), "SET customer_id = :other", other="cus_other"
    ),
    "the identity came by another link": lambda s, p: change(
        s, keys.identity(BOB), "SET link_id = :other", other="lnk_other"
    ),
    "the code was used": lambda s, p: s.codes.use(a_code("cus_1"), "idn_other"),
    "the message was stored": lambda s, p: s.log.append(
        replace(p.written[0][0], conversation_id=store_away(s), sequence=3),
        NewEntry(type="message.received", at=START, data={}),
        reference=Reference("letters", "main", "the code"),
    ),
    "the link is there": lambda s, p: s.client.call(
        "dynamodb",
        "PutItem",
        {"TableName": s.table, "Item": keys.link(p.link.link.customer_id, p.link.link.id)},
    ),
}


def store_away(store: Store) -> str:
    """A conversation of somebody else, of two entries."""
    write(store, "somebody else")
    return store.conversation_of("somebody else").conversation_id


@pytest.mark.parametrize("case", MERGING, ids=str)
def test_a_merge_is_not_written_when_meanwhile(store: Store, case: str) -> None:
    plan = a_merge(store)
    MERGING[case](store, plan)
    before = store.items()
    assert store.links.rearrange(plan) is False
    assert store.items() == before


def test_a_merge_is_not_written_when_meanwhile_the_code_has_expired(store: Store, clock: Clock) -> None:
    plan = a_merge(store)
    clock.advance(900)
    before = store.items()
    assert store.links.rearrange(plan) is False
    assert store.items() == before


@pytest.mark.parametrize("moved_on", [True, False])
def test_a_conversation_that_is_only_looked_at_may_not_have_moved_on_either(store: Store, moved_on: bool) -> None:
    plan = a_merge(store)
    looked_at, _ = plan.written[1]
    plan = replace(plan, written=plan.written[:1], unchanged=(replace(looked_at, sequence=looked_at.sequence - 1),))
    if moved_on:
        touch(store, looked_at.conversation_id)
    assert store.links.rearrange(plan) is not moved_on


ADMITTING: dict[str, Meanwhile] = {
    "they wrote first": lambda s, p: write(s, "new"),
    "somebody proved the address first": lambda s, p: write(s, "other", email="new@home.example"),
    "whom they come to has got or lost an identity": lambda s, p: revise(s, p.customers[0].before.id),
}


def test_somebody_new_is_admitted_with_what_they_are_found_by(store: Store) -> None:
    plan = an_admission(store)
    assert store.links.rearrange(plan) is True
    state = store.links.state(plan.customers[0].before.id)
    assert state is not None
    assert {each.identity.id for each in state.identities} == {ANN, NEW}
    assert store.links.holder("email", "new@home.example") == NEW
    found = store.people.identity(NEW)
    assert found is not None
    assert (found.identity, found.conversation_id) == (plan.admitted, plan.link.conversation_id)


@pytest.mark.parametrize("case", ADMITTING, ids=str)
def test_nobody_is_admitted_when_meanwhile(store: Store, case: str) -> None:
    plan = an_admission(store)
    ADMITTING[case](store, plan)
    before = store.items()
    assert store.links.rearrange(plan) is False
    assert store.items() == before


def test_a_link_is_taken_back_once(store: Store) -> None:
    plan = an_unlink(store)
    assert store.links.rearrange(plan) is True
    source, target = (store.links.state(change.before.id) for change in plan.customers)
    assert source is not None
    assert target is not None
    assert ([each.identity.id for each in source.identities], source.merged_into) == ([BOB], None)
    assert [each.identity.id for each in target.identities] == [ANN]
    kept = store.links.link(target.id, plan.link.link.id)
    assert kept == plan.link
    assert kept is not None
    assert kept.link.undone_by == AGENT

    # Every other condition of the same plan is met again by hand; that the link was taken back is not.
    heads = [(replace(head, sequence=head.sequence + 1), entry) for head, entry in plan.written]
    moves = tuple(replace(move, source=move.target, was_linked_by=move.link_id) for move in plan.identities)
    again = replace(plan, customers=(), identities=moves, written=tuple(heads))
    assert store.links.rearrange(again) is False


def test_somebody_who_was_new_gets_a_customer_of_their_own(store: Store) -> None:
    ann = write(store, "ann")
    store.links.rearrange(plan := an_admission(store))
    outcome = store.linking.linker.unlink(ann, NEW, AGENT)
    found = store.people.identity(NEW)
    assert found is not None
    assert (found.identity.link_id, found.identity.verification) == (None, "none")
    alone = store.people.customer(found.identity.customer_id)
    assert alone is not None
    assert ([each.id for each in alone[0].identities], alone[1]) == ([NEW], outcome.conversation_id)
    shown = store.people.customer(plan.link.link.customer_id)
    assert shown is not None
    assert [link.id for link in shown[0].links] == [plan.link.link.id]


def test_a_link_reads_back_as_it_was_written(store: Store) -> None:
    plan = a_merge(store)
    full = replace(plan.link, moved=True, target_conversation="conv_2", source_status="open", waiting_since=START + 0.25)
    store.links.rearrange(replace(plan, link=full))
    assert store.links.link(full.link.customer_id, full.link.id) == full
    assert store.links.link("cus_nobody", full.link.id) is None
    assert store.links.link(full.link.customer_id, "lnk_nobody") is None
    assert store.links.state("cus_nobody") is None


def test_the_largest_merge_is_one_transaction(real_store: Store) -> None:
    store = real_store
    source, target = write(store, "ann"), write(store, "bob")
    for number in range(23):
        store.linking.linker.admit(
            structs.replace(an_identity(f"idn_{number}"), customer_id=source), source, BY_AGENT, handles={}
        )
    store.linking.linker.merge(source, target, BY_AGENT)
    state = store.links.state(target)
    assert state is not None
    assert len(state.identities) == 25
    assert store.linking.linker.unlink(target, "idn_3", AGENT).link.identity_ids == [
        each.identity.id for each in state.identities if each.identity.id != BOB
    ]


def an_identity(name: str) -> Identity:
    return Identity(id=name, channel="letters", scope="main", external_id=name, customer_id="", account="main")


def test_customers_who_stay_follow_their_conversation_within_the_one_transaction(store: Store) -> None:
    plan = a_merge(store)
    store.links.rearrange(plan)
    stays = IdentityMove(ANN, plan.link.link.customer_id, plan.link.link.customer_id, None, "provider", None, None)
    moving = replace(plan, identities=(stays,), customers=(), written=(), code=None, reference=None)
    link = structs.replace(plan.link.link, id="lnk_2")
    assert store.links.rearrange(replace(moving, link=replace(plan.link, link=link))) is True
    found = store.people.identity(ANN)
    assert found is not None
    assert found.conversation_id is None
    state = store.links.state(plan.link.link.customer_id)
    assert state is not None
    assert {each.identity.id for each in state.identities} == {ANN, BOB}


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
