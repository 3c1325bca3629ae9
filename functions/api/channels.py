"""Routes of channel accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from connectors import registry
from functions import bootstrap
from functions.api.requests import authenticated, page

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()


@router.get("/channels")
def list_channels() -> ApiResponse[str]:
    """The accounts that are set up, what each channel can do, and whether each account works."""
    authenticated(router, "read")
    known = set(registry.channels())
    names = [name for name in bootstrap.account_names() if name[0] in known]
    return page([_view(channel, account) for channel, account in names], None)


def _view(channel: str, account: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "channel": channel,
        "account": account,
        "capabilities": msgspec.to_builtins(registry.connector(channel).capabilities),
        "health": bootstrap.account_health().of(channel, account),
    }
    if registry.ingress(channel).body_limit > 0:
        shown["webhook_url"] = f"{bootstrap.setting('PUBLIC_URL')}/hooks/{channel}/{account}"
    return shown
