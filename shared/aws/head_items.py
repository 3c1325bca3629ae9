"""Conversation heads and log entries as DynamoDB items, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.core.control.parties import Controller, Offer, Party
from shared.core.delivery_state import DeliveryState, Reached, shown_with
from shared.core.records import Entry, Head, NewEntry, RouteName, RouteState, Window

DELIVERY_FIELDS = (
    *("status", "rank", "started", "done", "tries", "error", "at"),
    *("route", "wanted", "leaving", "taken", "ended"),
)


def head_item(head: Head) -> dict[str, Any]:
    """The head, with its place in the inbox. Absent fields are not stored: a small head costs less to write."""
    values: dict[str, Any] = {
        "customer_id": head.customer_id,
        "status": head.status,
        "sequence": head.sequence,
        "created_at": head.created_at,
        "updated_at": head.updated_at,
        # A list, because a map of DynamoDB keeps no order, and the last to write is the first to fall back on.
        "routes": [_route_value(name, route) for name, route in head.routes.items()],
        "active": head.active_identity,
        "tags": list(head.tags) or None,
        "priority": head.priority,
        "assignee": head.assignee,
        "waiting": head.waiting_since,
        "asked": head.asked,
        "due": head.due_at,
        "controller": None if head.controller is None else _controller_value(head.controller),
        "offered": None if head.offered_to is None else _present(asdict(head.offered_to)),
    }
    item = encode_item({name: value for name, value in values.items() if value is not None})
    return {
        **keys.head(head.conversation_id),
        **keys.inbox(head.status, head.updated_at, head.conversation_id),
        **(keys.due(head.due_at, head.conversation_id) if head.due_at is not None else {}),
        **item,
    }


def read_head(item: dict[str, Any]) -> Head:
    values = decode_item(item)
    return Head(
        conversation_id=values["PK"].removeprefix("C#"),
        customer_id=values["customer_id"],
        status=values["status"],
        sequence=values["sequence"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        routes={route["identity"]: _read_route(route) for route in values.get("routes", ())},
        active_identity=values.get("active"),
        tags=tuple(values.get("tags", ())),
        priority=values.get("priority"),
        assignee=values.get("assignee"),
        waiting_since=values.get("waiting"),
        asked=values.get("asked"),
        due_at=values.get("due"),
        controller=_read_controller(values["controller"]) if "controller" in values else None,
        offered_to=Offer(**{"id": None, **values["offered"]}) if "offered" in values else None,
    )


def _route_value(identity_id: str, route: RouteState) -> dict[str, Any]:
    value: dict[str, Any] = {"identity": identity_id, "channel": route.channel, "account": route.account}
    if route.thread_id is not None:
        value["thread"] = route.thread_id
    if route.blocked is not None:
        value["blocked"] = route.blocked
    if route.windows:
        value["windows"] = {name: _window_value(window) for name, window in route.windows.items()}
    if route.shows_from:
        value["shows_from"] = route.shows_from
    if route.latest_at:
        value["latest"] = route.latest_at
    return value


def _window_value(window: Window) -> list[float]:
    short = [window.opened_at, window.used]
    if window.sent_at:
        return [*short, int(window.announced), window.before, *window.sent_at]
    return [*short, 1] if window.announced else short


def _read_route(value: dict[str, Any]) -> RouteState:
    return RouteState(
        channel=value["channel"],
        account=value["account"],
        thread_id=value.get("thread"),
        windows={name: _read_window(*numbers) for name, numbers in value.get("windows", {}).items()},
        blocked=value.get("blocked"),
        shows_from=value.get("shows_from", 0),
        latest_at=value.get("latest", 0.0),
    )


def _controller_value(controller: Controller) -> dict[str, Any]:
    value = asdict(controller)
    return _present({**value.pop("party"), **value})


def _read_controller(value: dict[str, Any]) -> Controller:
    party = Party(value["type"], value["id"])
    return Controller(party, **{name: each for name, each in value.items() if name not in ("type", "id")})


def _present(value: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if each is not None}


def _read_window(opened_at: float, used: float, announced: float = 0, before: float = 0, *sent_at: float) -> Window:
    """Windows that were written without the times of what was sent have used up what they counted when they opened."""
    return Window(opened_at, bool(announced), sent_at or (opened_at,) * int(used), int(before))


def packed(data: dict[str, Any]) -> str:
    """What an entry says, as its item keeps it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def entry_item(conversation_id: str, sequence: int, entry: NewEntry) -> dict[str, Any]:
    """The entry. Everything personal is in ``data``: one JSON text, so that it can be encrypted as one."""
    values: dict[str, Any] = {
        "type": entry.type,
        "at": entry.at,
        "data": packed(entry.data),
        "message_id": entry.message_id,
        "channel": entry.channel,
        "account": entry.account,
        "origin": entry.origin,
        "tasks": list(entry.tasks) or None,
        "media_sources": entry.media_sources or None,
        "fallback": [[each.identity_id, each.channel, each.account] for each in entry.fallback] or None,
        "lossless": entry.lossless or None,
        "unread_after": entry.unread_after,
        "traceparent": entry.traceparent,
    }
    item = encode_item({name: value for name, value in values.items() if value is not None})
    return {**keys.entry(conversation_id, sequence), **item}


def read_entry(item: dict[str, Any]) -> Entry:
    """An entry without the states beside it."""
    values = decode_item(item)
    return Entry(
        conversation_id=values["PK"].removeprefix("C#"),
        sequence=int(values["SK"][2:14]),
        type=values["type"],
        at=values["at"],
        data=json.loads(values["data"]),
        message_id=values.get("message_id"),
        channel=values.get("channel"),
        account=values.get("account"),
        origin=values.get("origin"),
        tasks=tuple(values.get("tasks", ())),
        media_sources=values.get("media_sources", {}),
        fallback=tuple(RouteName(*names) for names in values.get("fallback", ())),
        lossless=values.get("lossless", False),
        unread_after=values.get("unread_after"),
        traceparent=values.get("traceparent"),
    )


def read_delivery(item: dict[str, Any]) -> DeliveryState:
    values = decode_item(item)
    known = {name: values[name] for name in DELIVERY_FIELDS if name in values}
    state = DeliveryState(
        **known, external_ids=tuple(values.get("external_ids", ())), attempts=tuple(values.get("attempts", ()))
    )
    return shown_with(state, Reached(**values["earlier"]) if "earlier" in values else None)
