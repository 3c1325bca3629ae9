"""What a webhook of our triggers asks for: an agent's answer, a ticket that was solved, reopened or put off, or an
answer that solves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.helpdesks.zendesk.attachments import read_files
from connectors.helpdesks.zendesk.marks import answer_in, comment_id, is_our_doing, read_body, ticket_id
from connectors.helpdesks.zendesk.statuses import OURS
from shared.helpdesk.seam import DeskChange, DeskReply

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskAction
    from shared.model.envelope import Envelope
    from shared.ports.accounts import Account


def actions_of(envelope: Envelope, account: Account) -> list[DeskAction]:
    """In the order in which the conversation is open for the answer. Zendesk promises none among webhooks, so that of a
    status has the latest answer with it: what has been sent is known by its id. Raises BadRequest(``malformed``)."""
    event = read_body(envelope.body)
    ticket = ticket_id(event)
    if is_our_doing(event, account):
        return []
    comment, status = answer_in(event, account), OURS.get(str(event.get("status", "")))
    replies = [] if comment is None else _reply(ticket, event, comment)
    if status is None:
        return replies
    change = DeskChange(theirs=ticket, external_id=f"{ticket}:{event['status']}", status=status)
    return [*replies, change] if status == "closed" else [change, *replies]


def _reply(ticket: str, event: dict[str, Any], comment: dict[str, Any]) -> list[DeskAction]:
    text, name = comment.get("text"), comment["author"].get("name")
    words = text.strip() if isinstance(text, str) else ""
    parts = [{"type": "text", "text": words}] if words else []
    files = read_files(comment.get("files"))
    if not parts and not files:
        return []
    return [
        DeskReply(
            theirs=ticket,
            external_id=comment_id(event, comment),
            parts=parts,
            author_name=name if isinstance(name, str) and name else None,
            files=files,
        )
    ]
