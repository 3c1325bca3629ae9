"""What an account may know of a user: names and pictures are no longer given (since December 2021).

Source: developers.weixin.qq.com, "Get basic user information" (userInfo): of somebody who does not follow the account
there is the openid and, when the account is bound to the Open Platform, the unionid.
"""

from __future__ import annotations

from typing import Any

from infra.local.providers.wechat.state import Customer


def profile(customer: Customer, *, bound: bool) -> dict[str, Any]:
    """The answer of ``user/info``."""
    unionid = {"unionid": customer.person} if bound else {}
    if customer.relation != "following":
        return {"subscribe": 0, "openid": customer.openid, **unionid}
    return {
        "subscribe": 1,
        "openid": customer.openid,
        "nickname": "",
        "sex": 0,
        "language": customer.language,
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(customer.subscribed_at or 0),
        **unionid,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if customer.scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(customer.scene) if customer.scene and customer.scene.isdecimal() else 0,
        "qr_scene_str": customer.scene if customer.scene and not customer.scene.isdecimal() else "",
    }
