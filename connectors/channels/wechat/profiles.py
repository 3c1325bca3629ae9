"""Who a sender is, as far as WeChat still tells: no name and no picture, but the UnionID.

Source: developers.weixin.qq.com, "Get basic user information" (userInfo). A UnionID is there when the account is bound
to an Open Platform account, and is the same on all accounts bound to it; of somebody who does not follow the account
there is no language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.channels.wechat.errors import NOT_FOR_THIS_ACCOUNT, read_answer
from connectors.channels.wechat.settings import api_base
from connectors.channels.wechat.tokens import TokenUse
from shared.errors import DeliveryError
from shared.http.answers import before_sending
from shared.ports.connector import Profile

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext

_SAYS_NOTHING = NOT_FOR_THIS_ACCOUNT | {"unknown_recipient"}


def profile(external_id: str, context: ChannelContext) -> Profile | None:
    """None when WeChat does not know the OpenID, or the account may not ask. Raises DeliveryError, classed."""
    url = f"{api_base(context.account)}/cgi-bin/user/info?openid={quote(external_id, safe='')}&lang=zh_CN&access_token="

    def attempt(token: str) -> dict[str, Any]:
        with before_sending():
            return read_answer(context.http.request("GET", url + quote(token, safe="")))

    try:
        known = TokenUse(context).call(attempt)
    except DeliveryError as error:
        if error.code in _SAYS_NOTHING:
            return None
        raise
    unionid = _text(known, "unionid")
    # WeChat writes zh_CN, the rest of the world zh-CN (RFC 5646).
    language = _text(known, "language").replace("_", "-")
    return Profile(language=language or None, aliases={"unionid": unionid} if unionid else {})


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""
