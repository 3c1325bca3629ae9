"""Conversations that are to be looked at, and those of their send windows that are about to shut while the customer
still waits: the log says so in time, once for each."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from shared.core.changes import Change, apply_change
from shared.core.records import NewEntry
from shared.core.windows import LONGEST_LEAD, Closing, describe, due_at, next_closing, next_look
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.core.records import Head
    from shared.core.storage import ConversationLog, DueConversations
    from shared.model.capabilities import WindowRule
    from shared.ports.clock import Clock

HOUR = 3600
PAGE = 100
"""Conversations that are read at once."""


class WindowWatch:
    """Call :meth:`due` now and then, and the object with each conversation that it names.

    Any number may do so at once: a window is announced by the write that marks it, and by no other.
    Whoever changes a conversation without knowing the rules of its windows may make it due at once: it is moved to
    when it is due.
    """

    def __init__(
        self,
        log: ConversationLog,
        conversations: DueConversations,
        rules_of: Callable[[str], tuple[WindowRule, ...]],
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._conversations = conversations
        self._rules_of = rules_of
        self._clock = clock
        self._sleep = sleep

    def due(self) -> Iterator[str]:
        """The conversations that are to be looked at by now, the longest due first by the hour.

        Those of earlier hours are left alone: a window that was to be announced then has shut, and that a controller is
        gone is found out by whoever wants to answer in its place.
        """
        now = self._clock()
        hours_back = int(LONGEST_LEAD // HOUR)
        for hour in range(hours_back, -1, -1):
            after: str | None = None
            while True:
                heads, after = self._conversations.due(now - hour * HOUR, after, PAGE)
                for head in heads:
                    if self._asks_for_a_look(head, now):
                        yield head.conversation_id
                if after is None:
                    break

    def _asks_for_a_look(self, head: Head, now: float) -> bool:
        """Answered and closed conversations stay in the index until they are written to, and cost no more than this."""
        return head.due_at is not None and head.due_at <= now and next_look(head, self._rules_of, now) is not None

    def __call__(self, conversation_id: str) -> int:
        """Announces what is due by the conversation's state now; how many windows that were.

        Raises NotFound, WriteConflict, InfrastructureError.
        """
        planned: list[Change | None] = []

        def prepare(head: Head) -> Change | None:
            planned.append(self._next_change(head))
            return planned[-1]

        announced = 0
        while True:
            head = apply_change(self._log, conversation_id, prepare, self._sleep)
            if planned[-1] is None:
                self._look_again(head)
                return announced
            announced += 1

    def _next_change(self, head: Head) -> Change | None:
        now = self._clock()
        closing = next_closing(head, self._rules_of, now)
        return None if closing is None or closing.due_at > now else self._announcement(head, closing, now)

    def _look_again(self, head: Head) -> None:
        """A route that was closed early may have been the one that was due, or a controller that has given a sign of
        life, and another is due later."""
        following = next_look(head, self._rules_of, self._clock())
        if following is not None and head.due_at is not None and head.due_at < following:
            self._conversations.look_again(head, following)

    def _announcement(self, head: Head, closing: Closing, now: float) -> Change:
        route = head.routes[closing.identity_id]
        marked = replace(route.windows[closing.opens_on], announced=True)
        marked_route = replace(route, windows={**route.windows, closing.opens_on: marked})
        following = replace(
            head,
            sequence=head.sequence + 1,
            updated_at=now,
            routes={**head.routes, closing.identity_id: marked_route},
        )
        shown = describe(closing.identity_id, route, self._rules_of(route.channel), now)
        entry = NewEntry(
            type="window.closing",
            at=now,
            data={
                "conversation": {"id": head.conversation_id},
                "route": msgspec.to_builtins(shown),
                "closes_at": rfc3339(closing.closes_at),
                "waiting_since": rfc3339(head.waiting_since or now),
            },
            channel=route.channel,
            account=route.account,
        )
        return Change(replace(following, due_at=due_at(following, self._rules_of)), entry)
