"""Triggers: which of them a change of a ticket sets off, and what their webhook says.

They are the ones that the page about Zendesk gives to its readers, so that what is pasted there is what is tried here.
A placeholder in the body of a webhook becomes plain text, escaped for JSON, and one that is not known to be there
becomes nothing: such is the address of a comment's author. Sources: support.zendesk.com, "Zendesk
Support placeholders reference"; developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from infra.local.providers.zendesk.payloads import attachment_url, shown_time
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.state import Comment, Ticket, TicketStatus, User

PAGE = Path(__file__).parents[4] / "docs" / "helpdesks" / "zendesk-triggers.json"

_LOOP = re.compile(r"\{% for (\w+) in ([\w.]+) %\}(.*?)\{% endfor %\}", re.DOTALL)
_BETWEEN = re.compile(r"\{% if forloop\.last == false %\}(.*?)\{% endif %\}", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@cache
def triggers() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(PAGE.read_bytes())["triggers"]
    return found


def set_off(ticket: Ticket, before: TicketStatus | None, comment: Comment | None, user: User) -> list[str]:
    """The bodies, still with their placeholders, of the webhooks that a change calls. ``before`` is the status that the
    ticket had, or None when the change made it."""

    def holds(condition: Mapping[str, str]) -> bool:
        value = condition["value"]
        match condition["field"], condition["operator"]:
            case "update_type", "is":
                return value == ("Create" if before is None else "Change")
            case "current_tags", "includes":
                return bool(set(value.split()) & set(ticket.tags))
            case "comment_is_public", "is":
                return comment is not None and comment.public is (value == "true")
            case "role", "is":
                return value == ("end_user" if user.role == "end-user" else "agent")
            case "status", "value":
                return before != ticket.status == value
            case _:
                raise ValueError(f"the stand-in does not know the condition {condition}")

    called = []
    for trigger in triggers():
        every, some = trigger["conditions"]["all"], trigger["conditions"]["any"]
        if all(map(holds, every)) and (not some or any(map(holds, some))):
            called += [action["value"][1] for action in trigger["actions"]]
    return called


def filled_in(body: str, service: Service, ticket: Ticket, user: User) -> str:
    """A webhook's body with what its placeholders stand for; an unknown one is nothing."""
    values = {"ticket": _ticket(service, ticket), "current_user": _person(user)}

    def loop(match: re.Match[str]) -> str:
        name, path, inner = match.groups()
        items = _found(path, values) or []
        said = [_fill(_BETWEEN.sub(r"\1", inner), {**values, name: item}) for item in items[:-1]]
        said += [_fill(_BETWEEN.sub("", inner), {**values, name: item}) for item in items[-1:]]
        return "".join(said)

    return _fill(_LOOP.sub(loop, body), values)


def _fill(text: str, values: Mapping[str, Any]) -> str:
    return _PLACEHOLDER.sub(lambda match: json.dumps(str(_found(match[1], values) or ""))[1:-1], text)


def _found(path: str, values: Any) -> Any:
    for name in path.split("."):
        values = values.get(name) if isinstance(values, Mapping) else None
    return values


def _ticket(service: Service, ticket: Ticket) -> dict[str, Any]:
    said = [each for each in ticket.comments if each.public]
    return {
        "id": ticket.id,
        "external_id": ticket.external_id,
        "requester": _person(service.state.users[str(ticket.requester_id)]),
        "latest_public_comment": _comment(service, said[-1]) if said else {},
    }


def _comment(service: Service, comment: Comment) -> dict[str, Any]:
    author = service.state.users[str(comment.author_id)]
    files = [{"url": attachment_url(service, each), "filename": each.name} for each in comment.attachments]
    return {
        "id": comment.id,
        "created_at_with_time": shown_time(comment.created_at),
        "author": {"id": author.id, "name": author.name},
        "value": comment.body,
        "attachments": files,
    }


def _person(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "email": next(iter(user.emails), "")}
