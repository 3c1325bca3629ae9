"""Given people who are rearranged in one transaction, when anything is not as it was read, then nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from shared.aws import keys
from shared.core.linking.admitting import plan_admission
from shared.core.linking.joining import Evidence, Party
from shared.core.linking.merging import plan_merge
from shared.core.linking.records import IdentityMove, LinkCode, Rearrangement
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
    captured: list[Rearrangement] = []

    def capture(plan: Rearrangement) -> bool:
        captured.append(plan)
        return True

    with pytest.MonkeyPatch.context() as capturing:
        capturing.setattr(store.links, "rearrange", capture)
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
