"""Customers on a desk who are linked and parted: short words for what the tests of linking do again and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from shared.core.conversations import ConversationChange
from shared.core.linking.joining import Evidence
from shared.core.linking.records import LinkCode, Outcome
from shared.core.messages import is_message, read_message
from shared.core.records import Entry, Head, StoredIdentity
from shared.model import link_codes
from shared.model.conversation import Customer
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundMessage, Sender
from tests.support.channels import text_message, webhook
from tests.unit.core.desk import Desk

AGENT = {"type": "agent", "id": "key-1"}
BY_AGENT = Evidence("agent", "agent", AGENT, shows_all=False)


OPEN_OR_NOT = [(True, True), (True, False), (False, True), (False, False)]
"""Whether the conversation of the one who comes is open, and that of the one they come to."""

LINKED = {"received": 1, "linked": 1}
STORED = {"received": 1, "stored": 1}


def ann_and_bob() -> Desk:
    """Ann writes letters and, 10 seconds later, Bob comes to the lounge; another 10 seconds pass."""
    desk = Desk()
    desk.write("ann", "from ann")
    desk.clock.advance(10)
    desk.write("bob", "from bob", channel="lounge")
    desk.clock.advance(10)
    return desk


def given_open(desk: Desk, bobs_open: bool, anns_open: bool) -> tuple[str, str]:
    """The customers Bob and Ann, with their conversations open or closed."""
    if not bobs_open:
        close(desk, "bob", "lounge")
    if not anns_open:
        close(desk, "ann")
    return customer_of(desk, "bob", "lounge"), customer_of(desk, "ann")


def named(sender: str, channel: str = "letters") -> str:
    """The id of a sender's identity."""
    return identity_id(channel, "main", sender)


def customer_of(desk: Desk, sender: str, channel: str = "letters") -> str:
    return desk.store.identities[named(sender, channel)].identity.customer_id


def identities_of(desk: Desk, customer_id: str) -> set[str]:
    stored = desk.store.identities.values()
    return {each.identity.id for each in stored if each.identity.customer_id == customer_id}


def close(desk: Desk, sender: str, channel: str = "letters") -> None:
    desk.change(desk.conversation(sender, channel).conversation_id, ConversationChange(status="closed"))


def merge(desk: Desk, source: str, target: str, *, dry_run: bool = False) -> Outcome:
    """An agent says that one customer is another: by their ids."""
    return desk.linking.linker.merge(source, target, BY_AGENT, dry_run=dry_run)


def unlink(desk: Desk, customer_id: str, identity: str, *, dry_run: bool = False) -> Outcome:
    return desk.linking.linker.unlink(customer_id, identity, AGENT, dry_run=dry_run)


def code_for(desk: Desk, customer_id: str, **more: Any) -> str:
    """A code for a customer, in its plain form."""
    code = link_codes.new_code()
    by = {"type": "agent", "id": "key-1"}
    values: dict[str, Any] = {"expires_at": desk.clock() + link_codes.SECONDS, "by": by, **more}
    assert desk.links.issue(LinkCode(code=code, customer_id=customer_id, **values))
    return code


def brings(desk: Desk, sender: str, code: str, channel: str = "lounge", **more: Any) -> Counter[str]:
    """A sender comes with a code by a way of the channel's own, and says nothing else."""
    return desk.write(sender, channel=channel, **{"link_code": code, "link_only": True, **more})


def proves(desk: Desk, sender: str, channel: str = "letters", **aliases: str) -> Counter[str]:
    """A sender writes, and their channel vouches for what else they are called."""
    return writes_as(desk, Sender(external_id=sender, scope="main", aliases=aliases), channel)


def writes_as(desk: Desk, sender: Sender, channel: str = "letters", text: str = "hello") -> Counter[str]:
    """A message of a sender of whom more is known than a name."""
    desk.ingest.start_batch()
    message = text_message(sender.external_id, f"{sender.external_id}-{len(desk.store.references)}", text)
    return desk.ingest(webhook(with_sender(message, sender, desk.clock()), channel))


def with_sender(message: InboundMessage, sender: Sender, at: float) -> InboundMessage:
    message.sender, message.occurred_at = sender, at
    return message


def log_of(desk: Desk, conversation_id: str) -> list[str]:
    """The types of a conversation's entries."""
    return [entry.type for entry in desk.store.logs[conversation_id]]


def last_of(desk: Desk, conversation_id: str, kind: str) -> Entry:
    """The last entry of a type."""
    return next(entry for entry in reversed(desk.store.logs[conversation_id]) if entry.type == kind)


def texts_of(desk: Desk, conversation_id: str) -> list[str]:
    return [read_message(entry).text for entry in desk.store.logs[conversation_id] if is_message(entry)]


def everybody(
    desk: Desk,
) -> tuple[dict[str, StoredIdentity], dict[str, tuple[Customer, str | None]], dict[str, Head], dict[str, list[str]]]:
    """Who belongs where and what was said: all that a link changes and its undoing has to put back."""
    store = desk.store
    heads = {name: replace(head, sequence=0, updated_at=0.0, due_at=None) for name, head in store.heads.items()}
    said = {name: texts_of(desk, name) for name in store.logs}
    return dict(store.identities), dict(store.customers), heads, said
