"""Routes of events: the feed of all conversations, and the log of one."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.api.requests import after, answer, authenticated, fitting, page, page_size, request_of
from functions.bootstrap import environment, objects, store
from shared.core.feed_cursor import LATEST, Cursor
from shared.errors import BadRequest, NotFound
from shared.model.event import EVENT_TYPES, UNSEQUENCED
from shared.model.timestamps import seconds

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

    from shared.core.feed import Feed
    from shared.core.records import Entry
    from shared.core.relay.notifications import Notifications
    from shared.http.request import Request

router = APIGatewayHttpRouter()
FROM_THE_START = "start"


@cache
def _feed() -> Feed:
    from shared.core.feed import Feed

    return Feed(store.conversation_log(), store.active_conversations(), time.time)


@cache
def _notifications() -> Notifications:
    from shared.core.relay.notifications import Notifications

    return Notifications(environment.setting("EVENT_SOURCE"), objects.media_addresses())


@router.get("/events")
def list_feed() -> ApiResponse[str]:
    """The entries of all conversations since a cursor, each at least once, in order in each conversation.

    ``{items, cursor, more}``: without a ``cursor`` from now on, with ``cursor=start`` or ``since`` from then. ``more``
    says that it is worth asking again at once.
    """
    authenticated(router, "read")
    request = request_of(router)
    types = _types(request)
    cursor = _cursor(request)
    if cursor is None:
        return answer({"items": [], "cursor": _feed().beginning().text, "more": False})
    found = _feed()(cursor, page_size(request), lambda entry: not types or entry.type in types)
    items = [shown(entry) for entry in found.entries]
    return answer({"items": items, "cursor": found.cursor.text, "more": found.more})


@router.get("/conversations/<conversation_id>/events")
def list_events(conversation_id: str) -> ApiResponse[str]:
    """The log, which is also the replay of the stream: envelopes by sequence, gap-free."""
    authenticated(router, "read")
    request = request_of(router)
    limit = page_size(request)
    entries = store.conversation_log().entries(conversation_id, after(request), limit)
    if not entries and store.conversation_log().head(conversation_id) is None:
        raise NotFound("unknown_conversation", "there is no such conversation")
    items = fitting([shown(entry) for entry in entries])
    goes_on = len(entries) == limit or len(items) < len(entries)
    return page(items, str(entries[len(items) - 1].sequence) if goes_on else None)


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as an event: a message as it is by now, with short-lived addresses of its files."""
    form: dict[str, Any] = msgspec.to_builtins(_notifications().of_entry(entry).event)
    return form


def _types(request: Request) -> frozenset[str]:
    wanted = frozenset(filter(None, request.query.get("types", "").split(",")))
    unknown = sorted(wanted.difference(EVENT_TYPES))
    if unknown:
        raise BadRequest("bad_parameter", f"there is no event type {unknown[0]}")
    if wanted & UNSEQUENCED:
        raise BadRequest(
            "bad_parameter", f"{min(wanted & UNSEQUENCED)} is no entry of a log: a message shows its state"
        )
    return wanted


def _cursor(request: Request) -> Cursor | None:
    """Where to go on; None for somebody who wants to hear from now on."""
    text, since = request.query.get("cursor", ""), request.query.get("since", "")
    if text and since:
        raise BadRequest("bad_parameter", "give cursor or since, not both")
    if since:
        return _feed().beginning(_time(since))
    if not text:
        return None
    return Cursor.at(0.0) if text == FROM_THE_START else Cursor.read(text)


def _time(text: str) -> float:
    """Raises BadRequest."""
    try:
        # A plus that was not encoded comes as a space.
        at = seconds(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise BadRequest("bad_parameter", "since is a time as in RFC 3339, such as 2026-01-31T08:00:00Z") from error
    if not 0 <= at <= LATEST:
        raise BadRequest("bad_parameter", "since is a time from 1970 to 2100")
    return at
