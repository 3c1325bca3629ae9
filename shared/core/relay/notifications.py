"""What subscribers are told: an entry of the log as an event, and the states beside it as they are by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from shared.core.messages import is_message, read_message
from shared.core.publishing import entry_event, media_event, present_events
from shared.core.records import Located
from shared.core.relay.records import Notification
from shared.model.public import public_form

if TYPE_CHECKING:
    from shared.core.records import Entry
    from shared.core.storage import MediaAddresses
    from shared.model.event import Event

_INTERNAL: Final = frozenset({"at", "key"})
"""What is stored of a file and nobody else's business."""


class Notifications:
    """``source`` is the events' (``urn:onethread:<stack>``)."""

    def __init__(self, source: str, addresses: MediaAddresses) -> None:
        self._source = source
        self._addresses = addresses

    def of_entry(self, entry: Entry) -> Notification:
        """The entry as it reads now; files of a message that are stored have short-lived addresses."""
        event = entry_event(entry, self._source)
        if not is_message(entry):
            return Notification(event, entry)
        message = read_message(entry)
        self._addresses.fill(message, entry)
        data = {**(event.data or {}), "message": public_form(message)}
        return Notification(msgspec.structs.replace(event, data=data), entry, message)

    def states_of(self, entry: Entry) -> list[Event]:
        """What there is to say by now of the states beside an entry, under the same ids as when they changed: how far
        its message is, and what became of its files."""
        located = Located(entry.conversation_id, entry.sequence, entry.message_id)
        told = [] if entry.delivery is None else present_events(located, entry.delivery, self._source)
        files = [
            media_event(
                conversation_id=entry.conversation_id,
                sequence=entry.sequence,
                media_id=media_id,
                media={name: value for name, value in state.items() if name not in _INTERNAL},
                at=state["at"],
                source=self._source,
            )
            for media_id, state in entry.media.items()
        ]
        return [event for event, _ in told] + files
