"""What customers do other than writing, and what WeChat tells about the account: the events of a push.

Source: developers.weixin.qq.com, "Receiving event pushes" (接收事件推送). WeChat's own spelling of event names varies
in case.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from connectors.channels.wechat.push import Push, text_of
from shared.model.inbound import AccountNotice, InboundEvent, InboundMessage, InboundReceipt, Sender
from shared.model.link_codes import read_scene
from shared.model.message import MessageError
from shared.model.parts import EventPart


class _Known(NamedTuple):
    """An event's name in our words, the send window that it opens, and whether the customer waits for an answer."""

    name: str
    opens: Literal["menu_click", "follow", "scan"] | None = None
    wants_answer: bool = False


_CUSTOMER_EVENTS = {
    "subscribe": _Known("follow", "follow"),
    "unsubscribe": _Known("unfollow"),
    "scan": _Known("scan", "scan"),
    "location": _Known("location"),
    "click": _Known("menu_click", "menu_click", wants_answer=True),
    "view": _Known("menu_view"),
    "view_miniprogram": _Known("menu_mini_program"),
    "scancode_push": _Known("menu_scan", "menu_click"),
    "scancode_waitmsg": _Known("menu_scan_wait", "menu_click", wants_answer=True),
    "pic_sysphoto": _Known("menu_camera"),
    "pic_photo_or_album": _Known("menu_photo"),
    "pic_weixin": _Known("menu_album"),
    "location_select": _Known("menu_location"),
    "kf_create_session": _Known("agent_session_created"),
    "kf_close_session": _Known("agent_session_closed"),
    "kf_switch_session": _Known("agent_session_switched"),
    "subscribe_msg_popup_event": _Known("notification_consent_asked"),
    "subscribe_msg_change_event": _Known("notification_consent_changed"),
    "subscribe_msg_sent_event": _Known("notification_sent"),
}

_ACCOUNT_EVENTS = {
    "masssendjobfinish": "broadcast_finished",
    "publishjobfinish": "publication_finished",
    "qualification_verify_success": "qualification_verified",
    "qualification_verify_fail": "qualification_refused",
    "naming_verify_success": "naming_verified",
    "naming_verify_fail": "naming_refused",
    "annual_renew": "verification_renewal_due",
    "verify_expired": "verification_expired",
    "card_pass_check": "coupon_approved",
    "card_not_pass_check": "coupon_refused",
    "card_sku_remind": "coupon_stock_low",
    "poi_check_notify": "store_reviewed",
}

_ENVELOPE = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType"})
_SCENE = "qrscene_"


def read_event(push: Push, sender: Sender, provider_id: str, occurred_at: float) -> InboundEvent | None:
    """The event in our words; None when its name is not known."""
    event = text_of(push, "Event").strip().lower()
    if event == "templatesendjobfinish":
        return _template_receipt(push, sender, occurred_at)
    if event in _ACCOUNT_EVENTS:
        # Several broadcasts can finish in one second, and only their id tells them apart.
        unique = f"{provider_id}:{text_of(push, 'MsgID')}"
        return AccountNotice(
            provider_id=unique, name=_ACCOUNT_EVENTS[event], occurred_at=occurred_at, data=_data(push, event)
        )
    known = _CUSTOMER_EVENTS.get(event)
    if known is None:
        return None
    link_code = read_scene(_scene(push, event))
    return InboundMessage(
        provider_id=provider_id,
        sender=sender,
        parts=[EventPart(name=known.name, data=_data(push, event))],
        occurred_at=occurred_at,
        opens=known.opens,
        wants_answer=known.wants_answer,
        sender_status=_STATUS.get(event),
        link_code=link_code,
        link_only=link_code is not None,
    )


_STATUS: dict[str, Literal["active", "inactive"]] = {"subscribe": "active", "unsubscribe": "inactive"}


def _data(push: Push, event: str) -> dict[str, Any]:
    """WeChat's own fields, and ``scene``: the key of the scanned QR code."""
    data = {name: value for name, value in push.items() if name not in _ENVELOPE}
    scene = _scene(push, event)
    return {**data, "scene": scene} if scene else data


def _scene(push: Push, event: str) -> str:
    """The key of the QR code that was scanned; empty when none was. Only a follow by a scan puts a prefix before it."""
    key = text_of(push, "EventKey")
    if event == "scan":
        return key
    return key.removeprefix(_SCENE) if event == "subscribe" and key.startswith(_SCENE) else ""


def _template_receipt(push: Push, sender: Sender, occurred_at: float) -> InboundReceipt:
    status = text_of(push, "Status").strip().lower()
    external_id = text_of(push, "MsgID") or text_of(push, "MsgId") or None
    if status == "success":
        return InboundReceipt(status="delivered", occurred_at=occurred_at, external_id=external_id, sender=sender)
    error = MessageError(code="provider_failed", title="WeChat could not deliver the template message")
    if "block" in status:
        error = MessageError(code="blocked", title="The customer refuses messages from this account")
    return InboundReceipt(status="failed", occurred_at=occurred_at, external_id=external_id, sender=sender, error=error)
