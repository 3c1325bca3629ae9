"""What a webhook of our triggers says, and what tells our own doing from agents'. Small, for the ingress needs it.

The body is the one that docs/helpdesks/zendesk-triggers.json gives to Zendesk. ``by`` and ``by_id`` are who made the
change (``current_user``), ``requester`` is the customer. A placeholder that Zendesk does not have is filled with
nothing. Sources: support.zendesk.com, "Zendesk Support placeholders reference" (users, comments); 8x8's guide to its
Zendesk integration (a comment's ``author.id``, ``author.name`` and files). That a comment's author has an ``email`` is
said by other integrations alone: it is used where it is filled in, and nothing depends on it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.zendesk.settings import is_our_agent
from shared.errors import BadRequest

if TYPE_CHECKING:
    from shared.ports.accounts import Account

TAG = "onethread"
"""Every ticket of ours carries it: Zendesk's triggers go by it."""

MARK = "onethread"
"""Every change of ours carries one under this name, in the metadata of its audit."""


def read_body(body: bytes) -> dict[str, Any]:
    """Raises BadRequest(``malformed``). Line ends in texts are taken as they are: whether Zendesk escapes them is
    nowhere said."""
    try:
        value = json.loads(body, strict=False)
    except (ValueError, RecursionError) as error:
        raise BadRequest("malformed", "the body is no JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("malformed", "the body is no JSON object")
    return value


def ticket_id(event: dict[str, Any]) -> str:
    """Raises BadRequest(``malformed``)."""
    found = event.get("ticket")
    if not isinstance(found, str) or not (found.isascii() and found.isdigit()):
        raise BadRequest("malformed", "the webhook names no ticket")
    return found


def is_our_doing(event: dict[str, Any], account: Account) -> bool:
    return is_our_agent(event.get("by"), account)


def answer_in(event: dict[str, Any], account: Account) -> dict[str, Any] | None:
    """The latest public comment, if an agent wrote it: neither the customer, nor we. ``event`` is not our own doing."""
    comment = event.get("comment")
    author = comment.get("author") if isinstance(comment, dict) else None
    if not isinstance(comment, dict) or not isinstance(author, dict):
        return None
    if not author.get("id") or author["id"] == event.get("requester"):
        return None
    is_changers = author["id"] == event.get("by_id")
    is_another_agents = bool(author.get("email")) and not is_our_agent(author["email"], account)
    return comment if is_changers or is_another_agents else None


def comment_id(event: dict[str, Any], comment: dict[str, Any]) -> str:
    """Its id; where Zendesk fills in none, what stays the same of the comment."""
    found = comment.get("id")
    if isinstance(found, str) and found.isascii() and found.isdigit():
        return found
    same = json.dumps([ticket_id(event), comment.get("created_at"), comment.get("text")])
    return f"{ticket_id(event)}:{hashlib.sha256(same.encode()).hexdigest()[:32]}"
