"""A desk with the use cases of control, and the parties that use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from shared.core.api_keys import ApiKey, Scope
from shared.core.control.leases import EndLease
from shared.core.control.parties import PartyType
from shared.core.control.service import Control, Controlled, ControlRequest
from shared.core.records import Entry, Head
from shared.core.reply import ReplyRequest
from shared.errors import Conflict
from shared.model.message import Author
from tests.unit.core.desk import Desk

TIMEOUT = 900


class Keys:
    """Implements shared.core.api_keys.ApiKeys: every key may write, except ``reader``; ``gone`` was revoked."""

    def find(self, key_id: str) -> ApiKey | None:
        if key_id == "nobody":
            return None
        scopes: tuple[Scope, ...] = ("read",) if key_id == "reader" else ("write",)
        revoked_at = "2027-01-01T00:00:00.000Z" if key_id == "gone" else None
        return ApiKey(key_id, key_id, scopes, "", "2026-01-01T00:00:00.000Z", revoked_at)


class Controlling(Desk):
    """``conversation_id`` is the conversation with Ann, who has just written and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.write("ann")
        self.conversation_id = self.conversation("ann").conversation_id
        self.control = Control(self.store, Keys(), self._rules_of, self.clock, self.pauses.append)
        self.end_lease = EndLease(self.store, self._rules_of, self.clock, self.pauses.append)

    @property
    def head(self) -> Head:
        return self.store.heads[self.conversation_id]

    @property
    def holder(self) -> str | None:
        """The key of the party that controls, by the conversation's state alone."""
        return None if self.head.controller is None else self.head.controller.party.id

    @property
    def log(self) -> list[Entry]:
        return self.store.logs[self.conversation_id]

    def told(self) -> list[Entry]:
        """The entries about control."""
        return [entry for entry in self.log if entry.type == "conversation.control_changed"]

    def does(self, key_id: str, action: str, **more: Any) -> Controlled:
        """A call of the party whose key is named after its type: ``bot-1``, ``desk-2``."""
        value = {"action": action, "as": type_of(key_id), **more}
        return self.control(self.conversation_id, msgspec.convert(value, ControlRequest), key_id)

    def says(self, key_id: str, author: str | None = None) -> dict[str, Any]:
        written_by = author or ("bot" if type_of(key_id) == "bot" else "agent")
        request = ReplyRequest(
            parts=[{"type": "text", "text": key_id}], author=msgspec.convert({"type": written_by}, Author)
        )
        return self.reply(self.conversation_id, request, key_id, None)

    @contextmanager
    def refused(self, code: str) -> Iterator[None]:
        """What is done inside is refused, and nothing is written by it."""
        before = self.head
        with pytest.raises(Conflict) as refusal:
            yield
        assert refusal.value.code == code
        assert self.head == before
        shown = refusal.value.members.get("controller")
        assert (shown["id"] if isinstance(shown, dict) else None) == self.holder

    def _rules_of(self, channel: str) -> Any:
        return self.channels[channel].capabilities.windows


def type_of(key_id: str) -> PartyType:
    return "bot" if key_id.startswith("bot") else "desk"
