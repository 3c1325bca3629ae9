"""WeChat's error codes, with the texts its API gives.

Source: developers.weixin.qq.com, "Global return codes", and the pages of the single calls.
"""

from __future__ import annotations

import secrets

MESSAGES: dict[int, str] = {
    -1: "system error",
    0: "ok",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40010: "invalid voice size",
    40011: "invalid video size",
    40012: "invalid thumb size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40048: "invalid url",
    40052: "invalid action name",
    40053: "invalid action info, please check document",
    40066: "invalid url",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41009: "missing openid",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45007: "playtime out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, mustslower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no message interaction with the user in the last 30 seconds",
    45081: "already in typing status",
    47001: "data format error",
    48001: "api unauthorized",
    48002: "user block receive message",
    50005: "user is unsubscribed",
    61452: "invalid kf_account",
}


class ApiError(Exception):
    """An answer ``{"errcode", "errmsg"}`` (HTTP 200, as WeChat does). ``detail`` is appended to the code's own text."""

    def __init__(self, code: int, detail: str = "", *, text: str | None = None) -> None:
        base = text if text is not None else MESSAGES.get(code, "unknown error")
        self.code = code
        self.message = f"{base}: {detail}" if detail else base
        super().__init__(f"{code} {self.message}")

    def body(self) -> dict[str, object]:
        return {"errcode": self.code, "errmsg": f"{self.message} rid: {request_id()}"}


def request_id() -> str:
    """A ``rid`` as WeChat appends to every error text."""
    digits = secrets.token_hex(12)
    return f"{digits[:8]}-{digits[8:16]}-{digits[16:]}"
