"""Slack's events as they come, read as far as we need them.

Every member may be anything, or missing: what a member is, is looked at where it is used. ``blocks`` is left unread
until somebody wants it, for it is most of a message and says the same as its text.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

MAXIMUM_ID = 200
"""Slack's ids have about a dozen characters."""

MAXIMUM_RAW = 100_000


class Event(msgspec.Struct):
    """The inner event, and the messages inside a change."""

    type: Any = None
    subtype: Any = None
    channel: Any = None
    channel_type: Any = None
    user: Any = None
    text: Any = None
    ts: Any = None
    event_ts: Any = None
    thread_ts: Any = None
    parent_user_id: Any = None
    bot_id: Any = None
    app_id: Any = None
    team: Any = None
    user_team: Any = None
    source_team: Any = None
    user_profile: Any = None
    files: Any = None
    attachments: Any = None
    edited: Any = None
    deleted_ts: Any = None
    reaction: Any = None
    item: Any = None
    item_user: Any = None
    root: Any = None
    blocks: msgspec.Raw = msgspec.Raw()
    message: Event | None = None
    previous_message: Event | None = None


class Callback(msgspec.Struct):
    """The outer object. ``authorizations`` names one installation of the app that may see the event: ours."""

    type: Any = None
    team_id: Any = None
    enterprise_id: Any = None
    context_team_id: Any = None
    api_app_id: Any = None
    event_id: Any = None
    is_ext_shared_channel: Any = None
    authorizations: Any = None
    minute_rate_limited: Any = None
    event: Event | None = None


_READ = msgspec.json.Decoder(Callback).decode
_FAILURES = (msgspec.MsgspecError, ValueError, RecursionError)


def read_callback(body: bytes) -> Callback | None:
    """The event in a request; None when it is not one. Halves of surrogate pairs and broken UTF-8 are replaced."""
    try:
        return _READ(body)
    except _FAILURES:
        pass_on = _repaired(body)
    if pass_on is None:
        return None
    try:
        return _READ(pass_on)
    except _FAILURES:
        return None


def read_object(text: str) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    body = _repaired(text.encode("utf-8", "replace"))
    try:
        value = msgspec.json.decode(body) if body is not None else None
    except _FAILURES:
        return {}
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def member(value: Any, name: str) -> dict[str, Any]:
    """An object inside an object; an empty one when there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def text_of(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def identifier(value: Any) -> str:
    """An id of Slack's; empty when it is none."""
    return value if isinstance(value, str) and len(value) <= MAXIMUM_ID else ""


def seconds(timestamp: Any, otherwise: float) -> float:
    """A ``ts`` as a time. As a name it stays text: its digits are exact, a float's are not."""
    try:
        value = float(timestamp) if isinstance(timestamp, str) else otherwise
    except ValueError:
        return otherwise
    return value if 0 < value < 253_402_300_799 else otherwise


def raw_text(body: bytes) -> str:
    """A payload to be kept as it came."""
    return body[:MAXIMUM_RAW].decode("utf-8", "replace")


def _repaired(body: bytes) -> bytes | None:
    try:
        value = json.loads(body.decode("utf-8", "replace"))
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None
