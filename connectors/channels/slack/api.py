"""Calls of Slack's Web API. The token goes into one header, and to the address that the deployer configured alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from connectors.channels.slack.errors import read_answer
from connectors.channels.slack.settings import api_base
from connectors.channels.slack.tokens import FORM

if TYPE_CHECKING:
    from connectors.channels.slack.tokens import TokenUse
    from shared.ports.context import ChannelContext
    from shared.ports.http import HttpResponse

_TIMEOUT = 10.0


def call(method: str, arguments: Mapping[str, Any], tokens: TokenUse) -> dict[str, Any]:
    """A method that takes JSON. Raises DeliveryError, classed."""
    body = json.dumps(arguments, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return tokens.call(
        lambda token: read_answer(post(method, body, "application/json; charset=utf-8", token, tokens.context))
    )


def ask(method: str, arguments: Mapping[str, str], tokens: TokenUse) -> dict[str, Any]:
    """A method that reads, or that takes a form alone. Raises DeliveryError, classed."""
    body = urlencode(arguments, errors="replace").encode()
    return tokens.call(lambda token: read_answer(post(method, body, FORM, token, tokens.context)))


def post(method: str, body: bytes, content_type: str, token: str, context: ChannelContext) -> HttpResponse:
    headers = {**authorization(token), "content-type": content_type}
    url = f"{api_base(context.account)}/{method}"
    return context.http.request("POST", url, headers=headers, body=body, timeout=_TIMEOUT)


def authorization(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def is_of_the_api(url: str, context: ChannelContext) -> bool:
    """Whether an address is on the very origin that the deployer configured."""
    try:
        return urlsplit(url)[:2] == urlsplit(api_base(context.account))[:2]
    except ValueError:
        return False


def is_slack(url: str) -> bool:
    """Whether an address is one of Slack's own, over https."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    named = parts.netloc.lower() in ("slack.com", "files.slack.com", "slack.com:443", "files.slack.com:443")
    return parts.scheme == "https" and named and port in (None, 443)
