"""Session tokens: what a visitor shows with every request after the first.

``v1.<payload>.<signature>``: the payload is JSON in base64url without padding, the signature is HMAC-SHA256 over
``v1.<payload>`` with the stack's session secret. The token uses only characters that a URL and a WebSocket
subprotocol allow. It names the account it was issued for, and is good for no other. The whole token is compared as
text, so no second spelling of it is ever accepted.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Literal

import msgspec

from shared.core.chat.encoding import decode_base64url, encode_base64url
from shared.errors import BadRequest, ConfigurationError, Unauthorized

SESSION_SECONDS = 7 * 86_400
"""How long a session lasts unless its issuer says otherwise."""

_MAXIMUM_LENGTH = 4_096
_PURPOSE = b"onethread chat session\n"
"""Signed together with the token, so that the secret's signature on anything else is never a session."""


class Session(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Who a visitor is. ``verification`` is ``signed_token`` when the site's own login has vouched for them, else
    ``none``.

    ``email`` is set only when the site says that it has verified the address; ``claims`` are what the visitor said of
    themselves (see shared.core.chat.claims). Times are seconds since the epoch.
    """

    account: str
    external_id: str
    identity_id: str
    verification: Literal["none", "signed_token"]
    issued_at: int = msgspec.field(name="iat")
    expires_at: int = msgspec.field(name="exp")
    name: str | None = None
    email: str | None = None
    claims: dict[str, str] = {}


def issue(session: Session, secrets: Sequence[bytes]) -> str:
    """The session's token, signed with the first secret."""
    if not secrets or not secrets[0]:
        raise ConfigurationError("the stack has no session secret")
    signed = f"v1.{encode_base64url(msgspec.json.encode(session))}"
    return f"{signed}.{_signature(signed, secrets[0])}"


def verify(token: str, secrets: Sequence[bytes], now: float, account: str | None = None) -> Session:
    """The session that a token proves; any of the secrets may have signed it.

    Raises Unauthorized: ``bad_session``, ``session_expired``, and ``wrong_account`` when it was issued for another
    account than the one given.
    """
    if len(token) > _MAXIMUM_LENGTH or not token.isascii():
        raise _bad_session()
    signed, _, signature = token.rpartition(".")
    version, _, payload = signed.partition(".")
    # Every secret is tried, whichever matches: how long this takes says nothing about which one it was.
    genuine = [hmac.compare_digest(_signature(signed, secret), signature) for secret in secrets if secret]
    if version != "v1" or not any(genuine):
        raise _bad_session()
    try:
        session = msgspec.json.decode(decode_base64url(payload), type=Session)
    except (BadRequest, msgspec.MsgspecError, UnicodeError):
        raise _bad_session() from None
    if session.expires_at <= now:
        raise Unauthorized("session_expired", "the session has expired; open a new one")
    if account is not None and session.account != account:
        raise Unauthorized("wrong_account", "the session belongs to another account")
    return session


def _signature(signed: str, secret: bytes) -> str:
    return encode_base64url(hmac.digest(secret, _PURPOSE + signed.encode("ascii"), hashlib.sha256))


def _bad_session() -> Unauthorized:
    return Unauthorized("bad_session", "the session token is missing or not genuine")
