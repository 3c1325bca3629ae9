"""What the stand-in remembers."""

from __future__ import annotations

from typing import Literal

import msgspec

TicketStatus = Literal["open", "waiting", "solved"]


class StoredFile(msgspec.Struct, kw_only=True):
    """``content`` is base64."""

    id: str
    name: str
    type: str
    content: str
    external_id: str | None = None


class Comment(msgspec.Struct, kw_only=True):
    """``kind`` says who wrote it: somebody through the API, or an agent in the desk."""

    id: str
    body: str
    public: bool
    author: str
    kind: Literal["api", "agent"]
    external_id: str | None = None
    files: list[StoredFile] = []


class Ticket(msgspec.Struct, kw_only=True):
    id: str
    account: str
    subject: str
    external_id: str
    customer_id: str | None = None
    status: TicketStatus = "open"
    comments: list[Comment] = []


class DeskCustomer(msgspec.Struct, kw_only=True):
    id: str
    account: str
    name: str
    external_id: str


class GenericState(msgspec.Struct, kw_only=True):
    """The memory of the stand-in between runs."""

    last_id: int = 1000
    clock_offset: float = 0.0
    tickets: dict[str, Ticket] = {}
    customers: dict[str, DeskCustomer] = {}

    def next_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)
