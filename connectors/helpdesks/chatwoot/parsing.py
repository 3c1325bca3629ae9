"""What a webhook of Chatwoot asks for: an agent's answer, one that was deleted, or a conversation that was resolved,
reopened or put off, or got other labels or another priority.

Source: "Webhook events" at chatwoot.com/docs, and ``webhook_data`` in app/models/message.rb and
app/presenters/conversations/event_data_presenter.rb of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.chatwoot.attachments import read_attachments
from connectors.helpdesks.chatwoot.interactive import interactive_parts
from connectors.helpdesks.chatwoot.marks import PRIORITIES, changes_in, is_answer, is_deleted_answer
from connectors.helpdesks.chatwoot.tickets import OURS
from shared.errors import BadRequest
from shared.helpdesk.seam import DeskChange, DeskDeletion, DeskReply

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskAction
    from shared.model.envelope import Envelope

MOST_LABELS = 100
LONGEST_LABEL = 255


def actions_of(envelope: Envelope) -> list[DeskAction]:
    """Raises BadRequest(``malformed``)."""
    try:
        event = json.loads(envelope.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("malformed", "the body is no JSON") from error
    if not isinstance(event, dict):
        raise BadRequest("malformed", "the body is no JSON object")
    match event.get("event"):
        case "message_created":
            return _reply(event)
        case "message_updated":
            deleted = is_deleted_answer(event)
            return [DeskDeletion(_id(event.get("conversation")), _id(event))] if deleted else []
        case "conversation_status_changed":
            return _change(event)
        case "conversation_updated":
            return _labels(event)
        case _:
            return []


def _reply(event: dict[str, Any]) -> list[DeskAction]:
    if not is_answer(event):
        return []
    parts = interactive_parts(event)
    more, files = read_attachments(event.get("attachments"))
    parts += more
    if not parts and not files:
        return []
    sender = event.get("sender")
    name = sender.get("name") if isinstance(sender, dict) else None
    return [
        DeskReply(
            theirs=_id(event.get("conversation")),
            external_id=_id(event),
            parts=parts,
            author_name=name if isinstance(name, str) and name else None,
            files=files,
        )
    ]


def _change(event: dict[str, Any]) -> list[DeskAction]:
    status = OURS.get(str(event.get("status")))
    if status is None:
        return []
    theirs = _id(event)
    changed = event.get("updated_at") or event.get("timestamp")
    return [DeskChange(theirs=theirs, external_id=f"{theirs}:{event['status']}:{changed}", status=status)]


def _labels(event: dict[str, Any]) -> list[DeskAction]:
    """Labels that came and went, for what an agent did not touch stays: Chatwoot does not have every tag of ours."""
    changes = changes_in(event)
    before, after = map(_names, changes.get("label_list", ([], [])))
    added = tuple(name for name in after if name not in before)
    removed = tuple(name for name in before if name not in after)
    priority = changes["priority"][1] or "" if "priority" in changes else None
    if priority not in ("", *PRIORITIES):
        priority = None
    if not added and not removed and priority is None:
        return []
    theirs = _id(event)
    name = f"{theirs}:changed:{event.get('updated_at') or event.get('timestamp')}"
    return [DeskChange(theirs, name, priority=priority, tags_added=added, tags_removed=removed)]


def _names(value: object) -> list[str]:
    names = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return [name for name in names if 0 < len(name) <= LONGEST_LABEL][:MOST_LABELS]


def _id(value: object) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    if type(found) is not int:
        raise BadRequest("malformed", "the webhook has no id where one is expected")
    return str(found)
