"""Tags and priority, which Chatwoot calls labels and priority.

A call with labels puts them in the place of those that are there, and newer versions leave out what the account has no
label for. Their names are lower case: letters, digits, ``-`` and ``_``. Sources: developers.chatwoot.com/api-reference,
"Conversation Labels" and "Toggle Priority"; app/controllers/concerns/label_concern.rb, app/models/label.rb and
``toggle_priority`` in app/models/conversation.rb of github.com/chatwoot/chatwoot (no priority empties it).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.chatwoot.api import send
from connectors.helpdesks.chatwoot.marks import PRIORITIES

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext

_LABEL = re.compile(r"[^\W_][\w-]*")


def keep_labels(event: DeskEvent, context: HelpdeskContext) -> None:
    """Chatwoot's conversation gets the tags that ours has now, as far as they can be labels. Nothing is made for this.
    Raises DeliveryError."""
    tags = (tag.lower() for tag in event.conversation().tags)
    _change(event, context, "labels", {"labels": [tag for tag in tags if _LABEL.fullmatch(tag)]})


def keep_priority(event: DeskEvent, context: HelpdeskContext) -> None:
    """The same with the priority. One that Chatwoot does not have is not told. Raises DeliveryError."""
    ours = event.conversation().priority
    if ours is None or ours.lower() in PRIORITIES:
        _change(event, context, "toggle_priority", {"priority": None if ours is None else ours.lower()})


def _change(event: DeskEvent, context: HelpdeskContext, what: str, content: dict[str, Any]) -> None:
    known = context.memory.theirs("conversation", event.event.subject)
    if known is None:
        return
    answer = send("POST", f"/conversations/{known}/{what}", content, context)
    if not answer.missing:
        answer.success()
