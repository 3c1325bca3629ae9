"""Every adapter of a helpdesk keeps the same promises, shown on the helpdesk's stand-in: what happens is brought there
once whatever breaks, what agents do comes back once, and nothing goes round in circles."""

from __future__ import annotations

import base64
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors import registry
from shared.core.conversations import ConversationChange
from shared.core.messages import read_message
from shared.core.publishing import entry_event, media_event
from shared.errors import RequestError
from shared.helpdesk import Helpdesk
from shared.http.request import Request
from shared.model.event import EVENT_TYPES, Event
from shared.ports import Ingress
from tests.support.desks import FIXTURES, Connected, Mortal, StandIn, eventually, stand_in
from tests.support.providers import PNG

HELPDESKS = registry.helpdesks()
MEDIA = "med_01920000-0000-7000-8000-000000000001"
TOO_HEAVY_FOR_WEBHOOKS = ("msgspec", "regex", "boto3", "botocore", "requests", "urllib3", "pydantic")


@pytest.fixture(scope="module", params=HELPDESKS)
def provider(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with stand_in(request.param) as running:
        yield running


@pytest.fixture
def connected(provider: StandIn) -> Iterator[Connected]:
    provider.webhooks.clear()
    yield Connected(provider.name, provider.account)
    provider.act("fail", method="DELETE")


def shape(protocol: type) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(protocol).items() if inspect.isfunction(value) and name[0] != "_"}


def ticket_of(provider: StandIn, connected: Connected, conversation_id: str) -> dict[str, Any]:
    """The conversation's ticket, as agents see it."""
    name = connected.memory.theirs("conversation", conversation_id)
    (found,) = [each for each in provider.act("tickets", method="GET")["items"] if each["id"] == name]
    ticket: dict[str, Any] = found
    return ticket


def texts(ticket: dict[str, Any]) -> list[str]:
    return [each["text"] for each in ticket["messages"] if each["public"]]


def notes(ticket: dict[str, Any]) -> list[str]:
    return [each["text"] for each in ticket["messages"] if not each["public"]]


def webhooks_of(provider: StandIn, act: Callable[[], object]) -> list[Request]:
    """The webhooks that an act of an agent causes."""
    provider.webhooks.clear()
    act()
    eventually(lambda: provider.webhooks)
    return list(provider.webhooks)


def carried_out(connected: Connected, requests: list[Request]) -> list[str]:
    return [connected.act(envelope) for request in requests for envelope in connected.envelopes(request)]


def reply(provider: StandIn, ticket: dict[str, Any], text: str, **more: Any) -> list[Request]:
    return webhooks_of(provider, lambda: provider.act("replies", {"ticket": ticket["id"], "text": text, **more}))


# --- shape ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HELPDESKS)
def test_adapter_and_ingress_have_the_methods_of_their_protocols_with_the_same_types(name: str) -> None:
    pairs = [(registry.helpdesk(name), Helpdesk), (registry.helpdesk_ingress(name), Ingress)]
    for given, protocol in pairs:
        for method_name, method in shape(protocol).items():
            assert inspect.signature(getattr(type(given), method_name)) == inspect.signature(method), method_name


@pytest.mark.parametrize("name", HELPDESKS)
def test_the_webhook_side_imports_nothing_heavy(name: str) -> None:
    program = f"import sys, connectors.helpdesks.{name}.ingress; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert set(TOO_HEAVY_FOR_WEBHOOKS) & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", HELPDESKS)
def test_every_helpdesk_brings_a_stand_in_and_asks_for_events_that_there_are(name: str) -> None:
    assert (FIXTURES / name / "contract.json").is_file()
    assert set(registry.helpdesk(name).types) <= set(EVENT_TYPES)


def test_the_account_is_complete_and_an_empty_one_is_not(connected: Connected) -> None:
    assert connected.adapter.validate(connected.account) == []
    assert connected.adapter.validate({}) != []


def test_check_says_that_the_account_works(connected: Connected) -> None:
    assert all(finding.ok for finding in connected.adapter.check(connected.context))


# --- what happens is told there ------------------------------------------------------------------------------------


