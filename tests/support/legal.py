"""What must hold of customers, identities and conversations, whatever has happened to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from shared.aws.attributes import decode_item
from shared.aws.head_items import read_entry, read_head
from shared.aws.person_items import read_identity
from shared.core.messages import is_message
from shared.core.records import Entry, Head, StoredIdentity
from tests.support.stores import Store

_ENTRY_SORT = len("E#000000000001")
_UNSAID = "?"


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A customer as it is stored: ``listed`` are the identities that are found with it."""

    conversation_id: str | None
    merged_into: str | None
    listed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is stored of people and conversations, by id."""

    heads: Mapping[str, Head]
    logs: Mapping[str, list[Entry]]
    identities: Mapping[str, StoredIdentity]
    customers: Mapping[str, CustomerFacts]


def facts_of(store: Store) -> Facts:
    """Read from the items of the table, not by what the adapters would find."""
    heads: dict[str, Head] = {}
    logs: dict[str, list[Entry]] = {}
    identities: dict[str, StoredIdentity] = {}
    profiles: dict[str, tuple[str | None, str | None]] = {}
    listed: dict[str, set[str]] = {}
    for item in sorted(store.items(), key=lambda each: (each["PK"]["S"], each["SK"]["S"])):
        partition, sort = item["PK"]["S"], item["SK"]["S"]
        if sort == "HEAD":
            heads[partition[2:]] = read_head(item)
        elif sort.startswith("E#") and len(sort) == _ENTRY_SORT:
            logs.setdefault(partition[2:], []).append(read_entry(item))
        elif sort == "ID":
            values = decode_item(item)
            identities[partition[2:]] = StoredIdentity(read_identity(values), values.get("conversation_id"))
        elif sort == "PROFILE":
            values = decode_item(item)
            profiles[partition[2:]] = (values.get("conversation_id"), values.get("merged_into"))
        elif partition.startswith("U#") and sort.startswith("I#"):
            listed.setdefault(partition[2:], set()).add(sort[2:])
    customers = {name: CustomerFacts(*pair, frozenset(listed.pop(name, ()))) for name, pair in profiles.items()}
    check(not listed, f"identities are listed with customers who are not there: {listed}")
    return Facts(heads, logs, identities, customers)


def check(holds: bool, otherwise: str) -> None:
    """Raises AssertionError: pytest explains the ``assert`` of test modules only."""
    if not holds:
        raise AssertionError(otherwise)


def assert_legal(facts: Facts, messages: set[str], replies: Mapping[str, str | None]) -> None:
    """``messages`` are the names (in ``metadata``) of the messages that were accepted and are to be in a log, once;
    ``replies`` the replies that were accepted, by message id, with the identity that each named, if any.

    Raises AssertionError.
    """
    _check_logs(facts)
    _check_open_conversations(facts)
    _check_identities(facts)
    _check_messages(facts, messages, set(replies))
    for name, head in facts.heads.items():
        _check_routes_taken(head, facts.logs[name], replies)


def _check_logs(facts: Facts) -> None:
    check(facts.heads.keys() == facts.logs.keys(), "a conversation without a log, or a log without a conversation")
    for name, head in facts.heads.items():
        found = [entry.sequence for entry in facts.logs[name]]
        check(found == list(range(1, head.sequence + 1)), f"the log of {name} has a gap: {found}, {head.sequence}")


def _check_open_conversations(facts: Facts) -> None:
    """One conversation at most that is not closed, and it is the one that the customer points at."""
    for name, customer in facts.customers.items():
        theirs = {head.conversation_id for head in facts.heads.values() if head.customer_id == name}
        opened = {each for each in theirs if facts.heads[each].status != "closed"}
        if customer.merged_into is not None:
            check(customer.merged_into in facts.customers, f"{name} was merged into nobody")
            check(not opened, f"{name} was merged and has an open conversation")
            continue
        check(customer.conversation_id in theirs, f"{name} points at a conversation that is not theirs")
        check(opened <= {customer.conversation_id}, f"{name} has open conversations that they do not point at")
        strangers = set(facts.heads[customer.conversation_id or ""].routes) - customer.listed
        check(not strangers, f"the conversation of {name} leads to somebody else: {strangers}")
    orphans = {head.customer_id for head in facts.heads.values()} - facts.customers.keys()
    check(not orphans, f"conversations of nobody: {orphans}")


def _check_identities(facts: Facts) -> None:
    """Every identity belongs to exactly one customer who is still there, and is listed with them alone."""
    for name, stored in facts.identities.items():
        owner = facts.customers.get(stored.identity.customer_id)
        check(owner is not None and owner.merged_into is None, f"{name} belongs to nobody")
        found = {each for each, customer in facts.customers.items() if name in customer.listed}
        check(found == {stored.identity.customer_id}, f"{name} is of {stored.identity.customer_id}, listed at {found}")
    listed = {name for customer in facts.customers.values() for name in customer.listed}
    check(listed <= facts.identities.keys(), "somebody is listed who is not there")
    for name, customer in facts.customers.items():
        check(customer.merged_into is None or not customer.listed, f"{name} was merged and has identities")


def _check_messages(facts: Facts, messages: set[str], replies: set[str]) -> None:
    stored = [entry for log in facts.logs.values() for entry in log if is_message(entry)]
    received = Counter(each.data["message"]["metadata"]["name"] for each in stored if each.type == "message.received")
    check(received == Counter(messages), f"stored {received}, accepted {sorted(messages)}")
    sent = Counter(each.message_id for each in stored if each.type == "message.sent")
    check(sent == Counter(replies), f"{sent} are replies, {replies} were accepted")


def _check_routes_taken(head: Head, log: list[Entry], replies: Mapping[str, str | None]) -> None:
    """Replies went where the customer had written from last, or to the route that they named."""
    active: str | None = None
    for entry in log:
        if is_message(entry):
            taken = entry.data["message"]["identity_id"]
            if entry.type == "message.received":
                check(active in (None, _UNSAID, taken), f"{taken} wrote, and nothing says that they came from {active}")
            else:
                wanted = replies[entry.message_id or ""] or active
                check(wanted in (_UNSAID, taken), f"a reply went to {taken} instead of {wanted}")
        active = _active_after(entry, active)
    check(active in (_UNSAID, head.active_identity), f"replies go to {head.active_identity} instead of {active}")
    check(head.active_identity in (None, *head.routes), f"replies go to {head.active_identity}, who is not here")


def _active_after(entry: Entry, before: str | None) -> str | None:
    """The identity that replies go to after an entry, as far as the log alone says."""
    match entry.type:
        case "message.received":
            return str(entry.data["message"]["identity_id"])
        case "conversation.channel_switched":
            return str(entry.data["to"]["identity_id"])
        case "identity.unlinked":
            return _UNSAID
        case "conversation.updated" if entry.data.get("reason") == "unlinked":
            return _UNSAID
    return before
