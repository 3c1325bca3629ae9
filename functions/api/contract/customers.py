"""The declared routes of customers, and of who is the same customer."""

from __future__ import annotations

from functions.api.contract.operation import DRY_RUN, Body, Operation
from functions.api.linking import MergeRequest
from shared.core.customers import CustomerChange
from shared.core.linking.issuing import LinkCodeRequest
from shared.model.conversation import Customer
from shared.model.declared_answers import IssuedLinkCode, Relinked

_ONE = "/v1/customers/{customer_id}"
_TAG = "customers"

OPERATIONS = (
    Operation(
        "GET",
        _ONE,
        "get_customer",
        _TAG,
        "read",
        "One customer, with identities, links and suggestions.",
        {200: Customer},
        problems=("404 unknown_customer",),
    ),
    Operation(
        "PATCH",
        _ONE,
        "change_customer",
        _TAG,
        "write",
        "Changes the customer's name, language, tags or attributes.",
        {200: Customer},
        "What is absent stays; attributes are replaced as a whole. Unknown fields are refused.",
        body=Body(CustomerChange),
        problems=("404 unknown_customer",),
    ),
    Operation(
        "POST",
        f"{_ONE}/link-codes",
        "make_link_code",
        _TAG,
        "write",
        "A code by which the customer goes on on another channel.",
        {201: IssuedLinkCode},
        body=Body(LinkCodeRequest, optional=True),
        problems=("404 unknown_customer", "409 customer_merged", "422 unknown_channel", "429 too_many_codes"),
    ),
    Operation(
        "POST",
        f"{_ONE}/merge",
        "merge_customer",
        _TAG,
        "write",
        "Gives all identities of the customer to another one.",
        {200: Relinked},
        body=Body(MergeRequest),
        problems=(
            "404 unknown_customer",
            "409 customer_merged",
            "409 too_many_identities",
            "409 no_conversation",
            "422 same_customer",
        ),
    ),
    Operation(
        "DELETE",
        f"{_ONE}/identities/{{identity_id}}",
        "unlink_identity",
        _TAG,
        "write",
        "Takes back the link by which the identity came.",
        {200: Relinked},
        parameters=(DRY_RUN,),
        problems=(
            "400 bad_parameter",
            "404 unknown_customer",
            "404 unknown_identity",
            "409 not_linked",
            "409 link_superseded",
        ),
    ),
)
