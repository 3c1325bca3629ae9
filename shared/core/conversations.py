"""Changes to a conversation that are not messages: status, tags, priority, assignee. Each is an entry of its log."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from shared.core.changes import Change, apply_change
from shared.core.control.parties import shown_controller, shown_offer
from shared.core.records import Head, NewEntry
from shared.core.windows import describe_all
from shared.errors import Conflict
from shared.model.conversation import Conversation
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog, People
    from shared.model.capabilities import Capabilities
    from shared.ports.clock import Clock


Retag = Callable[[Sequence[str]], Sequence[str]]


class ConversationChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH /v1/conversations/{id}: what is absent stays, null empties."""

    status: Literal["open", "pending", "closed"] | msgspec.UnsetType = msgspec.UNSET
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET
    priority: str | msgspec.UnsetType | None = msgspec.UNSET
    assignee: str | msgspec.UnsetType | None = msgspec.UNSET

    def given(self) -> dict[str, Any]:
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not msgspec.UNSET}


class ChangeConversation:
    """Applies a change. A conversation that is changed to what it is already stays as it is, without an entry."""

    def __init__(
        self,
        log: ConversationLog,
        people: People,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._people = people
        self._clock = clock
        self._sleep = sleep

    def __call__(
        self,
        conversation_id: str,
        change: ConversationChange,
        metadata: dict[str, Any] | None = None,
        retag: Retag | None = None,
    ) -> Head:
        """``metadata`` goes into the entry: where the change came from. ``retag`` makes the tags out of those that
        there are when the change is made. Raises NotFound, Conflict(``another_conversation_open``), WriteConflict."""
        given = change.given()
        if "tags" in given:
            given["tags"] = tuple(dict.fromkeys(given["tags"]))

        def prepare(head: Head) -> Change | None:
            tags = {} if retag is None else {"tags": tuple(retag(head.tags))}
            return self._prepare(head, {**given, **tags}, metadata)

        return apply_change(self._log, conversation_id, prepare, self._sleep)

    def _prepare(self, head: Head, given: dict[str, Any], metadata: dict[str, Any] | None) -> Change | None:
        changed = {name: value for name, value in given.items() if getattr(head, name) != value}
        if not changed:
            return None
        reopening = head.status == "closed" and "status" in changed
        if reopening:
            self._check_reopening(head)
        now = self._clock()
        following = replace(head, **changed, sequence=head.sequence + 1, updated_at=now)
        if following.status == "closed":
            held = {name: None for name in ("controller", "offered_to") if getattr(head, name) is not None}
            following = replace(
                following, waiting_since=None, asked=None, due_at=None, controller=None, offered_to=None
            )
            changed = {**changed, **held}
        entry = NewEntry(
            type="conversation.closed" if changed.get("status") == "closed" else "conversation.updated",
            at=now,
            data={
                "conversation": {"id": head.conversation_id},
                "changes": changed,
                **({"metadata": metadata} if metadata else {}),
            },
        )
        return Change(following, entry, latest_of=head.customer_id if reopening else None)

    def _check_reopening(self, head: Head) -> None:
        """A customer has one open conversation: a closed one may only be opened again while no later one exists."""
        if self._people.open_conversation(head.customer_id) != head.conversation_id:
            raise Conflict("another_conversation_open", "the customer has a later conversation")


def conversation_view(head: Head, capabilities_of: Callable[[str], Capabilities], now: float) -> Conversation:
    """The conversation as the API shows it, with the routes as they can be used now."""
    return Conversation(
        id=head.conversation_id,
        customer_id=head.customer_id,
        status=head.status,
        sequence=head.sequence,
        created_at=rfc3339(head.created_at),
        updated_at=rfc3339(head.updated_at),
        active_route=head.active_identity,
        routes=describe_all(head, capabilities_of, now),
        tags=list(head.tags),
        priority=head.priority,
        assignee=head.assignee,
        waiting_since=None if head.waiting_since is None else rfc3339(head.waiting_since),
        controller=shown_controller(head, now),
        offered_to=shown_offer(head),
    )
