"""What agents did in their helpdesk is carried out here: a public answer becomes a reply, a status the
conversation's, and so do tags and a priority.

Everything may come twice: what has been done is recognised by the id of their message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.core.conversations import ConversationChange
from shared.core.helpdesks.attachments import Attachments
from shared.core.later import TryLater
from shared.core.reply import ReplyRequest
from shared.errors import ConfigurationError, DeliveryError, NotFound, RequestError
from shared.helpdesk.seam import DeskChange, DeskDeletion, DeskReply
from shared.model.message import Author

if TYPE_CHECKING:
    from shared.core.conversations import ChangeConversation
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.media import MediaBucket
    from shared.core.reply import Reply
    from shared.helpdesk.seam import DeskAction, Helpdesk, HelpdeskContext
    from shared.model.envelope import Envelope

TRIES = 8
"""After so many tries a helpdesk that cannot be asked for a file, or be told of a refusal, is left alone: other
answers in the same ticket wait behind this one."""

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 300.0


class ActOnDesk:
    """Carries out verified webhooks of helpdesks. Safe to run many times."""

    def __init__(
        self,
        reply: Reply,
        change: ChangeConversation,
        *,
        helpdesk_of: Callable[[str], Helpdesk],
        context_of: HelpdeskContexts,
        bucket: MediaBucket,
    ) -> None:
        self._reply = reply
        self._change = change
        self._helpdesk_of = helpdesk_of
        self._context_of = context_of
        self._bucket = bucket

    def __call__(self, envelope: Envelope, tries: int) -> str:
        """What became of it, in a word: that of the last action. ``envelope.channel`` is the helpdesk's name, and
        ``tries`` counts the deliveries of this webhook, this one included. Raises TryLater, InfrastructureError,
        BadRequest for a webhook that cannot be read, UnknownAccount."""
        adapter = self._helpdesk_of(envelope.channel)
        context = self._context_of(envelope.channel, envelope.account)
        outcome = "ignored"
        for action in adapter.parse(envelope, context.account):
            outcome = self._act(adapter, context, action, tries)
        return outcome

    def _act(self, adapter: Helpdesk, context: HelpdeskContext, action: DeskAction, tries: int) -> str:
        conversation_id = context.memory.ours("conversation", action.theirs)
        if conversation_id is None:
            # A ticket that was opened in the helpdesk itself belongs to no conversation of ours.
            return "unknown_ticket"
        notes = _Notes(adapter, context, tries)
        match action:
            case DeskReply():
                return _Answering(self._reply, adapter, context, self._bucket, notes)(conversation_id, action)
            case DeskDeletion():
                return _deleted(context, action, notes)
            case DeskChange():
                return self._apply(context, conversation_id, action)

    def _apply(self, context: HelpdeskContext, conversation_id: str, action: DeskChange) -> str:
        named: dict[str, Any] = {"status": action.status, "assignee": action.assignee}
        given = {name: value for name, value in named.items() if value is not None}
        if action.priority is not None:
            given["priority"] = action.priority or None
        retag = partial(_retagged, action) if action.tags_added or action.tags_removed else None
        try:
            self._change(conversation_id, ConversationChange(**given), {"helpdesk": context.source}, retag)
        except NotFound:
            return "unknown_conversation"
        except RequestError as error:
            # The customer has a later conversation, which has a ticket of its own: that one goes on.
            return error.code
        return "changed"


def _retagged(action: DeskChange, tags: Sequence[str]) -> list[str]:
    gone = {tag.casefold() for tag in action.tags_removed}
    stay = [tag for tag in tags if tag.casefold() not in gone]
    known = {tag.casefold() for tag in stay}
    return stay + [tag for tag in action.tags_added if tag.casefold() not in known]


def _deleted(context: HelpdeskContext, action: DeskDeletion, notes: _Notes) -> str:
    """What has gone out cannot be called back: the agents are told that the customer has it."""
    if context.memory.ours("message", action.external_id) is None:
        return "unknown_message"
    notes.explain(action, "deleted", "An answer was deleted here. It had gone out before: the customer still has it.")
    return "explained"


class _Notes:
    """What the agents are told of their answers, once for each answer and reason."""

    def __init__(self, adapter: Helpdesk, context: HelpdeskContext, tries: int) -> None:
        self._adapter = adapter
        self._context = context
        self._tries = tries

    def explain(self, action: DeskReply | DeskDeletion, why: str, text: str) -> None:
        """A note at the ticket. Raises TryLater."""
        memory, name = self._context.memory, f"{why}:{action.external_id}"
        if memory.theirs("note", name) is not None:
            return
        try:
            self._adapter.explain(action.theirs, text, self._context)
        except DeliveryError as error:
            self.wait(error)
            return
        except ConfigurationError:
            return
        memory.remember("note", name, name)

    def wait(self, error: DeliveryError) -> None:
        """Raises TryLater for what may go well later."""
        if error.error_class in ("retry", "unknown") and self._tries < TRIES:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._tries - 1))
            raise TryLater(max(pause, min(error.retry_after or 0.0, LONGEST_PAUSE))) from error


class _Answering:
    """One public answer of an agent, on its way to the customer."""

    def __init__(
        self, reply: Reply, adapter: Helpdesk, context: HelpdeskContext, bucket: MediaBucket, notes: _Notes
    ) -> None:
        self._reply = reply
        self._context = context
        self._files = Attachments(adapter, context, bucket)
        self._notes = notes

    def __call__(self, conversation_id: str, action: DeskReply) -> str:
        memory = self._context.memory
        if memory.ours("message", action.external_id) is not None:
            return "known"  # we have carried it out, or it is one that we have put there ourselves
        parts, missing = self._parts(action)
        if missing:
            self._notes.explain(action, "missing", f"The customer did not get a file: {missing}")
        if not parts:
            return "nothing_to_send"
        request = ReplyRequest(
            parts=parts,
            author=Author(type="agent", name=action.author_name),
            metadata={"helpdesk": self._context.source, "helpdesk_message_id": action.external_id},
        )
        key = f"helpdesk:{self._context.source}"
        try:
            answer = self._reply(conversation_id, request, key, action.external_id)
        except RequestError as error:
            if error.code == "idempotency_key_reused":
                return "known"  # edited since: what went out has gone out
            why = f"The reply was not sent: {error.detail or error.code} ({error.code})"
            self._notes.explain(action, "refused", why)
            return error.code
        memory.remember("message", answer["message_id"], action.external_id)
        return "replied"

    def _parts(self, action: DeskReply) -> tuple[list[dict[str, Any]], str]:
        """The parts with their files, and the names of files that cannot be had."""
        try:
            return self._files.parts(action)
        except DeliveryError as error:
            self._notes.wait(error)
            parts = [dict(part) for part in action.parts]
            return parts, f"{len(action.files)} file(s), {error.title}"
