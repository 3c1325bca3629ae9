"""QR codes by which a customer who knows a link code goes on in WeChat.

Sources: developers.weixin.qq.com, "Generate QR code with parameters" (createQRCode), for service accounts alone, and
"Account management": the picture of a code is at ``showqrcode`` and needs no token. Whoever scans it causes an event
``SCAN``, or ``subscribe`` when they did not follow the account before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.channels.wechat.errors import NOT_FOR_THIS_ACCOUNT, read_answer
from connectors.channels.wechat.settings import api_base, picture_base
from connectors.channels.wechat.tokens import JSON_HEADERS, TokenUse
from shared.errors import DeliveryError
from shared.http.answers import before_sending
from shared.model import link_codes
from shared.ports.connector import DeepLink

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext


def deep_link(code: str, context: ChannelContext) -> DeepLink | None:
    """A QR code that lives as long as the link code; None for an account that may not make any.

    Raises DeliveryError, classed.
    """
    scene = link_codes.scene(code)
    try:
        return TokenUse(context).call(lambda token: temporary_code(scene, link_codes.SECONDS, token, context))
    except DeliveryError as error:
        if error.code in NOT_FOR_THIS_ACCOUNT:
            return None
        raise


def temporary_code(scene: str, seconds: int, token: str, context: ChannelContext) -> DeepLink:
    """A QR code with a scene (1 to 64 characters), good for some seconds (30 days at most).

    Raises DeliveryError; an unknown outcome is retried, for one more code that nobody sees does no harm.
    """
    body = {"expire_seconds": seconds, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
    url = f"{api_base(context.account)}/cgi-bin/qrcode/create?access_token={quote(token, safe='')}"
    with before_sending():
        answer = read_answer(context.http.request("POST", url, headers=JSON_HEADERS, body=json.dumps(body).encode()))
    ticket, content = answer.get("ticket"), answer.get("url")
    if not isinstance(ticket, str) or not ticket or not isinstance(content, str) or not content:
        raise DeliveryError("retry", "provider_garbled", "WeChat's answer holds no QR code")
    picture = f"{picture_base(context.account)}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"
    return DeepLink(url=picture, qr=content)
