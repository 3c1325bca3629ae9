"""Routes of channel accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from connectors import registry
from functions.api.requests import authenticated, page, page_size, request_of
from functions.bootstrap import environment, store
from shared.model.answers import AccountHealth, ChannelAccount

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()


@router.get("/channels")
def list_channels() -> ApiResponse[str]:
    """The accounts that are set up, what each channel can do, and whether each account works."""
    authenticated(router, "read")
    known = set(registry.channels())
    names = [name for name in environment.account_names() if name[0] in known]
    return page([_view(channel, account) for channel, account in names], None)


@router.get("/channels/<channel>/<account>/notices")
def list_notices(channel: str, account: str) -> ApiResponse[str]:
    """What is to be known of an account and belongs to no conversation, the latest first."""
    authenticated(router, "read")
    request = request_of(router)
    return page(*store.notices().of(channel, account, request.query.get("cursor"), page_size(request)))


def _view(channel: str, account: str) -> ChannelAccount:
    has_webhook = registry.ingress(channel).body_limit > 0
    return ChannelAccount(
        channel=channel,
        account=account,
        capabilities=registry.connector(channel).capabilities,
        health=msgspec.convert(store.account_health().of(channel, account), AccountHealth),
        webhook_url=f"{environment.setting('PUBLIC_URL')}/hooks/{channel}/{account}" if has_webhook else None,
    )
