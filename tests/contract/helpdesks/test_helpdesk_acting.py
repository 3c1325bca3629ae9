"""Given a ticket, when agents do something there, then it comes back once, and nothing goes round in circles."""

from __future__ import annotations

import base64
from functools import partial

import pytest

from shared.core.conversations import ConversationChange
from shared.core.messages import read_message
from shared.core.publishing import entry_event
from tests.contract.helpdesks.desk_acts import (
    carried_out,
    given_a_ticket,
    notes,
    reply,
    state_event,
    texts,
    ticket_of,
    webhooks_of,
)
from tests.support.desks import Connected, Mortal, StandIn, eventually
from tests.support.providers import PNG


def test_a_public_answer_becomes_one_reply_however_often_it_comes(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    requests = reply(provider, ticket, "An answer", author="Ada")
    carried_out(connected, requests)
    carried_out(connected, requests)
    assert connected.messages(conversation) == ["An answer"]
    message = read_message(connected.desk.store.logs[conversation][-1])
    assert (message.author.type, message.author.name) == ("agent", "Ada")
    assert message.metadata["helpdesk"] == f"{provider.name}/main"


@pytest.mark.parametrize("takes_effect", [True, False], ids=["after", "before"])
def test_whoever_dies_while_acting_sends_one_reply(provider: StandIn, connected: Connected, takes_effect: bool) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    requests = reply(provider, ticket, "An answer")
    start = connected.life = Mortal()
    carried_out(connected, requests)
    sent = 1
    for step in range(1, start.steps + 1):
        requests = reply(provider, ticket, f"Answer {step}")
        connected.life = Mortal(step, takes_effect)
        carried_out(connected, requests)
        sent += 1
        assert len(connected.messages(conversation)) == sent, f"step {step}"


def test_a_note_among_agents_stays_among_them(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    provider.webhooks.clear()
    provider.act("replies", {"ticket": ticket["id"], "text": "do not tell the customer", "public": False})
    provider.act("replies", {"ticket": ticket["id"], "text": "tell the customer"})
    eventually(lambda: any(b'"tell the customer' in each.body for each in provider.webhooks))
    carried_out(connected, list(provider.webhooks))
    assert connected.messages(conversation) == ["tell the customer"]


def test_what_came_from_the_helpdesk_is_not_put_there_again(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    carried_out(connected, reply(provider, ticket, "An answer"))
    # The worst moment: the reply is in the log, and whoever put it there died before noting whose it was.
    connected.memory.pairs = {key: theirs for key, theirs in connected.memory.pairs.items() if key[0] != "message"}
    connected.tell(conversation)
    assert len(texts(ticket_of(provider, connected, conversation))) == 2


def test_what_we_have_put_there_is_not_taken_for_an_answer_even_when_its_webhook_is_first(
    provider: StandIn, connected: Connected
) -> None:
    conversation, _ = given_a_ticket(provider, connected)
    connected.desk.answer(conversation, "an answer from elsewhere")
    connected.tell(conversation)
    before = len(connected.desk.store.logs[conversation])
    for kind in ("message",):
        # The worst moment: the helpdesk has it, and we have not noted so yet.
        connected.memory.back = {key: value for key, value in connected.memory.back.items() if key[0] != kind}
    carried_out(connected, list(provider.webhooks))
    assert len(connected.desk.store.logs[conversation]) == before


def test_closing_and_reopening_there_keep_step_here_and_go_no_further(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    for status in ("closed", "open"):
        change = {"ticket": ticket["id"], "status": status}
        carried_out(connected, webhooks_of(provider, partial(provider.act, "statuses", change)))
        assert connected.desk.store.heads[conversation].status == status
    provider.act("requests", method="DELETE")
    connected.tell(conversation)
    written = [each["method"] for each in provider.act("requests", method="GET")["items"] if each["method"] != "GET"]
    assert written == []


def test_an_agents_file_reaches_the_customer(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    file = {"name": "terms.png", "type": "image/png", "content": base64.b64encode(PNG).decode()}
    requests = reply(provider, ticket, "The terms", files=[file])
    carried_out(connected, requests)
    # Whoever died before noting it comes again: it is the same file, and the same reply.
    connected.memory.back = {key: ours for key, ours in connected.memory.back.items() if key[0] != "message"}
    carried_out(connected, requests)
    assert len(connected.messages(conversation)) == 1
    message = read_message(connected.desk.store.logs[conversation][-1])
    kinds = [part.__struct_config__.tag for part in message.parts]
    assert kinds == ["text", "image"]
    (stored,) = [each for key, each in connected.bucket.files.items() if key.startswith("uploads/_agents/")]
    assert stored[0] == PNG


def test_an_answer_that_is_refused_is_explained_at_the_ticket_once(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    requests = reply(provider, ticket, "Too late")
    connected.desk.change(conversation, ConversationChange(status="closed"))
    for _ in range(2):
        carried_out(connected, requests)
    assert connected.messages(conversation) == []
    (note,) = notes(ticket_of(provider, connected, conversation))
    assert "conversation_closed" in note


def test_an_answer_that_fails_later_is_explained_at_the_ticket_once(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    carried_out(connected, reply(provider, ticket, "An answer"))
    entry = connected.desk.store.logs[conversation][-1]
    event = entry_event(entry, "onethread")
    failed = state_event("message.status_changed", event, entry.sequence)
    (failed.data or {})["status"] = "failed"
    for _ in range(2):
        assert connected.deliver(failed).verdict == "delivered"
    assert len(notes(ticket_of(provider, connected, conversation))) == 1


def test_a_ticket_that_is_not_ours_is_left_alone(provider: StandIn, connected: Connected) -> None:
    conversation, ticket = given_a_ticket(provider, connected)
    requests = reply(provider, ticket, "An answer")
    connected.memory.back.clear()
    assert set(carried_out(connected, requests)) <= {"unknown_ticket", "ignored"}
    assert connected.messages(conversation) == []
