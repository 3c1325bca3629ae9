"""Our conversations as Chatwoot's, one for one.

The ``source_id`` of a conversation's place in the inbox is our conversation's id, so that several conversations of one
customer stay apart even where the inbox is set to one conversation for each contact. Chatwoot has no key that would
make a call to create one safe to repeat: its custom attribute ``onethread_conversation_id`` tells whether it was made.
Source: developers.chatwoot.com/api-reference, "Conversations" (toggle_status), "Contact Conversations" (the latest 20);
app/builders/contact_inbox_builder.rb and conversation_builder.rb of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from connectors.helpdesks.chatwoot.api import get, send, whole
from connectors.helpdesks.chatwoot.contacts import contact_of
from connectors.helpdesks.chatwoot.settings import setting
from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext
    from shared.model.conversation import ConversationStatus

MARK = "onethread_conversation_id"

Status = Literal["open", "pending", "closed"]

THEIRS: dict[str, str] = {"open": "open", "pending": "pending", "closed": "resolved"}
OURS: dict[str, Status] = {"open": "open", "pending": "pending", "snoozed": "pending", "resolved": "closed"}
"""Chatwoot's ``snoozed`` waits for a time or for the customer: of ours, that is ``pending``."""


def ticket_of(event: DeskEvent, context: HelpdeskContext) -> str:
    """The id of the conversation in Chatwoot (its ``display_id``); made when there is none. Raises DeliveryError."""
    ours = event.event.subject
    known = context.memory.theirs("conversation", ours)
    if known is not None:
        return known
    customer = event.customer()
    looked = not context.memory.begin("conversation", ours)
    for _ in range(2):
        contact = contact_of(customer, context)
        found = _find(ours, contact, context) if looked else None
        found = found or _create(event, contact, context)
        if found is not None:
            return context.memory.remember("conversation", ours, found)
        # The contact was deleted, or merged into another one: the customer gets a new one.
        context.memory.forget("customer", customer.id)
    raise DeliveryError("account", "unknown_inbox", "Chatwoot has no such inbox, or does not show it to this token")


def lost(event: DeskEvent, context: HelpdeskContext) -> None:
    """The conversation was deleted in Chatwoot."""
    context.memory.forget("conversation", event.event.subject)


def keep_status(event: DeskEvent, context: HelpdeskContext) -> None:
    """Chatwoot's conversation gets the status that ours has now. Nothing is made for this. Raises DeliveryError."""
    known = context.memory.theirs("conversation", event.event.subject)
    if known is None:
        return
    status: ConversationStatus = event.conversation().status
    answer = send("POST", f"/conversations/{known}/toggle_status", {"status": THEIRS[status]}, context)
    if not answer.missing:
        answer.success()


def _create(event: DeskEvent, contact: str, context: HelpdeskContext) -> str | None:
    """None when Chatwoot does not know the contact any more, or the inbox."""
    ours = event.event.subject
    content: dict[str, Any] = {
        "inbox_id": int(setting(context.account, "inbox_id")),
        "contact_id": int(contact),
        "source_id": ours,
        "custom_attributes": {MARK: ours},
    }
    if event.conversation().status == "pending":
        content["status"] = "pending"  # of any other, Chatwoot says: an inbox with a bot begins with pending
    answer = send("POST", "/conversations", content, context)
    if answer.status == 422 and "source_id" in str(answer.content.get("error", "")):
        # Its place in the inbox went to another contact when the two were merged.
        answer = send("POST", "/conversations", {**content, "source_id": None}, context)
    return None if answer.missing else whole(answer.success().get("id"))


def _find(ours: str, contact: str, context: HelpdeskContext) -> str | None:
    answer = get(f"/contacts/{contact}/conversations", context)
    if answer.missing:
        return None
    payload = answer.success().get("payload")
    for each in payload if isinstance(payload, list) else []:
        marks = each.get("custom_attributes") if isinstance(each, dict) else None
        if isinstance(marks, dict) and marks.get(MARK) == ours:
            return whole(each.get("id"))
    return None
