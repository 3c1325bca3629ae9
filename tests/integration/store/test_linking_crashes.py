"""Given a process that dies in the middle of linking people, when the same work comes again, then everybody is where
they would be if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from msgspec import structs

from shared.core.conversations import ConversationChange
from shared.core.linking.joining import Evidence
from shared.core.linking.records import LinkCode
from shared.errors import RequestError
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundMessage
from tests.support.channels import text_message, webhook
from tests.support.crashes import Story, assert_survives_between_writes
from tests.support.engines import Engine
from tests.support.stores import START, Store

CODE = "K7QM2XPD"
AGENT = {"type": "agent", "id": "key-1"}
ADDRESS = "ada@mail.example"
BOB = identity_id("lounge", "main", "bob")


def proving(name: str, provider_id: str) -> InboundMessage:
    event = text_message(name, provider_id)
    event.sender = structs.replace(event.sender, aliases={"email": ADDRESS})
    return event


def customer(store: Store, name: str, channel: str = "letters") -> str:
    return store.conversation_of(name, channel).customer_id


def apart(store: Store) -> None:
    """Ada writes on letters and has been given a code; Bob writes in the lounge."""
    store.ingest(webhook(proving("ada", "from ada")))
    store.ingest(webhook(text_message("bob", "from bob"), "lounge"))
    store.codes.issue(LinkCode(CODE, customer(store, "ada"), START + 900, AGENT))


def merged(store: Store) -> None:
    apart(store)
    merge(store, "")


def brought(store: Store) -> None:
    """Bob's conversation became Ada's, whose own was closed."""
    apart(store)
    store.change(store.conversation_of("ada").conversation_id, ConversationChange(status="closed"))
    merge(store, "")


def joined(store: Store) -> None:
    """Bob was new when he came to Ada."""
    store.ingest(webhook(proving("ada", "from ada")))
    store.codes.issue(LinkCode(CODE, customer(store, "ada"), START + 900, AGENT))
    store.ingest(webhook(text_message("bob", "from bob", CODE), "lounge"))


def merge(store: Store, conversation_id: str) -> None:
    """An agent merges Bob's customer into Ada's; the second time this is refused."""
    with suppress(RequestError):
        names = customer(store, "bob", "lounge"), customer(store, "ada")
        store.linking.linker.merge(*names, Evidence("agent", "agent", AGENT, shows_all=False))


def unlink(store: Store, conversation_id: str) -> None:
    """An agent takes Bob back; the second time this is refused."""
    with suppress(RequestError):
        store.linking.linker.unlink(customer(store, "ada"), BOB, AGENT)


def ingested(event: InboundMessage, channel: str = "lounge") -> Callable[[Store, str], object]:
    return lambda store, _: store.ingest(webhook(event, channel))


CODE_AND_WORDS = structs.replace(text_message("bob", "1", "hello"), link_code=CODE)
STORIES = {
    "a new sender redeems a code": Story(apart, ingested(text_message("cyd", "1", CODE))),
    "a known sender redeems a code": Story(apart, ingested(text_message("bob", "1", CODE))),
    "a code comes with a message": Story(apart, ingested(CODE_AND_WORDS)),
    "a sender who is there already redeems a code": Story(apart, ingested(text_message("ada", "1", CODE), "letters")),
    "a customer writes from another channel": Story(merged, ingested(text_message("bob", "1"))),
    "a new sender proves an address": Story(apart, ingested(proving("cyd", "1"))),
    "a known sender proves an address": Story(apart, ingested(proving("bob", "1"))),
    "an agent merges customers": Story(apart, merge),
    "an agent takes a merge back": Story(merged, unlink),
    "an agent takes a merge back that brought a conversation": Story(brought, unlink),
    "an agent takes back somebody who was new": Story(joined, unlink),
}


@pytest.mark.parametrize("name", STORIES)
def test_linking_that_dies_between_two_writes_or_loses_an_answer_ends_as_if_it_had_not(
    dynamodb_local: Engine, name: str
) -> None:
    assert_survives_between_writes(dynamodb_local, STORIES[name])
