"""Changes to what is known of a customer, told to whoever follows the conversation with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.changes import Change, apply_change
from shared.core.records import Head, NewEntry
from shared.errors import NotFound
from shared.model.public import public_form

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog, People
    from shared.model.conversation import Customer


class CustomerChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH /v1/customers/{id}: what is absent stays."""

    name: str | msgspec.UnsetType | None = msgspec.UNSET
    language: str | msgspec.UnsetType | None = msgspec.UNSET
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET

    def given(self) -> dict[str, Any]:
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not msgspec.UNSET}


def change_customer(
    log: ConversationLog, people: People, customer_id: str, change: CustomerChange, clock: Callable[[], float]
) -> Customer:
    """The customer after the change; ``customer.updated`` is an entry of the conversation last opened with them.

    Raises NotFound(``unknown_customer``), WriteConflict.
    """
    now = clock()
    customer = people.update_customer(customer_id, change.given(), now)
    if customer is None:
        raise NotFound("unknown_customer", "there is no such customer")
    conversation_id = people.open_conversation(customer_id)
    if conversation_id is not None:
        data = {"customer": public_form(customer)}

        def prepare(head: Head) -> Change:
            following = replace(head, sequence=head.sequence + 1, updated_at=now)
            return Change(following, NewEntry(type="customer.updated", at=now, data=data))

        apply_change(log, conversation_id, prepare)
    return customer
