"""What the ``data`` of events about a conversation holds: its state, its routes, who answers in it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.model.conversation import Controller, ConversationStatus, Link, Party, Route


class Named(msgspec.Struct, kw_only=True):
    """A thing by its id; the API has the rest of it."""

    id: str


class NamedRoute(msgspec.Struct, kw_only=True):
    """One way to reach the customer: the identity they write from, the channel, and our account on it."""

    identity_id: str
    channel: str
    account: str


class OpenedConversation(msgspec.Struct, kw_only=True):
    """A conversation at its beginning."""

    id: str
    customer_id: str
    created_at: str


class OpeningIdentity(msgspec.Struct, kw_only=True):
    """The identity whose first message opened the conversation."""

    id: str
    channel: str
    account: str


class ConversationOpened(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``conversation.opened``: always the first entry of a log. ``reason`` is there when it was not a message that
    opened it: ``unlinked``."""

    conversation: OpenedConversation
    identity: OpeningIdentity | None = None
    reason: str | None = None


class ChangedRoute(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A route that changed, and what of it is known to be different; the API has its present state."""

    identity_id: str
    channel: str
    account: str | None = None
    can_reply: bool | None = None
    thread_id: str | None = None
    reason: str | None = None
    closes_at: str | None = None
    remaining: int | None = None


class ConversationChanges(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What changed, each as it is from now on; what is absent stayed. What was emptied is
    null."""

    status: ConversationStatus | None = None
    tags: list[str] = []
    priority: str | None = None
    assignee: str | None = None
    routes: list[ChangedRoute] = []
    controller: Controller | None = None
    offered_to: Party | None = None


class WhileLinked(msgspec.Struct, kw_only=True):
    """Where to read what was said while a link stood: the entries after ``from_sequence`` of another conversation's
    log, up to ``to_sequence`` (null: that log goes on)."""

    conversation_id: str
    from_sequence: int
    to_sequence: int | None


class ConversationUpdated(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``conversation.updated``. ``message_id`` and ``reason`` are there when a message goes on to a further route;
    ``reason`` ``unlinked`` with ``link`` and ``while_linked`` when taking a link back has opened it again.
    ``metadata.helpdesk`` names the helpdesk (``<name>/<account>``) that a change was made in."""

    conversation: Named
    changes: ConversationChanges
    message_id: str | None = None
    reason: str | None = None
    link: Link | None = None
    while_linked: WhileLinked | None = None
    metadata: dict[str, Any] = {}


class MergedInto(msgspec.Struct, kw_only=True):
    """Where a conversation goes on."""

    customer_id: str
    conversation_id: str


class ConversationClosed(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``conversation.closed``; with ``reason`` ``merged`` it goes on in another one. ``metadata`` as in
    ``conversation.updated``."""

    conversation: Named
    changes: ConversationChanges
    reason: str | None = None
    merged_into: MergedInto | None = None
    metadata: dict[str, Any] = {}


class ChannelSwitched(msgspec.Struct, kw_only=True, omit_defaults=True, rename={"before": "from"}):
    """``conversation.channel_switched``: the customer goes on from elsewhere, and replies follow. ``reason`` is
    ``message``, which is then the next entry, or ``link_code``."""

    conversation: Named
    to: NamedRoute
    reason: str
    before: NamedRoute | None = None


class HandedOver(msgspec.Struct, kw_only=True):
    """What happened under the party before: the entries after ``after``, up to ``sequence``."""

    after: int
    sequence: int


class ControlChanged(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``conversation.control_changed``: somebody else answers from now on, or is offered to. ``action`` is what was
    done ``by`` whom; ``reason`` says why it could be (``offered``, ``outranked``, ``timeout``).

    ``controller`` is who alone may reply now (absent: nobody in particular), ``previous`` who may not any more.
    """

    conversation: Named
    action: Literal["offer", "take", "pass", "release", "extend"]
    history: HandedOver
    controller: Controller | None = None
    previous: Controller | None = None
    offered_to: Party | None = None
    reason: str | None = None
    note: str | None = None
    by: Party | None = None


class ConversationGap(msgspec.Struct, kw_only=True):
    """``conversation.gap``: something that a provider sent for this conversation could not be stored, and was set
    aside. ``reason`` is the class of the error; what was said is not told."""

    conversation: Named
    channel: str
    account: str
    received_at: str
    reason: str
    where: str


class WindowClosing(msgspec.Struct, kw_only=True):
    """``window.closing``: the customer has waited since ``waiting_since``, and the send window of ``route`` shuts at
    ``closes_at``."""

    conversation: Named
    route: Route
    closes_at: str
    waiting_since: str
