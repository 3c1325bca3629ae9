"""Our conversations as tickets, one for one: our id is the ticket's ``external_id``.

A ticket begins with a comment: the first message makes it. Zendesk does not keep external ids unique, so a ticket is
looked for before it is made again; the ``Idempotency-Key`` (good for two hours, and for the same content alone) holds
where two calls overlap. A ticket that is closed takes no change: its follow-up goes on. Source:
developer.zendesk.com/api-reference/ticketing/tickets/tickets ("Create Ticket", "Creating a follow-up ticket").
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.helpdesks.zendesk.api import get, send, whole
from connectors.helpdesks.zendesk.comments import add, comment_id_in, comment_of, find, note_of
from connectors.helpdesks.zendesk.marks import MARK, TAG
from connectors.helpdesks.zendesk.settings import NUMBERS
from connectors.helpdesks.zendesk.statuses import CLOSED, OURS, THEIRS
from connectors.helpdesks.zendesk.users import user_of
from connectors.helpdesks.zendesk.wording import WORDING
from shared.errors import DeliveryError
from shared.helpdesk.settings import optional

if TYPE_CHECKING:
    from connectors.helpdesks.zendesk.api import Answer
    from connectors.helpdesks.zendesk.comments import Draft, DraftOf
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext, Kind

WAYS = 5
"""So often a message looks for a place: its ticket may be closed or gone, and its customer too."""

_USER_GONE = ("requester", "author")


class Opening(NamedTuple):
    """Who a new ticket is for, and the closed one that it follows up."""

    user: str
    source: str | None


def place(kind: Kind, ours: str, draft: DraftOf, event: DeskEvent, context: HelpdeskContext) -> None:
    """Says a draft in the ticket of an event, unless it is said there already; makes the ticket when there is none.
    Raises DeliveryError."""
    memory, conversation = context.memory, event.event.subject
    if memory.theirs(kind, ours) is not None:
        return
    looked, source, other_user = not memory.begin(kind, ours), None, False
    for _ in range(WAYS):
        user = user_of(event.customer(), context)
        ticket, source = _ticket_of(conversation, source, context)
        if ticket is None:
            answer = _create(draft(), f"{kind}:{ours}", Opening(user, source), event, context)
        else:
            found = find(ticket, f"{kind}:{ours}", context) if looked else None
            if found is not None:
                _follow(ticket, None, event, context)
                memory.remember(kind, ours, found)
                return
            answer = add(ticket, comment_of(draft(), user, context), f"{kind}:{ours}", context)
        if answer.missing or answer.says(CLOSED):
            source = ticket if answer.says(CLOSED) else None
            memory.forget("conversation", conversation)
        elif answer.refused and any(answer.says(word) for word in _USER_GONE):
            memory.forget("customer", event.customer().id)
            if other_user:
                memory.forget("conversation", conversation)  # the ticket stays with the user who is gone
            other_user = True
        else:
            if ticket is None:
                memory.remember("conversation", conversation, whole(answer.record("ticket").get("id")))
            _noted(answer, kind, ours, event, context)
            return
    raise DeliveryError("retry", "ticket_lost", "Zendesk does not have the ticket that it has just made")


def note(text: str, event: DeskEvent, context: HelpdeskContext) -> None:
    """Tells agents something about an event, once. A ticket that is not there, or closed, is told nothing."""
    memory, ours = context.memory, event.event.id
    ticket = memory.theirs("conversation", event.event.subject)
    if ticket is None or memory.theirs("note", ours) is not None:
        return
    found = None if memory.begin("note", ours) else find(ticket, f"note:{ours}", context)
    if found is None:
        answer = add(ticket, note_of(text), f"note:{ours}", context)
        if answer.missing or answer.says(CLOSED):
            return
        found = _comment_in(answer.success(), f"note:{ours}")
    memory.remember("note", ours, found)


def keep_status(event: DeskEvent, context: HelpdeskContext) -> None:
    """The ticket gets the status that the conversation has now. Nothing is made for this. Raises DeliveryError."""
    ticket = context.memory.theirs("conversation", event.event.subject)
    if ticket is None:
        return
    answer = get(f"/tickets/{ticket}.json", context)
    wanted = event.conversation().status
    status = "closed" if answer.missing else str(answer.record("ticket").get("status"))
    if status == "closed" or OURS.get(status) == wanted:
        return
    content = {"ticket": {"status": THEIRS[wanted], "metadata": {MARK: f"status:{wanted}"}}}
    answer = send("PUT", f"/tickets/{ticket}.json", content, context)
    if answer.refused:
        # Fields that the account asks for before a ticket may be solved are for agents to fill in.
        note(WORDING.sentence("status", context.account, status=THEIRS[wanted], reason=answer.reason), event, context)
    elif not answer.missing:
        answer.success()


def _create(draft: Draft, mark: str, opening: Opening, event: DeskEvent, context: HelpdeskContext) -> Answer:
    conversation = event.event.subject
    channel = event.message.channel.type if event.message is not None else ""
    ticket: dict[str, Any] = {
        "subject": draft.subject or WORDING.sentence("subject", context.account),
        "comment": comment_of(draft, opening.user, context),
        "requester_id": int(opening.user),
        "external_id": conversation,
        "tags": [TAG, *([f"{TAG}_{channel}"] if channel else [])],
        "metadata": {MARK: mark},
    }
    ticket |= {name: int(value) for name in NUMBERS if (value := optional(context.account, name)) is not None}
    if event.conversation().status == "pending":
        ticket["status"] = "pending"
    if opening.source is not None:
        ticket["via_followup_source_id"] = int(opening.source)
    content = {"ticket": ticket}
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
    return send("POST", "/tickets.json", content, context, f"{conversation}:{digest}")


def _ticket_of(conversation: str, source: str | None, context: HelpdeskContext) -> tuple[str | None, str | None]:
    """The ticket of a conversation, if there is one, else the closed one that a new one follows up."""
    memory = context.memory
    known = memory.theirs("conversation", conversation)
    if known is not None or memory.begin("conversation", conversation):
        return known, source
    found, closed = _find_ticket(conversation, context)
    return (None, closed) if found is None else (memory.remember("conversation", conversation, found), None)


def _find_ticket(conversation: str, context: HelpdeskContext) -> tuple[str | None, str | None]:
    """The latest ticket of a conversation that takes changes, else the closed one that a follow-up is made of."""
    found = get("/tickets.json", context, {"external_id": conversation}).success().get("tickets")
    tickets = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    latest = sorted((each for each in tickets if each.get("external_id") == conversation), key=_number)
    alive = [each for each in latest if each.get("status") not in ("closed", "deleted")]
    if alive:
        return whole(alive[-1].get("id")), None
    closed = [each for each in latest if each.get("status") == "closed"]
    return None, whole(closed[-1].get("id")) if closed else None


def _number(ticket: dict[str, Any]) -> int:
    return int(whole(ticket.get("id")))


def _noted(answer: Answer, kind: Kind, ours: str, event: DeskEvent, context: HelpdeskContext) -> None:
    """Remembers what a call has made."""
    content, ticket = answer.success(), answer.record("ticket")
    _follow(whole(ticket.get("id")), str(ticket.get("status")), event, context)
    context.memory.remember(kind, ours, _comment_in(content, f"{kind}:{ours}"))


def _follow(ticket: str, status: str | None, event: DeskEvent, context: HelpdeskContext) -> None:
    """What the API adds leaves a ticket as it was, whoever it is said to be by: one that was put off or solved is
    opened when the customer goes on in a conversation that is open."""
    if event.event.type != "message.received" or event.conversation().status != "open":
        return
    if status is None:
        answer = get(f"/tickets/{ticket}.json", context)
        status = "closed" if answer.missing else str(answer.record("ticket").get("status"))
    if OURS.get(status, "open") == "open" or status == "closed":
        return
    content = {"ticket": {"status": "open", "metadata": {MARK: "status:open"}}}
    answer = send("PUT", f"/tickets/{ticket}.json", content, context)
    if not answer.missing and not answer.says(CLOSED):
        answer.success()


def _comment_in(content: dict[str, Any], mark: str) -> str:
    """The id of the comment that a call has made; some word of ours where Zendesk does not tell."""
    return comment_id_in(content.get("audit"), mark) or mark
