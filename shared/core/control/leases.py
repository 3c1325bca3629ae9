"""Controllers that let a customer wait in vain: the log says that they have lost the conversation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from shared.core.changes import apply_change
from shared.core.control.entries import timed_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.changes import Change
    from shared.core.control.entries import RulesOf
    from shared.core.records import Head
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock


class EndLease:
    """Call it with each conversation that is due. Any number may do so at once: it is said once."""

    def __init__(
        self, log: ConversationLog, rules_of: RulesOf, clock: Clock, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._log = log
        self._rules_of = rules_of
        self._clock = clock
        self._sleep = sleep

    def __call__(self, conversation_id: str) -> bool:
        """Whether somebody has lost the conversation by this. Raises NotFound, WriteConflict, InfrastructureError."""
        planned: list[Change | None] = []

        def prepare(head: Head) -> Change | None:
            planned.append(timed_out(head, self._clock(), self._rules_of))
            return planned[-1]

        apply_change(self._log, conversation_id, prepare, self._sleep)
        return planned[-1] is not None
