"""Routes of customers: reading and changing what is known of one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions import bootstrap
from functions.api.requests import answer, authenticated, read_body, request_of
from shared.errors import NotFound
from shared.model.public import public_form

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()


class CustomerChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH /v1/customers/{id}: what is absent stays."""

    name: str | msgspec.UnsetType | None = msgspec.UNSET
    language: str | msgspec.UnsetType | None = msgspec.UNSET
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


@router.get("/customers/<customer_id>")
def get_customer(customer_id: str) -> ApiResponse[str]:
    authenticated(router, "read")
    found = bootstrap.people().customer(customer_id)
    if found is None:
        raise NotFound("unknown_customer", "there is no such customer")
    return answer(public_form(found[0]))


@router.patch("/customers/<customer_id>")
def change_customer(customer_id: str) -> ApiResponse[str]:
    authenticated(router, "write")
    change = read_body(request_of(router), CustomerChange)
    given = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not msgspec.UNSET}
    changed = bootstrap.people().update_customer(customer_id, given, time.time())
    if changed is None:
        raise NotFound("unknown_customer", "there is no such customer")
    return answer(public_form(changed))
