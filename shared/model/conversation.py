"""Conversations, the customers in them, and the identities customers write from."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

ConversationStatus = Literal["open", "pending", "closed"]
Verification = Literal["none", "provider", "signed_token", "code", "agent"]
IdentityStatus = Literal["active", "blocked", "inactive"]
PartyType = Literal["bot", "desk"]


class Route(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One way to reach the customer. ``closes_at`` and ``remaining`` tell how long and how often it can still be
    used."""

    identity_id: str
    channel: str
    account: str
    can_reply: bool
    thread_id: str | None = None
    reason: str | None = None
    closes_at: str | None = None
    remaining: int | None = None


class Party(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who answers customers: a program by itself (``bot``), or people at one (``desk``). ``id`` is that of its API key;
    without it, whoever of the type is first."""

    type: PartyType
    id: str | None = None


class Controller(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The party that alone may reply in a conversation. While a customer waits it loses control at ``expires_at``:
    ``timeout`` seconds after its last sign of life, or after the customer wrote if that was later."""

    type: PartyType
    id: str
    since: str
    timeout: int
    name: str | None = None
    expires_at: str | None = None


class Conversation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``sequence`` is that of the last log entry; ``active_route`` is the identity the customer wrote from last;
    ``waiting_since`` is when the customer wrote without having been answered yet; ``controller`` is who alone may
    reply, and ``offered_to`` who may take over."""

    id: str
    customer_id: str
    status: ConversationStatus
    sequence: int
    created_at: str
    updated_at: str
    active_route: str | None = None
    routes: list[Route] = []
    tags: list[str] = []
    priority: str | None = None
    assignee: str | None = None
    waiting_since: str | None = None
    controller: Controller | None = None
    offered_to: Party | None = None


class Link(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why an identity belongs to its customer, when it came to them later: by what ``evidence`` (``code``, ``email``,
    ``phone``, ``unionid``, ``agent``), at which level of ``verification``, when, and who did it.

    ``from_customer_id`` is the customer it was of before, if it had one. ``by`` is ``{type, id?}``; ``undone_at`` is
    set when the link was taken back.
    """

    id: str
    evidence: str
    verification: Verification
    by: dict[str, str]
    at: str
    customer_id: str
    identity_ids: list[str]
    from_customer_id: str | None = None
    undone_at: str | None = None
    undone_by: dict[str, str] | None = None


class Suggestion(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Somebody who may be the same person: ``kind`` and ``value`` are what this customer said of themselves (``proven``
    when it was proven on both sides), and ``customer_id`` is the customer who has proven it."""

    kind: str
    value: str
    customer_id: str
    identity_id: str
    said_at: str
    proven: bool = False


class Identity(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A sender on one channel. ``scope`` is what the external id is unique within: our account, a workspace, a
    corporation."""

    id: str
    channel: str
    scope: str
    external_id: str
    customer_id: str
    account: str
    aliases: dict[str, str] = {}
    verification: Verification = "none"
    status: IdentityStatus = "active"
    name: str | None = None
    language: str | None = None
    created_at: str | None = None
    link_id: str | None = None


class Customer(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str
    name: str | None = None
    language: str | None = None
    tags: list[str] = []
    attributes: dict[str, Any] = {}
    identities: list[Identity] = []
    links: list[Link] = []
    suggestions: list[Suggestion] = []
    merged_into: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