def test_a_conversation_becomes_one_ticket_with_its_messages_in_order(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("first")
    connected.write('second with "quotes", {braces}, 中文 and\ntwo lines')
    connected.desk.answer(conversation, "an answer from elsewhere")
    connected.tell(conversation)
    shown = texts(ticket_of(provider, connected, conversation))
    assert len(shown) == 3
    for expected, text in zip(["first", "{braces}, 中文", "an answer from elsewhere"], shown, strict=True):
        assert expected in text


def test_what_is_delivered_twice_is_there_once(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    for _ in range(2):
        connected.told.clear()
        connected.tell(conversation)
    assert len(texts(ticket_of(provider, connected, conversation))) == 1


def test_two_conversations_have_two_tickets(provider: StandIn, connected: Connected) -> None:
    first, second = connected.write("from ann"), connected.write("from bob", sender="bob")
    connected.tell(first)
    connected.tell(second)
    tickets = [ticket_of(provider, connected, each) for each in (first, second)]
    assert tickets[0]["id"] != tickets[1]["id"]
    assert [len(texts(each)) for each in tickets] == [1, 1]


@pytest.mark.parametrize("takes_effect", [True, False], ids=["after", "before"])
def test_whoever_dies_at_any_step_leaves_one_ticket_and_one_message(
    provider: StandIn, connected: Connected, takes_effect: bool
) -> None:
    def story(life: Mortal) -> tuple[Connected, str]:
        fresh = Connected(provider.name, provider.account)
        fresh.life = life
        conversation = fresh.write("hello")
        fresh.write("and a second message")
        fresh.tell(conversation)
        return fresh, conversation

    undisturbed = Mortal()
    story(undisturbed)
    assert undisturbed.steps >= 4
    for step in range(1, undisturbed.steps + 1):
        before = {each["id"] for each in provider.act("tickets", method="GET")["items"]}
        fresh, conversation = story(Mortal(step, takes_effect))
        after = provider.act("tickets", method="GET")["items"]
        new = [each for each in after if each["id"] not in before]
        assert len(new) == 1, f"step {step}: {len(new)} tickets"
        assert len(texts(ticket_of(provider, fresh, conversation))) == 2, f"step {step}"


def test_closing_and_reopening_keep_step(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    connected.tell(conversation)
    for status in ("closed", "open"):
        connected.desk.change(conversation, ConversationChange(status=status))
        connected.tell(conversation)
        assert ticket_of(provider, connected, conversation)["status"] == status
        # Whoever died after the call comes again, and the helpdesk may refuse what is so already.
        assert connected.outcome(connected.desk.store.logs[conversation][-1]).verdict == "delivered"


def test_a_file_is_told_of_once_it_is_stored_and_once_only(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("a picture")
    entry = connected.desk.store.logs[conversation][-1]
    pending = {"type": "image", "media": {"media_id": MEDIA, "state": "pending", "filename": "cat.png"}}
    entry.data["message"]["parts"].append(pending)
    connected.tell(conversation)
    assert [each["files"] for each in ticket_of(provider, connected, conversation)["messages"]] == [[]]
    connected.bucket.put(f"media/{conversation}/{MEDIA}", PNG, "image/png", "cat.png")
    entry.media[MEDIA] = {"state": "stored", "mime_type": "image/png", "size": len(PNG), "key": f"media/{MEDIA}"}
    for _ in range(2):
        told = media_event(
            conversation_id=conversation,
            sequence=entry.sequence,
            media_id=MEDIA,
            media={"state": "stored", "mime_type": "image/png", "size": len(PNG)},
            at=connected.desk.clock(),
            source="onethread",
        )
        assert connected.deliver(told).verdict == "delivered"
    ticket = ticket_of(provider, connected, conversation)
    assert [name for each in ticket["messages"] for name in each["files"]] == ["cat.png"]


def test_an_agents_file_goes_with_the_message(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("please send the terms")
    connected.bucket.put(f"uploads/_agents/{MEDIA}", PNG, "image/png", None)
    media = {"media_id": MEDIA, "filename": "terms.png", "declared_mime_type": "image/png"}
    parts = [{"type": "text", "text": "here they are"}, {"type": "image", "media": media}]
    connected.desk.answer(conversation, parts=parts)
    entry = connected.desk.store.logs[conversation][-1]
    entry.media[MEDIA] = {"state": "stored", "mime_type": "image/png", "size": len(PNG)}
    connected.tell(conversation)
    ticket = ticket_of(provider, connected, conversation)
    assert [name for each in ticket["messages"] for name in each["files"]] == ["terms.png"]


def test_a_helpdesk_that_asks_for_time_is_given_it(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    headers = {"Retry-After": "7"}
    provider.act("fail", {"path": _first_path(connected), "http_status": 429, "headers": headers})
    entry = connected.desk.store.logs[conversation][-1]
    outcomes = [connected.outcome(each) for each in connected.desk.store.logs[conversation]]
    refused = [each for each in outcomes if each.verdict != "delivered"]
    assert [(each.verdict, each.status, each.retry_after) for each in refused] == [("retry", 429, 7.0)]
    assert connected.outcome(entry).verdict == "delivered"


def _first_path(connected: Connected) -> str:
    """The path of the first call that a new conversation causes."""
    probe = Connected(connected.helpdesk, connected.account)
    probe.tell(probe.write("probe", sender="probe"))
    return urlsplit(probe.called[0]).path


@pytest.mark.parametrize("status", [500, 502, 503, 403, 404, 422])
def test_no_refusal_ever_loses_an_event(provider: StandIn, connected: Connected, status: int) -> None:
    conversation = connected.write("hello")
    provider.act("fail", {"path": _first_path(connected), "http_status": status})
    entries = connected.desk.store.logs[conversation]
    assert "retry" in [connected.outcome(each).verdict for each in entries]
    connected.tell(conversation)
    assert len(texts(ticket_of(provider, connected, conversation))) == 1


def test_every_event_that_it_asks_for_can_be_delivered(connected: Connected) -> None:
    conversation = connected.write("hello")
    connected.desk.answer(conversation, "hi")
    for status in ("closed", "open"):
        connected.desk.change(conversation, ConversationChange(status=status))
    connected.tell(conversation)
    entry = connected.desk.store.logs[conversation][-3]
    for kind in set(connected.adapter.types) - connected.types:
        event = _state_event(kind, entry_event(entry, "onethread"), entry.sequence)
        assert connected.deliver(event).verdict == "delivered", kind


def _state_event(kind: str, like: Event, sequence: int) -> Event:
    data = {
        "sequence": sequence,
        "message_id": "msg_1",
        "status": "delivered",
        "rank": 4,
        "external_ids": [],
        "media": {"media_id": MEDIA, "state": "expired"},
        "changes": {},
        "text": "as it is now",
        "identities": [],
        "link": {"evidence": "code"},
        "customer": {"id": "cus_nobody"},
        "to": {"identity_id": "idn_1", "channel": "webchat", "account": "main"},
        "route": {"channel": "webchat"},
        "closes_at": like.time,
    }
    return Event(
        id=f"{like.subject}:{kind}",
        source=like.source,
        type=kind,
        subject=like.subject,
        time=like.time,
        specversion="1.0",
        data=data,
    )


# --- what agents do comes back -------------------------------------------------------------------------------------


def given_a_ticket(provider: StandIn, connected: Connected) -> tuple[str, dict[str, Any]]:
    conversation = connected.write("hello")
    connected.tell(conversation)
    return conversation, ticket_of(provider, connected, conversation)


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
    failed = _state_event("message.status_changed", event, entry.sequence)
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


# --- who sent it ---------------------------------------------------------------------------------------------------


def test_a_webhook_that_was_changed_or_not_signed_is_refused(provider: StandIn, connected: Connected) -> None:
    _, ticket = given_a_ticket(provider, connected)
    (request, *_) = reply(provider, ticket, "An answer")
    assert connected.envelopes(request)
    forged = [
        request._replace(body=request.body.replace(b"An answer", b"A forgery")),
        request._replace(headers={"content-type": "application/json"}),
        request._replace(headers={**request.headers, "authorization": "Bearer nobody"}, body=request.body + b" "),
    ]
    for each in forged:
        with pytest.raises(RequestError):
            connected.envelopes(each)
