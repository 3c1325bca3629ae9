"""Calls that reach the customer: messages and the typing notice.

Sources: developers.weixin.qq.com, "Sending customer service messages" and "Customer service typing status".
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.channels.wechat.errors import TYPING_NOT_POSSIBLE, read_confirmation
from connectors.channels.wechat.media import upload
from connectors.channels.wechat.settings import api_base
from connectors.channels.wechat.tokens import JSON_HEADERS, TokenUse
from shared.errors import DeliveryError
from shared.ports.connector import SendResult

if TYPE_CHECKING:
    from shared.ports.connector import OutboundRequest, Recipient
    from shared.ports.context import ChannelContext


def send(request: OutboundRequest, context: ChannelContext) -> SendResult:
    """Uploads the request's files and sends it.

    WeChat gives customer-service messages no id. Raises DeliveryError, classed.
    """
    tokens = TokenUse(context)
    body = copy.deepcopy(request.body)
    for item in request.uploads:
        _fill(body, item.slot, upload(item, context, tokens))
    tokens.call(lambda token: _post("message/custom/send", body, token, context))
    return SendResult()


def show_typing(recipient: Recipient, active: bool, context: ChannelContext) -> None:
    """The notice lasts 15 seconds, and is only shown within 30 seconds after a message of the customer."""
    body = {"touser": recipient.external_id, "command": "Typing" if active else "CancelTyping"}
    try:
        TokenUse(context).call(lambda token: _post("message/custom/typing", body, token, context))
    except DeliveryError as error:
        if error.code not in TYPING_NOT_POSSIBLE:
            raise


def _post(path: str, body: dict[str, Any], token: str, context: ChannelContext) -> None:
    # WeChat shows \uXXXX escapes to the customer as they are (errcode 40033), so characters go raw.
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    url = f"{api_base(context.account)}/cgi-bin/{path}?access_token={quote(token, safe='')}"
    read_confirmation(context.http.request("POST", url, headers=JSON_HEADERS, body=content))


def _fill(body: Any, slot: tuple[str | int, ...], value: str) -> None:
    *path, last = slot
    for step in path:
        body = body[step]
    body[last] = value
