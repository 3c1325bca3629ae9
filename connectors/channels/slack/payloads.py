"""Slack's events as they come, read as far as we need them.

Every member may be missing, and one that is not what it should be counts as missing. ``blocks`` is left unread until
somebody wants it, for it is most of a message and says the same as its text.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

MAXIMUM_ID = 200
"""Slack's ids have about a dozen characters."""

MAXIMUM_RAW = 100_000
_YEAR_10000 = 253_402_300_799.0


Id = Annotated[str, msgspec.Meta(max_length=MAXIMUM_ID)]


class Event(msgspec.Struct, gc=False):
    """The inner event, and the messages inside a change.

    Of the texts that every message has, those that are compared alone, or measured where names are made of them, are
    plain: measuring each while it is read costs as much as a quarter of all the reading.
    """

    type: str | None = None
    user: str | None = None
    text: str | None = None
    ts: str | None = None
    team: Id | None = None
    blocks: msgspec.Raw = msgspec.Raw()
    channel: str | None = None
    event_ts: str | None = None
    channel_type: str | None = None
    thread_ts: Id | None = None
    parent_user_id: Id | None = None
    subtype: Id | None = None
    user_team: Id | None = None
    source_team: Id | None = None
    bot_id: Id | None = None
    user_profile: dict[str, Any] | None = None
    files: list[Any] | None = None
    attachments: list[Any] | None = None
    deleted_ts: Id | None = None
    reaction: Id | None = None
    item: dict[str, Any] | None = None
    item_user: Id | None = None
    root: dict[str, Any] | None = None
    message: Event | None = None
    previous_message: Event | None = None


class Installation(msgspec.Struct, gc=False):
    """Where the app is installed, and who it is there, as far as Slack says."""

    enterprise_id: Id | None = None
    team_id: Id | None = None
    user_id: str | None = None
    is_bot: bool | None = None
    is_enterprise_install: bool | None = None

    @property
    def bot_user(self) -> str:
        return (self.user_id or "") if self.is_bot else ""

    @property
    def organisation(self) -> str:
        """The organisation, when the app is installed in all of it."""
        return (self.enterprise_id or "") if self.is_enterprise_install else ""

    def is_home(self, team: str) -> bool:
        return team != "" and team in (self.team_id, self.organisation)

    def scope(self, team: str) -> str:
        """What a user's id is unique in: the user's workspace, or our whole organisation when the app is installed in
        all of it."""
        if self.is_enterprise_install and (not team or self.is_home(team)):
            return self.organisation or self.team_id or ""
        return team or self.team_id or ""


class Callback(msgspec.Struct, gc=False):
    """The outer object. ``authorizations`` names one installation of the app that may see the event: ours."""

    team_id: Id | None = None
    event: Event | None = None
    type: str | None = None
    event_id: str | None = None
    authorizations: list[Installation] | None = None
    is_ext_shared_channel: bool | None = None
    minute_rate_limited: int | None = None


_READ = msgspec.json.Decoder(Callback).decode
_FAILURES = (msgspec.MsgspecError, ValueError, RecursionError)


def read_callback(body: bytes) -> Callback | None:
    """The event in a request; None when it is not one. What is not of its type is left out; halves of surrogate pairs
    and broken UTF-8 are replaced."""
    try:
        return _READ(body)
    except _FAILURES:
        repaired = _repaired(body)
    try:
        return None if repaired is None else _READ(msgspec.json.encode(_fitting(json.loads(repaired), Callback)))
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


def read_list(json_text: bytes) -> list[dict[str, Any]]:
    """The objects in a JSON list; none for anything else."""
    try:
        return objects(msgspec.json.decode(json_text))
    except _FAILURES:
        return []


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


def seconds(timestamp: str | None, otherwise: float) -> float:
    """A ``ts`` as a time. As a name it stays text: its digits are exact, a float's are not."""
    try:
        value = float(timestamp or otherwise)
    except ValueError:
        return otherwise
    return value if 0.0 < value < _YEAR_10000 else otherwise


def raw_text(body: bytes) -> str:
    """A payload to be kept as it came."""
    return body[:MAXIMUM_RAW].decode("utf-8", "replace")


def _repaired(body: bytes) -> bytes | None:
    try:
        value = json.loads(body.decode("utf-8", "replace"))
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def _fitting(value: Any, kind: type[msgspec.Struct]) -> Any:
    """Those members of an object that are of the type that the struct says."""
    if not isinstance(value, dict):
        return value
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name not in value:
            continue
        nested = next((each for each in get_args(hint) if each in (Event, Callback)), None)
        if nested is not None and isinstance(value[name], dict):
            found[name] = _fitting(value[name], nested)
        elif nested is None and _is(value[name], hint):
            found[name] = value[name]
    return found


def _is(value: Any, hint: Any) -> bool:
    if hint is msgspec.Raw:
        return True
    try:
        msgspec.convert(value, hint)
    except _FAILURES:
        return False
    return True
