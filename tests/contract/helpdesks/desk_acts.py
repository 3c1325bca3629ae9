"""What the helpdesks' contract tests do with a stand-in and what they see there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.http.request import Request
from shared.model.event import Event
from tests.support.desks import Connected, StandIn, eventually

MEDIA = "med_01920000-0000-7000-8000-000000000001"


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


def given_a_ticket(provider: StandIn, connected: Connected) -> tuple[str, dict[str, Any]]:
    conversation = connected.write("hello")
    connected.tell(conversation)
    return conversation, ticket_of(provider, connected, conversation)


def state_event(kind: str, like: Event, sequence: int) -> Event:
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
