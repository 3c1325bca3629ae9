"""From the log to the stream: every entry becomes one event, in order per conversation, each under an id that never
changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from shared.core.delivery_state import DeliveryState
from shared.core.messages import is_message, read_message
from shared.model.event import Event
from shared.model.message import STATUS_RANK
from shared.model.public import public_form
from shared.model.timestamps import rfc3339, seconds

if TYPE_CHECKING:
    from shared.core.records import Entry, Located

LARGEST_EVENT = 240_000
"""Bytes. The topic takes 256 KiB with attributes; a larger event goes without its data and says where to read it."""

GOES_ON = ("send", "fallback")
"""The tasks of an event that a message should go on to its next route."""


@dataclass(frozen=True, slots=True)
class Publication:
    """An event on its way to the topic. ``attributes`` are for filters and hold no personal data."""

    group: str
    id: str
    body: str
    attributes: dict[str, str | list[str]]


class Stream(Protocol):
    """The ordered topic."""

    def publish(self, publications: list[Publication]) -> set[str]:
        """Publishes in order; the ids of those that were not taken."""
        ...


def entry_event(entry: Entry, source: str) -> Event:
    """The event of a log entry. ``id`` is derived from its place, so that every delivery carries the same."""
    data: dict[str, Any] = entry.data
    if is_message(entry):
        data = {**entry.data, "message": public_form(read_message(entry))}
    return Event(
        id=f"{entry.conversation_id}:{entry.sequence}",
        specversion="1.0",
        source=source,
        type=entry.type,
        subject=entry.conversation_id,
        time=rfc3339(entry.at),
        datacontenttype="application/json",
        sequence=entry.sequence,
        previous_sequence=entry.sequence - 1,
        traceparent=entry.traceparent,
        data=data,
    )


def status_event(
    message: Located, before: DeliveryState | None, state: DeliveryState, source: str
) -> tuple[Event, tuple[str, ...]] | None:
    """What a change of a message's state has to say to the stream, and its tasks; None when it is nobody's business.

    Told are a status that rises, a route that is left behind, and that somebody has to send the message on. It is not
    a log entry: it names the message's sequence, and carries a rank that only ever goes up.
    """
    told = _told(before or DeliveryState(), state)
    if told is None:
        return None
    suffix, at = told
    goes_on = suffix.startswith("wanted")
    data: dict[str, Any] = {
        "message_id": message.message_id,
        "sequence": message.sequence,
        "status": state.status,
        "rank": STATUS_RANK[state.status],
        "external_ids": list(state.external_ids),
    }
    if state.error is not None:
        data["error"] = state.error
    if state.attempts:
        data["attempts"] = _attempts(state)
    if goes_on and state.leaving is not None:
        data["reason"] = state.leaving["reason"]
    event = _state_event(
        kind="message.status_changed",
        suffix=f"{message.sequence}:{suffix}",
        conversation_id=message.conversation_id,
        at=at,
        data=data,
        source=source,
    )
    return event, GOES_ON if goes_on else ()


def present_events(message: Located, state: DeliveryState, source: str) -> list[tuple[Event, tuple[str, ...]]]:
    """What a state says by now, with tasks, to somebody who may have missed how it came about: which routes were left,
    how far the message is, and that somebody has to send it on."""
    befores = (
        DeliveryState(wanted=state.wanted),
        DeliveryState(wanted=state.wanted, attempts=state.attempts),
        replace(state, wanted=state.route),
    )
    told = [status_event(message, before, state, source) for before in befores]
    return list({each[0].id: each for each in told if each is not None}.values())


def _attempts(state: DeliveryState) -> list[dict[str, Any]]:
    """The routes that the message took, in the form of its attempts: those behind it, and the one that it is on."""
    if state.ended or state.taken is None:
        return list(state.attempts)
    names = {name: state.taken[name] for name in ("identity_id", "channel", "account")}
    return [*state.attempts, {**names, "status": state.status_here}]


def _told(before: DeliveryState, state: DeliveryState) -> tuple[str, float] | None:
    """What is told of a change: the end of the event's id, which is the same for the same change only, and when it
    was."""
    behind = len(state.attempts)
    if state.leaving is not None and state.wanted > max(before.wanted, state.route):
        return f"wanted:{state.wanted}:{state.leaving['reason']}", state.leaving["at"]
    if behind > len(before.attempts):
        return f"queued:{behind}", seconds(state.attempts[-1]["at"])
    if STATUS_RANK[state.status_here] > STATUS_RANK[before.status_here]:
        return f"{state.status_here}:{behind}" if behind else state.status, state.at
    if state.rank > before.rank:
        return f"{state.status}:{behind}:earlier", state.at
    return None


def media_event(
    *, conversation_id: str, sequence: int, media_id: str, media: dict[str, Any], at: float, source: str
) -> Event:
    """A file of a message has been stored, or will never be."""
    data = {"sequence": sequence, "media": {"media_id": media_id, **media}}
    return _state_event(
        kind="message.media_changed",
        suffix=f"{sequence}:{media_id}",
        conversation_id=conversation_id,
        at=at,
        data=data,
        source=source,
    )


def _state_event(
    *, kind: str, suffix: str, conversation_id: str, at: float, data: dict[str, Any], source: str
) -> Event:
    return Event(
        id=f"{conversation_id}:{suffix}",
        specversion="1.0",
        source=source,
        type=kind,
        subject=conversation_id,
        time=rfc3339(at),
        datacontenttype="application/json",
        data=data,
    )


def publication(event: Event, *, channel: str | None, origin: str | None, tasks: tuple[str, ...]) -> Publication:
    """The event as it goes to the topic."""
    body = msgspec.json.encode(event)
    if len(body) > LARGEST_EVENT:
        event = msgspec.structs.replace(event, data=None, dataref=_dataref(event))
        body = msgspec.json.encode(event)
    attributes: dict[str, str | list[str]] = {"type": event.type}
    if channel is not None:
        attributes["channel"] = channel
    if origin is not None:
        attributes["origin"] = origin
    if tasks:
        attributes["tasks"] = list(tasks)
    return Publication(event.subject, event.id, body.decode(), attributes)


def _dataref(event: Event) -> str:
    return f"/v1/conversations/{event.subject}/events?after={(event.sequence or 1) - 1}&limit=1"
