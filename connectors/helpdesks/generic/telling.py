"""What happened, told to the helpdesk: every customer, ticket, message and file of ours is made there once.

Before a call that makes something it is noted that it begins, and after it the id is remembered. When a call began and
nobody knows what became of it, the helpdesk is searched first (``find``); without a search it is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.helpdesks.generic.paths import word_at
from connectors.helpdesks.generic.values import event_values, file_values
from shared.model.parts import media_of

if TYPE_CHECKING:
    from connectors.helpdesks.generic.calling import Caller
    from connectors.helpdesks.generic.settings import Settings, StatusTemplate, Template
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext, Kind
    from shared.model.media import Media
    from shared.model.message import Message

LARGEST_FILE = 25 * 1_048_576


class Telling:
    """Brings events into one helpdesk account."""

    def __init__(self, settings: Settings, caller: Caller, context: HelpdeskContext) -> None:
        self._requests = settings.requests
        self._caller = caller
        self._context = context
        self._memory = context.memory

    def message(self, event: DeskEvent) -> None:
        """A message, with the ticket that it opens if there is none, and with its files as far as they are there."""
        message = event.message
        if message is None:
            return
        values = event_values(event)
        values["desk.ticket"] = self._ticket(event.event.subject, message, values)
        told = self._memory.theirs("message", message.id)
        values["desk.message"] = told or self._make("message", message.id, self._requests.message, values)
        self._upload(message, values)

    def files(self, event: DeskEvent) -> None:
        """Files of a message that has been told, once they are in our storage."""
        message, ticket = event.message, self._memory.theirs("conversation", event.event.subject)
        if message is None or ticket is None or message.metadata.get("helpdesk") == self._context.source:
            return
        told = self._memory.theirs("message", message.id)
        if told is not None and self._requests.file is not None:
            self._upload(message, {**event_values(event), "desk.ticket": ticket, "desk.message": told})

    def status(self, event: DeskEvent) -> None:
        """Closes or reopens the ticket, unless it is so already."""
        changes = (event.event.data or {}).get("changes", {})
        template = self._requests.close if changes.get("status") == "closed" else self._requests.reopen
        ticket = self._memory.theirs("conversation", event.event.subject)
        if template is None or ticket is None or changes.get("status") is None:
            return
        values = {**event_values(event), "desk.ticket": ticket}
        if not self._is_so(template, values):
            self._caller.call(template, values)

    def _is_so(self, template: StatusTemplate, values: dict[str, Any]) -> bool:
        return template.unless is not None and self._caller.find(template.unless, values) is not None

    def _ticket(self, conversation_id: str, message: Message, values: dict[str, Any]) -> str:
        known = self._memory.theirs("conversation", conversation_id)
        if known is not None:
            return known
        if self._requests.customer is not None:
            values["desk.customer"] = self._customer(values)
        template = self._requests.conversation
        ticket = self._made("conversation", conversation_id, template, values)
        if template.carries_message:
            # Before the ticket: if we die in between, the search finds the ticket, and the message is not told twice.
            self._memory.remember("message", message.id, f"ticket:{ticket}")
        return self._memory.remember("conversation", conversation_id, ticket)

    def _customer(self, values: dict[str, Any]) -> str:
        known = self._memory.theirs("customer", values["customer.id"])
        if known is not None or self._requests.customer is None:
            return known or ""
        return self._make("customer", values["customer.id"], self._requests.customer, values)

    def _upload(self, message: Message, values: dict[str, Any]) -> None:
        template = self._requests.file
        if template is None:
            return
        for media in (each for part in message.parts for each in media_of(part)):
            if media.media_id is None or not _is_there(media):
                continue
            if self._memory.theirs("file", media.media_id) is None:
                content = self._context.files.read(media, LARGEST_FILE)
                self._make("file", media.media_id, template, {**values, **file_values(media)}, content)

    def _make(
        self, kind: Kind, ours: str, template: Template, values: dict[str, Any], content: bytes | None = None
    ) -> str:
        return self._memory.remember(kind, ours, self._made(kind, ours, template, values, content))

    def _made(
        self, kind: Kind, ours: str, template: Template, values: dict[str, Any], content: bytes | None = None
    ) -> str:
        """The helpdesk's id of something that is there now. Raises DeliveryError."""
        if not self._memory.begin(kind, ours) and template.find is not None:
            found = self._caller.find(template.find, values)
            name = word_at(found, template.find.id)
            if name is not None:
                return name
        if template.id is None:  # nobody asks for the id of a file: that it was taken is enough
            self._caller.call(template, values, content)
            return f"{kind}:{ours}"
        return self._caller.make(template, values, content)


def _is_there(media: Media) -> bool:
    """Whether a file can be read: a customer's once it is stored, an agent's upload at once."""
    return media.state in ("stored", None)
