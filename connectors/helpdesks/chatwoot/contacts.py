"""Customers as Chatwoot's contacts: our id is the contact's ``identifier``, which is unique in a Chatwoot account.

An email address and a phone number are unique there as well. One that another contact has already is left out: whether
the two are one person is for an agent to say, who can merge them. Only what was proven is given at all. Source:
developers.chatwoot.com/api-reference, "Contacts"; app/models/contact.rb (E.164, at most 255 characters).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.chatwoot.api import get, send, whole
from shared.errors import DeliveryError
from shared.helpdesk.people import name_of, proven
from shared.http.answers import garbled

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext
    from shared.model.conversation import Customer

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_PHONE = re.compile(r"\+[1-9]\d{1,14}")
_UNIQUE = frozenset({"email", "phone_number"})


def contact_of(customer: Customer, context: HelpdeskContext) -> str:
    """The contact's id; made when there is none. Raises DeliveryError."""
    known = context.memory.theirs("customer", customer.id)
    return known or context.memory.remember("customer", customer.id, _create(customer, context))


def update_contact(customer: Customer, context: HelpdeskContext) -> None:
    """Brings the contact up to date; nothing is made for a customer who has none. Raises DeliveryError."""
    known = context.memory.theirs("customer", customer.id)
    if known is None:
        return
    fields = _fields(customer)
    answer = send("PUT", f"/contacts/{known}", fields, context)
    if taken := answer.wrong & _UNIQUE:
        answer = send("PUT", f"/contacts/{known}", _without(fields, taken), context)
    if answer.missing:
        context.memory.forget("customer", customer.id)
        return
    answer.success()


def delete_contact(customer_id: str, context: HelpdeskContext) -> bool:
    """Deletes the contact, and with it all its conversations. False when the token's agent may not, or Chatwoot does
    not want to now (a contact who is online). Raises DeliveryError."""
    known = context.memory.theirs("customer", customer_id)
    if known is None:
        return True
    try:
        answer = send("DELETE", f"/contacts/{known}", {}, context)
    except DeliveryError as error:
        if error.code == "not_authorized":
            return False
        raise
    if answer.status == 422:
        return False
    if not answer.missing:
        answer.success()
    context.memory.forget("customer", customer_id)
    return True


def _create(customer: Customer, context: HelpdeskContext) -> str:
    """A new contact, or the one that has the identifier: a call whose answer was lost has made it, or another
    conversation of the customer."""
    fields = {"identifier": customer.id, **_fields(customer)}
    answer = send("POST", "/contacts", fields, context)
    if (taken := answer.wrong & _UNIQUE) and "identifier" not in answer.wrong:
        answer = send("POST", "/contacts", _without(fields, taken), context)
    if "identifier" in answer.wrong:
        found = _search(customer.id, context)
        if found is None:
            raise DeliveryError("retry", "contact_hidden", "Chatwoot has the contact and does not show it")
        return found
    if answer.missing:
        raise DeliveryError("account", "unknown_account", "Chatwoot has no such account")
    payload = answer.success().get("payload")
    contact = payload.get("contact") if isinstance(payload, dict) else None
    if not isinstance(contact, dict):
        raise garbled("Chatwoot")
    return whole(contact.get("id"))


def _search(customer_id: str, context: HelpdeskContext) -> str | None:
    """The search is by any piece of the identifier, among others; only the very contact counts."""
    found = get("/contacts/search", context, {"q": customer_id}).success().get("payload")
    contacts = found if isinstance(found, list) else []
    for each in contacts:
        if isinstance(each, dict) and each.get("identifier") == customer_id:
            return whole(each.get("id"))
    return None


def _fields(customer: Customer) -> dict[str, Any]:
    fields = {
        "name": name_of(customer),
        "email": proven(customer, "email", _ADDRESS),
        "phone_number": proven(customer, "phone", _PHONE),
    }
    return {field: value for field, value in fields.items() if value}


def _without(fields: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}
