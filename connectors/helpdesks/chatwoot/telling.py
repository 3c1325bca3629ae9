"""What each event of the stream becomes in Chatwoot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.chatwoot import contacts, messages, tickets
from connectors.helpdesks.chatwoot.copying import copy_file, copy_message
from connectors.helpdesks.chatwoot.wording import channel_name, sentence

if TYPE_CHECKING:
    from shared.helpdesk import DeskEvent, HelpdeskContext

TICKS = ("delivered", "read", "failed")


def tell_event(event: DeskEvent, context: HelpdeskContext) -> None:
    """Carries one event out. Raises DeliveryError."""
    TELLING[event.event.type](event, event.event.data or {}, context)


def _message(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    if event.message is not None and event.message.metadata.get("helpdesk") != context.source:
        copy_message(event.message, event, context)


def _media(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    if event.message is not None and event.message.metadata.get("helpdesk") != context.source:
        copy_file(str(data["media"]["media_id"]), event.message, event, context)


def _status(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    """Agents' own failures are explained by the core; those of others are told here."""
    status, error = str(data["status"]), data.get("error") or {}
    reason = str(error.get("title") or error.get("code") or "")
    ticket = context.memory.theirs("conversation", event.event.subject)
    known = context.memory.theirs("message", str(data["message_id"]))
    if ticket is not None and known is not None and status in TICKS:
        messages.show_status(ticket, known, status, reason or None, context)
    message = event.message
    if status == "failed" and message is not None and message.metadata.get("helpdesk") != context.source:
        channel = channel_name(message.channel.type, context.account)
        messages.note(sentence("failed", context.account, channel=channel, reason=reason or "-"), event, context)


def _edited(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    """Chatwoot's messages cannot be changed by its API: a note says what it says now."""
    messages.note(sentence("edited", context.account, text=str(data["text"])), event, context)


def _deleted(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    memory = context.memory
    ticket = memory.theirs("conversation", event.event.subject)
    if ticket is None:
        return
    copies = [memory.theirs("message", str(data["message_id"]))]
    copies += [memory.theirs("file", str(each)) for each in data.get("media_ids", [])]
    for copy in copies:
        if copy is not None and copy.isdigit():
            messages.delete(ticket, copy, context)


def _changed(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    if data.get("changes", {}).get("status") is not None:
        tickets.keep_status(event, context)


def _closed(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    merged = data.get("merged_into")
    if merged is not None and context.memory.theirs("conversation", event.event.subject) is not None:
        later = context.memory.theirs("conversation", str(merged["conversation_id"]))
        name = f"#{later}" if later is not None else str(merged["conversation_id"])
        messages.note(sentence("merged", context.account, conversation=name), event, context)
    tickets.keep_status(event, context)


def _switched(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    before, to = data.get("from"), _route(data["to"], context)
    if before is None:
        text = sentence("switched", context.account, to=to)
    else:
        text = sentence("switched_from", context.account, to=to, before=_route(before, context))
    messages.note(text, event, context)


def _linked(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    identities = ", ".join(_route(each, context) for each in data["identities"])
    evidence = str(data["link"]["evidence"])
    messages.note(sentence("linked", context.account, identities=identities, evidence=evidence), event, context)


def _unlinked(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    messages.note(sentence("unlinked", context.account), event, context)


def _customer(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    contacts.update_contact(event.customer(), context)


def _erased(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    """The contact goes with all its conversations; where the token may not delete it, an agent is asked to."""
    if contacts.delete_contact(str(data["customer"]["id"]), context):
        tickets.lost(event, context)
    elif context.memory.theirs("conversation", event.event.subject) is not None:
        messages.note(sentence("erased", context.account), event, context)


def _closing(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    channel, closes_at = channel_name(str(data["route"]["channel"]), context.account), str(data["closes_at"])
    messages.note(sentence("closing", context.account, channel=channel, closes_at=closes_at), event, context)


def _route(value: dict[str, Any], context: HelpdeskContext) -> str:
    return f"{channel_name(str(value['channel']), context.account)} ({value['account']})"


TELLING: dict[str, Callable[[DeskEvent, dict[str, Any], HelpdeskContext], None]] = {
    "message.received": _message,
    "message.sent": _message,
    "message.media_changed": _media,
    "message.status_changed": _status,
    "message.edited": _edited,
    "message.deleted": _deleted,
    "conversation.updated": _changed,
    "conversation.closed": _closed,
    "conversation.channel_switched": _switched,
    "identity.linked": _linked,
    "identity.unlinked": _unlinked,
    "customer.updated": _customer,
    "customer.erased": _erased,
    "window.closing": _closing,
}
"""Every event that Chatwoot hears of. Reactions, opened conversations and who is in control are not told."""
