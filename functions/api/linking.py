"""Routes of linking: codes, merging, and taking a link back."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from connectors import registry
from functions.api.requests import answer, authenticated, read_body, request_of, yes_or_no
from functions.bootstrap import channels, conversations, environment, store
from functions.telemetry import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

    from shared.core.api_keys import ApiKey
    from shared.core.linking.issuing import IssueLinkCode

router = APIGatewayHttpRouter()


class MergeRequest(msgspec.Struct, kw_only=True):
    """The body of POST /v1/customers/{id}/merge: the customer of the path goes ``into`` another."""

    into: str
    dry_run: bool = False


@cache
def issue_link_code() -> IssueLinkCode:
    from shared.core.linking.issuing import IssueLinkCode

    known = set(registry.channels())
    return IssueLinkCode(
        store.links(),
        store.link_codes(),
        accounts=lambda: [name for name in environment.account_names() if name[0] in known],
        connector_of=registry.connector,
        context_of=channels.channel_contexts(),
        failed=lambda channel, account, code: logger("api").warning("no deep link", channel=channel, code=code),
        clock=time.time,
    )


@router.post("/customers/<customer_id>/link-codes")
def make_link_code(customer_id: str) -> ApiResponse[str]:
    """201: a code by which the customer goes on elsewhere, and the addresses to follow it to."""
    from shared.core.linking.issuing import LinkCodeRequest

    key = authenticated(router, "write")
    request = request_of(router)
    wanted = read_body(request, LinkCodeRequest) if request.body.strip() else LinkCodeRequest()
    return answer(issue_link_code()(customer_id, wanted, _by(key)), 201)


@router.post("/customers/<customer_id>/merge")
def merge(customer_id: str) -> ApiResponse[str]:
    """What moves; with ``dry_run`` what would."""
    from shared.core.linking.joining import Evidence

    key = authenticated(router, "write")
    wanted = read_body(request_of(router), MergeRequest)
    linking = conversations.linking()
    evidence = Evidence("agent", "agent", _by(key), shows_all="agent" in linking.shows_all)
    outcome = linking.linker.merge(customer_id, wanted.into, evidence, dry_run=wanted.dry_run)
    return answer(outcome.to_json(dry_run=wanted.dry_run))


@router.delete("/customers/<customer_id>/identities/<identity_id>")
def unlink(customer_id: str, identity_id: str) -> ApiResponse[str]:
    """Takes back the link by which the identity came; ``?dry_run=true`` shows what that would do."""
    key = authenticated(router, "write")
    dry_run = yes_or_no(request_of(router), "dry_run")
    outcome = conversations.linking().linker.unlink(customer_id, identity_id, _by(key), dry_run=dry_run)
    return answer(outcome.to_json(dry_run=dry_run))


def _by(key: ApiKey) -> dict[str, str]:
    return {"type": "agent", "id": key.id}
