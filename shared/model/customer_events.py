"""What the ``data`` of events about a customer and their identities holds."""

from __future__ import annotations

import msgspec

from shared.model.conversation import Customer, Link, Verification
from shared.model.conversation_events import Named


class LinkedIdentity(msgspec.Struct, kw_only=True):
    """An identity that a link brought."""

    id: str
    channel: str
    account: str
    verification: Verification


class IdentityLinked(msgspec.Struct, kw_only=True):
    """``identity.linked``: these identities are this customer's from now on; ``link`` says by what evidence."""

    conversation: Named
    customer: Named
    link: Link
    identities: list[LinkedIdentity]


class IdentityUnlinked(msgspec.Struct, kw_only=True):
    """``identity.unlinked``: the link was taken back, and its ``identity_ids`` are not this customer's any more."""

    conversation: Named
    customer: Named
    link: Link


class CustomerUpdated(msgspec.Struct, kw_only=True):
    """``customer.updated``: the customer as they are now. An entry of the conversation last opened with them."""

    customer: Customer


class CustomerErased(msgspec.Struct, kw_only=True):
    """``customer.erased``: what was known of the customer is gone; delete your copy."""

    customer: Named
