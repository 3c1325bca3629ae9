"""Identities, customers and handles as DynamoDB items, and back."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.model.conversation import Customer, Identity


def person_item(identity: Identity, conversation_id: str | None) -> dict[str, Any]:
    """An identity: what is personal in ``person``, one JSON text; the rest is ids and states."""
    personal = {
        "external_id": identity.external_id,
        "aliases": identity.aliases,
        "name": identity.name,
        "language": identity.language,
    }
    values = {
        "customer_id": identity.customer_id,
        "conversation_id": conversation_id,
        "channel": identity.channel,
        "scope": identity.scope,
        "account": identity.account,
        "verification": identity.verification,
        "status": identity.status,
        "created_at": identity.created_at or "",
        "link_id": identity.link_id,
        "person": json.dumps({name: value for name, value in personal.items() if value}, ensure_ascii=False),
    }
    stored = encode_item({name: value for name, value in values.items() if value is not None})
    return {**keys.identity(identity.id), **stored}


def read_identity(values: dict[str, Any]) -> Identity:
    """From the decoded values of its item."""
    person = json.loads(values["person"])
    return Identity(
        id=values["PK"].removeprefix("I#"),
        channel=values["channel"],
        scope=values["scope"],
        account=values["account"],
        customer_id=values["customer_id"],
        verification=values["verification"],
        status=values["status"],
        created_at=values["created_at"] or None,
        link_id=values.get("link_id"),
        external_id=person["external_id"],
        aliases=person.get("aliases", {}),
        name=person.get("name"),
        language=person.get("language"),
    )


def profile_text(customer: Customer) -> str:
    """What is personal of a customer, as one JSON text; what stands in items of its own is not in it."""
    personal = msgspec.to_builtins(customer)
    for apart in ("id", "identities", "links", "suggestions", "merged_into"):
        personal.pop(apart, None)
    return json.dumps(personal, ensure_ascii=False, separators=(",", ":"))


def profile_item(customer: Customer, conversation_id: str) -> dict[str, Any]:
    """A new customer, with the conversation that was opened with them."""
    values = {"profile": profile_text(customer), "conversation_id": conversation_id}
    return {**keys.customer(customer.id), **encode_item(values)}


def read_customer(customer_id: str, profile: dict[str, Any]) -> Customer:
    """From the decoded values of the profile; without identities."""
    customer = msgspec.convert({"id": customer_id, **json.loads(profile["profile"])}, Customer)
    customer.merged_into = profile.get("merged_into")
    return customer


def handle_item(kind: str, value: str, identity_id: str) -> dict[str, Any]:
    """By what an identity is found: the value itself is not in it, only its digest."""
    return {**keys.handle(kind, value), **encode_item({"identity_id": identity_id})}
