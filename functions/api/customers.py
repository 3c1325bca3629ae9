"""Routes of customers: reading and changing what is known of one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.api.requests import answer, authenticated, read_body, request_of
from functions.bootstrap import store
from shared.core.customers import CustomerChange, change_customer
from shared.errors import NotFound
from shared.model.public import public_form

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()


@router.get("/customers/<customer_id>")
def get_customer(customer_id: str) -> ApiResponse[str]:
    from shared.core.linking.proving import suggestions

    authenticated(router, "read")
    found = store.people().customer(customer_id)
    if found is None:
        raise NotFound("unknown_customer", "there is no such customer")
    customer = found[0]
    customer.suggestions = suggestions(store.links(), store.people(), customer_id)
    return answer(public_form(customer))


@router.patch("/customers/<customer_id>")
def patch_customer(customer_id: str) -> ApiResponse[str]:
    authenticated(router, "write")
    change = read_body(request_of(router), CustomerChange)
    log, people = store.conversation_log(), store.people()
    return answer(public_form(change_customer(log, people, customer_id, change, time.time)))
