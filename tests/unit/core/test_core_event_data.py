"""What each event holds is what its Struct says. Whatever a test of the core writes into the log in memory is checked
likewise; here, every type is written at least once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from jsonschema import ValidationError

from shared.core.control.service import Control, ControlRequest
from shared.core.conversations import ConversationChange
from shared.core.customers import CustomerChange, change_customer
from shared.core.gaps import TellGap
from shared.core.publishing import entry_event, media_event, status_event
from shared.core.records import Located
from shared.core.watching import WindowWatch
from shared.model.event import EVENT_TYPES
from shared.model.event_data import EVENT_DATA
from shared.model.inbound import InboundDeletion, InboundEdit, InboundReaction
from shared.model.parts import Part, TextPart
from tests.support.channels import CHANNELS, text_message, webhook
from tests.support.event_contract import check_event
from tests.unit.core.desk import Desk
from tests.unit.core.people import customer_of, merge, named, unlink

SOURCE = "urn:onethread:test"
NOT_WRITTEN_YET = {"customer.erased"}


def revisions(desk: Desk) -> None:
    """Ann's first message gets a heart, loses it, is edited, and taken back."""
    heart: dict[str, Any] = {"external_id": "first", "reaction": "❤️", "occurred_at": desk.clock()}
    desk.ingest(webhook(InboundReaction(provider_id="r1", **heart)))
    desk.ingest(webhook(InboundReaction(provider_id="r2", removed=True, **heart)))
    edited: list[Part] = [TextPart(text="edited")]
    desk.ingest(webhook(InboundEdit(provider_id="e1", external_id="first", parts=edited, occurred_at=desk.clock())))
    desk.ingest(webhook(InboundDeletion(provider_id="d1", external_id="first", occurred_at=desk.clock())))


def told_states(desk: Desk, conversation_id: str) -> list[dict[str, Any]]:
    """An answer that is sent, and a file that is stored: events that are no entries."""
    answer = desk.answer(conversation_id)
    desk.deliver(conversation_id, answer["sequence"])
    state = desk.state(conversation_id, answer["sequence"])
    told = status_event(Located(conversation_id, answer["sequence"], answer["message_id"]), None, state, SOURCE)
    assert told is not None
    stored = {"state": "stored", "mime_type": "image/png", "size": 3, "sha256": "0" * 64}
    file = media_event(
        conversation_id=conversation_id, sequence=2, media_id="med_1", media=stored, at=desk.clock(), source=SOURCE
    )
    return [_json(told[0]), _json(file)]


def links(desk: Desk) -> None:
    """Bob, who waits in the lounge, turns out to be Ann; and then he does not."""
    desk.write("bob", channel="lounge")
    conversation = desk.conversation("bob", "lounge").conversation_id
    desk.clock.advance(2700)
    rules = {name: each.windows for name, each in CHANNELS.items()}
    assert WindowWatch(desk.store, _NothingDue(), rules.__getitem__, desk.clock)(conversation) == 1
    ann = customer_of(desk, "ann")
    merge(desk, customer_of(desk, "bob", "lounge"), ann)
    desk.write("bob", channel="lounge")
    unlink(desk, ann, named("bob", "lounge"))


class _NothingDue:
    """Stands for the index of conversations that are due."""

    def due(self, at: float, after: str | None, limit: int) -> tuple[list[Any], str | None]:
        return [], None

    def look_again(self, head: Any, at: float) -> None:
        raise AssertionError("nothing is due later")


class _NoKeys:
    def find(self, key_id: str) -> None:
        return None


def test_every_type_of_event_is_written_as_its_struct_says() -> None:
    # Given
    desk = Desk()
    desk.write("ann", provider_id="first")
    conversation = desk.conversation("ann").conversation_id

    # When: everything happens that is told of.
    revisions(desk)
    events = told_states(desk, conversation)
    change_customer(desk.store, desk.store, customer_of(desk, "ann"), CustomerChange(name="Ann"), desk.clock)
    control = Control(desk.store, _NoKeys(), lambda channel: CHANNELS[channel].windows, desk.clock)
    control(conversation, ControlRequest(action="take", as_type="bot"), "key-1")
    gaps = TellGap(
        log=desk.store,
        people=desk.store,
        notices=desk.store,
        connector_of=desk.channels.__getitem__,
        originals=desk.originals,
        clock=desk.clock,
    )
    assert gaps(webhook(text_message("ann", "lost", "lost", occurred_at=desk.clock())), "ValueError") == "entry"
    links(desk)
    desk.change(conversation, ConversationChange(status="closed", tags=["done"]))

    # Then
    events += [_json(entry_event(entry, SOURCE)) for log in desk.store.logs.values() for entry in log]
    for event in events:
        check_event(event)
    assert {event["type"] for event in events} == set(EVENT_TYPES) - NOT_WRITTEN_YET


def test_every_type_has_a_struct_and_every_struct_a_type() -> None:
    assert set(EVENT_DATA) == set(EVENT_TYPES)
    assert all(kind.__doc__ for kind in EVENT_DATA.values())


def _without_author(data: dict[str, Any]) -> None:
    del data["author"]


def _with_more(data: dict[str, Any]) -> None:
    data["undeclared"] = 1


def _of_another_kind(data: dict[str, Any]) -> None:
    data["message_sequence"] = "2"


@pytest.mark.parametrize("damage", [_without_author, _with_more, _of_another_kind])
def test_an_event_that_is_not_as_its_struct_says_is_noticed(damage: Any) -> None:
    data = {
        "message_id": "msg_1",
        "message_sequence": 2,
        "reaction": "❤️",
        "author": {"type": "customer"},
        "occurred_at": "2026-01-01T00:00:00.000Z",
    }
    event = {
        "id": "conv_1:3",
        "source": SOURCE,
        "type": "reaction.added",
        "subject": "conv_1",
        "time": "2026-01-01T00:00:00.000Z",
        "specversion": "1.0",
        "data": data,
    }
    check_event(event)
    damage(data)
    with pytest.raises(ValidationError):
        check_event(event)


def _json(event: Any) -> dict[str, Any]:

    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event))
    return found
