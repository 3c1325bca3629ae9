"""What happens to a message after it was written: it is edited, taken back, or reacted to.

Each is an entry of the log of its own. What was edited or taken back is changed in its own entry as well, in the same
transaction, so that nobody who reads the message later sees what it said before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.changes import Change, apply_change
from shared.core.messages import is_message
from shared.core.records import Entry, Head, Located, NewEntry, Reference, Rewrite
from shared.model.inbound import InboundDeletion, InboundEdit, InboundReaction
from shared.model.message import decode_message
from shared.model.parts import media_of
from shared.model.text import flatten
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog
    from shared.model.envelope import Envelope
    from shared.model.media import Media
    from shared.ports.clock import Clock

Revision = InboundEdit | InboundDeletion | InboundReaction

_GONE = ("text", "email", "reply_to", "degradations", "language")
"""What of a message goes with its parts when it is taken back."""


class Revise:
    """Writes down what became of a message; the same event twice is written once."""

    def __init__(self, log: ConversationLog, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._log = log
        self._clock = clock
        self._sleep = sleep

    def __call__(self, event: Revision, envelope: Envelope) -> str:
        """What became of it, in a word. Raises WriteConflict."""
        located = self._log.find(Reference(envelope.channel, envelope.account, event.external_id))
        if located is None or located.message_id is None:
            return "revision_unmatched"
        reference = Reference(envelope.channel, envelope.account, event.provider_id)

        def prepare(head: Head) -> Change | None:
            entry = self._log.entry(located.conversation_id, located.sequence)
            if entry is None or not is_message(entry) or "deleted_at" in entry.data["message"]:
                return None
            written = self._entry(event, entry, located)
            if written is None:
                return None
            new, rewrite = written
            new = replace(new, channel=envelope.channel, account=envelope.account, traceparent=envelope.traceparent)
            following = replace(head, sequence=head.sequence + 1, updated_at=new.at)
            return Change(following, new, reference=reference, rewrite=rewrite)

        apply_change(self._log, located.conversation_id, prepare, self._sleep)
        return "revised"

    def _entry(self, event: Revision, entry: Entry, located: Located) -> tuple[NewEntry, Rewrite | None] | None:
        about = {"message_id": located.message_id, "message_sequence": located.sequence}
        at, now = rfc3339(event.occurred_at), self._clock()
        match event:
            case InboundReaction():
                data = {**about, "reaction": event.reaction, "author": {"type": event.by}, "occurred_at": at}
                kind = "reaction.removed" if event.removed else "reaction.added"
                return NewEntry(type=kind, at=now, data=data, message_id=located.message_id), None
            case InboundEdit():
                return self._edit(event, entry, about, at)
            case InboundDeletion():
                return self._deletion(entry, about, at)

    def _edit(
        self, event: InboundEdit, entry: Entry, about: dict[str, Any], at: str
    ) -> tuple[NewEntry, Rewrite | None] | None:
        stored = entry.data["message"]
        _keep_files(event, _files(stored))
        parts: list[Any] = msgspec.to_builtins(event.parts)
        if parts == stored["parts"]:
            return None
        message = {**stored, "parts": parts, "edited_at": at}
        message.pop("text", None)
        data = {**about, "parts": parts, "text": flatten(event.parts), "edited_at": at}
        new = NewEntry(type="message.edited", at=self._clock(), data=data, message_id=entry.message_id)
        return new, Rewrite(entry.sequence, {**entry.data, "message": message})

    def _deletion(self, entry: Entry, about: dict[str, Any], at: str) -> tuple[NewEntry, Rewrite]:
        stored = entry.data["message"]
        message = {name: value for name, value in stored.items() if name not in _GONE}
        message.update(parts=[], metadata={}, deleted_at=at)
        files = [media.media_id for media in _files(stored) if media.media_id is not None]
        new = NewEntry(
            type="message.deleted",
            at=self._clock(),
            data={**about, "deleted_at": at, **({"media_ids": files} if files else {})},
            message_id=entry.message_id,
            tasks=("media",) if files else (),
        )
        return new, Rewrite(entry.sequence, {**entry.data, "message": message}, forgets_files=True)


def _files(stored: dict[str, Any]) -> list[Media]:
    """The files of a message in its stored form."""
    message = decode_message({**stored, "conversation_id": "", "sequence": 0, "text": ""})
    return [media for part in message.parts for media in media_of(part)]


def _keep_files(event: InboundEdit, before: list[Media]) -> None:
    """Gives the files that an edited message still has the ids they had; they are told by their names, in order."""
    left = list(before)
    for media in (each for part in event.parts for each in media_of(part)):
        same = next((each for each in left if each.filename == media.filename), None)
        if same is not None:
            left.remove(same)
            for name in media.__struct_fields__:
                setattr(media, name, getattr(same, name))
