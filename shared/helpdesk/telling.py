"""What each event of the stream asks of a helpdesk that has tickets, contacts and notes.

An adapter says how things are done there (:class:`Ways`), and puts handlers of its own beside or in the place of these
where its helpdesk can do more, or less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.helpdesk.wording import Wording, channel_name

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext
    from shared.model.conversation import Customer
    from shared.model.message import Message

Tell = Callable[["DeskEvent", "HelpdeskContext"], None]


@dataclass(frozen=True, slots=True)
class Ways:
    """How one helpdesk does what events ask for. Everything may be asked for again, and raises DeliveryError."""

    copy_message: Callable[[Message, DeskEvent, HelpdeskContext], object]
    """With the files that are there, and the ticket that it opens."""

    copy_file: Callable[[str, Message, DeskEvent, HelpdeskContext], object]
    """A file that was pending when its message came, by its ``media_id``."""

    note: Callable[[str, DeskEvent, HelpdeskContext], object]
    """Tells agents something about an event, once. Only asked for where the conversation has a ticket."""

    keep_status: Callable[[DeskEvent, HelpdeskContext], object]
    """Gives the ticket the status that the conversation has now. Nothing is made for this."""

    update_customer: Callable[[Customer, HelpdeskContext], object]
    """Brings name and addresses up to date. Nothing is made for a customer who is not there."""

    forget_customer: Callable[[str, DeskEvent, HelpdeskContext], bool]
    """Deletes the customer with that id of ours. False when agents have to do it, who are then asked to."""

    wording: Wording


class Telling:
    """Handlers for the events that every helpdesk hears of."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def handlers(self) -> dict[str, Tell]:
        """By the events' types. Reactions, opened conversations and who is in control are not told."""
        return {
            "message.received": self.message,
            "message.sent": self.message,
            "message.media_changed": self.media,
            "message.status_changed": self.failure,
            "message.edited": self.edited,
            "conversation.updated": self.changed,
            "conversation.closed": self.closed,
            "conversation.channel_switched": self.switched,
            "identity.linked": self.linked,
            "identity.unlinked": self.unlinked,
            "customer.updated": self.customer,
            "customer.erased": self.erased,
            "window.closing": self.closing,
        }

    def message(self, event: DeskEvent, context: HelpdeskContext) -> None:
        if event.message is not None and not _came_from_here(event.message, context):
            self._ways.copy_message(event.message, event, context)

    def media(self, event: DeskEvent, context: HelpdeskContext) -> None:
        if event.message is not None and not _came_from_here(event.message, context):
            self._ways.copy_file(str(_data(event)["media"]["media_id"]), event.message, event, context)

    def failure(self, event: DeskEvent, context: HelpdeskContext) -> None:
        """Agents' own failures are explained by the core; those of others are told here."""
        data, message = _data(event), event.message
        if data["status"] != "failed" or message is None or _came_from_here(message, context):
            return
        channel = channel_name(message.channel.type, context.account)
        self.note("failed", event, context, channel=channel, reason=reason_of(data) or "-")

    def edited(self, event: DeskEvent, context: HelpdeskContext) -> None:
        """Helpdesks keep what was said: a note says what it says now."""
        self.note("edited", event, context, text=str(_data(event)["text"]))

    def changed(self, event: DeskEvent, context: HelpdeskContext) -> None:
        if _data(event).get("changes", {}).get("status") is not None:
            self._ways.keep_status(event, context)

    def closed(self, event: DeskEvent, context: HelpdeskContext) -> None:
        merged = _data(event).get("merged_into")
        if merged is not None:
            ours = str(merged["conversation_id"])
            later = context.memory.theirs("conversation", ours)
            self.note("merged", event, context, conversation=ours if later is None else f"#{later}")
        self._ways.keep_status(event, context)

    def switched(self, event: DeskEvent, context: HelpdeskContext) -> None:
        data = _data(event)
        before, to = data.get("from"), _route(data["to"], context)
        if before is None:
            self.note("switched", event, context, to=to)
        else:
            self.note("switched_from", event, context, to=to, before=_route(before, context))

    def linked(self, event: DeskEvent, context: HelpdeskContext) -> None:
        """What was proven with a link belongs to the customer there as well."""
        data = _data(event)
        identities = ", ".join(_route(each, context) for each in data["identities"])
        self._ways.update_customer(event.customer(), context)
        self.note("linked", event, context, identities=identities, evidence=str(data["link"]["evidence"]))

    def unlinked(self, event: DeskEvent, context: HelpdeskContext) -> None:
        self.note("unlinked", event, context)

    def customer(self, event: DeskEvent, context: HelpdeskContext) -> None:
        self._ways.update_customer(event.customer(), context)

    def erased(self, event: DeskEvent, context: HelpdeskContext) -> None:
        if not self._ways.forget_customer(str(_data(event)["customer"]["id"]), event, context):
            self.note("erased", event, context)

    def closing(self, event: DeskEvent, context: HelpdeskContext) -> None:
        data = _data(event)
        channel = channel_name(str(data["route"]["channel"]), context.account)
        self.note("closing", event, context, channel=channel, closes_at=str(data["closes_at"]))

    def note(self, name: str, event: DeskEvent, context: HelpdeskContext, **values: str) -> None:
        """A sentence at the conversation's ticket; where there is none, nobody is told."""
        if context.memory.theirs("conversation", event.event.subject) is not None:
            self._ways.note(self._ways.wording.sentence(name, context.account, **values), event, context)


def reason_of(data: Mapping[str, Any]) -> str:
    """Why a delivery failed; empty when nobody says."""
    error = data.get("error") or {}
    return str(error.get("title") or error.get("code") or "")


def _data(event: DeskEvent) -> Mapping[str, Any]:
    return event.event.data or {}


def _came_from_here(message: Message, context: HelpdeskContext) -> bool:
    return message.metadata.get("helpdesk") == context.source


def _route(value: Mapping[str, Any], context: HelpdeskContext) -> str:
    return f"{channel_name(str(value['channel']), context.account)} ({value['account']})"
