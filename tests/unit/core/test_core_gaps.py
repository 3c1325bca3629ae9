"""Given something that could not be stored, when it is set aside, then the conversation that misses it says so, or,
where nobody knows which that is, a notice about the account."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.conversations import ConversationChange
from shared.core.gaps import TellGap
from shared.errors import InfrastructureError
from shared.model.envelope import Envelope
from shared.model.inbound import AccountNotice, InboundEdit, InboundEvent, InboundReceipt, InboundTyping
from shared.model.parts import TextPart
from shared.model.value import replace
from tests.support.channels import sender, text_message, webhook
from tests.support.stores import START
from tests.unit.core.desk import Desk


class Bench(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.tell = TellGap(
            log=self.store,
            people=self.store,
            notices=self.store,
            connector_of=self.channels.__getitem__,
            originals=self.originals,
            clock=self.clock,
            sleep=self.pauses.append,
        )

    def gaps(self, name: str = "ann") -> list[dict[str, Any]]:
        log = self.store.logs[self.conversation(name).conversation_id]
        return [entry.data for entry in log if entry.type == "conversation.gap"]


@pytest.fixture
def desk() -> Bench:
    made = Bench()
    made.write("ann", provider_id="first")
    return made


def test_a_gap_is_an_entry_of_the_senders_conversation_without_what_was_said(desk: Bench) -> None:
    before = desk.conversation("ann")
    assert desk.tell(webhook(text_message("ann", "poison", "secret")), "KeyError") == "entry"
    (gap,) = desk.gaps()
    assert gap == {
        "conversation": {"id": before.conversation_id},
        "channel": "letters",
        "account": "main",
        "received_at": "2027-01-15T08:00:00.000Z",
        "reason": "KeyError",
        "where": "inbound",
    }
    entry = desk.store.logs[before.conversation_id][-1]
    assert (entry.sequence, entry.channel, entry.account) == (before.sequence + 1, "letters", "main")


def test_the_same_event_is_told_once_however_often_it_is_set_aside(desk: Bench) -> None:
    poison, other = (webhook(text_message("ann", name)) for name in ("poison", "other"))
    for envelope in (poison, poison, other, poison):
        desk.tell(envelope, "KeyError")
    assert len(desk.gaps()) == 2


def test_of_several_events_those_that_are_stored_leave_no_gap(desk: Bench) -> None:
    desk.write("bob", provider_id="bob-1")
    events: list[InboundEvent] = [text_message("bob", "bob-1"), text_message("ann", "poison")]
    desk.tell(webhook(events), "KeyError")
    assert (len(desk.gaps("ann")), len(desk.gaps("bob"))) == (1, 0)


@pytest.mark.parametrize(
    "event",
    [
        InboundEdit(provider_id="e", external_id="first", parts=[TextPart(text="x")], occurred_at=START),
        InboundReceipt(status="read", occurred_at=START, external_id="first"),
    ],
)
def test_what_names_a_message_belongs_to_its_conversation(desk: Bench, event: InboundEvent) -> None:
    assert desk.tell(webhook(event), "KeyError") == "entry"
    assert len(desk.gaps()) == 1


def test_who_has_a_later_conversation_misses_it_there(desk: Bench) -> None:
    desk.change(desk.conversation("ann").conversation_id, ConversationChange(status="closed"))
    desk.write("ann")
    desk.tell(webhook(text_message("ann", "poison")), "KeyError")
    assert len(desk.gaps()) == 1


@pytest.mark.parametrize(
    "event",
    [
        text_message("a stranger", "poison"),
        InboundTyping(sender=sender("ann")),
        InboundReceipt(status="read", occurred_at=START, external_id="never seen"),
        InboundReceipt(status="read", occurred_at=START, sender=sender("ann"), up_to_sequence=2),
        AccountNotice(provider_id="n", name="broadcast", occurred_at=START),
    ],
)
def test_what_belongs_to_no_known_conversation_is_a_notice(desk: Bench, event: InboundEvent) -> None:
    assert desk.tell(webhook(event), "KeyError") == "notice"
    assert desk.gaps() == []
    (notice,) = desk.store.notices
    assert (notice.name, notice.occurred_at, notice.data["reason"]) == ("gap", START, "KeyError")


def test_what_cannot_even_be_read_is_a_notice(desk: Bench) -> None:
    assert desk.tell(Envelope("letters", "main", START, b"no JSON"), "DecodeError") == "notice"


def test_a_closed_conversation_is_left_as_it_is(desk: Bench) -> None:
    desk.change(desk.conversation("ann").conversation_id, ConversationChange(status="closed"))
    assert desk.tell(webhook(text_message("ann", "poison")), "KeyError") == "notice"


def test_mail_is_read_from_where_it_lies(desk: Bench) -> None:
    envelope = webhook(text_message("ann", "poison"))
    desk.originals.kept["mail/1"] = envelope.body
    assert desk.tell(replace(envelope, body=b"", stored="mail/1"), "KeyError") == "entry"


def test_a_store_that_fails_is_not_taken_for_a_stranger(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(envelope: Envelope) -> list[InboundEvent]:
        raise InfrastructureError("down")

    monkeypatch.setattr(desk.channels["letters"], "parse", parse)
    with pytest.raises(InfrastructureError):
        desk.tell(webhook(text_message("ann", "poison")), "KeyError")
