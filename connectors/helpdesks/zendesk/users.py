"""Customers as Zendesk's end users: our id is the user's ``external_id``.

A user is made by that alone. An email address that the customer has proven is added afterwards, as an identity. When
another end user has it already, the two are the same person, and ours is merged into that one; what nobody has proven
is never given. Zendesk keeps addresses unique, and takes no merge of agents. Sources:
developer.zendesk.com/api-reference/ticketing/users/users ("Create Or Update User", "Merge End Users", "Search Users")
and .../user_identities.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.zendesk.api import get, send, whole
from connectors.helpdesks.zendesk.wording import WORDING
from shared.errors import DeliveryError
from shared.helpdesk.people import name_of, proven

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext
    from shared.model.conversation import Customer

_ADDRESS = re.compile(r"[^@\s\"]{1,64}@[^@\s\"]{1,189}")


def user_of(customer: Customer, context: HelpdeskContext) -> str:
    """The user's id; made when there is none. Raises DeliveryError."""
    known = context.memory.theirs("customer", customer.id)
    if known is not None:
        return known
    named = name_of(customer) or WORDING.sentence("nameless", context.account, customer=customer.id[-6:])
    user = {"external_id": customer.id, "name": named, "verified": True}
    content = {"user": user, "skip_verify_email": True}
    made = whole(send("POST", "/users/create_or_update.json", content, context).record("user").get("id"))
    return context.memory.remember("customer", customer.id, _with_address(made, customer, context))


def update_user(customer: Customer, context: HelpdeskContext) -> None:
    """Brings the user up to date; nothing is made for a customer who has none. Raises DeliveryError."""
    known = context.memory.theirs("customer", customer.id)
    if known is None:
        return
    name = name_of(customer)
    if name is not None:
        answer = send("PUT", f"/users/{known}.json", {"user": {"name": name}}, context)
        if answer.missing:
            context.memory.forget("customer", customer.id)
            return
        if not answer.refused:
            answer.success()
    now = _with_address(known, customer, context)
    if now != known:
        context.memory.forget("customer", customer.id)
        context.memory.remember("customer", customer.id, now)


def delete_user(customer_id: str, context: HelpdeskContext) -> bool:
    """Deletes the user for good. False when Zendesk does not want to: it deletes nobody who has a ticket that is not
    closed, and not every agent may. Raises DeliveryError."""
    known = context.memory.theirs("customer", customer_id)
    if known is None:
        return True
    try:
        answer = send("DELETE", f"/users/{known}.json", {}, context)
        if answer.refused:
            return False
        if not answer.missing:
            answer.success()
        lasting = send("DELETE", f"/deleted_users/{known}.json", {}, context)
    except DeliveryError as error:
        if error.code == "not_authorized":
            return False
        raise
    if not lasting.missing:
        lasting.success()
    context.memory.forget("customer", customer_id)
    return True


def _with_address(user: str, customer: Customer, context: HelpdeskContext) -> str:
    """Adds what the customer has proven. The id of the user that it is then: another one, after a merge."""
    address = proven(customer, "email", _ADDRESS)
    if address is None:
        return user
    identity = {"identity": {"type": "email", "value": address, "verified": True}}
    answer = send("POST", f"/users/{user}/identities.json", identity, context)
    if answer.missing:
        return user
    if not answer.refused:
        answer.success()
        return user
    holder = _holder(address, context)
    if holder is None or whole(holder.get("id")) == user or holder.get("role") != "end-user":
        return user
    if holder.get("external_id") not in (None, "", customer.id):
        return user  # another program's, or another customer of ours: for an agent to say
    theirs = whole(holder["id"])
    merged = send("PUT", f"/users/{user}/merge.json", {"user": {"id": int(theirs)}}, context)
    if merged.refused:
        return user
    if not merged.missing:  # a call whose answer was lost has merged it
        merged.success()
    send("PUT", f"/users/{theirs}.json", {"user": {"external_id": customer.id}}, context).success()
    return theirs


def _holder(address: str, context: HelpdeskContext) -> dict[str, Any] | None:
    """The only user with that address. The search finds more than it is asked for; only the very address counts."""
    found = get("/users/search.json", context, {"query": f'email:"{address}"'}).success().get("users")
    users = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    same = [each for each in users if str(each.get("email") or "").casefold() == address.casefold()]
    return same[0] if len(same) == 1 else None
