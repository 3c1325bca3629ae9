"""What each event of the stream becomes in Chatwoot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.helpdesks.chatwoot.contacts import delete_contact, update_contact
from connectors.helpdesks.chatwoot.copying import copy_file, copy_message
from connectors.helpdesks.chatwoot.labels import keep_labels, keep_priority
from connectors.helpdesks.chatwoot.messages import delete, note, show_status
from connectors.helpdesks.chatwoot.tickets import keep_status, lost
from connectors.helpdesks.chatwoot.wording import WORDING
from shared.helpdesk.telling import Tell, Telling, Ways, reason_of

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext

TICKS = ("delivered", "read", "failed")


def tell_event(event: DeskEvent, context: HelpdeskContext) -> None:
    """Carries one event out. Raises DeliveryError."""
    TELLING[event.event.type](event, context)


def _forget_customer(customer_id: str, event: DeskEvent, context: HelpdeskContext) -> bool:
    """The contact goes with all its conversations."""
    gone = delete_contact(customer_id, context)
    if gone:
        lost(event, context)
    return gone


def _status(event: DeskEvent, context: HelpdeskContext) -> None:
    data = event.event.data or {}
    status = str(data["status"])
    ticket = context.memory.theirs("conversation", event.event.subject)
    known = context.memory.theirs("message", str(data["message_id"]))
    if ticket is not None and known is not None and status in TICKS:
        show_status(ticket, known, status, reason_of(data) or None, context)
    _COMMON.failure(event, context)


def _changed(event: DeskEvent, context: HelpdeskContext) -> None:
    _COMMON.changed(event, context)
    _keep_labels(event, context)


def _closed(event: DeskEvent, context: HelpdeskContext) -> None:
    _COMMON.closed(event, context)
    _keep_labels(event, context)


def _keep_labels(event: DeskEvent, context: HelpdeskContext) -> None:
    changes = (event.event.data or {}).get("changes", {})
    if "tags" in changes:
        keep_labels(event, context)
    if "priority" in changes:
        keep_priority(event, context)


def _deleted(event: DeskEvent, context: HelpdeskContext) -> None:
    data, memory = event.event.data or {}, context.memory
    ticket = memory.theirs("conversation", event.event.subject)
    if ticket is None:
        return
    copies = [memory.theirs("message", str(data["message_id"]))]
    copies += [memory.theirs("file", str(each)) for each in data.get("media_ids", [])]
    for copy in copies:
        if copy is not None and copy.isdigit():
            delete(ticket, copy, context)


_COMMON = Telling(
    Ways(
        copy_message=copy_message,
        copy_file=copy_file,
        note=note,
        keep_status=keep_status,
        update_customer=update_contact,
        forget_customer=_forget_customer,
        wording=WORDING,
    )
)

TELLING: dict[str, Tell] = {
    **_COMMON.handlers(),
    "message.status_changed": _status,
    "message.deleted": _deleted,
    "conversation.updated": _changed,
    "conversation.closed": _closed,
}
"""Every event that Chatwoot hears of."""
