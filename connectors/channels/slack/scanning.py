"""What the webhook has to know of a request whose signature holds: its conversation, its name, and whose it is.

A request is not parsed for that if it can be helped. Inside a JSON text every quote of a customer's is escaped, so
``"channel":"`` with bare quotes is a member and no customer can write one. The last one is the event's own when the
event ends at the next brace and its name follows, as it does; what stands before the first object is the request's.
Requests where it is not so (reactions and shared messages have a ``channel`` deeper down), and forms, are parsed.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

_CHANNEL = b'"channel":"'
_BEFORE_CHANNEL = len(_CHANNEL)
_END_OF_EVENT = b'},"type":"event_callback","event_id":"'
_BEFORE_NAME = len(_END_OF_EVENT)

Outline = tuple[str, str, frozenset[str]]
"""The channel where it happened; Slack's name for the event, empty when it has none; all the workspaces and
organisations that it says it is for, none when it says nothing."""


def outline(body: bytes) -> Outline:
    """The outline of any request, by parsing it."""
    if body[:1] == b"{":
        return _of_event(_parsed(body))
    form = fields(body)
    if "payload" in form:
        return _of_interaction(_parsed(form["payload"]))
    return _of_command(form)


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form; the first of a name counts. Nothing is refused."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        found.setdefault(name, value)
    return found


def scanned(body: bytes, team_id: str) -> tuple[str, str] | None:
    """The channel and Slack's name of an event for the workspace ``team_id`` (empty: for any), where both are beyond
    doubt; None when the request has to be parsed. This is in front of every message: it is a few searches and no more.
    """
    if team_id and body.find(_member_of(team_id), 0, body.find(b"{", 1)) < 0:
        return None
    channel_at = body.rfind(_CHANNEL) + _BEFORE_CHANNEL
    end = body.find(b"}", channel_at)
    if channel_at < _BEFORE_CHANNEL or not body.startswith(_END_OF_EVENT, end):
        return None
    name_at = end + _BEFORE_NAME
    channel, name = body[channel_at : body.find(b'"', channel_at)], body[name_at : body.find(b'"', name_at)]
    if not (channel.isalnum() and name.isalnum()):
        return None
    return channel.decode(), name.decode()


@lru_cache(maxsize=64)
def _member_of(team_id: str) -> bytes:
    """How a request says that it is for this workspace."""
    return b'"team_id":"%b"' % team_id.encode()


def _of_event(value: Any) -> Outline:
    event = _object(value, "event")
    item = _object(event, "item")
    channel = (
        _text(event, "channel")
        or _text(_object(event, "channel"), "id")
        or _text(event, "channel_id")
        or _text(item, "channel")
        or _text(event, "user")
    )
    teams = {_text(value, name) for name in ("team_id", "context_team_id", "enterprise_id", "context_enterprise_id")}
    granted = value.get("authorizations") if isinstance(value, dict) else None
    for each in granted if isinstance(granted, list) else []:
        teams |= {_text(each, "team_id"), _text(each, "enterprise_id")}
    return channel, _text(value, "event_id"), frozenset(teams - {""})


def _of_interaction(value: Any) -> Outline:
    """A click in a channel shared with another workspace may name that one as its team; the message clicked is ours."""
    channel = _text(_object(value, "channel"), "id") or _text(_object(value, "container"), "channel_id")
    teams = {_text(_object(value, name), "id") for name in ("team", "enterprise")}
    teams.add(_text(_object(value, "message"), "team"))
    return channel or _text(_object(value, "user"), "id"), "", frozenset(teams - {""})


def _of_command(form: dict[str, str]) -> Outline:
    teams = {form.get("team_id", ""), form.get("enterprise_id", "")}
    return form.get("channel_id", "") or form.get("user_id", ""), "", frozenset(teams - {""})


def _parsed(text: bytes | str) -> Any:
    """The JSON value; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found[:200] if isinstance(found, str) else ""
