"""Webhooks from WeChat: the handshake, and the proof that a push is WeChat's."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connectors.channels.wechat.crypto import decrypt, same, signature
from connectors.channels.wechat.push import HOSTILE, Push, encrypted_of, read_push, sender_in_head, sender_of, text_of
from connectors.channels.wechat.settings import is_secure, setting
from shared.errors import BadRequest, Forbidden, MethodNotAllowed, Unauthorized
from shared.http.response import Response
from shared.model.envelope import VerifiedEvent

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.ports.accounts import Account
    from shared.ports.ingress import Ingress

FRESHNESS = 300.0
"""How far, in seconds, a push's timestamp may be from now.

WeChat's three deliveries are over within about 15 seconds.
"""


class WeChatIngress:
    """Plain mode signs the query alone; secure mode signs and encrypts the body.

    An account takes the one it is set to.
    """

    body_limit = 131_072

    def handshake(self, request: Request, account: Account) -> Response | None:
        """The setup call is a GET; its ``echostr`` is never encrypted.

        Raises BadRequest(``missing_parameter``), Unauthorized(``bad_signature``).
        """
        if request.method != "GET":
            return None
        echo = _parameter(request, "echostr")
        _require_signature(request, "signature", setting(account, "token"))
        return Response.text(echo)

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """The one event in a push.

        What cannot be read but is proven to be WeChat's is kept; its sender stands in the query alone.

        Raises BadRequest (``missing_parameter``, ``mode_mismatch``, ``plaintext_refused``, ``bad_ciphertext``, and
        those of :func:`read_push`), Unauthorized (``bad_signature``, ``stale_timestamp``), Forbidden
        (``wrong_account``).
        """
        if request.method != "POST":
            raise MethodNotAllowed("method_not_allowed", "pushes are POST")
        body = _decrypted(request, account, now) if is_secure(account) else _checked(request, account, now)
        sender = sender_in_head(body)
        original_id = account.get("original_id")
        if not sender or original_id:
            push = _understood(body)
            sender = sender_of(push)
            if original_id and push and text_of(push, "ToUserName") != original_id:
                raise Forbidden("wrong_account", "the push is for another account")
        digest = hashlib.sha256(body).hexdigest()
        if sender:
            return [VerifiedEvent(sender, digest, body)]
        openid = request.query.get("openid", "")
        return [VerifiedEvent(openid or digest, digest, body, {"openid": openid} if openid else {})]

    def acknowledge(self) -> Response:
        """``success`` also in secure mode: nothing is said in return, and WeChat does not deliver again."""
        return Response.text("success")


INGRESS: Ingress = WeChatIngress()


def _checked(request: Request, account: Account, now: float) -> bytes:
    """The body of a plain push. Nothing proves it, so what no honest sender sends is refused; the rest is kept."""
    _require_signature(request, "signature", setting(account, "token"))
    _require_fresh(request, now)
    if request.query.get("encrypt_type", "raw") not in ("", "raw"):
        raise BadRequest("mode_mismatch", "the push is encrypted and the account is in plain mode")
    try:
        push = read_push(request.body)
    except BadRequest as error:
        if error.code in HOSTILE or not request.body.strip(b"\0 \t\r\n"):
            raise
        return request.body
    if "Encrypt" in push:
        raise BadRequest("mode_mismatch", "the push is encrypted and the account is in plain mode")
    return request.body


def _decrypted(request: Request, account: Account, now: float) -> bytes:
    """The body that WeChat encrypted: proven, and kept whatever it says."""
    encrypted = encrypted_of(request.body)
    if not encrypted:
        # A 400, never a 401: a previous secret may be of a time in plain mode, and must not be tried on this.
        raise BadRequest("plaintext_refused", "the account takes encrypted pushes alone")
    _require_signature(request, "msg_signature", setting(account, "token"), encrypted)
    _require_fresh(request, now)
    return decrypt(setting(account, "encoding_aes_key"), encrypted, setting(account, "app_id"))


def _understood(body: bytes) -> Push:
    """The fields of a proven push; none when it cannot be read, for then it becomes an unsupported part."""
    try:
        return read_push(body)
    except BadRequest:
        return {}


def _require_signature(request: Request, name: str, *secret_and_content: str) -> None:
    given = _parameter(request, name)
    expected = signature(*secret_and_content, _parameter(request, "timestamp"), _parameter(request, "nonce"))
    if not same(expected, given):
        raise Unauthorized("bad_signature", f"{name} is wrong")


def _require_fresh(request: Request, now: float) -> None:
    timestamp = request.query["timestamp"]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Unauthorized("stale_timestamp", "the timestamp is not a time")
    if abs(now - int(timestamp)) > FRESHNESS:
        raise Unauthorized("stale_timestamp", f"the timestamp is over {FRESHNESS:.0f} seconds from now")


def _parameter(request: Request, name: str) -> str:
    value = request.query.get(name)
    if not value:
        raise BadRequest("missing_parameter", f"there is no {name}")
    return value
