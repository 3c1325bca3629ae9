"""Messages and notes as they are put into Chatwoot, each one once.

Chatwoot has no key that would make a call to create a message safe to repeat (chatwoot/chatwoot#15743). What is put
there carries a mark of ours as its ``source_id``, which is stored as it is and comes back in webhooks and in lists: by
it a message is found again after a call whose outcome nobody knows, and told from what agents write. Sources:
developers.chatwoot.com/api-reference, "Messages"; app/builders/messages/message_builder.rb,
app/finders/message_finder.rb (the latest 20, or 20 before an id) and app/models/message.rb (150000 characters, 15
attachments) of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from connectors.helpdesks.chatwoot.api import get, send, send_form, whole
from connectors.helpdesks.chatwoot.forms import form_with_files
from connectors.helpdesks.chatwoot.marks import MARK
from connectors.helpdesks.chatwoot.tickets import lost, ticket_of
from shared.errors import DeliveryError
from shared.helpdesk.calling import NO_SUCH_ADDRESS

if TYPE_CHECKING:
    from connectors.helpdesks.chatwoot.api import Answer
    from shared.helpdesk.copying import File
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext, Kind

LONGEST_TEXT = 149_000
MOST_FILES = 15
REFUSES_FILES = (413, 422)
PAGES = 5
"""So many pages of 20 are looked through for a message that may have been made: what agents and Chatwoot itself wrote
since the call, for everything of ours waits behind it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted. ``incoming`` is the customer's, ``outgoing`` an answer, ``note`` for agents alone."""

    kind: Literal["incoming", "outgoing", "note"]
    text: str
    files: tuple[File, ...] = ()
    in_reply_to: str | None = None


def place(kind: Kind, ours: str, draft: Callable[[], Draft], event: DeskEvent, context: HelpdeskContext) -> str:
    """Posts a draft in the conversation of an event, unless it is there. Its id. Raises DeliveryError."""
    known = context.memory.theirs(kind, ours)
    if known is not None:
        return known
    looked = not context.memory.begin(kind, ours)
    for _ in range(2):
        ticket = ticket_of(event, context)
        found = _find(ticket, MARK + ours, context) if looked else None
        if found is None:
            answer = _post_bearable(ticket, draft(), MARK + ours, context)
            if answer.missing:
                lost(event, context)
                continue
            found = whole(answer.success().get("id"))
        return context.memory.remember(kind, ours, found)
    raise DeliveryError("retry", "conversation_lost", "Chatwoot does not have the conversation that it has just made")


def note(text: str, event: DeskEvent, context: HelpdeskContext) -> None:
    """Tells agents something about an event, once."""
    place("note", event.event.id, lambda: Draft("note", text), event, context)


def tell(ticket: str, text: str, context: HelpdeskContext) -> None:
    """A note at a conversation that may be gone: then there is nobody to tell."""
    answer = _post(ticket, Draft("note", text), f"{MARK}note", context)
    if not answer.missing:
        answer.success()


def delete(ticket: str, message: str, context: HelpdeskContext) -> None:
    """Takes a message back: Chatwoot leaves a line that says so, and deletes its files."""
    answer = send("DELETE", f"/conversations/{ticket}/messages/{message}", {}, context)
    if not answer.missing:
        answer.success()


def show_status(ticket: str, message: str, status: str, error: str | None, context: HelpdeskContext) -> None:
    """Ticks at an agent's message, or its error. Where a version or a token has no such call, nothing is lost but
    these."""
    content = {"status": status, **({"external_error": error} if error else {})}
    try:
        answer = send("PATCH", f"/conversations/{ticket}/messages/{message}", content, context)
    except DeliveryError as refusal:
        if refusal.error_class == "account" or refusal.code == NO_SUCH_ADDRESS:
            return
        raise
    if answer.status not in (404, 405):
        answer.success()


def _post_bearable(ticket: str, draft: Draft, mark: str, context: HelpdeskContext) -> Answer:
    """With its files; without them, but their names, when Chatwoot does not take them."""
    answer = _post(ticket, draft, mark, context)
    if draft.files and answer.status in REFUSES_FILES:
        names = (f"[{file.filename}: not taken by Chatwoot]" for file in draft.files)
        text = "\n\n".join(line for line in (draft.text, *names) if line)
        answer = _post(ticket, Draft(draft.kind, text, in_reply_to=draft.in_reply_to), mark, context)
    return answer


def _post(ticket: str, draft: Draft, mark: str, context: HelpdeskContext) -> Answer:
    path = f"/conversations/{ticket}/messages"
    content: dict[str, Any] = {
        "content": _shortened(draft.text),
        "message_type": "incoming" if draft.kind == "incoming" else "outgoing",
        "private": draft.kind == "note",
        "source_id": mark,
    }
    if not draft.files:
        if draft.in_reply_to is not None:
            content["content_attributes"] = {"in_reply_to": int(draft.in_reply_to)}
        return send("POST", path, content, context)
    fields = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in content.items()]
    if draft.in_reply_to is not None:
        fields.append(("content_attributes[in_reply_to]", draft.in_reply_to))
    return send_form(path, *form_with_files(fields, "attachments[]", draft.files), context)


def _find(ticket: str, mark: str, context: HelpdeskContext) -> str | None:
    """A message by its mark, the latest first."""
    query: dict[str, str] = {}
    for _ in range(PAGES):
        answer = get(f"/conversations/{ticket}/messages", context, query)
        if answer.missing:
            return None
        payload = answer.success().get("payload")
        messages = [each for each in payload if isinstance(each, dict)] if isinstance(payload, list) else []
        for each in messages:
            if each.get("source_id") == mark:
                return whole(each.get("id"))
        if not messages:
            return None
        query = {"before": str(min(int(whole(each.get("id"))) for each in messages))}
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
