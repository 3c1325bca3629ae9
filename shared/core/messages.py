"""Messages and the log: what of a message is stored in its entry, and a message as it reads with the states beside
it."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.core.delivery_state import DeliveryState
from shared.core.records import Entry
from shared.model.media import Media
from shared.model.message import Attempt, Channel, Degradation, Message, MessageError, Status, decode_message
from shared.model.parts import media_of
from shared.model.text import flatten

_FROM_THE_KEY = ("conversation_id", "sequence", "status")


def stored_form(message: Message) -> dict[str, Any]:
    """The message as its entry keeps it: without what the entry's key, its states or its parts say anyway."""
    value: dict[str, Any] = msgspec.to_builtins(message)
    for name in _FROM_THE_KEY:
        value.pop(name, None)
    if message.text == flatten(message.parts):
        del value["text"]
    return value


def read_message(entry: Entry) -> Message:
    """The message of an entry, with its delivery status and the state of its media as they are now."""
    value = dict(entry.data["message"], conversation_id=entry.conversation_id, sequence=entry.sequence)
    value.setdefault("text", "")
    message = decode_message(value)
    if not message.text:
        message.text = flatten(message.parts)
    for part in message.parts:
        for media in media_of(part):
            _update_media(media, entry.media.get(media.media_id or "", {}))
    if message.direction == "outbound" and message.origin != "echo":
        _update_delivery(message, entry)
    return message


def _update_delivery(message: Message, entry: Entry) -> None:
    state = entry.delivery or DeliveryState()
    message.status = msgspec.convert(state.status, Status)
    message.external_ids = [*message.external_ids, *state.external_ids]
    if state.error is not None:
        message.error = msgspec.convert(state.error, MessageError)
    if state.taken is not None:
        taken = state.taken
        message.identity_id = taken["identity_id"]
        message.channel = Channel(type=taken["channel"], account=taken["account"], thread_id=taken.get("thread_id"))
        message.degradations = msgspec.convert(taken.get("degradations", []), list[Degradation])
    behind = msgspec.convert(state.attempts, list[Attempt]) if state.attempts else message.attempts
    if behind:
        current = [] if state.ended else [current_attempt(message, state.status_here)]
        message.attempts = [*behind, *current]


def current_attempt(message: Message, status: str) -> Attempt:
    """The route that a message is on, as the last of its attempts."""
    return Attempt(
        identity_id=message.identity_id,
        channel=message.channel.type,
        account=message.channel.account,
        status=msgspec.convert(status, Status),
    )


def _update_media(media: Media, state: dict[str, Any]) -> None:
    for name, value in state.items():
        if name in Media.__struct_fields__:
            setattr(media, name, value)


def is_message(entry: Entry) -> bool:
    """Whether the entry is a message, as opposed to something that happened to the conversation."""
    return entry.type in ("message.received", "message.sent")
