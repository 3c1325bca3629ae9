"""What a helpdesk may be told of a customer: a name, and what they have shown to be theirs. What a visitor merely types
proves nothing, and is never given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.model.conversation import Customer

LONGEST_NAME = 255


def name_of(customer: Customer) -> str | None:
    """The customer's name, else that of an identity."""
    name = customer.name or next((each.name for each in customer.identities if each.name), None)
    return name[:LONGEST_NAME] if name else None


def proven(customer: Customer, kind: str, form: re.Pattern[str]) -> str | None:
    """An address of a kind (``email``, ``phone``) that was proven and has that form: the id on that channel, or an
    alias of another one."""
    for identity in customer.identities:
        if identity.verification == "none":
            continue
        own = identity.external_id if identity.channel == kind else None
        for value in (own, identity.aliases.get(kind)):
            if value and form.fullmatch(value):
                return value
    return None
