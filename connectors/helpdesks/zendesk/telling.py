"""What each event of the stream becomes in Zendesk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.zendesk import tickets, users
from connectors.helpdesks.zendesk.copying import copy_file, copy_message
from connectors.helpdesks.zendesk.wording import channel_name, sentence

if TYPE_CHECKING:
    from shared.helpdesk import DeskEvent, HelpdeskContext


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
    """Zendesk shows no receipts, so only failures are told. Agents' own are explained by the core; those of others are
    told here."""
    message, error = event.message, data.get("error") or {}
    if data["status"] != "failed" or message is None or message.metadata.get("helpdesk") == context.source:
        return
    channel = channel_name(message.channel.type, context.account)
    reason = str(error.get("title") or error.get("code") or "-")
    tickets.note(sentence("failed", context.account, channel=channel, reason=reason), event, context)


def _edited(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    tickets.note(sentence("edited", context.account, text=str(data["text"])), event, context)


def _deleted(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    """What a comment says can only be taken out by people, who mark it in the agent's view."""
    tickets.note(sentence("deleted", context.account), event, context)


def _changed(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    if data.get("changes", {}).get("status") is not None:
        tickets.keep_status(event, context)


def _closed(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    merged = data.get("merged_into")
    if merged is not None:
        later = context.memory.theirs("conversation", str(merged["conversation_id"]))
        name = f"#{later}" if later is not None else str(merged["conversation_id"])
        tickets.note(sentence("merged", context.account, conversation=name), event, context)
    tickets.keep_status(event, context)


def _switched(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    before, to = data.get("from"), _route(data["to"], context)
    if before is None:
        text = sentence("switched", context.account, to=to)
    else:
        text = sentence("switched_from", context.account, to=to, before=_route(before, context))
    tickets.note(text, event, context)


def _linked(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    """What was proven with a link belongs to the user as well."""
    identities = ", ".join(_route(each, context) for each in data["identities"])
    evidence = str(data["link"]["evidence"])
    users.update_user(event.customer(), context)
    tickets.note(sentence("linked", context.account, identities=identities, evidence=evidence), event, context)


def _unlinked(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    tickets.note(sentence("unlinked", context.account), event, context)


def _customer(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    users.update_user(event.customer(), context)


def _erased(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    """Where the user cannot be deleted, an agent is asked to."""
    if not users.delete_user(str(data["customer"]["id"]), context):
        tickets.note(sentence("erased", context.account), event, context)


def _closing(event: DeskEvent, data: dict[str, Any], context: HelpdeskContext) -> None:
    channel, closes_at = channel_name(str(data["route"]["channel"]), context.account), str(data["closes_at"])
    tickets.note(sentence("closing", context.account, channel=channel, closes_at=closes_at), event, context)


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
"""Every event that Zendesk hears of. Reactions, opened conversations and who is in control are not told."""
