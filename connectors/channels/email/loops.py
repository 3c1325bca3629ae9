"""The guard against machines that answer each other (RFC 3834). People are never stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.email.threading import newest_received
from shared.errors import Unprocessable
from shared.model.timestamps import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.message import Message

MOST_AUTOMATIC = 5
AUTOMATIC_SECONDS = 600
_MACHINES = ("bot", "system")


def is_automatic(message: Message) -> bool:
    """Whether no person wrote it."""
    return message.origin in _MACHINES


def refuse_loops(message: Message, earlier: Sequence[Message]) -> None:
    """Raises Unprocessable(``loop_suspected``) for a message of a bot or of the system when a machine wrote the mail
    that it answers, or when five such messages went out in the last ten minutes."""
    if not is_automatic(message):
        return
    received = newest_received(earlier)
    if received is not None and received.email and received.email.get("automatic"):
        raise Unprocessable("loop_suspected", "the newest mail was written by a machine; only a person may answer it")
    since = seconds(message.occurred_at) - AUTOMATIC_SECONDS
    recent = [each for each in earlier if _went_out(each) and seconds(each.occurred_at) > since]
    if len(recent) >= MOST_AUTOMATIC:
        raise Unprocessable("loop_suspected", f"{MOST_AUTOMATIC} automatic mails went out in the last ten minutes")


def _went_out(message: Message) -> bool:
    return is_automatic(message) and message.status != "failed"
